"""What reaches a ticket without anybody's doing: automatic mail, and mail that did not arrive.

Neither moves the ticket, nor touches a clock; both are internal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.db import transaction

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.lib.files import StoredFile
from desk.rules.lifecycle import State
from desk.tickets.actions import alarms, conversation, rows
from desk.tickets.actions.conversation import Said
from desk.tickets.actions.engine import text
from desk.tickets.models import Message, MessageKind, Ticket


@transaction.atomic
def overhear(cause: Cause, ticket_id: int, words: str, files: Sequence[StoredFile] = ()) -> Message:
    """Keep an automatic mail as an internal note of nobody: it answers no question, ends no
    silence, and is told to the executor only."""
    ticket = rows.locked(ticket_id)
    cause = replace(cause, at=max(cause.at, ticket.changed_at))
    body = text("text", words)
    entry = journal.record(cause, "overhear", ticket.key, {}, ticket.partner_id, {"text": words})
    return conversation.add(cause, ticket, Said(MessageKind.NOTE, body, files), entry.pk)


@transaction.atomic
def undelivered(cause: Cause, ticket_id: int, verb: str, facts: Mapping[str, object]) -> Ticket:
    """Somebody of the partner did not get the mail about `verb`. A handover nobody got is not
    confirmed by silence (T6)."""
    ticket = rows.locked(ticket_id)
    cause = replace(cause, at=max(cause.at, ticket.changed_at))
    if verb == "deliver" and ticket.state == State.DELIVERED and ticket.silent:
        ticket.silent = False
        ticket.save(update_fields=["silent"])
        alarms.clear(ticket)
    journal.record(cause, "undelivered", ticket.key, {"about": verb, **facts}, ticket.partner_id)
    return ticket
