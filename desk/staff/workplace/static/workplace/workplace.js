// The workplace: timers count while one looks.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

function elapsed(since) {
  const span = Math.max(0, Date.now() - Date.parse(since));
  const minutes = String(Math.floor((span % HOUR) / MINUTE)).padStart(2, "0");
  return `${Math.floor(span / HOUR)}:${minutes}`;
}

function tick() {
  for (const each of document.querySelectorAll("[data-elapsed]")) {
    each.textContent = elapsed(each.dataset.elapsed);
  }
}

tick();
setInterval(tick, 10 * SECOND);
document.addEventListener("desk:fresh", tick);
