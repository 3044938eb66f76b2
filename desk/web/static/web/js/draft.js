// Drafts: what is typed into [data-draft] survives a crash, a closed window and an expired form.
// A sent text is only forgotten when a later page shows it, or says that it was done.

const words = JSON.parse(document.getElementById("desk-words")?.textContent ?? "{}");
const PREFIX = "desk-draft:";
const DAYS = 14 * 24 * 3600 * 1000;
const timers = new WeakMap();

function load(name) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name) ?? "null");
  } catch {
    return null;
  }
}

function store(name, text, sent = false) {
  try {
    if (text.trim()) {
      localStorage.setItem(PREFIX + name, JSON.stringify({ text, sent, at: Date.now() }));
    } else localStorage.removeItem(PREFIX + name);
  } catch {
    // Storage is full or forbidden: typing must go on without it.
  }
}

const drop = (name) => store(name, "");
const plain = (text) => text.replace(/\s+/g, " ").trim();

function forget() {
  const done = document.querySelector("[data-messages] .banner.calm") !== null;
  const page = plain(document.getElementById("main")?.textContent ?? "");
  for (const key of Object.keys(localStorage).filter((each) => each.startsWith(PREFIX))) {
    const name = key.slice(PREFIX.length);
    const draft = load(name);
    const shown = draft?.sent && page.includes(plain(draft.text).slice(0, 120));
    if (!draft || Date.now() - draft.at > DAYS || (draft.sent && (done || shown))) drop(name);
  }
}

function restore(field) {
  const draft = load(field.dataset.draft);
  if (!draft || field.value.trim() || "restored" in field.dataset) return;
  field.value = draft.text;
  field.dataset.restored = "";
  const note = document.createElement("p");
  note.className = "hint row";
  note.setAttribute("role", "status");
  const discard = document.createElement("button");
  discard.type = "button";
  discard.className = "button quiet small";
  discard.textContent = words.discard;
  discard.addEventListener("click", () => {
    field.value = "";
    drop(field.dataset.draft);
    note.remove();
    field.focus();
  });
  note.append(words.restored, discard);
  field.after(note);
}

function post(field) {
  const body = new URLSearchParams({ text: field.value });
  const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
  // A draft that could not be sent stays in this browser; the next keystroke tries again.
  fetch(field.dataset.draftUrl, { method: "POST", body, headers: { "X-CSRFToken": token } })
    .catch(() => {});
}

document.addEventListener("input", ({ target }) => {
  if (!target.dataset?.draft) return;
  const { now, later } = timers.get(target) ?? {};
  clearTimeout(now);
  clearTimeout(later);
  timers.set(target, {
    now: setTimeout(() => store(target.dataset.draft, target.value), 300),
    later: target.dataset.draftUrl ? setTimeout(() => post(target), 3000) : 0,
  });
});

document.addEventListener("submit", ({ target, defaultPrevented }) => {
  if (defaultPrevented) return;
  for (const field of target.querySelectorAll("[data-draft]")) {
    const { now, later } = timers.get(field) ?? {};
    clearTimeout(now);
    clearTimeout(later);
    store(field.dataset.draft, field.value, true);
  }
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful) return;
  for (const field of detail.elt.querySelectorAll?.("[data-draft]") ?? []) {
    drop(field.dataset.draft);
    if (field.isConnected) field.value = "";
  }
});

function all() {
  for (const field of document.querySelectorAll("[data-draft]")) restore(field);
}

forget();
all();
document.addEventListener("desk:fresh", all);
