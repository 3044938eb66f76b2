"""A status that the partner has set in the box: a move of the ticket, or a plain answer why not.

What we wrote ourselves comes back as an event or a row; it is recognised by the status that was
last written, or is being written, and does nothing.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from desk.channels import actions as channels
from desk.channels.models import Intake
from desk.channels.onebox import actions, people, reading
from desk.channels.onebox.case import Case
from desk.channels.onebox.models import Process, Said
from desk.journal.cause import Cause
from desk.rules.lifecycle import NotAllowed, State, Verb
from desk.tickets import actions as tickets
from desk.tickets import queries
from desk.tickets.actions import Incomplete
from desk.tickets.models import Ticket
from desk.web import labels

MOVES = (Verb.CONFIRM, Verb.RETURN, Verb.CANCEL)
DONE = {
    Verb.CONFIRM: {State.RESOLVED},
    Verb.CANCEL: {State.CANCELLED, State.DECLINED, State.MERGED},
}


def follow(case: Case) -> str:
    """Make the move that their status means; returns what was done, "" for nothing."""
    process, status = case.process, case.told.status
    if not status or is_echo(process, status):
        return ""
    actions.status_noted(process, status)
    verb = next((v for v in MOVES if case.connection.moves.get(v) == status), None)
    ticket = process.ticket
    if verb is None or ticket is None or ticket.state in DONE.get(verb, ()):
        return ""
    person = people.author(case.connection, case.told.email, case.told.phone)
    cause = case.cause(person, ":move")
    try:
        with transaction.atomic():
            _make(cause, verb, ticket)
    except (NotAllowed, Incomplete) as error:
        _answer(case, cause, verb, error)
        return f"{verb}: not possible"
    return str(verb)


def is_echo(process: Process, status: str) -> bool:
    """Whether this status is nothing new: seen before, or set by ourselves."""
    return status in (process.status_seen, process.status_written, process.status_pending)


def hurry(process: Process, at: datetime) -> None:
    """Events that waited for this process to become a ticket are used now."""
    channels.hurry(Intake.ONEBOX, process.connection.address, at)


def _make(cause: Cause, verb: Verb, ticket: Ticket) -> None:
    match verb:
        case Verb.CONFIRM:
            tickets.confirm(cause, ticket.pk)
        case Verb.RETURN if ticket.state == State.RESOLVED:
            tickets.reopen(cause, ticket.pk, _("Returned in OneBox."))
        case Verb.RETURN:
            tickets.return_(cause, ticket.pk, _("Returned in OneBox."))
        case _ if ticket.state in (State.DELIVERED, State.RESOLVED):
            tickets.message(cause, ticket.pk, _("The process was cancelled in OneBox."))
        case _:
            tickets.cancel(cause, ticket.pk, _("Cancelled in OneBox."))


def _answer(case: Case, cause: Cause, verb: Verb, error: NotAllowed | Incomplete) -> None:
    """Leave a plain answer to be written there; what they wrote is not lost: it is a message."""
    ticket = case.process.ticket
    assert ticket is not None, "a move is of what is a ticket"
    if isinstance(error, NotAllowed):
        said = labels.refusal_sentence(
            error.state, error.verb, error.allowed, by_state=error.by_state
        )
    else:
        said = _("This is not possible as it is; open the ticket in the cabinet.")
    text = f"{queries.number(ticket)}: {said}"
    row = Said(digest=reading.digest(text), text=text, at=case.at)
    facts = {"wanted": verb, "state": ticket.state}
    actions.refused(cause, case.process, row, facts)
