// Shortcuts: data-key="a", "g t" (one after the other) or "ctrl+enter" (inside its form).
// Letters are read by their place on the keyboard, so that they work in a Cyrillic layout too.
// "?" lists them, and there they can be switched off (WCAG 2.1.4).

const words = JSON.parse(document.getElementById("desk-words")?.textContent ?? "{}");
const OFF = "desk-keys-off";
const PAUSE = 900;
let typed = "";
let timer = 0;

const visible = (element) => element.getClientRects().length > 0;
const typing = (target) =>
  target.isContentEditable || target.matches?.("input:not([type=checkbox],[type=radio]), select, textarea");

function label(element) {
  return element.dataset.command || element.getAttribute("aria-label")
    || element.textContent.replace(/\s+/g, " ").trim();
}

function hint() {
  for (const element of document.querySelectorAll("[data-key]:not([aria-keyshortcuts])")) {
    const { key } = element.dataset;
    element.setAttribute("aria-keyshortcuts", key.replace("ctrl+enter", "Control+Enter"));
    if (!element.title) element.title = `${label(element)} (${key})`;
  }
}

function press(key) {
  const target = [...document.querySelectorAll("[data-key]")]
    .find((each) => each.dataset.key === key && visible(each) && !each.disabled);
  if (!target) return false;
  if (target.matches("input, select, textarea")) target.focus();
  else target.click();
  return true;
}

function begins(keys) {
  return [...document.querySelectorAll("[data-key]")].some((each) =>
    each.dataset.key.startsWith(`${keys} `));
}

function letter(event) {
  if (/^Key[A-Z]$/.test(event.code)) return event.code.slice(3).toLowerCase();
  if (/^Digit\d$/.test(event.code)) return event.code.slice(5);
  return event.key;
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = event.target.closest?.("form");
    const button = form?.querySelector("[data-key='ctrl+enter']");
    if (button) {
      event.preventDefault();
      button.click();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?" || (event.shiftKey && event.code === "Slash")) {
    event.preventDefault();
    list();
    return;
  }
  if (event.shiftKey || localStorage.getItem(OFF)) return;
  clearTimeout(timer);
  const keys = `${typed} ${letter(event)}`.trim();
  typed = "";
  if (press(keys)) event.preventDefault();
  else if (begins(keys)) {
    typed = keys;
    timer = setTimeout(() => { typed = ""; }, PAUSE);
  }
});

function list() {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "keys-title");
  const head = document.createElement("h2");
  head.id = "keys-title";
  head.textContent = words.shortcuts;
  const rows = document.createElement("dl");
  rows.className = "facts above-space";
  const shown = new Map([["Ctrl K", words.palette], ["?", words.here]]);
  for (const each of document.querySelectorAll("[data-key]")) {
    if (visible(each)) shown.set(each.dataset.key, label(each));
  }
  for (const [key, text] of shown) {
    const term = document.createElement("dt");
    const cap = document.createElement("kbd");
    cap.textContent = key;
    term.append(cap);
    const what = document.createElement("dd");
    what.textContent = text;
    rows.append(term, what);
  }
  dialog.append(head, rows, onOff(), closer(dialog));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function onOff() {
  const choice = document.createElement("label");
  choice.className = "choice above-space";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = !localStorage.getItem(OFF);
  box.addEventListener("change", () => {
    if (box.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });
  const text = document.createElement("span");
  text.textContent = words.shortcutsOn;
  choice.append(box, text);
  return choice;
}

function closer(dialog) {
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button above-space";
  close.textContent = words.close;
  close.addEventListener("click", () => dialog.close());
  return close;
}

hint();
document.addEventListener("desk:fresh", hint);
