"""When something that is said on the phone may be recorded: who hears whom, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from desk.channels.phone import callers
from desk.channels.phone.fold import CallState
from desk.channels.phone.models import Call
from desk.partners import queries as partners
from desk.partners.models import Person, StaffRole
from desk.rules.lifecycle import State, Verb
from desk.tickets import queries as tickets
from desk.tickets.models import Ticket

# After the end of a call there is time to write down what was said, not to remember it.
RECORDED_WITHIN = timedelta(minutes=15)
TICKETS_MAX = 5
TALKED = (CallState.ANSWERED, CallState.ENDED)


class Why(StrEnum):
    """Why what is said on a call cannot be recorded."""

    NOT_YOURS = "not_yours"
    NOBODY_TALKED = "nobody_talked"
    TOO_LATE = "too_late"
    WHOSE_NUMBER = "whose_number"
    HANDED_OVER_LATER = "handed_over_later"


def refusal(call: Call, hearer_id: int, at: datetime) -> Why | None:
    """Why this person of ours may not record what is said on the call; None when that may be."""
    if not _has_it(call, hearer_id):
        return Why.NOT_YOURS
    if call.answered_at is None or call.state not in TALKED:
        return Why.NOBODY_TALKED
    if call.ended_at is not None and at > call.ended_at + RECORDED_WITHIN:
        return Why.TOO_LATE
    # Asked anew: a number may be on another card by now, or on two.
    if call.person_id is None or callers.by_number(call.phone).person != call.person:
        return Why.WHOSE_NUMBER
    return None


def ticket(caller: Person, ticket_id: int) -> Ticket:
    """A ticket that the caller may know of, or `Ticket.DoesNotExist`."""
    return tickets.visible_to(caller).select_related("partner").get(pk=ticket_id)


def came_later(found: Ticket, call: Call) -> bool:
    """Whether the result was handed over only when they had hung up."""
    if call.ended_at is None or found.delivered_at is None:
        return False
    return found.delivered_at > call.ended_at


def confirmable(call: Call, hearer_id: int, at: datetime) -> list[Ticket]:
    """The tickets that the caller can confirm on this call, the longest waiting first."""
    if refusal(call, hearer_id, at) is not None or call.person is None:
        return []
    known = tickets.access(call.person)
    waiting = tickets.visible_to(call.person, known).filter(state=State.DELIVERED)
    found = waiting.select_related("partner").order_by("delivered_at")[:TICKETS_MAX]
    return [
        each
        for each in found
        if not came_later(each, call)
        and Verb.CONFIRM in tickets.verbs(call.person.pk, each, at, known)
    ]


def _has_it(call: Call, hearer_id: int) -> bool:
    """Whether the call is this person's; where nobody has it, it is the administrators'."""
    if call.duty_id is not None:
        return call.duty_id == hearer_id
    return StaffRole.ADMINISTRATOR in partners.staff_roles(hearer_id)
