"""The journey by the API: two programs, a partner's and a specialist's, over real HTTP.

A ticket goes in, is accepted, asked about, delivered and confirmed by the same way; the first
answer to the submission is lost on the network, as it happens, and the call is repeated.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from desk.journal import queries as history
from desk.tickets.models import Ticket
from tests.channels.api_client import integration, program
from tests.language import Desk
from tests.scenarios import tickets as scene

Json = dict[str, Any]


@dataclass
class Agent:
    """A program on the other side of a network."""

    url: str
    secret: str
    http: urllib3.PoolManager

    def asks(self, path: str) -> Json:
        return self._said(self.http.request("GET", self.address(path), headers=self._headers()))

    def does(self, path: str, key: str, **body: object) -> Json:
        headers = self._headers() | {"Idempotency-Key": key, "Content-Type": "application/json"}
        sent = json.dumps(body).encode()
        return self._said(self.http.request("POST", self.address(path), body=sent, headers=headers))

    def uploads(self, name: str, content: bytes) -> str:
        sent = self.http.request(
            "POST",
            self.address("/files"),
            fields={"file": (name, content)},
            headers=self._headers(),
        )
        found: str = self._said(sent)["items"][0]["reference"]
        return found

    def loses_the_answer(self, path: str, key: str, **body: object) -> None:
        """The call arrives and is done, but nobody reads what came of it."""
        headers = self._headers() | {"Idempotency-Key": key, "Content-Type": "application/json"}
        sent = json.dumps(body).encode()
        response = self.http.request(
            "POST", self.address(path), body=sent, headers=headers, preload_content=False
        )
        response.drain_conn()
        response.close()

    def address(self, path: str) -> str:
        return path if path.startswith("http") else f"{self.url}/api/v1{path}"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}", "Accept-Language": "en"}

    @staticmethod
    def _said(response: urllib3.BaseHTTPResponse) -> Json:
        assert response.status < 300, (response.status, response.data[:500])
        found: Json = response.json()
        return found


@pytest.fixture
def served(
    committed: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Desk, str]]:
    """A desk on Friday 09:00 that answers on a port of its own."""
    settings.FILES_DIR = tmp_path
    desk = Desk.open()
    monkeypatch.setattr("desk.lib.clock.now", lambda: desk.now)
    scene.buys(desk, 5)
    server = LiveServer("127.0.0.1:0")
    try:
        yield desk, server.url
    finally:
        server.stop()


def test_a_ticket_goes_from_program_to_program(served: tuple[Desk, str]) -> None:
    desk, url = served
    partners_secret = integration(desk.owner, desk.company.partner.pk).secret
    with urllib3.PoolManager(retries=False, timeout=20) as http:
        partner = Agent(url, partners_secret, http)
        lead = Agent(url, program(desk.lead).secret, http)
        number = _submitted(desk, partner)
        _accepted(desk, lead, number)
        _asked_and_answered(desk, partner, lead, number)
        _delivered_and_confirmed(desk, partner, lead, number)
    told = history.of(Ticket.objects.get().key)
    assert {entry.channel for entry in told if entry.by != "system"} == {"api"}


def _submitted(desk: Desk, partner: Agent) -> str:
    project = partner.asks("/projects")["items"][0]["id"]
    reference = partner.uploads("screen.png", b"\x89PNG picture")
    asked = {
        "project_id": project,
        "subject": "Orders are not printed",
        "text": "Since this morning.",
        "external_id": "crm-7741",
        "files": [reference],
    }
    partner.loses_the_answer("/tickets", "order-7741", **asked)
    desk.later(seconds=30)
    made = partner.does("/tickets", "order-7741", **asked)
    assert (made["number"], made["state"]) == ("OLH-1", "submitted")
    assert Ticket.objects.count() == 1
    number: str = made["number"]
    return number


def _accepted(desk: Desk, lead: Agent, number: str) -> None:
    desk.later(minutes=20)
    waiting = lead.asks("/tickets?show=my_turn")["items"]
    assert [one["number"] for one in waiting] == [number]
    found = lead.does(f"/tickets/{number}/accept", "a", type="simple", message="I look at it.")
    assert found["deadline"]["due_at"] == "2026-11-27T16:00:00Z"
    lead.does(f"/tickets/{number}/start", "s")


def _asked_and_answered(desk: Desk, partner: Agent, lead: Agent, number: str) -> None:
    desk.later(minutes=10)
    asked = lead.does(f"/tickets/{number}/ask", "q", text="Which printer?")
    assert asked["state"] == "awaiting_partner"
    seen = partner.asks(f"/tickets/{number}")
    assert (seen["turn"], seen["deadline"]["phase"]) == ("partner", "standing")
    desk.later(hours=1)
    answered = partner.does(f"/tickets/{number}/message", "m", text="The one upstairs.")
    assert answered["state"] == "in_work"
    assert answered["deadline"]["due_at"] == "2026-11-30T08:00:00Z"


def _delivered_and_confirmed(desk: Desk, partner: Agent, lead: Agent, number: str) -> None:
    desk.later(minutes=30)
    part = lead.asks(f"/tickets/{number}/parts")["items"][0]["number"]
    lead.does(f"/tickets/{number}/finish_part", "p", part=part, result="Printer set")
    result = {"solution": "Another printer was set", "changes": "Nothing", "checking": "Print"}
    delivered = lead.does(f"/tickets/{number}/deliver", "d", **result)
    assert delivered["state"] == "delivered"
    seen = partner.asks(f"/tickets/{number}")
    assert seen["handover"]["solution"] == "Another printer was set"
    done = partner.does(f"/tickets/{number}/confirm", "c", rating=5, comment="Thanks")
    assert done["state"] == "resolved"
    assert done["money"]["cost"]["units_charged"] == 1
    kinds = [one["kind"] for one in partner.asks(f"/tickets/{number}/messages")["items"]]
    assert kinds[:4] == ["partner", "staff", "question", "partner"]
