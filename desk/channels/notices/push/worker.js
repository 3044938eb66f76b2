// Shows notices of the desk when no page of it is open, and opens the right page on a click.
// Served at /notices/push/worker.js with the scope of the whole desk; it answers no requests.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

function read(event) {
  try {
    return event.data?.json() ?? {};
  } catch {
    return {};
  }
}

self.addEventListener("push", (event) => {
  const notice = read(event);
  // A browser takes the right away from whoever gets a message and shows nothing.
  event.waitUntil(self.registration.showNotification(notice.title ?? "Partner Desk", {
    body: notice.body ?? "",
    tag: notice.tag ?? "desk",
    renotify: true,
    lang: notice.lang ?? "",
    icon: notice.icon,
    timestamp: Date.now(),
    data: { url: notice.url ?? "/notices/", page: notice.page ?? "", choose: notice.choose_url },
    actions: notice.choose ? [{ action: "choose", title: notice.choose }] : [],
  }));
});

async function open({ url, page }) {
  const target = new URL(url, self.location.origin);
  // What came over the wire never leads away from the desk.
  if (target.origin !== self.location.origin) return;
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.find((one) => new URL(one.url).pathname === page);
  if (!there) {
    // A page where something else stands is not led away: an unsent answer may be in it.
    await self.clients.openWindow(target.href);
    return;
  }
  await there.focus();
  // The page is up to date by itself; the notice counts as read by being opened.
  await fetch(target.href, { credentials: "same-origin", redirect: "manual" });
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { url, page, choose } = event.notification.data ?? { url: "/notices/" };
  event.waitUntil(open(event.action === "choose" ? { url: choose, page: choose } : { url, page }));
});
