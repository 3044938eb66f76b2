// Command palette (Ctrl/⌘ K): the actions of this page (data-command) and what the search finds.

const words = JSON.parse(document.getElementById("desk-words")?.textContent ?? "{}");
const opener = document.querySelector("[data-command-open]");
const url = opener?.dataset.paletteUrl;
const DEBOUNCE = 150;
const SHOWN_MAX = 12;
let dialog = null;
let options = [];
let current = 0;
let timer = 0;
let asked = 0;

function build() {
  dialog = document.createElement("dialog");
  dialog.className = "dialog palette";
  dialog.setAttribute("aria-label", words.palette);
  const input = document.createElement("input");
  input.type = "text";
  input.autocomplete = "off";
  input.placeholder = words.palette;
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-label": words.palette,
    "aria-expanded": "true",
    "aria-controls": "palette-list",
    "aria-autocomplete": "list",
  })) input.setAttribute(name, value);
  const list = document.createElement("div");
  list.className = "palette-list";
  list.id = "palette-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", words.palette);
  input.addEventListener("input", () => search(input.value.trim()));
  input.addEventListener("keydown", steer);
  dialog.append(input, list);
  document.body.append(dialog);
}

function open() {
  if (!dialog) build();
  if (dialog.open) return;
  const input = dialog.querySelector("input");
  input.value = "";
  dialog.showModal();
  search("");
  input.focus();
}

function commands(text) {
  const needle = text.toLocaleLowerCase();
  return [...document.querySelectorAll("[data-command]")]
    .filter((each) => !each.disabled && each.dataset.command.toLocaleLowerCase().includes(needle))
    .map((each) => ({
      label: each.dataset.command,
      hint: each.dataset.key ?? "",
      run: () => each.click(),
    }));
}

function search(text) {
  const local = commands(text);
  show(local);
  clearTimeout(timer);
  if (!url || !text) return;
  timer = setTimeout(async () => {
    const turn = ++asked;
    try {
      const answer = await fetch(`${url}?q=${encodeURIComponent(text)}`, {
        headers: { Accept: "application/json" },
      });
      if (!answer.ok || turn !== asked) return;
      const found = (await answer.json()).map((each) => ({
        ...each,
        run: () => { location.href = each.url; },
      }));
      show([...found, ...local]);
    } catch {
      show(local);
    }
  }, DEBOUNCE);
}

function show(found) {
  options = found.slice(0, SHOWN_MAX);
  current = 0;
  const list = dialog.querySelector(".palette-list");
  list.replaceChildren(...options.map(option));
  if (!options.length) {
    const none = document.createElement("p");
    none.className = "hint palette-option";
    none.textContent = words.nothing;
    list.append(none);
  }
  mark();
}

function option(each, index) {
  const row = document.createElement("div");
  row.className = "palette-option";
  row.id = `palette-${index}`;
  row.setAttribute("role", "option");
  const label = document.createElement("span");
  label.textContent = each.label;
  row.append(label);
  if (each.hint) {
    const hint = document.createElement("span");
    hint.className = "hint";
    hint.textContent = each.hint;
    row.append(hint);
  }
  row.addEventListener("click", () => choose(index));
  return row;
}

function mark() {
  const input = dialog.querySelector("input");
  dialog.querySelectorAll("[role=option]").forEach((row, index) => {
    row.setAttribute("aria-selected", String(index === current));
    if (index === current) row.scrollIntoView({ block: "nearest" });
  });
  if (options.length) input.setAttribute("aria-activedescendant", `palette-${current}`);
  else input.removeAttribute("aria-activedescendant");
}

function choose(index) {
  const chosen = options[index];
  dialog.close();
  chosen?.run();
}

function steer(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && options.length) {
    event.preventDefault();
    current = (current + step + options.length) % options.length;
    mark();
  } else if (event.key === "Enter") {
    event.preventDefault();
    choose(current);
  }
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.code === "KeyK") {
    event.preventDefault();
    open();
  }
});

opener?.addEventListener("click", (event) => {
  event.preventDefault();
  open();
});
