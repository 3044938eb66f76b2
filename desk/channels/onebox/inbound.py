"""What a row or an event of a box does: a new ticket, a message, a move, or nothing.

The inbox calls `handle` in the transaction that notes it as done; nothing here talks with the box.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from desk.channels.errors import Unclear, Unreachable
from desk.channels.models import Arrival
from desk.channels.onebox import actions, moves, people, queries, reading
from desk.channels.onebox.case import Case
from desk.channels.onebox.models import Connection, Process, Said
from desk.channels.onebox.reading import Comment, Told
from desk.journal import queries as journal
from desk.partners.models import Person
from desk.rules.lifecycle import NotAllowed
from desk.tickets import actions as tickets
from desk.tickets.actions import Incomplete
from desk.tickets.models import Ticket

SUBJECT_MAX = 200
TEXT_MAX = 15_000
# More is no person but a machine gone wild, or a workflow that is not the right one.
TICKETS_PER_HOUR_MAX = 60
# How long an event may wait for its process to be found in the workflow.
UNKNOWN_FOR = timedelta(minutes=30)


def handle(arrival: Arrival, at: datetime) -> str:
    """Use one arrival; returns what was made of it. Raises `Unclear`, `Unreachable`."""
    connection = queries.connection_of(arrival.source)
    if connection.removed_at is not None:
        return "the connection is removed"
    if not connection.is_active:
        raise Unreachable("the connection is paused")
    with translation.override(connection.partner.language):
        if arrival.facts.get("kind") == "row":
            told = reading.row(json.loads(bytes(arrival.raw)), connection)
            process = actions.know(connection, told.process, at)
            case = Case(arrival, connection, process, told, _had_at(arrival, at), at)
            return _of_row(case)
        return _of_event(arrival, connection, at)


def _of_row(case: Case) -> str:
    if case.process.ticket is None:
        return _open(case)
    return _news(case)


def _of_event(arrival: Arrival, connection: Connection, at: datetime) -> str:
    kind = str(arrival.facts.get("content_type", ""))
    told = reading.event(bytes(arrival.raw), kind, connection.mapping)
    if told.event in reading.TESTS:
        return "test event"
    if not told.process:
        raise Unclear(_("The event names no process: check the names of its fields."))
    found = queries.known(connection, [told.process]).get(told.process)
    if found is None or found.ticket_id is None:
        return _not_yet(arrival, connection, told, found, at)
    process = actions.know(connection, told.process, at)
    case = Case(arrival, connection, process, told, _had_at(arrival, at), at)
    return _news(case)


def _not_yet(
    arrival: Arrival, connection: Connection, told: Told, process: Process | None, at: datetime
) -> str:
    """An event about what is no ticket: the box is being looked at, and has to show it first."""
    if process is not None and process.is_trial:
        return "our own test"
    if connection.baseline is not None and _number(told) <= connection.baseline:
        return "older than the connection"
    looked = connection.polled_at is not None and connection.polled_at > arrival.received_at
    if looked and process is None and at - arrival.received_at >= UNKNOWN_FOR:
        words = {"process": told.process, "workflow": connection.workflow}
        text = _("The event tells of process %(process)s, which is not in workflow %(workflow)s.")
        raise Unclear(text % words)
    raise Unreachable(f"process {told.process} was not seen in the box yet")


def _open(case: Case) -> str:
    connection, told = case.connection, case.told
    if case.process.is_trial:
        return "our own test"
    _refuse_flood(case)
    person = people.author(connection, told.email, told.phone)
    submission = tickets.Submission(
        partner_id=connection.partner_id,
        project_id=connection.project_id,
        subject=_subject(told),
        text=_described(case, person),
        author_id=person.pk,
        external_id=f"onebox:{connection.pk}:{told.process}",
        received_at=case.arrival.received_at,
    )
    try:
        ticket = tickets.submit(case.cause(person), submission)
    except (NotAllowed, Incomplete) as error:
        words = {"name": person.name}
        text = _("%(name)s may not open tickets of this project: choose somebody else.")
        raise Unclear(text % words) from error
    actions.adopted(case.process, ticket, told.status)
    for number, comment in enumerate(told.comments):
        _comment(case, comment, f":{number}")
    moves.hurry(case.process, case.used_at)
    return ticket.key


def _refuse_flood(case: Case) -> None:
    since = case.used_at - timedelta(hours=1)
    if queries.opened_since(case.connection, since) >= TICKETS_PER_HOUR_MAX:
        text = _("More than %(count)s tickets came within an hour: is it the right workflow?")
        raise Unclear(text % {"count": TICKETS_PER_HOUR_MAX})


def _subject(told: Told) -> str:
    first = told.name or next(iter(told.text.split("\n")), "")
    return (first or _("Process %(id)s") % {"id": told.process})[:SUBJECT_MAX]


def _described(case: Case, person: Person) -> str:
    """The text of the ticket, with a note where it came from."""
    told = case.told
    text = told.text[:TEXT_MAX] or told.name or _("The process has no description.")
    url = f"{case.connection.base_url.rstrip('/')}/{told.process}/"
    note = _("From your OneBox, process %(id)s: %(url)s") % {"id": told.process, "url": url}
    if told.author and not people.is_named(person, told.author):
        note += "\n" + _("Contact there: %(name)s") % {"name": told.author}
    return f"{text}\n\n{note}"


def _news(case: Case) -> str:
    """Comments first: they say why a status was set."""
    said = [_comment(case, comment, f":{n}") for n, comment in enumerate(case.told.comments)]
    moved = moves.follow(case)
    ticket = case.process.ticket
    assert ticket is not None, "news are of what is a ticket"
    if moved:
        return f"{ticket.key} {moved}"
    return ticket.key if any(said) else f"{ticket.key}: nothing new"


def _comment(case: Case, comment: Comment, part: str) -> bool:
    """Say on the ticket what they said, once; tells whether it was new."""
    event_key = "" if case.arrival.facts.get("kind") == "row" else case.arrival.key
    known = queries.matching(case.process, comment, event_key)
    if known is not None:
        known.comment_id = known.comment_id or comment.id
        known.event_key = known.event_key or event_key
        actions.comment(case.process, known)
        return False
    ticket = case.process.ticket
    assert ticket is not None, "comments are of what is a ticket"
    _message(case, ticket, comment, part)
    new = Said(
        ours=False,
        digest=comment.digest,
        comment_id=comment.id,
        event_key=event_key,
        at=case.at,
    )
    actions.comment(case.process, new)
    return True


def _message(case: Case, ticket: Ticket, comment: Comment, part: str) -> None:
    """Say it as whoever wrote it, else as the person named for the connection."""
    person = people.author(case.connection, comment.email, "")
    text = comment.text[:TEXT_MAX]
    if comment.author and not people.is_named(person, comment.author):
        text = f"{comment.author}: {text}"
    try:
        tickets.message(case.cause(person, part), ticket.pk, text)
    except NotAllowed:
        if person.pk == case.connection.person_id:
            words = {"name": person.name}
            raise Unclear(_("%(name)s may not write on this ticket.") % words) from None
        tickets.message(case.cause(case.connection.person, part), ticket.pk, text)


def _number(told: Told) -> int:
    """The id to compare with the baseline; one that is no number is newer than all."""
    return int(told.process) if told.process.isascii() and told.process.isdigit() else sys.maxsize


def _had_at(arrival: Arrival, at: datetime) -> datetime:
    """When we had it; for one released from quarantine the release (R4)."""
    released = journal.of(f"arrival:{arrival.pk}").filter(verb="replay").last()
    return min(released.at if released is not None else arrival.received_at, at)
