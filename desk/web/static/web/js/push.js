// Notices that this browser shows when no page of the desk is open. The page of notices asks for
// them; every other page only keeps the desk and this browser of one mind.

const section = document.querySelector("[data-push]");
const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
const HOUR = 3_600_000;
const RENEW = "/notices/push/renew";

const headers = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");

async function post(url, fields) {
  return fetch(url, {
    method: "POST", body: new URLSearchParams(fields), headers: headers(), redirect: "manual",
  });
}

async function subscription() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return (await registration?.pushManager.getSubscription()) ?? null;
}

const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
  .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

function fields(found) {
  return {
    endpoint: found.endpoint,
    p256dh: text(found.getKey("p256dh")),
    auth: text(found.getKey("auth")),
    server_key: text(found.options.applicationServerKey ?? new ArrayBuffer(0)),
  };
}

// What was shown of somebody who is gone goes from the screen with the subscription.
async function forget(found) {
  const registration = await navigator.serviceWorker.getRegistration("/");
  for (const shown of (await registration?.getNotifications()) ?? []) shown.close();
  await found.unsubscribe();
}

// Whether this browser still is this person's; a page tells the desk so once an hour.
async function renew(found) {
  const answer = await post(RENEW, fields(found));
  if (answer.status === 410) {
    await forget(found);
    return null;
  }
  return answer.ok ? (await answer.json()).browser : null;
}

function show(state) {
  for (const part of section.querySelectorAll("[data-push-state]")) {
    part.hidden = part.dataset.pushState !== state;
  }
}

async function look() {
  if (!able) return show("unsupported");
  if (Notification.permission === "denied") return show("blocked");
  const found = Notification.permission === "granted" ? await subscription() : null;
  const browser = found && await renew(found);
  if (!browser) return show("off");
  const row = document.querySelector(`[data-browser="${browser}"] [data-here]`);
  if (row) row.hidden = false;
  return show("on");
}

async function allow(form) {
  if (await Notification.requestPermission() !== "granted") return look();
  const { key } = await (await post(section.dataset.keyUrl, {})).json();
  const registration = await navigator.serviceWorker.register(section.dataset.workerUrl, { scope: "/" });
  await navigator.serviceWorker.ready;
  const known = await registration.pushManager.getSubscription();
  // One that was made for another key of the desk would be refused for ever.
  if (known) await known.unsubscribe();
  const found = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const guard = form.querySelector("input[name=key]").value;
  const answer = await post(section.dataset.allowUrl, { key: guard, ...fields(found) });
  if (answer.ok) return location.reload();
  await found.unsubscribe();
  return say((await answer.json().catch(() => ({}))).said);
}

function say(sentence) {
  const words = JSON.parse(document.getElementById("desk-words")?.textContent ?? "{}");
  const place = section.querySelector("[data-push-said]");
  place.textContent = sentence ?? words.failed;
  place.hidden = false;
}

section?.querySelector("[data-push-allow]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  allow(event.target).catch(() => say());
});

async function keep() {
  const found = await subscription();
  if (!found) return;
  if (document.querySelector("[data-signed-out]")) {
    await forget(found);
  } else if (document.body.dataset.eventsUrl) {
    const last = Number(localStorage.getItem("desk-push-renewed") ?? 0);
    if (Date.now() - last < HOUR) return;
    localStorage.setItem("desk-push-renewed", String(Date.now()));
    await renew(found);
  }
}

if (section && section.querySelector("[data-push-state]")) look().catch(() => show("unsupported"));
else if (able && Notification.permission === "granted") keep().catch(() => {});
