// The theme changes at once; the form that would reload the page is sent in the background.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("themeForm" in form.dataset) || !event.submitter) return;
  event.preventDefault();
  const { value } = event.submitter;
  document.documentElement.dataset.theme = value;
  for (const button of document.querySelectorAll("[data-theme-form] button")) {
    button.setAttribute("aria-pressed", String(button.value === value));
  }
  const body = new FormData(form, event.submitter);
  // When it cannot be kept, this page still has the theme that was asked for.
  fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
});
