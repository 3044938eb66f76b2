"""A week under the Standard in figures: what the machine found, rulings, scores, audits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from desk.oversight.models import Audit, Ruling, Violation, WeekScore
from desk.oversight.queries import coverage, drawing, editions, scorecards, scores
from desk.oversight.queries.coverage import Deviations
from desk.oversight.queries.scorecards import Agreed
from desk.partners.models import Person

MOMENT = timedelta(seconds=1)
# Agreement is told of a quarter: a week has too little of it.
AGREED_OVER = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Summary:
    """The week from `on`. `clauses_by_machine` of `clauses` are held by the machine; `deviations`
    says how much of what went wrong it found. `scores` are tenths of a point by name, None of
    those who have none. `agreed` is over the quarter that ended with the week."""

    on: date
    violations: Mapping[str, int]
    excused: int
    rulings: Mapping[str, int]
    clauses_by_machine: int
    clauses: int
    deviations: Deviations
    scores: tuple[tuple[str, int | None], ...]
    audits_done: int
    audits_drawn: int
    agreed: Agreed


def summary(on: date) -> Summary:
    """The figures of the week that holds a date."""
    week = drawing.week_of(on)
    since_at, until_at = week.since_at, week.until_at
    found = Violation.objects.filter(at__gte=since_at, at__lt=until_at)
    counted = Counter(found.filter(excuse="").values_list("clause", flat=True))
    ruled = Ruling.objects.filter(at__gte=since_at, at__lt=until_at)
    held = editions.at(until_at)
    by_machine, whole = held.rules.covered_by_machine() if held is not None else (0, 0)
    drawn = Audit.objects.filter(week_on=week.on - drawing.WEEK)
    return Summary(
        on=week.on,
        violations=dict(sorted(counted.items())),
        excused=found.exclude(excuse="").count(),
        rulings=dict(Counter(ruled.values_list("verdict", flat=True))),
        clauses_by_machine=by_machine,
        clauses=whole,
        deviations=coverage.of_deviations(since_at, until_at),
        scores=_scores(week.on, until_at - MOMENT),
        audits_done=drawn.exclude(done_at=None).count(),
        audits_drawn=drawn.count(),
        agreed=scorecards.agreed(until_at - AGREED_OVER, until_at),
    )


def _scores(week_on: date, last_at: datetime) -> tuple[tuple[str, int | None], ...]:
    people = WeekScore.objects.filter(week_on=week_on).values_list("person_id", flat=True)
    names = dict(Person.objects.filter(pk__in=list(people)).values_list("pk", "name"))
    found = scores.weeks_of(list(names), last_at, 1)
    return tuple(sorted((names[number], weeks[0].tenths) for number, weeks in found.items()))
