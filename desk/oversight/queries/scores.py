"""Scores of weeks: obligations kept, from what was counted; violations, from their rulings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from desk.oversight.models import Verdict, Violation, WeekScore
from desk.oversight.queries import editions, facts
from desk.partners import queries as partners
from desk.partners.models import StaffMembership, StaffRole
from desk.rules.standard.edition import Severity, evaluate
from desk.rules.standard.obligation import Outcome
from desk.rules.standard.score import Score, score

WEEK = timedelta(days=7)
WEEKS_SHOWN = 12
# A clause asks for things over a weekend: what began before the week is known from there on.
BEFORE = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of one severity: kept, upheld, and those that count in neither."""

    kept: int = 0
    upheld: int = 0
    waiting: int = 0
    excused: int = 0


@dataclass(frozen=True, slots=True)
class Week:
    """A specialist's week. `is_over` tells that what was kept is counted; before that there is no
    score, and `score.tenths` is None when nothing was owed."""

    on: date
    is_over: bool
    counts: Mapping[Severity, Counts]
    score: Score

    @property
    def tenths(self) -> int | None:
        """The score in tenths of a point, None without one."""
        return self.score.tenths if self.is_over else None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of it: it was before the person's time, or nothing was owed."""
        return not any(one != Counts() for one in self.counts.values())

    @property
    def waiting(self) -> int:
        """Violations that wait for their ruling."""
        return sum(one.waiting for one in self.counts.values())


def monday(at: datetime) -> date:
    """The Monday of the week that `at` lies in, at the organisation."""
    return _monday_of(partners.today(at))


def span(week_on: date) -> tuple[datetime, datetime]:
    """The instants between which a week lies: Monday to Monday, at the organisation."""
    zone = _zone()
    first = datetime.combine(week_on, time.min, zone)
    last = datetime.combine(week_on + WEEK, time.min, zone)
    return first.astimezone(UTC), last.astimezone(UTC)


def specialists(since_at: datetime, until_at: datetime) -> list[int]:
    """Who was a specialist at some time of the span, by id."""
    rows = StaffMembership.objects.filter(role=StaffRole.SPECIALIST, since_at__lt=until_at)
    rows = rows.filter(Q(until_at=None) | Q(until_at__gt=since_at))
    return sorted(set(rows.values_list("person_id", flat=True)))


def uncounted(week_on: date) -> list[int]:
    """Specialists of a week whose kept obligations were not counted yet."""
    known = WeekScore.objects.filter(week_on=week_on).values_list("person_id", flat=True)
    return sorted(set(specialists(*span(week_on))) - set(known))


def kept(person_ids: Collection[int], week_on: date) -> dict[int, Counter[Severity]]:
    """How many obligations of each severity that fell due in a week were kept, as was known at
    its end."""
    since_at, until_at = span(week_on)
    found: dict[int, Counter[Severity]] = {person_id: Counter() for person_id in person_ids}
    held = editions.in_force(since_at - BEFORE, until_at)
    if not held:
        return found
    for person_id, known in facts.of(person_ids, since_at - BEFORE, until_at).items():
        for edition in held:
            for one in evaluate(edition.rules, known.stretch, known.exempt, until_at):
                owed = one.obligation
                in_week = since_at <= owed.due_at < until_at
                is_kept = one.judgement.outcome == Outcome.KEPT
                if in_week and is_kept and edition.holds(owed.since_at):
                    found[person_id][one.clause.severity] += 1
    return found


def weeks(person_id: int, at: datetime, count: int = WEEKS_SHOWN) -> list[Week]:
    """A specialist's last weeks, the present one first."""
    return weeks_of([person_id], at, count)[person_id]


def weeks_of(
    person_ids: Sequence[int], at: datetime, count: int = WEEKS_SHOWN
) -> dict[int, list[Week]]:
    """The last weeks of each of these people, the present one first; three queries."""
    mondays = [monday(at) - place * WEEK for place in range(count)]
    counted = _counted(person_ids, mondays)
    violated = _violated(person_ids, span(mondays[-1])[0])
    return {
        person_id: [
            _week(on, counted.get((person_id, on)), violated.get((person_id, on), {}))
            for on in mondays
        ]
        for person_id in person_ids
    }


def _counted(
    person_ids: Collection[int], mondays: Collection[date]
) -> dict[tuple[int, date], Mapping[str, int]]:
    rows = WeekScore.objects.filter(person__in=person_ids, week_on__in=mondays)
    return {(row.person_id, row.week_on): row.kept for row in rows}


def _violated(
    person_ids: Collection[int], since_at: datetime
) -> dict[tuple[int, date], dict[Severity, Counter[str]]]:
    """Violations by person, week and severity, each as "upheld", "waiting" or "excused"."""
    found: dict[tuple[int, date], dict[Severity, Counter[str]]] = defaultdict(dict)
    rows = Violation.objects.filter(person__in=person_ids, at__gte=since_at)
    zone = _zone()
    for person_id, at, severity, excuse, verdict in rows.values_list(
        "person_id", "at", "severity", "excuse", "ruling__verdict"
    ):
        week = found[person_id, _monday_of(at.astimezone(zone).date())]
        one = week.setdefault(Severity(severity), Counter())
        one[_standing(excuse, verdict)] += 1
    return found


def _zone() -> ZoneInfo:
    organisation = partners.organisation()
    return ZoneInfo(organisation.timezone if organisation else partners.DEFAULT_ZONE)


def _monday_of(on: date) -> date:
    return on - timedelta(days=on.weekday())


def _standing(excuse: str, verdict: str | None) -> str:
    if excuse or verdict in (Verdict.EXCUSED, Verdict.RULE_WRONG):
        return "excused"
    return "upheld" if verdict == Verdict.UPHELD else "waiting"


def _week(
    on: date, counted: Mapping[str, int] | None, violated: Mapping[Severity, Counter[str]]
) -> Week:
    counts = {
        severity: Counts(
            kept=(counted or {}).get(severity, 0),
            **violated.get(severity, Counter()),
        )
        for severity in Severity
    }
    value = score(
        Counter({severity: one.kept for severity, one in counts.items()}),
        Counter({severity: one.upheld for severity, one in counts.items()}),
    )
    return Week(on, counted is not None, counts, value)
