"""Passes journal entries on: live pages hear of them, reactions happen, deliveries are written.

Actions write an entry and a Pending row and nothing else: a NOTIFY or a job inside would halve
their rate. The relay takes the Pending rows that are there, never "all ids after the last one": a
transaction that began earlier may commit later, and a cursor would skip it. Rows that another
relay holds are left to it.

Entries go in their order. Those without a reaction that follow each other go in one transaction.
When such a batch fails, its entries go one by one, and the one at fault stumbles alone: it is tried
again with growing pauses, then parked where people see it. An entry with reactions always has a
transaction of its own, as they lock.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from desk.channels import actions as channels
from desk.channels import outbox, topics
from desk.channels.models import Stumble
from desk.config.reactions import REACTIONS, react
from desk.journal import actions as journal
from desk.journal.models import Entry, Pending
from desk.web.live import CHANNEL

BATCH_MAX = 50
# PostgreSQL takes 8000 bytes in one notification.
PAYLOAD_BYTES_MAX = 7900
LOCK_SECONDS_MAX = 3
# Beyond so many topics an event is for everybody who may hear it; there are far fewer.
TOPICS_MAX = 60

log = logging.getLogger(__name__)


def tick(at: datetime) -> int:
    """Pass on what waits; returns how many entries were taken (the worker's loop "relay")."""
    if not Pending.objects.exists():
        # Twelve times a second nothing waits: the cheapest question finds that out.
        return 0
    taken = 0
    for reacts, numbers in _runs(at):
        taken += _singly(numbers, at) if reacts else _batch(numbers, at)
    if taken:
        outbox.enqueue(at)
    return taken


def waiting(at: datetime) -> QuerySet[Pending]:
    """Entries to pass on, the oldest first, without those that rest after a stumble."""
    resting = Stumble.objects.filter(next_at__gt=at).values("entry")
    found = Pending.objects.exclude(entry__in=resting).order_by("entry")
    return found.select_related("entry")


def _runs(at: datetime) -> Iterator[tuple[bool, list[int]]]:
    """What waits, cut where entries with reactions and those without meet."""
    rows = list(waiting(at).values_list("entry", "entry__verb")[:BATCH_MAX])
    for reacts, run in groupby(rows, lambda row: row[1] in REACTIONS):
        yield reacts, [entry_id for entry_id, _verb in run]


def _batch(numbers: Sequence[int], at: datetime) -> int:
    try:
        with transaction.atomic():
            entries = _take(waiting(at).filter(entry__in=numbers))
            _pass_on(entries, at)
            return len(entries)
    except OperationalError:
        raise
    except Exception:
        log.exception("A batch cannot be passed on; its entries go one by one.")
    return _singly(numbers, at)


def _singly(numbers: Iterable[int], at: datetime) -> int:
    return sum(_one(number, at) for number in numbers)


def _one(entry_id: int, at: datetime) -> int:
    """Pass one entry on, or note that it stumbled; 0 when another relay has it."""
    try:
        with transaction.atomic():
            entries = _take(waiting(at).filter(entry=entry_id))
            for entry in entries:
                _wait_only_shortly()
                react(entry, at)
            _pass_on(entries, at)
            channels.recovered([entry_id])
            return len(entries)
    except Exception as error:
        log.exception("Entry %s cannot be passed on.", entry_id)
        # A lock that was not free says nothing about the entry: it does not count as its fault.
        counts = not isinstance(error, OperationalError)
        channels.stumble(entry_id, at, repr(error), counts=counts)
        return 0


def _take(found: QuerySet[Pending]) -> list[Entry]:
    locked = found.select_for_update(of=("self",), skip_locked=True)
    return [pending.entry for pending in locked]


def _pass_on(entries: Sequence[Entry], at: datetime) -> None:
    """Expand, notify and take off the list, all or nothing."""
    told = outbox.expand(entries, at)
    _notify(_line(entry, told[entry.pk]) for entry in entries)
    journal.relayed(entry.pk for entry in entries)


def _line(entry: Entry, told: Iterable[int]) -> str:
    """An entry as live pages read it; whoever has a new notice hears it too, for the bell."""
    names = [*topics.of(entry), *(f"person:{number}" for number in told)]
    event = {
        "topics": list(dict.fromkeys(names))[:TOPICS_MAX],
        "entry": entry.pk,
        "verb": entry.verb,
        **({"internal": True} if topics.internal(entry) else {}),
    }
    return json.dumps(event)


def _notify(lines: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for payload in payloads(lines):
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])


def payloads(lines: Iterable[str]) -> Iterator[str]:
    """Lines gathered into as few notifications as their size allows."""
    gathered: list[str] = []
    size = 0
    for line in lines:
        length = len(line.encode()) + 1
        if gathered and size + length > PAYLOAD_BYTES_MAX:
            yield "\n".join(gathered)
            gathered, size = [], 0
        gathered.append(line)
        size += length
    if gathered:
        yield "\n".join(gathered)


def _wait_only_shortly() -> None:
    """A reaction that meets a long transaction must not hold up everything behind it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS_MAX}s'")
