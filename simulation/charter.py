"""The Standard in the demonstration: its edition, what people put on record, and the control.

People of the tales act on tickets only. What else a day under the Standard holds is put on record
here in the evening: looks at what came in, breaks, lunch, meetings between the work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from desk.oversight.actions import control, days, editions
from desk.oversight.queries import control as queries
from desk.oversight.queries import days as plans
from desk.partners.models import Person
from desk.rules.dayplan import Kind
from desk.rules.worktime import Window
from desk.workdays import actions as workdays
from desk.workdays import queries as hours
from desk.workdays.actions import Span
from desk.workdays.models import Absence, Activity, Interval
from simulation import afterwards
from simulation.people import cause_of
from simulation.world import Story, World

DAYS_UNDER_IT = 7
LOOK = timedelta(minutes=3)
PIECE = timedelta(minutes=21)
BREAK = timedelta(minutes=15)
BREAKS_MAX = 2
SIX_PAST = timedelta(minutes=6)
LUNCH = timedelta(minutes=60)
SHORTEST = timedelta(minutes=1)
BETWEEN = (Activity.MEETING, Activity.TRAINING, Activity.PLANNING)


def publish(world: World) -> None:
    """The first edition comes into force now; all but one have read it. Plans are confirmed from
    now on."""
    owner, administrator = world.cast.vendor, world.cast.administrators[0]
    row = editions.draft(cause_of(owner, world.now, "setup"), "Перша редакція")
    editions.review(cause_of(administrator, world.now, "setup"), row.pk)
    editions.publish(cause_of(owner, world.now, "setup"), row.pk, world.now)
    for place, person in enumerate(world.cast.specialists[:-1]):
        at = world.now + timedelta(minutes=20 + 7 * place)
        editions.acknowledge(cause_of(person, at, "workplace"), row.pk)
    world.tell(world.now, mornings(world))


def evening(world: World, on: date) -> None:
    """Put the rest of a day on record, as far as it has gone, and let the control look."""
    for place, person in enumerate(world.cast.specialists):
        for window in _present(person, on, world.now):
            for since_at, until_at in _gaps(person, window):
                _fill(world, person, since_at, until_at)
        if place % 2 == 0:
            _lunch(world, person, on)
    control.look(queries.watched(), world.now)
    afterwards.follow(world)


def mornings(world: World) -> Story:
    """Each working day the specialists confirm their plans; one of them forgets now and then."""
    yield world.calendar.next_open(world.now) + SIX_PAST
    while True:
        for place, person in enumerate(world.cast.specialists):
            forgets = place == len(world.cast.specialists) - 1 and world.random.random() < 0.4
            if not forgets and not hours.away(person.pk, world.now):
                _confirm(world, person)
        yield world.days(1, minutes=9 * 60 - 6)


def _confirm(world: World, person: Person) -> None:
    """What is proposed; of days that are over only what the tales keep to: they know no slots."""
    proposed = plans.proposal(person.pk, world.now)
    today = world.now > world.end - timedelta(hours=24)
    slots = [slot for slot in proposed.slots if today or slot.kind != Kind.WORK]
    if proposed.shift is not None:
        world.do(person, "workplace", days.confirm_day, slots)


def _present(person: Person, on: date, now: datetime) -> Iterator[Window]:
    """The person's working hours of a date that have passed, without absences."""
    for start, end in hours.working_hours(person.pk, on):
        rows = Absence.objects.filter(
            person=person, withdrawn_at=None, since_at__lt=end, until_at__gt=start
        )
        free = _without((start, min(end, now)), ((row.since_at, row.until_at) for row in rows))
        yield from free


def _gaps(person: Person, window: Window) -> list[Window]:
    rows = Interval.objects.filter(person=person, struck_at=None, since_at__lt=window[1])
    taken = [(row.since_at, row.until_at or window[1]) for row in rows.order_by("since_at")]
    return _without(window, taken)


def _without(window: Window, taken: Iterable[Window]) -> list[Window]:
    start, end = window
    free = []
    for since_at, until_at in sorted(taken):
        if until_at <= start or since_at >= end:
            continue
        if since_at > start:
            free.append((start, since_at))
        start = max(start, until_at)
    return [(since, until) for since, until in [*free, (start, end)] if until - since > SHORTEST]


def _fill(world: World, person: Person, since_at: datetime, until_at: datetime) -> None:
    """A look first, then something else, and again; a break where there is time for one."""
    had_break = False
    while since_at < until_at:
        since_at = _enter(world, person, Activity.INTAKE, since_at, min(since_at + LOOK, until_at))
        if not had_break and since_at + BREAK <= until_at and _may_break(world, person, since_at):
            had_break = True
            since_at = _enter(world, person, Activity.BREAK, since_at, since_at + BREAK)
            continue
        end = min(since_at + PIECE, until_at)
        since_at = _enter(world, person, world.random.choice(BETWEEN), since_at, end)


def _may_break(world: World, person: Person, at: datetime) -> bool:
    """After an hour, one after the other, twice a day."""
    place = world.cast.specialists.index(person)
    rows = Interval.objects.filter(activity__in=(Activity.BREAK, Activity.LUNCH))
    mine = rows.filter(person=person, since_at__gt=at - timedelta(hours=10), since_at__lt=at)
    if mine.filter(activity=Activity.BREAK).count() >= BREAKS_MAX:
        return False
    if mine.filter(since_at__gt=at - timedelta(hours=3)).exists():
        return False
    others = rows.exclude(person=person).filter(since_at__lt=at + BREAK, until_at__gt=at)
    first = hours.working_hours(person.pk, at.date())[0][0]
    return not others.exists() and at - first > (2 + place) * PIECE


def _lunch(world: World, person: Person, on: date) -> None:
    """Between the two windows of a day, when nothing else is on record."""
    windows = hours.working_hours(person.pk, on)
    if len(windows) == 2 and windows[1][0] <= world.now:
        noon = (windows[0][1], windows[1][0])
        if _gaps(person, noon) == [noon] and list(_present(person, on, world.now)):
            _enter(world, person, Activity.LUNCH, *noon)


def _enter(
    world: World, person: Person, activity: Activity, since_at: datetime, until_at: datetime
) -> datetime:
    if until_at > since_at:
        span = Span(activity, since_at, until_at)
        workdays.enter(cause_of(person, world.now, "workplace"), person.pk, span)
    return until_at
