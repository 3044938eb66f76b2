"""Trying a draft on past weeks, slice by slice in the background (the loop "replays")."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.oversight.models import Edition, Replay
from desk.oversight.models.replays import WEEKS_MAX
from desk.oversight.queries import control, editions
from desk.oversight.queries import replays as queries
from desk.rules.standard import drafting
from desk.rules.standard.edition import Edition as Rules

FAILURES_MAX = 3
log = logging.getLogger(__name__)


@transaction.atomic
def begin(cause: Cause, edition_id: int, weeks: int) -> Replay:
    """Ask for a replay of a draft over the past `weeks`; the one that runs already is returned.
    Raises `EditionError`."""
    assert 1 <= weeks <= WEEKS_MAX, "the form offers no other number"
    assert cause.person_id is not None, "a person asks for it"
    row = Edition.objects.select_for_update().get(pk=edition_id)
    asked = {"verb": "replay_edition", "weeks": weeks}
    before = journal.earlier(cause, f"edition:{row.pk}", asked)
    if before is not None:
        return Replay.objects.get(pk=before.facts["replay"])
    running = Replay.objects.filter(edition=row, ended_at=None).first()
    if running is not None:
        return running
    drafting.check(row.content)
    held = editions.at(cause.at)
    since_at, people = cause.at - weeks * queries.WEEK, control.watched()
    made = Replay.objects.create(
        edition=row,
        version=row.version,
        content=row.content,
        held_id=held.id if held else None,
        since_at=since_at,
        until_at=cause.at,
        people=people,
        asked_by_id=cause.person_id,
        asked_at=cause.at,
        slices=len(queries.slices(since_at, cause.at, people)),
        result=queries.empty(),
    )
    facts = {"edition": row.pk, "number": row.number, "replay": made.pk, "weeks": weeks}
    journal.record(cause, "replay_edition", f"edition:{row.pk}", facts, content=asked)
    return made


def tick(at: datetime) -> int:
    """Do the next slice of the replay that waits; returns how many were done. One that fails
    again and again is given up, and says so."""
    waiting = queries.waiting()
    if waiting is None:
        return 0
    try:
        with transaction.atomic():
            _go_on(waiting.pk, at)
    except Exception:
        log.exception("The replay %s failed in slice %s.", waiting.pk, waiting.slices_done)
        with transaction.atomic():
            _failed(waiting.pk, at)
    return 1


def _go_on(replay_id: int, at: datetime) -> None:
    row = Replay.objects.select_for_update(skip_locked=True).filter(pk=replay_id).first()
    if row is None or row.ended_at is not None:
        return
    every = queries.slices(row.since_at, row.until_at, row.people)
    if row.slices_done < len(every):
        held = editions.parsed(row.held) if row.held else Rules(())
        drafted, one = drafting.check(row.content), every[row.slices_done]
        row.result = queries.added(row.result, drafted, held, one, row.since_at)
        row.slices_done += 1
    if row.slices_done >= len(every):
        _end(row, at)
    row.save()


def _failed(replay_id: int, at: datetime) -> None:
    row = Replay.objects.select_for_update().get(pk=replay_id)
    row.failures += 1
    if row.failures >= FAILURES_MAX:
        _end(row, at)
    row.save()


def _end(row: Replay, at: datetime) -> None:
    row.ended_at = at
    facts = {"edition": row.edition_id, "replay": row.pk, "failed": row.failures >= FAILURES_MAX}
    journal.record(causes.system(at), "end_replay", f"edition:{row.edition_id}", facts)
