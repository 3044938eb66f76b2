"""What a partner's person says on the phone is recorded: the result is confirmed.

The table of moves gives `confirm` to the partner alone, and that stays so: the person who called
confirms, and whoever had the call writes down that they said so. A number is a claim, so the
person is told at once, with the way back.
"""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from desk.channels.phone import spoken
from desk.channels.phone.actions.decisions import CHANNEL
from desk.channels.phone.models import Call
from desk.journal.cause import Cause
from desk.tickets import actions as tickets
from desk.tickets.actions import Heard
from desk.tickets.models import Ticket


class NotHeard(Exception):
    """What is said on this call cannot be recorded; `why` is one of `spoken.Why`."""

    def __init__(self, why: spoken.Why) -> None:
        super().__init__(why.value)
        self.why = why


@transaction.atomic
def hear_confirm(cause: Cause, call_id: int, ticket_id: int) -> Ticket:
    """The caller says that the result is right: it is confirmed in the caller's name (L5).

    `cause` is of whoever has the call. Raises `NotHeard`, `NotAllowed` where the caller may not
    confirm this ticket, `Ticket.DoesNotExist` for one that the caller may not know of.
    """
    call = Call.objects.select_for_update(of=("self",)).select_related("person").get(pk=call_id)
    assert cause.person_id is not None, "a person hears it"
    refusal = spoken.refusal(call, cause.person_id, cause.at)
    if refusal is not None:
        raise NotHeard(refusal)
    assert call.person is not None, "an unknown caller is refused"
    ticket = spoken.ticket(call.person, ticket_id)
    if spoken.came_later(ticket, call):
        raise NotHeard(spoken.Why.HANDED_OVER_LATER)
    said = replace(cause, by=f"person:{call.person.pk}", channel=CHANNEL)
    return tickets.confirm(said, ticket_id, heard=Heard(cause.person_id, call.key))
