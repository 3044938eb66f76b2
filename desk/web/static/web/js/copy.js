// A field or block with data-copy gets a button that copies its text. Without this module, or
// where the browser lends nobody its clipboard, it is selected and copied by hand.

const words = JSON.parse(document.getElementById("desk-words")?.textContent ?? "{}");

async function copy(source) {
  const text = source.value ?? source.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // A page without https has no clipboard: the old way needs a selection.
    if (source.select) source.select();
    else getSelection().selectAllChildren(source);
    if (!document.execCommand("copy")) return;
  }
  for (const name of ["desk:toast", "desk:announce"]) {
    document.dispatchEvent(new CustomEvent(name, { detail: words.copied }));
  }
}

function all() {
  for (const source of document.querySelectorAll("[data-copy]")) {
    if (source.nextElementSibling?.matches("[data-copies]")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.dataset.copies = "";
    button.textContent = words.copy;
    button.addEventListener("click", () => copy(source));
    source.after(button);
  }
}

// Also on a page that came without a reload, and on one whose live part was drawn anew.
document.addEventListener("desk:fresh", all);
all();
