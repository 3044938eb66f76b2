// The workplace: timers count while one looks. The server says how long one runs already, so that
// a wrong clock of this machine does no harm.

const SECOND = 1000;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const seen = new WeakMap();

function begun(element) {
  const known = seen.get(element);
  if (known?.sent === element.dataset.elapsed) return known.at;
  const at = performance.now() - Number(element.dataset.elapsed) * SECOND;
  seen.set(element, { sent: element.dataset.elapsed, at });
  return at;
}

function tick() {
  for (const element of document.querySelectorAll("[data-elapsed]")) {
    const span = Math.max(0, Math.floor((performance.now() - begun(element)) / SECOND));
    const minutes = String(Math.floor((span % HOUR) / MINUTE)).padStart(2, "0");
    element.textContent = `${Math.floor(span / HOUR)}:${minutes}`;
  }
}

tick();
setInterval(tick, 10 * SECOND);
document.addEventListener("desk:fresh", tick);

// Alt and an arrow move a row of the plan: its own buttons do it, so that nothing else is needed.
document.addEventListener("keydown", (event) => {
  const name = { ArrowUp: "up", ArrowDown: "down" }[event.key];
  const row = event.altKey && name ? event.target.closest?.("[data-move]") : null;
  const button = row?.querySelector(`[data-${name}]:not([disabled])`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
