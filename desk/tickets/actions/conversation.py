"""What is said on a ticket. A partner's message while an answer is awaited is the answer (T6,
T7); a note is internal and never leaves the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.lib import joined
from desk.lib.files import FILES_PER_MESSAGE_MAX, StoredFile
from desk.rules.lifecycle import Actor, State, Verb
from desk.tickets.actions import alarms, engine
from desk.tickets.actions.engine import Incomplete, text
from desk.tickets.models import (
    Attachment,
    Follower,
    Message,
    MessageKind,
    Part,
    PartState,
    Ticket,
)

OF_PARTNER = frozenset({Actor.OWNER, Actor.FINANCE, Actor.MEMBER, Actor.AUTHOR})


@dataclass(frozen=True, slots=True)
class Said:
    kind: MessageKind
    text: str
    files: Sequence[StoredFile] = ()
    author_id: int | None = None


def add(cause: Cause, ticket: Ticket, said: Said, entry_id: int | None) -> Message:
    """Write a message and its files on a locked ticket, in the caller's transaction."""
    if len(said.files) > FILES_PER_MESSAGE_MAX:
        raise Incomplete("files", "too_many")
    message = Message(
        ticket=ticket,
        kind=said.kind,
        author_id=said.author_id,
        text=said.text,
        at=cause.at,
        channel=cause.channel,
        entry_id=entry_id,
    )
    joined.insert([message])
    Attachment.objects.bulk_create(
        Attachment(
            ticket=ticket,
            message=message,
            token=file.token,
            sha256=file.sha256,
            name=file.name,
            size=file.size,
            internal=said.kind == MessageKind.NOTE,
            at=cause.at,
        )
        for file in said.files
    )
    return message


@transaction.atomic
def message(cause: Cause, ticket_id: int, words: str, files: Sequence[StoredFile] = ()) -> Ticket:
    """Say something to the other side; state and clocks stay, unless it is the awaited answer.

    On a merged ticket it goes to the one it was merged into. Any human message of the partner
    ends the silence after a delivery (T6).
    """
    ticket = Ticket.objects.only("state", "merged_into_id").get(pk=ticket_id)
    while ticket.state == State.MERGED and ticket.merged_into_id is not None:
        ticket_id = ticket.merged_into_id
        ticket = Ticket.objects.only("state", "merged_into_id").get(pk=ticket_id)
    content = _content(words, files)
    case = engine.open_case(cause, ticket_id, Verb.MESSAGE, content)
    if case.replayed:
        return case.ticket
    partner_speaks = bool(case.actors & OF_PARTNER)
    if partner_speaks and case.state == State.AWAITING_PARTNER:
        return _answered(case, Verb.ANSWER, words, files)
    body = text("text", words)
    if partner_speaks:
        break_silence(case)
        _parts_go_on(case)
    entry = engine.carry_out(case, {"by_partner": partner_speaks})
    kind = MessageKind.PARTNER if partner_speaks else MessageKind.STAFF
    add(case.cause, case.ticket, Said(kind, body, files, cause.person_id), entry.pk)
    return case.ticket


@transaction.atomic
def answer(cause: Cause, ticket_id: int, words: str, files: Sequence[StoredFile] = ()) -> Ticket:
    """The partner answers the executor's question: the ticket goes on where it was."""
    case = engine.open_case(cause, ticket_id, Verb.ANSWER, _content(words, files))
    if case.replayed:
        return case.ticket
    return _answered(case, Verb.ANSWER, words, files)


@transaction.atomic
def resume(cause: Cause, ticket_id: int, words: str) -> Ticket:
    """The executor goes on without a written answer: answered by call, or found it."""
    case = engine.open_case(cause, ticket_id, Verb.RESUME, _content(words, ()))
    if case.replayed:
        return case.ticket
    return _answered(case, Verb.RESUME, words, ())


@transaction.atomic
def note(cause: Cause, ticket_id: int, words: str, files: Sequence[StoredFile] = ()) -> Ticket:
    """An internal note: no partner ever sees it, in no channel."""
    case = engine.open_case(cause, ticket_id, Verb.NOTE, _content(words, files))
    if case.replayed:
        return case.ticket
    body = text("text", words)
    entry = engine.carry_out(case)
    said = Said(MessageKind.NOTE, body, files, cause.person_id)
    add(case.cause, case.ticket, said, entry.pk)
    return case.ticket


@transaction.atomic
def follow(cause: Cause, ticket_id: int, person_id: int, *, follows: bool = True) -> Ticket:
    """Let a person who may see the ticket be told of what happens on it, or no longer."""
    ticket = Ticket.objects.select_for_update().get(pk=ticket_id)
    if follows:
        _, changed = Follower.objects.get_or_create(ticket=ticket, person_id=person_id)
    else:
        changed = bool(ticket.followers.filter(person_id=person_id).delete()[0])
    if changed:
        verb = "follow" if follows else "unfollow"
        journal.record(cause, verb, ticket.key, {"person": person_id}, ticket.partner_id)
    return ticket


def break_silence(case: engine.Case) -> None:
    """The partner is there: no confirmation by silence until a new handover (T6)."""
    if case.state == State.DELIVERED and case.ticket.silent:
        case.ticket.silent = False
        alarms.clear(case.ticket)


def _answered(case: engine.Case, verb: Verb, words: str, files: Sequence[StoredFile]) -> Ticket:
    case.verb = verb
    body = text("text", words)
    _parts_go_on(case)
    entry = engine.carry_out(case)
    kind = MessageKind.PARTNER if verb == Verb.ANSWER else MessageKind.NOTE
    add(case.cause, case.ticket, Said(kind, body, files, case.cause.person_id), entry.pk)
    return case.ticket


def _parts_go_on(case: engine.Case) -> None:
    Part.objects.filter(ticket=case.ticket, state=PartState.WAITING).update(state=PartState.OPEN)


def _content(words: str, files: Sequence[StoredFile]) -> dict[str, object]:
    return {"text": words, "files": [file.sha256 for file in files]}
