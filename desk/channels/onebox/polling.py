"""Looking at boxes: each by its own interval, in its own thread, so that none holds up another.

What changed in a process is kept as an arrival in the transaction that takes note of it; what we
wrote ourselves is recognised and kept no more than in that note.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection as database
from django.db import transaction

from desk.channels.actions import Incoming
from desk.channels.errors import Busy
from desk.channels.models import Intake
from desk.channels.onebox import actions, client, link, moves, queries, reading, wanted
from desk.channels.onebox.models import Connection, Process
from desk.channels.onebox.reading import Told

# So many boxes are looked at at once; one that does not answer takes one of these, and in time.
LOOKS_MAX = 4
# A process that says that it is older than the connection is never adopted, whatever its id.
CLOCKS_APART = timedelta(days=2)
CUT = "cut"

log = logging.getLogger(__name__)
_places = threading.BoundedSemaphore(LOOKS_MAX)


def tick(at: datetime) -> int:
    """Begin to look at every box that is due (the worker's loop "onebox"); returns how many."""
    begun = 0
    for connection_id in queries.due(at):
        if not _places.acquire(blocking=False):
            break
        if not actions.claim_look(connection_id, at):
            _places.release()
            continue
        name = f"onebox {connection_id}"
        threading.Thread(target=_apart, args=(connection_id, at), name=name, daemon=True).start()
        begun += 1
    return begun


def _apart(connection_id: int, at: datetime) -> None:
    try:
        look(connection_id, at)
    except Exception:
        # The look is made again when its lease has ended.
        log.exception("The box of connection %s cannot be looked at.", connection_id)
    finally:
        database.close()
        _places.release()


def look(connection_id: int, at: datetime) -> int:
    """Look at one box; returns how many changes were kept."""
    connection = Connection.objects.get(pk=connection_id)
    if not (connection.is_active and connection.workflow):
        return 0
    try:
        with link.opened(connection) as session:
            fields = wanted.asked(connection)
            rows, cut = client.orders(session, connection.workflow, fields, client.ROWS_MAX, at)
            # Under the same lock: what we write in between would look like the partner's doing.
            kept = _taken(connection, rows, at)
    except Busy as busy:
        actions.later(connection.pk, at, busy.seconds)
        return 0
    except client.Full:
        actions.later(connection.pk, at, connection.polling_seconds)
        return 0
    except link.FAULTS as error:
        log.warning("The box of connection %s does not answer: %s", connection.pk, error)
        actions.failed(connection.pk, at, link.trouble(error))
        return 0
    actions.looked(connection, at, CUT if cut else "")
    return kept


def _taken(connection: Connection, rows: Iterable[Mapping[str, Any]], at: datetime) -> int:
    told = [(reading.row(row, connection), row) for row in rows]
    if connection.baseline is None:
        newest = max((_number(one) for one, _ in told), default=0)
        actions.begin(connection.pk, newest)
        connection.baseline = newest
    known = queries.known(connection, [one.process for one, _ in told])
    return sum(
        take(connection, one, row, at)
        for one, row in told
        if _concerns(connection, one, known.get(one.process))
    )


def _concerns(connection: Connection, told: Told, process: Process | None) -> bool:
    """Whether a row may be news: of a process that we know, or one begun since we look."""
    if process is not None:
        return not process.is_trial and process.digest != told.digest
    assert connection.baseline is not None, "the first look sets it"
    began = told.created_at
    fresh = began is None or began >= connection.created_at - CLOCKS_APART
    return _number(told) > connection.baseline and fresh


def take(connection: Connection, told: Told, row: Mapping[str, Any], at: datetime) -> bool:
    """Take note of a row, and keep it when it holds news; tells whether it does."""
    with transaction.atomic():
        process = actions.know(connection, told.process, at)
        if process.is_trial or process.digest == told.digest:
            return False
        if process.ticket_id is not None and not _is_news(process, told):
            actions.note(process, told.digest, None, at)
            return False
        incoming = Incoming(
            Intake.ONEBOX,
            connection.address,
            f"row:{told.process}:{process.changes + 1}:{told.digest[:32]}",
            json.dumps(dict(row), ensure_ascii=False, sort_keys=True).encode(),
            {"kind": "row", "process": told.process},
        )
        return actions.note(process, told.digest, incoming, at) is not None


def _is_news(process: Process, told: Told) -> bool:
    """Whether there is anything in it that neither we wrote nor the partner told before."""
    if told.status and not moves.is_echo(process, told.status):
        return True
    found = [(each, queries.matching(process, each, "")) for each in told.comments]
    if any(said is None for _, said in found):
        return True
    for each, said in found:
        if said is not None and each.id and not said.comment_id:
            said.comment_id = each.id
            actions.comment(process, said)
    return False


def _number(told: Told) -> int:
    return int(told.process) if told.process.isascii() and told.process.isdigit() else 0
