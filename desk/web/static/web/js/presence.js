// "Olha is answering too": while somebody looks or types, the page tells the server and is told
// who else does. A hint only; the version in the form is what prevents a collision.

const words = JSON.parse(document.getElementById("desk-words")?.textContent ?? "{}");
const BEAT = 15_000;

function place(element) {
  let note = element.querySelector("[data-presence]");
  if (!note) {
    note = document.createElement("p");
    note.className = "banner soon";
    note.dataset.presence = "";
    note.setAttribute("role", "status");
    note.hidden = true;
    element.prepend(note);
  }
  return note;
}

function show(element, { answering = [], viewing = [] }) {
  const note = place(element);
  const [names, pattern] = answering.length
    ? [answering, words.alsoHere]
    : [viewing, words.viewing];
  const text = names.length ? pattern.replace("%name%", names.join(", ")) : "";
  note.hidden = !text;
  if (note.textContent !== text) note.textContent = text;
}

async function beat() {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[data-presence-url]:not([data-presence-url=''])")) {
    const text = element.querySelector("textarea")?.value.trim();
    const typing = text && element.contains(document.activeElement) ? "1" : "0";
    const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
    try {
      const answer = await fetch(element.dataset.presenceUrl, {
        method: "POST",
        body: new URLSearchParams({ typing }),
        headers: { "X-CSRFToken": token },
      });
      if (answer.ok) show(element, await answer.json());
    } catch {
      // Offline: live.js says so; the next beat tries again.
    }
  }
}

if (document.querySelector("[data-presence-url]:not([data-presence-url=''])")) {
  beat();
  setInterval(beat, BEAT);
  document.addEventListener("focusin", ({ target }) => {
    if (target.closest?.("[data-presence-url]")) beat();
  });
}
