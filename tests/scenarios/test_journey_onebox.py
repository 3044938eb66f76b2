"""A ticket's whole way through the partner's own OneBox, over real HTTP in both directions.

The partner opens a process, gets number, deadline and answers there, returns the result once and
confirms it in the end, and never opens a page of the desk. In between the box is away.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
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


def told(server: LiveServer, found: Connection, secret: str, **event: object) -> int:
    """What the desk answers to an event of the box."""
    url = f"{server.url}/channels/onebox/{found.pk}/events"
    headers = {"Content-Type": "application/json", "X-Desk-Secret": secret}
    request = Request(url, json.dumps(event).encode(), headers)  # noqa: S310  # our own server
    try:
        with urlopen(request, timeout=10) as answer:  # noqa: S310
            return int(answer.status)
    except HTTPError as refused:
        return refused.code


def go_round(desk: Desk, found: Connection) -> None:
    """A minute later: looked at, used, told, written, and looked at again."""
    boxes.taken_in(desk, found)
    boxes.written(desk)


def test_a_ticket_lives_in_the_partners_own_box(server: LiveServer, box: Remote) -> None:
    desk = Desk.open()
    desk.now = clock.now()
    made, secret = boxes.made(desk, box)
    vendor = desk.cause(desk.house.vendor, "setup")
    settings = Settings(boxes.STATUSES, boxes.MOVES, boxes.FIELDS, comments=True)
    actions.arrange(vendor, made.pk, settings)
    actions.resume(vendor, made.pk)
    go_round(desk, made)

    # In: the process, told by an event and found at the look, is one ticket.
    box.opens(8, name="Orders are not saved", content="Since noon.", clientemail=desk.owner.email)
    assert told(server, made, "guessed", event="created", process=8) == 401
    assert told(server, made, secret, event="created", process=8) == 200
    assert told(server, made, secret, event="created", process=8) == 200
    go_round(desk, made)
    one = boxes.ticket(8)
    assert (one.author, one.state) == (desk.owner, State.SUBMITTED)
    assert box.row(8)["customorder_psm_number"] == "OLH-1"

    # Accepted and worked on while the box is away; afterwards it says everything, once.
    box.tell(mode="down")
    boxes.delivered(desk, one)
    go_round(desk, made)
    box.tell(mode="")
    desk.later(hours=1)
    go_round(desk, made)
    row = box.row(8)
    assert row["statusid"] == boxes.STATUSES["delivered"]
    assert row["customorder_psm_executor"] == desk.lead.name
    assert row["customorder_psm_parts"] == "1/1"
    assert [text.partition(": ")[2].partition("\n")[0] for text in box.texts(8)] == [
        "I look at it today.",
        "The index was rebuilt.",
    ]

    # Returned there with a reason, handed over again, and confirmed there.
    box.says(8, "Still not saved on Fridays.")
    box.opens(8, statusid=boxes.RETURNED)
    assert told(server, made, secret, process=8, status=boxes.RETURNED) == 200
    go_round(desk, made)
    assert boxes.ticket(8).state == State.IN_WORK
    assert Message.objects.filter(ticket=one, text__contains="on Fridays").count() == 1
    done = tickets.Handover("Fridays too.", "The calendar.", "Save an order on a Friday.")
    tickets.deliver(desk.cause(desk.lead), one.pk, done)
    go_round(desk, made)
    box.opens(8, statusid=int(boxes.CONFIRMED))
    assert told(server, made, secret, process="8", status=boxes.CONFIRMED) == 200
    go_round(desk, made)
    go_round(desk, made)

    assert boxes.ticket(8).state == State.RESOLVED
    assert box.row(8)["statusid"] == boxes.STATUSES["resolved"]
    texts = box.texts(8)
    assert len(texts) == len(set(texts)) == 4
    assert len(box.tell()["orders"]) == 1
