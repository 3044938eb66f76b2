"""What administrators are told once: each working day when the service opens, and each week (the
loop "digests"). What is critical is told at once, and is not in a digest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal import queries as history
from desk.journal.models import Entry
from desk.oversight.actions import audits, scores
from desk.oversight.models import Violation
from desk.oversight.queries import board, drawing, duties, editions, gaps, weeks
from desk.partners import queries as partners
from desk.partners.models import Organisation
from desk.rules.standard.edition import Severity
from desk.workdays import queries as workdays

DAILY, WEEKLY = "digest_control", "summary_control"
NOBODY = 0
# Before the first digest, and after a standstill, this much is looked back.
LOOK_BACK = timedelta(days=4)


def tick(at: datetime) -> int:
    """Draw audits, count scores and write digests that are due; returns how much was written."""
    organisation = partners.organisation()
    if organisation is None or organisation.calendar_id is None:
        return 0
    written = audits.draw_audits(at) + digest_day(at)
    return written + digest_week(at)


def digest_day(at: datetime) -> int:
    """Write the digest of the day once its service has opened, and as long as it is open; 1 when
    it was written, 0 when it was written before or is not due."""
    calendar = workdays.service_calendar(at)
    on = calendar.date_of(at)
    windows = calendar.windows(on)
    if not windows or not windows[0][0] <= at < windows[-1][1] or editions.at(at) is None:
        return 0
    key = f"{DAILY}:{on.isoformat()}"
    return 0 if history.by_key(key) is not None else _write(DAILY, key, at, _of_day(at))


def digest_week(at: datetime) -> int:
    """Write the summary of the week that is over, when the service opens for the first time after
    it; what was kept in that week is counted before."""
    calendar = workdays.service_calendar(at)
    week = drawing.week_of(calendar.date_of(at) - drawing.WEEK)
    first = editions.published().first()
    if not calendar.is_open(at) or first is None or first.effective_at is None:
        return 0
    key = f"{WEEKLY}:{week.on.isoformat()}"
    if first.effective_at >= week.until_at or history.by_key(key) is not None:
        return 0
    scores.count_week(at)
    found = weeks.summary(week.on)
    told = {
        "on": week.on.isoformat(),
        "violations": dict(found.violations),
        "by_machine": found.deviations.by_machine,
        "deviations": found.deviations.whole,
        "audits_done": found.audits_done,
        "audits_drawn": found.audits_drawn,
    }
    return _write(WEEKLY, key, at, told)


def _of_day(at: datetime) -> dict[str, object]:
    """In figures: what was found since the last digest, what waits, what does not fit."""
    latest = Entry.objects.filter(verb=DAILY, at__lt=at).order_by("-id").first()
    since_at = max(latest.at if latest is not None else at - LOOK_BACK, at - LOOK_BACK)
    found = Violation.objects.filter(found_at__gte=since_at, found_at__lt=at, excuse="")
    clauses = found.exclude(severity=Severity.CRITICAL).values_list("clause", flat=True)
    standing = board.standing(at)
    waiting = duties.counts(duties.waiting(NOBODY, at))
    return {
        "on": partners.today(at).isoformat(),
        "since_at": since_at.isoformat(),
        "violations": dict(sorted(Counter(clauses).items())),
        "waiting": {kind.value: count for kind, count in waiting.items() if count},
        "misfits": sum(len(one.misfits) for one in standing.stances),
        "gaps": len(gaps.of_the_week(at)),
    }


@transaction.atomic
def _write(verb: str, key: str, at: datetime, told: Mapping[str, object]) -> int:
    """One entry, which everybody concerned is told of once; a second worker waits and finds it."""
    Organisation.objects.select_for_update().get()
    if history.by_key(key) is not None:
        return 0
    journal.record(causes.system(at, key), verb, "control", told)
    return 1
