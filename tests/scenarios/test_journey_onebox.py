"""A ticket's whole way through the partner's own OneBox, over real HTTP in both directions.

The partner opens a process, gets number, deadline and answers there, returns the result once and
confirms it in the end, and never opens a page of the desk. In between the box is away.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from pytest_django.fixtures import Settings as DjangoSettings
from pytest_django.live_server_helper import LiveServer

from desk.channels.onebox import actions
from desk.channels.onebox.actions import Settings
from desk.channels.onebox.models import Connection
from desk.lib import clock
from desk.rules.lifecycle import State
from desk.tickets import actions as tickets
from desk.tickets.models import Message
from tests.channels import boxes, onebox_box
from tests.channels.onebox_box import Remote
from tests.channels.receiver import LOCAL
from tests.language import Desk


@pytest.fixture
def box(settings: DjangoSettings) -> Iterator[Remote]:
    settings.OUTSIDE_NETWORKS = LOCAL
    with onebox_box.running() as found:
        yield found


@pytest.fixture
def server(committed: str) -> Iterator[LiveServer]:
    """The desk's pages for real: rows that only grow cannot be flushed after a test, so that the
    server stands on a database that is thrown away."""
    found = LiveServer("127.0.0.1")
    yield found
    found.stop()


@dataclass
class Journey:
    """The desk, its pages, and the box that is connected to it."""

    desk: Desk
    server: LiveServer
    box: Remote
    found: Connection
    secret: str

    def told(self, secret: str = "", **event: object) -> int:
        """What the desk answers to an event of the box."""
        url = f"{self.server.url}/channels/onebox/{self.found.pk}/events"
        headers = {"Content-Type": "application/json", "X-Desk-Secret": secret or self.secret}
        request = Request(url, json.dumps(event).encode(), headers)  # noqa: S310  # our own server
        try:
            with urlopen(request, timeout=10) as answer:  # noqa: S310
                return int(answer.status)
        except HTTPError as refused:
            return refused.code

    def go_round(self) -> None:
        """A minute later: looked at, used, told and written."""
        boxes.taken_in(self.desk, self.found)
        boxes.written(self.desk)

    def comments(self) -> list[str]:
        """What stands in the process, without its writers, each by its first line."""
        texts = self.box.texts(8)
        return [text.partition(": ")[2].partition("\n")[0] for text in texts]


@pytest.fixture
def journey(server: LiveServer, box: Remote) -> Journey:
    desk = Desk.open()
    desk.now = clock.now()
    made, secret = boxes.made(desk, box)
    vendor = desk.cause(desk.house.vendor, "setup")
    settings = Settings(boxes.STATUSES, boxes.MOVES, boxes.FIELDS, comments=True)
    actions.arrange(vendor, made.pk, settings)
    actions.resume(vendor, made.pk)
    found = Journey(desk, server, box, made, secret)
    found.go_round()
    return found


def test_a_ticket_lives_in_the_partners_own_box(journey: Journey) -> None:
    _it_is_opened(journey)
    _it_is_worked_on_while_the_box_is_away(journey)
    _it_is_returned_there(journey)
    _it_is_confirmed_there(journey)
    assert journey.box.row(8)["statusid"] == boxes.STATUSES["resolved"]
    texts = journey.box.texts(8)
    assert len(texts) == len(set(texts)) == 4
    assert len(journey.box.tell()["orders"]) == 1


def _it_is_opened(journey: Journey) -> None:
    """The process, told by an event twice and found at the look, is one ticket."""
    owner = journey.desk.owner
    journey.box.opens(8, name="Orders are not saved", content="Noon.", clientemail=owner.email)
    assert journey.told("guessed", event="created", process=8) == 401
    assert journey.told(event="created", process=8) == 200
    assert journey.told(event="created", process=8) == 200
    journey.go_round()
    one = boxes.ticket(8)
    assert (one.author, one.state) == (owner, State.SUBMITTED)
    assert journey.box.row(8)["customorder_psm_number"] == "OLH-1"


def _it_is_worked_on_while_the_box_is_away(journey: Journey) -> None:
    """Afterwards the process says everything, once."""
    journey.box.tell(mode="down")
    boxes.delivered(journey.desk, boxes.ticket(8))
    journey.go_round()
    journey.box.tell(mode="")
    journey.desk.later(hours=1)
    journey.go_round()
    row = journey.box.row(8)
    assert row["statusid"] == boxes.STATUSES["delivered"]
    assert row["customorder_psm_executor"] == journey.desk.lead.name
    assert row["customorder_psm_parts"] == "1/1"
    assert journey.comments() == ["I look at it today.", "The index was rebuilt."]


def _it_is_returned_there(journey: Journey) -> None:
    """With a reason; then it is handed over again."""
    journey.box.says(8, "Still not saved on Fridays.")
    journey.box.opens(8, statusid=boxes.RETURNED)
    assert journey.told(process=8, status=boxes.RETURNED) == 200
    journey.go_round()
    one = boxes.ticket(8)
    assert one.state == State.IN_WORK
    assert Message.objects.filter(ticket=one, text__contains="on Fridays").count() == 1
    done = tickets.Handover("Fridays too.", "The calendar.", "Save an order on a Friday.")
    tickets.deliver(journey.desk.cause(journey.desk.lead), one.pk, done)
    journey.go_round()


def _it_is_confirmed_there(journey: Journey) -> None:
    journey.box.opens(8, statusid=int(boxes.CONFIRMED))
    assert journey.told(process="8", status=boxes.CONFIRMED) == 200
    journey.go_round()
    journey.go_round()
    assert boxes.ticket(8).state == State.RESOLVED
