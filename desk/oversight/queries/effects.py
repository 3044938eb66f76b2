"""What came after an edition, beside what was before it: violations and times, with intervals.

The spans before and after its date are equally long, of whole weeks where there are some, and end
where another edition begins. Before the first edition nothing was judged: its violations have
nothing to be compared with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from desk.oversight.models import Edition, Verdict, Violation
from desk.oversight.queries import editions, shifts
from desk.partners.models import StaffMembership, StaffRole
from desk.rules import clock as rules
from desk.rules.standard import effect
from desk.rules.standard.edition import Change, compare, in_order
from desk.rules.standard.effect import MedianChange, RateChange
from desk.rules.worktime import Calendar
from desk.tickets.models import Clock, ClockKind, Outcome, Pause

WEEK = timedelta(days=7)
SPAN_MAX = 8 * WEEK
TIMES_MAX = 2_000
"""Of longer lists the latest times are taken."""
SET_ASIDE = (Verdict.EXCUSED, Verdict.RULE_WRONG)
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class ClauseEffect:
    """A clause's violations before and after; `change` is what the edition did to it."""

    number: str
    change: Change | None
    rates: RateChange


@dataclass(frozen=True, slots=True)
class Effect:
    """An edition's effect. `violations` is None for the first one; `unchanged` counts only
    clauses that both editions hold alike. Times are working seconds of what ended in the span:
    to the acceptance, and to the last delivery without what was waited for."""

    before: Span
    after: Span
    previous: Edition | None
    violations: RateChange | None
    unchanged: RateChange | None
    clauses: tuple[ClauseEffect, ...]
    acceptance: MedianChange
    resolution: MedianChange


def of(row: Edition, at: datetime) -> Effect | None:
    """The effect of a published edition; None before it is in force."""
    begins = row.effective_at
    if begins is None or begins >= at:
        return None
    previous = editions.before(row)
    before, after = _spans(row, previous, at)
    seed = f"edition:{row.pk}:{before[0].date()}"
    times = [_acceptances(before), _acceptances(after), _resolutions(before), _resolutions(after)]
    held = _violations(row, previous, before, after) if previous else None
    return Effect(
        before=before,
        after=after,
        previous=previous,
        violations=held[0] if held else None,
        unchanged=held[1] if held else None,
        clauses=held[2] if held else (),
        acceptance=effect.median_change(times[0], times[1], f"{seed}:acceptance"),
        resolution=effect.median_change(times[2], times[3], f"{seed}:resolution"),
    )


def _spans(row: Edition, previous: Edition | None, at: datetime) -> tuple[Span, Span]:
    begins = row.effective_at
    assert begins is not None, "it is in force"
    following = editions.published().filter(effective_at__gt=begins).first()
    ends = following.effective_at if following and following.effective_at else at
    length = min(ends - begins, at - begins, SPAN_MAX)
    if previous is not None and previous.effective_at is not None:
        length = min(length, begins - previous.effective_at)
    if length >= WEEK:
        length = length // WEEK * WEEK
    return (begins - length, begins), (begins, begins + length)


def _violations(
    row: Edition, previous: Edition, before: Span, after: Span
) -> tuple[RateChange, RateChange, tuple[ClauseEffect, ...]]:
    old, new = _counted(before), _counted(after)
    worked = _shifts(before), _shifts(after)
    changes = compare(editions.parsed(previous), editions.parsed(row))

    def rates(numbers: Iterable[str]) -> RateChange:
        wanted = list(numbers)
        was, now = (sum(found[number] for number in wanted) for found in (old, new))
        return effect.rate_change((was, worked[0]), (now, worked[1]))

    numbers = sorted({*old, *new}, key=in_order)
    held_alike = {n for n in numbers if changes.get(n) in (None, Change.REWORDED)}
    each = tuple(ClauseEffect(n, changes.get(n), rates([n])) for n in numbers)
    return rates(numbers), rates(held_alike), each


def _counted(span: Span) -> Counter[str]:
    """Violations of a span by clause, less what a rule or a ruling excused."""
    rows = Violation.objects.filter(at__gte=span[0], at__lt=span[1], excuse="")
    rows = rows.exclude(ruling__verdict__in=SET_ASIDE)
    return Counter(rows.values_list("clause", flat=True))


def _shifts(span: Span) -> int:
    """Shifts of everybody whom the Standard is held against, as long as they were with us."""
    roles = (StaffRole.SPECIALIST, StaffRole.ADMINISTRATOR)
    rows = StaffMembership.objects.filter(role__in=roles, since_at__lt=span[1])
    rows = rows.exclude(until_at__lte=span[0])
    held = list(rows.values_list("person_id", "since_at", "until_at"))
    hours = shifts.of({person_id for person_id, _since, _until in held}, span[1])
    return sum(
        hours[person_id].count(max(since_at, span[0]), min(until_at or span[1], span[1]))
        for person_id, since_at, until_at in held
    )


def _acceptances(span: Span) -> list[float]:
    """Working seconds from each submission to its acceptance or refusal in the span."""
    rows = Clock.objects.filter(
        kind=ClockKind.ACCEPTANCE,
        outcome__in=(Outcome.MET, Outcome.LATE),
        stopped_at__gte=span[0],
        stopped_at__lt=span[1],
    )
    known = _Calendars()
    return [
        float(known.of(row).elapsed(row.started_at, row.stopped_at))
        for row in rows.select_related("calendar_version").order_by("-stopped_at")[:TIMES_MAX]
        if row.stopped_at is not None
    ]


def _resolutions(span: Span) -> list[float]:
    """Working seconds of our own from submission to the last delivery, of what was delivered in
    the span (R16, without pauses)."""
    rows = Clock.objects.filter(
        kind=ClockKind.RESOLUTION,
        ticket__delivered_at__gte=span[0],
        ticket__delivered_at__lt=span[1],
        started_at__lte=F("ticket__delivered_at"),
    )
    rows = rows.select_related("calendar_version", "ticket").order_by("-ticket__delivered_at")
    clocks = list(rows[:TIMES_MAX])
    pauses: dict[int, list[rules.Pause]] = {}
    for one in Pause.objects.filter(clock__in=clocks).order_by("pk"):
        value = rules.Pause(str(one.pk), one.opened_at, one.closed_at, one.struck)
        pauses.setdefault(one.clock_id, []).append(value)
    known, found = _Calendars(), Counter[int]()
    for row in clocks:
        delivered_at = row.ticket.delivered_at
        assert delivered_at is not None, "only what was delivered is asked for"
        until_at = min(row.stopped_at or delivered_at, delivered_at)
        own = pauses.get(row.pk, ())
        found[row.ticket_id] += rules.elapsed(known.of(row), row.started_at, until_at, own)
    return [float(seconds) for seconds in found.values()]


class _Calendars:
    """Calendars of clocks, each parsed once."""

    def __init__(self) -> None:
        self.known: dict[int, Calendar] = {}

    def of(self, clock: Clock) -> Calendar:
        if clock.calendar_version_id not in self.known:
            self.known[clock.calendar_version_id] = clock.calendar_version.value()
        return self.known[clock.calendar_version_id]
