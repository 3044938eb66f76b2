"""An entry becomes a delivery to the box of its ticket, and a delivery the whole state.

Nothing is made from the entry but the wish to be in step: whichever delivery is tried first writes
everything as it is then, so that none can leave an old state behind, and the others find nothing
to do. Messages are written in their order, each once: those that stand there are looked for first.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import translation

from desk.channels import topics
from desk.channels.errors import Busy, Pointless, Refused, Unreachable
from desk.channels.models import Channel, Delivery
from desk.channels.onebox import actions, client, link, polling, queries, reading, wanted
from desk.channels.onebox.actions.processes import REFUSED_VERB
from desk.channels.onebox.client import Complaint, Full, Session
from desk.channels.onebox.models import Connection, Process, Said
from desk.journal.models import Entry
from desk.tickets import queries as tickets

# Soon, then every ten minutes for a week: a box may be down for long, and must miss nothing.
BACK_OFF_SECONDS = (10, 30, 60, 120, 300) + (600,) * 1008
REASON = "onebox"
SILENT = frozenset({"follow", "unfollow"})
PAUSED_SECONDS = 300
FULL_SECONDS = 20
# A look takes a moment; it is shorter to wait for its end than to come again.
PATIENCE_SECONDS = 1
# A box that did not answer is left alone so long: waiting for it takes a worker from everybody.
RESTING = timedelta(seconds=60)
# What the partner has just changed there is used before we write over it.
NEWS_SECONDS = 2
# So many comments are written at once; the rest at the next attempt, a moment later.
COMMENTS_MAX = 10
MORE_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Push:
    """What is written in one attempt, and where. `said` is to be written, `there` stands there."""

    connection: Connection
    process: Process
    fields: Mapping[str, str]
    said: Sequence[Said]
    there: Sequence[Said]
    at: datetime

    @property
    def status(self) -> str:
        return self.fields.get("statusid", "")


def deliveries(entry: Entry, at: datetime) -> Iterator[Delivery]:
    """What is to be written of an entry: the ticket's whole state into its process."""
    if entry.verb in SILENT or (topics.internal(entry) and entry.verb != REFUSED_VERB):
        return
    process = queries.process_of(topics.ticket_id(entry))
    if process is not None:
        yield Delivery(
            entry=entry,
            channel=Channel.ONEBOX,
            address=process.connection.address,
            why=REASON,
            next_at=at,
            created_at=at,
        )


def send(delivery: Delivery, at: datetime) -> None:
    """Try one delivery. Raises `Busy`, `Pointless`, `Unreachable`, `Refused`."""
    connection = queries.connection_of(delivery.address)
    if connection.removed_at is not None:
        raise Pointless("the connection is removed")
    if not connection.is_active:
        raise Busy(PAUSED_SECONDS)
    if seconds := _rests(connection, at):
        raise Busy(seconds)
    process = queries.process_of(topics.ticket_id(delivery.entry))
    if process is None or process.connection_id != connection.pk:
        raise Pointless("the ticket is no process there")
    try:
        with link.opened(connection, PATIENCE_SECONDS) as session:
            _push(connection, process, session, at)
    except Full as full:
        raise Busy(FULL_SECONDS) from full
    except Complaint as complaint:
        actions.failed(connection.pk, at, link.trouble(complaint), looking=False)
        raise Refused(str(complaint)) from complaint
    except link.FAULTS as error:
        actions.failed(connection.pk, at, link.trouble(error), looking=False)
        raise Unreachable(f"{link.trouble(error)}: {error}") from error
    actions.succeeded(connection.pk, at)


def _rests(connection: Connection, at: datetime) -> int:
    """The seconds for which a box that is away is not asked again; 0 for one that may be."""
    if connection.tried_at is None or not connection.error.startswith(link.AWAY):
        return 0
    return max(math.ceil((connection.tried_at + RESTING - at).total_seconds()), 0)


def _push(connection: Connection, process: Process, session: Session, at: datetime) -> None:
    row = client.order(session, process.process, wanted.asked_whole(connection), at)
    if row is None:
        raise Refused(f"Process {process.process} is not in the box any more.")
    told = reading.row(row, connection)
    polling.take(connection, told, row, at)
    if queries.has_news(process):
        raise Busy(NEWS_SECONDS)
    push, is_needed = _wished(connection, process, row, at)
    if is_needed:
        _write(push, session)
    else:
        actions.in_step(process, push.fields, push.status, at)
    actions.written(push.there, at)
    if len(push.said) > COMMENTS_MAX:
        raise Busy(MORE_SECONDS)
    if not is_needed:
        raise Pointless("the box says it already")


def _wished(
    connection: Connection, process: Process, row: Mapping[str, Any], at: datetime
) -> tuple[Push, bool]:
    """The whole state with the comments that are not there yet, and whether anything differs."""
    assert process.ticket is not None, "only a ticket is written"
    with translation.override(connection.partner.language):
        view = tickets.partner_view(process.ticket, connection.person, at)
        rows = wanted.comments(process, view, at)
        unwritten = actions.say(process, rows)
        plain = [said.text for said in unwritten if said.message_id is None]
        fields = wanted.state(connection, view, plain[-1] if plain else "")
    said = _missing(connection, process, unwritten, row)
    there = [each for each in unwritten if each not in said]
    push = Push(connection, process, fields, said, there, at)
    return push, bool(said) or wanted.differs(fields, row, process)


def _missing(
    connection: Connection, process: Process, unwritten: Sequence[Said], row: Mapping[str, Any]
) -> list[Said]:
    """The comments that do not stand there yet. One whose writing was never answered may: then it
    has got its id when the row was read, or stands there more often than we know of."""
    if not connection.comments:
        return []
    there = Counter(each.digest for each in reading.row(row, connection).comments if not each.id)
    there.subtract(queries.written_digests(process, there))
    missing = []
    for each in unwritten:
        if not each.comment_id and there[each.digest] <= 0:
            missing.append(each)
        there[each.digest] -= 1
    return missing


def _write(push: Push, session: Session) -> None:
    """Write the whole state, with each comment in a request of its own."""
    texts: list[Said | None] = [*push.said[:COMMENTS_MAX]] or [None]
    actions.begin_writing(push.process, push.status)
    for said in texts:
        body: dict[str, object] = {"orderid": push.process.process, **push.fields}
        if said is not None:
            body[reading.COMMENTS] = said.text
        client.write(session, body, push.at)
        actions.wrote(push.process, push.fields, said, push.status, push.at)
