// Live pages. One event stream a page; an event names topics, and every element whose data-live
// holds one of them gets its content again by an ordinary GET and is morphed in place.

const words = JSON.parse(document.getElementById("desk-words")?.textContent ?? "{}");
const url = document.body.dataset.eventsUrl;
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

const SECOND = 1000;
const WAIT_MAX = 30 * SECOND;
const GATHER = 120;
const SHOWN_AFTER = 2 * SECOND;
const OWN_ECHO = 2 * SECOND;
// The server allows for a way of two seconds (desk/web/live.py, WAY_SECONDS).
const LATE = 1.5 * SECOND;

// Of an event from before the page nothing is said, it is only shown.
const LONG_KNOWN = Symbol("long known");

let source = null;
let wait = SECOND;
let lostTimer = 0;
let retryTimer = 0;
let wasLost = false;
let gathered = new Map();
let gatherTimer = 0;
let lastOwnAction = performance.now();

// The first stream asks for what happened since the page was asked for: it tells its age.
let opened = false;
let asking = 0;

function connect() {
  source?.close();
  asking = performance.now();
  source = new EventSource(opened ? url : `${url}?age=${Math.ceil(asking / SECOND)}`);
  source.onopen = connected;
  source.onmessage = ({ data }) => received(data);
  source.onerror = lost;
  source.addEventListener("ready", heardLate, { once: true });
  source.addEventListener("refresh", () => refresh(document.querySelectorAll("[data-live]")));
  source.addEventListener("signed-out", () => location.reload());
}

function connected() {
  wait = SECOND;
  clearTimeout(lostTimer);
  lostTimer = 0;
  if (!wasLost) return;
  wasLost = false;
  banner("");
  // Whatever happened meanwhile was not heard: everything live is fetched anew.
  refresh(document.querySelectorAll("[data-live]"));
  tell("desk:announce", words.back);
}

// A stream that took long to open may have missed something of the time in between.
function heardLate() {
  const late = !opened && performance.now() - asking > LATE;
  opened = true;
  if (late) refresh(document.querySelectorAll("[data-live]"));
}

function lost() {
  source.close();
  wasLost = true;
  if (!lostTimer) {
    lostTimer = setTimeout(() => {
      banner(words.lost);
      tell("desk:announce", words.lost);
    }, SHOWN_AFTER);
  }
  clearTimeout(retryTimer);
  retryTimer = setTimeout(connect, wait * (0.75 + Math.random() / 2));
  wait = Math.min(wait * 2, WAIT_MAX);
  if (wait >= 4 * SECOND) signedIn();
}

// A refused stream looks like a lost one; the page itself knows better.
async function signedIn() {
  const answer = await fetch(location.href, { method: "HEAD" }).catch(() => null);
  if (answer?.redirected) location.reload();
}

function banner(text) {
  const box = document.getElementById("connection");
  if (!box) return;
  box.hidden = !text;
  box.querySelector("[data-text]").textContent = text;
}

function received(data) {
  for (const line of data.split("\n")) {
    if (!line.trim()) continue;
    const event = JSON.parse(line);
    const what = event.late ? LONG_KNOWN : event.verb ?? "";
    for (const topic of event.topics ?? []) gathered.set(topic, what);
  }
  if (!gatherTimer) gatherTimer = setTimeout(apply, GATHER * (1 + Math.random()));
}

function apply() {
  const changed = gathered;
  gathered = new Map();
  gatherTimer = 0;
  const concerned = [];
  const said = new Set();
  const quiet = performance.now() - lastOwnAction < OWN_ECHO;
  for (const element of document.querySelectorAll("[data-live]")) {
    const topic = element.dataset.live.split(/\s+/).find((each) => changed.has(each));
    if (topic === undefined) continue;
    concerned.push(element);
    if (changed.get(topic) === LONG_KNOWN) continue;
    if (!("liveQuiet" in element.dataset)) said.add(sentence(element, changed.get(topic)));
  }
  said.delete("");
  refresh(concerned);
  if (quiet) return;
  for (const text of [...said].slice(0, 3)) {
    tell("desk:toast", text);
    tell("desk:announce", text);
  }
}

function sentence(element, verb) {
  const what = words.events?.[verb];
  if (!what) return "";
  const name = element.dataset.liveName;
  return name ? `${name}: ${what}` : words.changed.replace("%what%", what);
}

async function refresh(elements) {
  const byUrl = new Map();
  for (const element of elements) {
    const from = element.dataset.liveUrl || location.href;
    byUrl.set(from, [...(byUrl.get(from) ?? []), element]);
  }
  await Promise.all([...byUrl].map(([from, each]) => fetchInto(from, each)));
}

// Answers may overtake each other: only the one that was asked for last is shown.
const asked = new Map();
let turns = 0;

async function fetchInto(from, elements) {
  const turn = ++turns;
  for (const element of elements) asked.set(element.id || from, turn);
  const fragment = elements[0].dataset.liveUrl === from;
  const headers = fragment ? { "HX-Request": "true" } : {};
  let response;
  try {
    response = await fetch(from, { headers, credentials: "same-origin" });
  } catch {
    lost();
    return;
  }
  // Signed out, or no longer allowed to see this: the server says so on a page of its own.
  if (response.redirected || response.status === 401 || response.status === 403) {
    location.reload();
    return;
  }
  if (!response.ok) {
    again(elements);
    return;
  }
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const part = fresh.querySelector("main") === null ? fresh.body.firstElementChild : null;
  for (const element of elements) {
    if (asked.get(element.id || from) !== turn) continue;
    const content = (element.id && fresh.getElementById(element.id)) || part;
    if (content) swap(element, content);
  }
}

// A busy server is asked again, more and more seldom, until it answers.
let rest = SECOND;
let againTimer = 0;
const unanswered = new Set();

function again(elements) {
  for (const element of elements) unanswered.add(element);
  if (againTimer) return;
  againTimer = setTimeout(() => {
    againTimer = 0;
    const waiting = [...unanswered].filter((element) => element.isConnected);
    unanswered.clear();
    refresh(waiting);
  }, rest * (0.75 + Math.random() / 2));
  rest = Math.min(rest * 2, WAIT_MAX);
}

function swap(element, content) {
  rest = SECOND;
  const { id } = element;
  tell("desk:morph", { target: element, content: content.outerHTML });
  const now = id ? document.getElementById(id) : element;
  if (!now) return;
  window.htmx?.process(now);
  now.classList.add("changed");
  now.addEventListener("animationend", () => now.classList.remove("changed"), { once: true });
  tell("desk:fresh", now);
}

if (url && "EventSource" in window) {
  connect();
  document.addEventListener("htmx:afterRequest", () => { lastOwnAction = performance.now(); });
  addEventListener("online", () => { if (wasLost) connect(); });
  // An open stream would keep the page out of the back/forward cache.
  addEventListener("pagehide", () => {
    clearTimeout(retryTimer);
    clearTimeout(lostTimer);
    source?.close();
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    wasLost = true;
    connect();
  });
}
