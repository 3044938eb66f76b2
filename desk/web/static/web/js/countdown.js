// Counts deadlines down in working time. The server gives what remained at an instant and the
// next open windows of the calendar; only the words on the page change, the truth stays there.

const words = JSON.parse(document.getElementById("desk-words")?.textContent ?? "{}");
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
const HOUR = 3600;
const known = new WeakMap();

function read(element) {
  const raw = element.dataset.countdown;
  let entry = known.get(element);
  if (entry?.raw !== raw) {
    const data = JSON.parse(raw);
    // The server's clock counts, not the reader's: the difference is taken once.
    entry = { raw, data, ahead: data.at - Date.now() / 1000, state: element.dataset.state };
    known.set(element, entry);
  }
  return entry;
}

function worked(windows, from, to) {
  return windows.reduce(
    (sum, [start, end]) => sum + Math.max(0, Math.min(end, to) - Math.max(start, from)),
    0,
  );
}

function duration(seconds) {
  const whole = Math.abs(Math.trunc(seconds));
  const hours = Math.trunc(whole / HOUR);
  const minutes = Math.trunc((whole % HOUR) / 60);
  const pattern = hours ? (minutes ? words.hm : words.h) : words.m;
  if (!hours && !minutes && whole) return words.underMinute;
  return pattern.replace("%h%", hours).replace("%m%", minutes).replaceAll(" ", "\u00a0");
}

function stateOf(remaining, data) {
  if (remaining <= 0) return "late";
  return remaining <= data.soon ? "soon" : "calm";
}

function write(target, text) {
  if (target && target.textContent !== text) target.textContent = text;
}

function show(element) {
  const entry = read(element);
  const { data } = entry;
  const now = Date.now() / 1000 + entry.ahead;
  const remaining = data.remaining - worked(data.windows, data.at, now);
  const state = stateOf(remaining, data);
  const short = "short" in element.dataset ? "Short" : "";
  const time = duration(remaining);
  const pattern = words[(state === "late" ? "over" : "left") + short];
  write(element.querySelector("[data-left]"), pattern.replace("%time%", time));
  if (data.target > 0) {
    const run = Math.min(100, Math.max(0, 100 * (1 - remaining / data.target)));
    element.querySelector("[data-run]")?.setAttribute("width", run.toFixed(2));
  }
  if (state === entry.state) return;
  entry.state = state;
  element.dataset.state = state;
  write(element.querySelector("[data-word]"), words[state]);
  // Spoken once at the change; a count-down that speaks every minute is noise.
  const said = { soon: words.nowSoon, late: words.nowLate }[state];
  const what = element.dataset.name ?? "";
  if (said && what) tell("desk:announce", said.replace("%what%", what).replace("%time%", time));
}

function tick() {
  for (const element of document.querySelectorAll("[data-countdown]")) show(element);
}

tick();
setInterval(tick, 1000);
document.addEventListener("desk:fresh", tick);
addEventListener("pageshow", tick);
