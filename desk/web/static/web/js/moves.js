// The form of a move opens in the slot #move of the ticket's page (desk/web/moves.py).

// "Close" empties the slot; without JavaScript it leads back to the ticket.
document.addEventListener("click", (event) => {
  const slot = document.getElementById("move");
  if (!slot || !event.target.closest("#move [data-close]")) return;
  event.preventDefault();
  slot.replaceChildren();
});

document.addEventListener("keydown", (event) => {
  const slot = document.getElementById("move");
  if (event.key !== "Escape" || !slot?.contains(document.activeElement)) return;
  slot.replaceChildren();
});

// The first field of a form that was opened by a key takes the focus.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target?.id !== "move") return;
  detail.target.querySelector("[autofocus], input:not([type=hidden]), textarea, select")?.focus();
});
