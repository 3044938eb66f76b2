// What every page does: announcements and toasts, dialogs and menus, how htmx swaps.
// Modules talk by events: desk:announce and desk:toast carry a text, desk:fresh says that the
// element in its detail has new content.

const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
const words = JSON.parse(document.getElementById("desk-words")?.textContent ?? "{}");

document.addEventListener("desk:announce", ({ detail }) => {
  const announcer = document.getElementById("announcer");
  if (!announcer) return;
  announcer.textContent = "";
  // A reader only speaks a change; the pause makes an equal text a change too.
  setTimeout(() => { announcer.textContent = detail; }, 50);
});

document.addEventListener("desk:toast", ({ detail }) => {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.textContent = detail;
  document.getElementById("toasts")?.append(toast);
  setTimeout(() => toast.remove(), 7000);
});

// Dialogs: an opener names its dialog; a click on the backdrop closes.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    event.preventDefault();
    document.querySelector(opener.dataset.dialog)?.showModal();
  } else if (event.target instanceof HTMLDialogElement) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right
      && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// What somebody chose or typed stays until it is sent: fresh content must not take it back.
const touched = new WeakSet();
const CHOSEN = new Set(["value", "checked", "selected"]);

document.addEventListener("input", ({ target }) => {
  touched.add(target);
  if (target.type !== "radio") return;
  for (const each of target.form?.elements ?? []) if (each.name === target.name) touched.add(each);
});

function untouch(form) {
  for (const each of form?.elements ?? []) touched.delete(each);
}

document.addEventListener("reset", ({ target }) => untouch(target));
document.addEventListener("htmx:beforeSwap", ({ detail }) => untouch(detail.requestConfig?.elt));

const isChosen = (name, node) => CHOSEN.has(name) && touched.has(node.closest("select") ?? node);
const isOpened = (name, node) => name === "open" && ["DETAILS", "DIALOG"].includes(node.tagName);

// htmx: morphing keeps focus, caret and open details; refusals (409, 422) are shown as they come.
const keep = {
  ignoreActiveValue: true,
  callbacks: {
    beforeNodeMorphed: (old) => !(old instanceof Element && old.matches("[data-keep], [data-draft]")),
    beforeAttributeUpdated: (name, node) => !isChosen(name, node) && !isOpened(name, node),
  },
};

document.addEventListener("desk:morph", ({ detail: { target, content, style } }) => {
  window.Idiomorph.morph(target, content, { ...keep, morphStyle: style ?? "outerHTML" });
});

window.htmx?.defineExtension("morph", {
  isInlineSwap: (style) => style === "morph" || style === "morph:outerHTML",
  handleSwap(style, target, fragment) {
    if (!style.startsWith("morph")) return false;
    const morphStyle = style.endsWith("innerHTML") ? "innerHTML" : "outerHTML";
    return window.Idiomorph.morph(target, fragment.children, { ...keep, morphStyle });
  },
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if ([409, 413, 422].includes(detail.xhr.status)) {
    detail.shouldSwap = true;
    detail.isError = false;
  }
});

for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, () => {
    tell("desk:toast", words.failed);
    tell("desk:announce", words.failed);
  });
}

document.addEventListener("htmx:load", ({ detail }) => tell("desk:fresh", detail.elt));

// A refused form: the summary of errors takes the focus, as GOV.UK does it.
document.querySelector("[data-focus]")?.focus();
