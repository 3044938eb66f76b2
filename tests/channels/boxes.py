"""A desk with a partner's box: connected, looked at, written, as its worker would."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from desk.channels import inbox
from desk.channels.onebox import actions, polling
from desk.channels.onebox.actions import Card, Settings
from desk.channels.onebox.models import Connection, Process
from desk.partners.models import Person
from desk.rules.lifecycle import State, Type
from desk.tickets import actions as tickets
from desk.tickets.models import Ticket
from tests.channels import post
from tests.channels.onebox_box import LOGIN, PASSWORD, Remote
from tests.language import Desk

# Status ids of the box's workflow 9, and what the partner may set.
STATUSES = {state.value: str(60 + place) for place, state in enumerate(State)}
CONFIRMED, RETURNED, CANCELLED = "81", "82", "83"
MOVES = {"confirm": CONFIRMED, "return": RETURNED, "cancel": CANCELLED}
FIELDS = {
    "number": "psm_number",
    "deadline": "psm_deadline",
    "executor": "customorder_psm_executor",
    "cost": "psm_cost",
    "parts": "psm_parts",
    "answer": "psm_answer",
}


def made(desk: Desk, box: Remote, person: Person | None = None) -> tuple[Connection, str]:
    """A connection to workflow 9 that is not switched on, and its secret."""
    card = Card(
        partner_id=desk.company.partner.pk,
        project_id=desk.company.project.pk,
        person_id=(person or desk.owner).pk,
        base_url=box.url,
        login=LOGIN,
        password=PASSWORD,
        workflow="9",
    )
    found, secret = actions.add(desk.cause(desk.house.vendor, "setup"), card)
    assert secret is not None
    return found, secret


def connected(desk: Desk, box: Remote, **other: Any) -> Connection:
    """A connection that is switched on and has had its first look."""
    found, _secret = made(desk, box)
    wanted: dict[str, Any] = {
        "statuses": STATUSES,
        "moves": MOVES,
        "fields": FIELDS,
        "comments": True,
    } | other
    cause = desk.cause(desk.house.vendor, "setup")
    actions.arrange(cause, found.pk, Settings(**wanted))
    actions.resume(cause, found.pk)
    polling.look(found.pk, desk.now)
    return fresh(found)


def fresh(found: Connection) -> Connection:
    return Connection.objects.get(pk=found.pk)


def taken_in(desk: Desk, found: Connection) -> None:
    """A minute later the box is looked at, and what came in is used."""
    desk.later(minutes=1)
    polling.look(found.pk, desk.now)
    used(desk.now)


def used(at: datetime) -> None:
    """Everything that came in and may be tried is tried."""
    while inbox.tick(at):
        pass


def written(desk: Desk) -> None:
    """Everything that is to be told is tried once."""
    post.relayed(desk.now)
    post.sent_by(desk.now)


def ticket(number: int) -> Ticket:
    """The ticket that a process of the box is."""
    found = Process.objects.get(process=str(number)).ticket
    assert found is not None
    return found


def accepted(desk: Desk, one: Ticket) -> None:
    """The lead accepts it as a bug, which needs no deposit."""
    desk.later(minutes=5)
    accepting = tickets.Accepting(type=Type.BUG, message="I look at it today.")
    tickets.accept(desk.cause(desk.lead), one.pk, accepting)


def delivered(desk: Desk, one: Ticket) -> None:
    """Accepted, worked on and handed over."""
    accepted(desk, one)
    desk.later(minutes=5)
    tickets.start(desk.cause(desk.lead), one.pk)
    desk.later(minutes=5)
    tickets.finish_part(desk.cause(desk.lead), one.pk, 1, "Done.")
    done = tickets.Handover("The index was rebuilt.", "Nothing else.", "Save an order.")
    tickets.deliver(desk.cause(desk.lead), one.pk, done)
