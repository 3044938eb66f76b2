// Files: dropping and pasting beside choosing; a list with sizes, each can be taken out again.
// Without this module the plain <input type=file multiple> does the job.

const words = JSON.parse(document.getElementById("desk-words")?.textContent ?? "{}");
const lists = new WeakMap();

function size(bytes) {
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"];
  const style = { style: "unit", unit, maximumFractionDigits: bytes < 1e6 ? 0 : 1 };
  return new Intl.NumberFormat(document.documentElement.lang, style).format(value);
}

function put(box, files) {
  const input = box.querySelector("input[type=file]");
  const most = Number(box.dataset.bytesMax) || Infinity;
  const kept = lists.get(box) ?? [];
  const errors = [];
  for (const file of files) {
    if (file.size > most) {
      errors.push(words.tooLarge.replace("%name%", file.name).replace("%size%", size(most)));
    } else if (!kept.some((each) => each.name === file.name && each.size === file.size)) {
      kept.push(file);
    }
  }
  keep(box, input, kept);
  draw(box, input, kept, errors);
}

function keep(box, input, files) {
  lists.set(box, files);
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
}

function draw(box, input, files, errors = []) {
  const rows = files.map((file) => row(box, input, file));
  const problems = errors.map((text) => {
    const item = document.createElement("li");
    item.className = "field-error";
    item.setAttribute("role", "alert");
    item.textContent = text;
    return item;
  });
  box.querySelector("[data-list]").replaceChildren(...rows, ...problems);
}

function row(box, input, file) {
  const item = document.createElement("li");
  item.className = "file";
  const name = document.createElement("span");
  name.className = "truncate";
  name.textContent = file.name;
  const bytes = document.createElement("span");
  bytes.className = "quiet-text small-text nowrap";
  bytes.textContent = size(file.size);
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "button quiet small icon-only";
  remove.textContent = "×";
  remove.setAttribute("aria-label", words.remove.replace("%name%", file.name));
  remove.addEventListener("click", () => {
    const files = lists.get(box).filter((each) => each !== file);
    keep(box, input, files);
    draw(box, input, files);
    input.focus();
  });
  item.append(name, bytes, remove);
  return item;
}

document.addEventListener("change", ({ target }) => {
  const box = target.closest?.("[data-upload]");
  if (box && target.type === "file") put(box, [...target.files]);
});

for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const box = event.target.closest?.("form")?.querySelector("[data-upload]");
    if (!box || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    box.classList.toggle("over", name === "dragover");
    if (name === "drop") put(box, [...event.dataTransfer.files]);
  });
}

document.addEventListener("paste", (event) => {
  const box = event.target.closest?.("form")?.querySelector("[data-upload]");
  const files = [...(event.clipboardData?.files ?? [])];
  if (!box || !files.length) return;
  event.preventDefault();
  put(box, files);
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful) return;
  for (const box of detail.elt.querySelectorAll?.("[data-upload]") ?? []) put(reset(box), []);
});

function reset(box) {
  lists.set(box, []);
  return box;
}
