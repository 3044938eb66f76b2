"""Violations as machine control leaves them, for the scenarios of what people say to them."""

from __future__ import annotations

import json
from datetime import timedelta

from desk.oversight.actions import editions
from desk.oversight.models import Edition, Violation
from desk.partners.models import Person
from desk.tickets.models import Ticket
from tests.language import Desk
from tests.scenarios import standard


def first_edition(desk: Desk) -> Edition:
    """The shipped edition, in force since the desk opened."""
    return standard.publishes(
        desk.now - timedelta(hours=1), content=json.loads(json.dumps(editions.first_content()))
    )


def violated(
    desk: Desk,
    person: Person | None = None,
    *,
    clause: str = "3.1",
    ticket: Ticket | None = None,
    severity: str = "major",
    excuse: str = "",
) -> Violation:
    """A violation that was found a moment ago."""
    edition = Edition.objects.order_by("number").last() or first_edition(desk)
    about = person or desk.lead
    count = Violation.objects.count()
    thing = ticket.key if ticket else f"day:{count}"
    return Violation.objects.create(
        key=f"{clause}:{about.pk}:{thing}/test:{count}",
        edition=edition,
        clause=clause,
        severity=severity,
        person=about,
        ticket_id=ticket.pk if ticket else None,
        at=desk.now - timedelta(minutes=1),
        found_at=desk.now,
        evidence=[],
        excuse=excuse,
    )
