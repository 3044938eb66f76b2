"""The journey of a critical error by phone, over real HTTP from the exchange to the confirmation.

The exchange (Binotel) tells of everything twice and of the end first; the specialist sees who calls
before picking up, confirms "critical" with a double click, mends it and hands it over. They call
again, are called back, and say that it works: the specialist who has the call writes it down, and
the caller has confirmed (the table of moves gives `confirm` to the partner alone). A mail tells
the caller so at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3
from django.conf import settings as django_settings
from django.test import Client
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from desk.channels.email import outbound
from desk.channels.models import Arrival, Delivery
from desk.channels.phone import watch
from desk.channels.phone.models import Call, CallBack, Provider
from desk.journal import queries as history
from desk.partners.models import Person
from desk.rules.lifecycle import State, Type
from desk.tickets.models import Ticket
from tests.channels import exchanges, post
from tests.channels.exchanges import Exchange
from tests.language import Desk

CALLS = "/work/calls/"


class Browser:
    """Somebody's browser, with or without a session."""

    def __init__(self, url: str, person: Person | None = None) -> None:
        self.url, self.keys = url, 0
        self.http = urllib3.PoolManager(retries=False, timeout=20)
        self.cookies = {"desk_language": "en"}
        if person is not None:
            client = Client()
            client.force_login(person)
            name = django_settings.SESSION_COOKIE_NAME
            self.cookies[name] = client.cookies[name].value

    def page(self, path: str) -> str:
        answer = self._send("GET", path)
        assert answer.status == 200, (path, answer.status)
        text: str = answer.data.decode()
        return text

    def sends(self, path: str, form_page: str, key: str = "", **fields: str) -> str:
        """Send a form of a page; where it leads, "" when it stays there."""
        page = self.page(form_page)
        self.keys += 1
        version = re.search(r'name="version" value="(\d+)"', page)
        hidden = {
            "csrfmiddlewaretoken": _found(r'name="csrfmiddlewaretoken" value="(\w+)"', page),
            "key": key or f"key {self.keys}",
            "version": version[1] if version and not key else "",
        }
        answer = self._send("POST", path, urlencode({**hidden, **fields}).encode())
        assert answer.status in (200, 302, 303), (path, answer.status, answer.data[:3000])
        led: str = answer.headers.get("Location", "")
        return led

    def _send(self, method: str, path: str, body: bytes | None = None) -> Any:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies, "Content-Type": exchanges.FORM, "Referer": self.url}
        answer = self.http.request(
            method, f"{self.url}{path}", body=body, headers=headers, redirect=False
        )
        for line in answer.headers.getlist("Set-Cookie"):
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer


def _found(pattern: str, page: str) -> str:
    match = re.search(pattern, page)
    assert match is not None, pattern
    return match[1]


@pytest.fixture
def served(
    committed: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Desk, str]]:
    """A desk on Friday 09:00 that answers on a port of its own."""
    settings.FILES_DIR = tmp_path
    desk = Desk.open()
    monkeypatch.setattr("desk.lib.clock.now", lambda: desk.now)
    with _serving() as url:
        yield desk, url


@contextmanager
def _serving() -> Iterator[str]:
    server = LiveServer("127.0.0.1:0")
    try:
        yield server.url
    finally:
        server.stop()


def tells(desk: Desk, url: str, exchange: Exchange, *sent: dict[str, Any], times: int = 2) -> None:
    """The exchange posts events, each twice, and the worker uses them."""
    with urllib3.PoolManager(retries=False, timeout=20) as http:
        for event in sent * times:
            request = exchange.request(event, desk.now)
            headers = {"Content-Type": request.content_type}
            answer = http.request("POST", url + exchange.path, body=request.body, headers=headers)
            assert (answer.status, answer.json()) == (200, {"status": "success"})
    desk.later(seconds=1)
    exchanges.uses(desk)
    post.relayed(desk.now)


def test_a_critical_error_by_phone(served: tuple[Desk, str]) -> None:
    desk, url = served
    exchanges.has_number(desk, desk.member)
    exchange = exchanges.connected(desk, Provider.BINOTEL, networks=("127.0.0.1",))
    lead = Browser(url, desk.lead)
    rings, answers, hangs_up, completed = (
        event for _kind, event in exchanges.answered_call(Provider.BINOTEL)
    )
    tells(desk, url, exchange, rings)
    began_at = Call.objects.get().started_at
    assert "The hotline rings: Marko Olh" in lead.page("/work/")
    desk.later(seconds=15)
    tells(desk, url, exchange, hangs_up, answers, completed)
    call = Call.objects.get()
    assert (call.state, call.duty, CallBack.objects.count()) == ("ended", desk.lead, 0)
    assert Arrival.objects.count() == 4
    _opened_once(desk, lead, call)
    ticket = Ticket.objects.select_related("partner").get()
    assert (ticket.submitted_at, ticket.due_at) == (began_at, began_at + timedelta(hours=3))
    _mended(desk, lead)
    _it_works(desk, url, exchange, lead)
    ticket.refresh_from_db()
    assert ticket.state == State.RESOLVED
    told = history.of(ticket.key).filter(verb__in=["submit", "accept", "confirm"])
    assert [entry.channel for entry in told] == ["phone", "phone", "phone"]
    assert told[2].by == f"person:{desk.member.pk}"


def _opened_once(desk: Desk, lead: Browser, call: Call) -> None:
    """Said "critical" by a double click after the call: one bug, accepted."""
    desk.later(minutes=1)
    assert "Critical or not?" in lead.page(CALLS)
    where, words = f"{CALLS}{call.pk}/", {"subject": "Nothing is saved", "text": "Since eight."}
    for _ in range(2):
        led = lead.sends(f"{where}critical", where if _ == 0 else CALLS, key="twice", **words)
        assert led == "/work/tickets/OLH-1/"
    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.type) == (State.ACCEPTED, Type.BUG)


def _mended(desk: Desk, lead: Browser) -> None:
    page = "/work/tickets/OLH-1/"
    desk.later(minutes=2)
    lead.sends(f"{page}start", page)
    desk.later(minutes=40)
    result = {"solution": "The disk was full.", "changes": "Logs", "checking": "Save an order."}
    result["nothing_new"] = "on"
    lead.sends(f"{page}deliver", page, **result)
    assert Ticket.objects.get().state == State.DELIVERED


def _it_works(desk: Desk, url: str, exchange: Exchange, lead: Browser) -> None:
    """They call again, nobody is free, they are called back, and say that it works."""
    again = {"generalCallID": "456790"}
    rings = next(iter(exchanges.answered_call(Provider.BINOTEL)))[1]
    _kind, missed = exchanges.missed(Provider.BINOTEL)
    desk.later(minutes=5)
    tells(desk, url, exchange, {**missed, **again}, {**rings, **again})
    assert "Call back" in lead.page(CALLS)
    assert CallBack.objects.get(done_at=None).phone == exchanges.CALLER
    desk.later(minutes=6)
    while watch.tick(desk.now):
        pass
    back = {**rings, "generalCallID": "456791", "callType": "1"}
    tells(desk, url, exchange, back, {**back, "requestType": "answeredTheCall"})
    assert "Nobody waits for a call." in lead.page(CALLS)
    page = lead.page(f"{CALLS}{Call.objects.latest('id').pk}/")
    assert "Nothing is saved" in page
    button = re.search(rf'action="({CALLS}\d+/confirm/\d+)"', page)
    assert button is not None
    for _ in range(2):
        lead.sends(button[1], CALLS, key="said")
    post.relayed(desk.now)
    delivery = Delivery.objects.get(entry__verb="confirm", person=desk.member)
    assert desk.lead.name in str(outbound.compose(delivery, desk.now).body)
