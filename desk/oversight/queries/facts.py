"""What is known of people's stretches, gathered for many at once: a dozen queries for a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from desk.oversight.models import DayPlan, Outage, Slot
from desk.oversight.queries import outages, owed, owed_audits, records
from desk.oversight.queries.days import in_force
from desk.partners.models import Assignment, StaffMembership, StaffRole
from desk.rules.standard.facts import Day, Did, Doing, Stretch
from desk.rules.standard.facts import Slot as Planned
from desk.rules.standard.obligation import Excuse, Exempt
from desk.rules.worktime import Calendar, Window
from desk.workdays import queries as workdays
from desk.workdays.models import Absence, Interval

# How long a ticket that was handed over excuses what could not be done yet.
TAKEOVER_SECONDS = 3600
DAY = timedelta(days=1)
# What excuses is known from so long before: it may have moved a limit that lies in the stretch.
EXCUSED_BEFORE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Known:
    """A person's stretch, and what excuses in it."""

    stretch: Stretch
    exempt: tuple[Exempt, ...]


def of(person_ids: Collection[int], since_at: datetime, at: datetime) -> dict[int, Known]:
    """What is known at `at` of each person since `since_at`; tickets that are open are known with
    all of their story. Raises `workdays.NoHours` where nobody has working hours."""
    calendar = workdays.service_calendar(at)
    groups = _groups(person_ids)
    everybody = set(person_ids).union(*groups.values())
    did = _did(everybody, since_at, at)
    told = _by_holder(records.stories(person_ids, since_at, at))
    days = _days(_specialists(person_ids), calendar, since_at, at)
    out = list(outages.between(since_at - EXCUSED_BEFORE, at))
    exempt = _exempt(person_ids, out, since_at - EXCUSED_BEFORE, at)
    asked = owed.by_administrators(person_ids, since_at, at)
    audits = owed_audits.by_administrators(person_ids, since_at, at)
    found = {}
    for person_id in person_ids:
        mine = told.get(person_id, [])
        stretch = Stretch(
            person_id,
            calendar,
            days.get(person_id, ()),
            did.get(person_id, ()),
            tuple(one.story for one in mine),
            asked.get(person_id, ()),
            audits.get(person_id, ()),
            {other: did.get(other, ()) for other in sorted(groups.get(person_id, ()))},
            out=tuple((one.since_at, one.until_at or at) for one in out),
        )
        own = [*exempt.get(person_id, ()), *_serving(stretch)]
        own += _takeovers(person_id, calendar, mine)
        found[person_id] = Known(stretch, tuple(own))
    return found


def _by_holder(told: Iterable[records.Told]) -> dict[int, list[records.Told]]:
    """Each story with everybody who held the ticket at some time."""
    found: dict[int, list[records.Told]] = defaultdict(list)
    for one in told:
        for person_id in {turn.person_id for turn in one.story.turns}:
            found[person_id].append(one)
    return found


def _did(
    person_ids: Collection[int], since_at: datetime, at: datetime
) -> dict[int, tuple[Did, ...]]:
    rows = Interval.objects.filter(person_id__in=person_ids, struck_at=None, since_at__lte=at)
    rows = rows.filter(Q(until_at=None) | Q(until_at__gt=since_at)).order_by("since_at", "id")
    found: dict[int, list[Did]] = defaultdict(list)
    # Days of a thousand people are many rows: values are read in a third of a model's time.
    columns = ("person_id", "activity", "since_at", "until_at", "subject", "pk")
    for person_id, activity, begun_at, until_at, subject, number in rows.values_list(*columns):
        one = Did(Doing(activity), begun_at, until_at, subject, f"interval:{number}")
        found[person_id].append(one)
    return {person_id: tuple(each) for person_id, each in found.items()}


def _specialists(person_ids: Collection[int]) -> list[int]:
    """Those who live days under the Standard: what an administrator owes is none of a day."""
    rows = StaffMembership.objects.filter(
        person__in=person_ids, role=StaffRole.SPECIALIST, until_at=None
    )
    return list(rows.values_list("person_id", flat=True))


def _days(
    person_ids: Collection[int], calendar: Calendar, since_at: datetime, at: datetime
) -> dict[int, tuple[Day, ...]]:
    """The shifts that begin in the span: the hours in force, without absences. Whoever comes
    later begins later; whoever is away all day has no shift."""
    plans = _plans(person_ids, since_at)
    away = _away(person_ids, since_at, at)
    own = workdays.own_schedules(person_ids, at)
    found: dict[int, tuple[Day, ...]] = {}
    for person_id in person_ids:
        hours = own.get(person_id, calendar)
        days = []
        for on in _dates(hours, since_at, at):
            windows = workdays.present(hours.windows(on), away.get(person_id, ()))
            if windows and since_at <= windows[0][0] <= at:
                days.append(_day(windows, _plan_of(plans.get(person_id, ()), windows)))
        found[person_id] = tuple(days)
    return found


def _away(person_ids: Collection[int], since_at: datetime, at: datetime) -> dict[int, list[Window]]:
    rows = Absence.objects.filter(
        person_id__in=person_ids, withdrawn_at=None, until_at__gt=since_at, since_at__lte=at + DAY
    )
    found: dict[int, list[Window]] = defaultdict(list)
    for row in rows:
        found[row.person_id].append((row.since_at, row.until_at))
    return found


def _dates(calendar: Calendar, since_at: datetime, at: datetime) -> Iterator[date]:
    on, last = calendar.date_of(since_at), calendar.date_of(at)
    while on <= last:
        yield on
        on += DAY


def _day(windows: tuple[Window, ...], plan: DayPlan | None) -> Day:
    if plan is None:
        return Day(windows)
    return Day(windows, plan.confirmed_at, tuple(_planned(slot) for slot in in_force(plan)))


def _planned(slot: Slot) -> Planned:
    return Planned(
        Doing(slot.activity), slot.since_at, slot.until_at, slot.subject, f"slot:{slot.pk}"
    )


def _plans(person_ids: Collection[int], since_at: datetime) -> dict[int, list[DayPlan]]:
    rows = DayPlan.objects.filter(person_id__in=person_ids, until_at__gt=since_at)
    found: dict[int, list[DayPlan]] = defaultdict(list)
    for row in rows.prefetch_related("slots").order_by("since_at"):
        found[row.person_id].append(row)
    return found


def _plan_of(plans: Iterable[DayPlan], windows: tuple[Window, ...]) -> DayPlan | None:
    """The plan of a shift, also where an absence that was noted later makes it begin later."""
    since_at, until_at = windows[0][0], windows[-1][1]
    return next((one for one in plans if one.since_at < until_at and one.until_at > since_at), None)


def _groups(person_ids: Collection[int]) -> dict[int, set[int]]:
    """With whom each stands in for the other now: leads and covers of the same projects."""
    rows = Assignment.objects.filter(until_at=None).values_list(
        "project_id", "specialist__person_id"
    )
    by_project: dict[int, set[int]] = defaultdict(set)
    for project_id, person_id in rows:
        by_project[project_id].add(person_id)
    found: dict[int, set[int]] = {person_id: {person_id} for person_id in person_ids}
    for people in by_project.values():
        for person_id in people & found.keys():
            found[person_id] |= people
    return found


def _exempt(
    person_ids: Collection[int], out: Iterable[Outage], since_at: datetime, at: datetime
) -> dict[int, list[Exempt]]:
    """Absences, and outages of ours, which excuse everybody."""
    everybody = [
        Exempt(Excuse.OUTAGE, row.since_at, row.until_at, f"outage:{row.pk}") for row in out
    ]
    found = {person_id: list(everybody) for person_id in person_ids}
    away = Absence.objects.filter(
        person_id__in=person_ids, withdrawn_at=None, until_at__gt=since_at, since_at__lte=at
    )
    for row in away.order_by("since_at", "id"):
        found[row.person_id].append(
            Exempt(Excuse.ABSENCE, row.since_at, row.until_at, f"absence:{row.pk}")
        )
    return found


def _serving(stretch: Stretch) -> Iterator[Exempt]:
    """Work on a bug excuses everything but that bug."""
    stories = {story.key: story for story in stretch.stories}
    for one in stretch.did:
        story = stories.get(one.ticket)
        if story is not None and story.nature(one.since_at).is_bug:
            yield Exempt(Excuse.BUG, one.since_at, one.until_at, one.ref, beside=one.ticket)


def _takeovers(
    person_id: int, calendar: Calendar, told: Iterable[records.Told]
) -> Iterator[Exempt]:
    """A ticket that was handed over excuses for an hour of working time whoever takes it."""
    for one in told:
        for entry in one.takeovers:
            if entry.facts.get("executor") == person_id:
                until_at = calendar.add(entry.at, TAKEOVER_SECONDS)
                yield Exempt(
                    Excuse.COVER, entry.at, until_at, f"entry:{entry.pk}", about=one.story.key
                )
