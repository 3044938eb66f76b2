"""What the page behind a mail's link shows of a ticket: what was asked or handed over, no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desk.partners.models import Person
from desk.rules.lifecycle import State
from desk.tickets import queries as tickets
from desk.tickets.models import Ticket
from desk.web import labels


@dataclass(frozen=True, slots=True)
class Asked:
    """A ticket in few words; `words` is the question, or the result as it was handed over."""

    number: str
    subject: str
    status: str
    words: str
    changes: str = ""
    checking: str = ""


def asked(ticket: Ticket, reader: Person, at: datetime) -> Asked:
    """What is asked of the reader, by the partner's own view of the ticket."""
    view = tickets.partner_view(ticket, reader, at)
    status = labels.partner_state(ticket.state, ticket.type)
    number, subject = view.head.number, view.head.subject
    if ticket.state in (State.DELIVERED, State.RESOLVED) and view.handover is not None:
        done = view.handover
        return Asked(number, subject, status, done.solution, done.changes, done.checking)
    questions = [one.text for one in view.messages if one.kind == "question"]
    waits = ticket.state == State.AWAITING_PARTNER and questions
    return Asked(number, subject, status, questions[-1] if waits else "")
