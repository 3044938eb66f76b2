"""The worker that shows notices, run for real by Node in a browser of a few lines."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from desk.channels.notices.push.views import WORKER
from tests.chromium import node

BROWSER = """
const said = { shown: [], opened: [], focused: [], fetched: [] };
const given = JSON.parse(process.argv[1]);
const listeners = {};
globalThis.self = {
  location: { origin: "https://desk.example" },
  addEventListener: (name, listener) => { listeners[name] = listener; },
  skipWaiting: () => {},
  registration: {
    showNotification: async (title, options) => said.shown.push({ title, ...options }),
  },
  clients: {
    claim: async () => {},
    matchAll: async () => given.pages.map(
      (url) => ({ url, focus: async () => said.focused.push(url) }),
    ),
    openWindow: async (url) => said.opened.push(url),
  },
};
globalThis.fetch = async (url) => { said.fetched.push(url); };
(0, eval)(given.script);
const waited = [];
const event = { waitUntil: (promise) => waited.push(promise), action: given.action };
if (given.name === "push") {
  event.data = given.data === null ? null : {
    json: () => { if (typeof given.data === "string") throw new Error(); return given.data; },
  };
}
if (given.name === "notificationclick") event.notification = { close: () => {}, data: given.data };
listeners[given.name](event);
Promise.all(waited).then(() => console.log(JSON.stringify(said)));
"""
SENT = {
    "title": "OLH-1 · A question for you",
    "body": "You are its author.",
    "url": "/notices/7/",
    "page": "/cabinet/tickets/OLH-1/",
    "icon": "/static/web/mark-192.png",
    "tag": "one ticket",
    "lang": "en",
    "choose": "Choose what comes",
    "choose_url": "/notices/preferences/",
}
KEPT = {"url": SENT["url"], "page": SENT["page"], "choose": SENT["choose_url"]}
TICKET = "https://desk.example/cabinet/tickets/OLH-1/"
OTHER = "https://desk.example/cabinet/tickets/OLH-2/"


def happens(name: str, data: object, *pages: str, action: str = "") -> dict[str, list[Any]]:
    """What the worker does about an event, while these pages are open."""
    given = {"name": name, "data": data, "pages": pages, "action": action}
    given["script"] = WORKER.read_text(encoding="utf-8")
    command = [str(node()), "-e", BROWSER, json.dumps(given)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[Any]] = json.loads(done.stdout)
    return found


def test_a_message_is_shown_and_replaces_the_one_on_the_same_ticket() -> None:
    (shown,) = happens("push", SENT)["shown"]
    assert (shown["title"], shown["body"]) == (SENT["title"], SENT["body"])
    assert (shown["tag"], shown["renotify"], shown["lang"]) == ("one ticket", True, "en")
    assert shown["data"] == KEPT
    assert shown["actions"] == [{"action": "choose", "title": "Choose what comes"}]


@pytest.mark.parametrize("data", [None, "no JSON", {}])
def test_a_message_that_cannot_be_read_is_shown_all_the_same(data: object) -> None:
    (shown,) = happens("push", data)["shown"]
    assert shown["title"] == "Partner Desk"


def test_a_click_goes_to_the_open_page_of_the_ticket_and_reads_the_notice() -> None:
    done = happens("notificationclick", KEPT, OTHER, TICKET)
    assert done["focused"] == [TICKET]
    assert done["fetched"] == ["https://desk.example/notices/7/"]
    assert done["opened"] == []


def test_a_click_opens_a_page_and_leads_no_other_away() -> None:
    done = happens("notificationclick", KEPT, OTHER)
    assert done["opened"] == ["https://desk.example/notices/7/"]
    assert done["focused"] == []


def test_the_button_leads_to_what_comes() -> None:
    done = happens("notificationclick", KEPT, TICKET, action="choose")
    assert done["opened"] == ["https://desk.example/notices/preferences/"]


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "//evil.example/x", "javascript:alert(1)"]
)
def test_nothing_leads_away_from_the_desk(url: str) -> None:
    done = happens("notificationclick", {"url": url, "page": "/"}, TICKET)
    assert done["opened"] == done["focused"] == done["fetched"] == []
