"""A critical error that is not solved is escalated: its clock runs on, and more people help."""

from __future__ import annotations

from enum import StrEnum

from django.db import transaction

from desk.journal.cause import Cause
from desk.rules.lifecycle import Condition, Type, Verb
from desk.tickets.actions import conversation, engine
from desk.tickets.actions.conversation import Said
from desk.tickets.actions.engine import text
from desk.tickets.models import MessageKind, Ticket


class Level(StrEnum):
    """To whom it is escalated, the nearest first."""

    PRODUCTION = "production"
    ADMINISTRATOR = "administrator"


@transaction.atomic
def escalate(cause: Cause, ticket_id: int, level: Level, words: str) -> Ticket:
    """Call production or an administrator to a critical error at once. The words are an internal
    note; the partner sees to whom it was escalated, without names. Raises `NotAllowed`."""
    content = {"level": level, "text": words}
    case = engine.open_case(cause, ticket_id, Verb.ESCALATE, content)
    if case.replayed:
        return case.ticket
    body = text("text", words)
    if case.ticket.type == Type.BUG:
        case.conditions.add(Condition.BUG)
    entry = engine.carry_out(case, {"level": level})
    said = Said(MessageKind.NOTE, body, (), case.cause.person_id)
    conversation.add(case.cause, case.ticket, said, entry.pk)
    return case.ticket
