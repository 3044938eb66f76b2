// Forms that move something (data-submit): a second click does nothing, data-confirm asks first,
// and the idempotency key (input[data-once]) stays until the server has answered.

const words = JSON.parse(document.getElementById("desk-words")?.textContent ?? "{}");
const AGAIN_AFTER = 15_000;
const timers = new WeakMap();

function buttons(form) {
  return [...form.elements].filter((each) => each.matches("button, input[type=submit]"));
}

function hold(form, submitter) {
  form.dataset.busy = "";
  submitter?.setAttribute("aria-busy", "true");
  // Disabled only after the browser has collected the form, or the button's own value is lost.
  setTimeout(() => {
    if ("busy" in form.dataset) for (const button of buttons(form)) button.disabled = true;
  });
  // Nobody waits for ever: the key makes a second try safe.
  timers.set(form, setTimeout(() => release(form), AGAIN_AFTER));
}

function release(form) {
  if (!("busy" in form.dataset)) return;
  clearTimeout(timers.get(form));
  delete form.dataset.busy;
  delete form.dataset.confirmed;
  for (const button of buttons(form)) {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

function ask(form, submitter) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  const text = document.createElement("p");
  text.textContent = form.dataset.confirm;
  const actions = document.createElement("div");
  actions.className = "actions row-end above-space";
  const no = document.createElement("button");
  no.className = "button";
  no.textContent = words.goBack;
  const yes = document.createElement("button");
  yes.className = submitter?.className ?? "button primary";
  yes.textContent = submitter?.firstChild?.textContent.trim() || submitter?.textContent.trim();
  no.addEventListener("click", () => dialog.close());
  yes.addEventListener("click", () => {
    dialog.close();
    form.dataset.confirmed = "";
    form.requestSubmit(submitter ?? undefined);
  });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.setAttribute("aria-label", form.dataset.confirm);
  actions.append(no, yes);
  dialog.append(text, actions);
  document.body.append(dialog);
  dialog.showModal();
}

// Captured, so that htmx never sees a submission that is held back here.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const stop = () => { event.preventDefault(); event.stopImmediatePropagation(); };
  if ("busy" in form.dataset) return stop();
  if (form.dataset.confirm && !("confirmed" in form.dataset)) {
    stop();
    return ask(form, event.submitter);
  }
  if ("submit" in form.dataset) hold(form, event.submitter);
}, true);

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  // A preview inside the form is not its submission.
  const form = detail.elt.form ?? detail.elt;
  if (!(form instanceof HTMLFormElement)) return;
  release(form);
  if (!detail.successful || !form.isConnected) return;
  // It is done: what is sent next from here is another deed.
  for (const key of form.querySelectorAll("input[data-once]")) {
    key.value = [...crypto.getRandomValues(new Uint8Array(12))]
      .map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
});

addEventListener("pageshow", ({ persisted }) => {
  if (persisted) for (const form of document.querySelectorAll("form[data-busy]")) release(form);
});
