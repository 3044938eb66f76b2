"""What is known of a process in a box, what was said there, and what we write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from desk.channels import actions as channels
from desk.channels.actions import Incoming
from desk.channels.models import Arrival
from desk.channels.onebox.models import Connection, Process, Said
from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.journal.models import Entry
from desk.tickets.models import Ticket

REFUSED_VERB = "onebox_refused"


def know(connection: Connection, process: str, at: datetime) -> Process:
    """The process, locked; made when it was not known."""
    Process.objects.get_or_create(connection=connection, process=process, defaults={"seen_at": at})
    return Process.objects.select_for_update().get(connection=connection, process=process)


def note(process: Process, digest: str, incoming: Incoming | None, at: datetime) -> Arrival | None:
    """Take note of how a process looks now; with `incoming` as something to be used, in one
    transaction. Call it with the process locked."""
    process.digest, process.seen_at = digest, at
    if incoming is not None:
        process.changes += 1
    process.save(update_fields=["digest", "seen_at", "changes"])
    return channels.keep(incoming, at) if incoming is not None else None


def adopted(process: Process, ticket: Ticket, status: str) -> None:
    """The process is this ticket from now on."""
    process.ticket, process.status_seen = ticket, status
    process.save(update_fields=["ticket", "status_seen"])


def trial(connection: Connection, process: str, at: datetime) -> Process:
    """A process that we made to see whether we can write: it never becomes a ticket."""
    with transaction.atomic():
        found = know(connection, process, at)
        found.is_trial = True
        found.save(update_fields=["is_trial"])
        return found


def status_noted(process: Process, status: str) -> None:
    """What they set is taken note of."""
    process.status_seen = status
    process.save(update_fields=["status_seen"])


def comment(process: Process, said: Said) -> Said:
    """Remember a comment of theirs, or more that was learnt of one."""
    said.process = process
    said.save()
    return said


def say(process: Process, rows: Iterable[Said]) -> list[Said]:
    """Remember what is to be written there; a message that is remembered stays as it is."""
    Said.objects.bulk_create(rows, ignore_conflicts=True)
    unwritten = Said.objects.filter(process=process, ours=True, written_at=None)
    return list(unwritten.order_by("id"))


def refused(cause: Cause, process: Process, row: Said, facts: Mapping[str, object]) -> Entry:
    """What they wanted is not possible: the plain answer waits to be written there."""
    assert process.ticket is not None, "only a ticket refuses something"
    row.process, row.ours = process, True
    row.save(force_insert=True)
    ticket = process.ticket
    return journal.record(cause, REFUSED_VERB, ticket.key, facts, ticket.partner_id)


def begin_writing(process: Process, status: str) -> None:
    """Remember which status is being written before it is: an event about it may be faster than
    the box's answer to us."""
    Process.objects.filter(pk=process.pk).update(status_pending=status)


def wrote(
    process: Process, wanted: Mapping[str, str], said: Said | None, status: str, at: datetime
) -> None:
    """The box took the whole state, and what was said with it."""
    with transaction.atomic():
        if said is not None:
            Said.objects.filter(pk=said.pk).update(written_at=at)
        in_step(process, wanted, status, at)


def in_step(process: Process, wanted: Mapping[str, str], status: str, at: datetime) -> None:
    """The process says what we want it to say."""
    noted = {"written": dict(wanted), "written_at": at, "status_pending": ""}
    if status:
        noted |= {"status_written": status, "status_seen": status}
    Process.objects.filter(pk=process.pk).update(**noted)


def written(rows: Iterable[Said], at: datetime) -> None:
    """These stand there, or need not: nobody has to write them any more."""
    Said.objects.filter(pk__in=[each.pk for each in rows], written_at=None).update(written_at=at)
