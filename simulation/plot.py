"""When what begins: arrivals over a working day, absences, top-ups, and the tale of each ticket."""

from __future__ import annotations

from datetime import datetime, timedelta

from desk.deposits import actions as deposits
from desk.deposits import queries as ledger
from desk.workdays import actions as workdays
from desk.workdays.models import AbsenceKind
from simulation import rarer, stories
from simulation.people import Company, cause_of
from simulation.world import Story, World

# Tales with their weights; in a shuffled first round each of them is told once.
TALES: dict[stories.Tale, int] = {
    stories.plain: 30,
    stories.silent: 8,
    stories.returned: 6,
    stories.asked: 8,
    stories.resumed: 4,
    stories.complex_: 8,
    stories.large: 4,
    stories.bug: 8,
    stories.false_alarm: 3,
    stories.declined: 3,
    stories.cancelled: 3,
    stories.unanswered: 2,
    stories.split: 5,
    stories.reclassified: 5,
    rarer.customisation: 5,
    rarer.outdated: 2,
    rarer.lapsed: 2,
    rarer.contested: 2,
    rarer.doubted: 2,
    rarer.paused_wrongly: 2,
    rarer.late: 3,
    rarer.promised_anew: 3,
    rarer.merged: 3,
    rarer.handed_over: 4,
    rarer.recalled: 3,
    rarer.reopened: 3,
    rarer.raced: 3,
}
TICKETS_A_DAY = 16
LOW = 2
PACK = 20


def arrivals(world: World, day: datetime, count: int) -> None:
    """Let `count` tickets begin at random moments of the working day that starts at `day`."""
    first = world.calendar.next_open(day)
    for _ in range(count):
        at = world.calendar.add(first, world.random.randint(60, 7 * 3600))
        company = world.random.choice(world.cast.companies)
        world.tell(at, _next_tale(world)(world, company))


def _next_tale(world: World) -> stories.Tale:
    untold = [tale for tale in TALES if not world.told[tale.__name__]]
    if untold:
        tale = world.random.choice(untold)
    else:
        tale = world.random.choices(list(TALES), list(TALES.values()))[0]
    world.told[tale.__name__] += 1
    return tale


def accountant(world: World) -> Story:
    """Every morning the accountant enters what partners paid: late enough that some wait."""
    while True:
        yield world.days(1, minutes=9 * 60 - 90)
        for company in world.cast.companies:
            available = ledger.balance(company.partner.pk).consultations_available
            if available < LOW:
                top_up(world, company)


def top_up(world: World, company: Company) -> None:
    cause = cause_of(
        world.cast.accountants[0],
        world.now,
        "accounting",
        f"demo-{company.partner.code}-{world.now:%Y%m%d%H%M}",
    )
    deposits.buy(cause, company.partner.pk, PACK, 180_00, PACK * 180_00)
    world.moves += 1


def vacations(world: World) -> Story:
    """Each specialist is away for a day or two, one after the other: covers take over (T9)."""
    for person in world.cast.specialists:
        yield world.days(3, minutes=8 * 60 - 20)
        since = world.now + timedelta(minutes=30)
        until = world.calendar.end_of_working_day(world.now, world.random.choice((1, 2)))
        cause = cause_of(person, world.now, "workplace")
        workdays.note_absence(cause, person.pk, AbsenceKind.VACATION, since, until, "")
        world.moves += 1


def begin(world: World) -> None:
    """Let the standing stories begin."""
    world.tell(world.start, accountant(world))
    world.tell(world.start, vacations(world))
