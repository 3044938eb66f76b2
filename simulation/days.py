"""Living day after day, and looking after each whether everything still agrees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count

from desk.deposits import checks as ledger
from desk.journal.models import Entry
from desk.rules.lifecycle import Verb
from desk.tickets import checks as tickets
from desk.tickets.models import Ticket
from simulation import plot
from simulation.world import World

KYIV = ZoneInfo("Europe/Kyiv")
# A Monday whose second week holds the night of the autumn change of the clock.
FIRST_DAY = datetime(2026, 10, 12, 8, 0, tzinfo=KYIV)


@dataclass(slots=True)
class Report:
    """What a simulation did and found."""

    tickets: int
    moves: int
    refused: int
    lost_races: int
    verbs: dict[str, int]
    findings: list[str] = field(default_factory=list)


def live(seed: int, days: int, tell: Callable[[str], None]) -> Report:
    """Simulate calendar days from Monday 12 October 2026 and check after each."""
    world = World.make(seed, FIRST_DAY.astimezone(ZoneInfo("UTC")))
    plot.begin(world)
    for number in range(days):
        day = FIRST_DAY + timedelta(days=number)
        morning = day.astimezone(ZoneInfo("UTC"))
        if world.calendar.is_working_date(day.date()):
            plot.arrivals(world, morning, plot.TICKETS_A_DAY)
        world.run((day + timedelta(days=1)).astimezone(ZoneInfo("UTC")) - timedelta(hours=1))
        found = invariants(world.now)
        world.findings += [f"day {number + 1}: {one}" for one in found]
        tell(f"day {number + 1}: {Ticket.objects.count()} tickets, {len(found)} findings")
    return report(world)


def invariants(at: datetime) -> list[str]:
    """What `desk check` finds: ledger, journal replay, clocks, holds against tickets."""
    found = [*ledger.check(), *tickets.check(at)]
    return [f"{one.code} {one.subject}: {one.sentence}" for one in found]


def report(world: World) -> Report:
    """Count what the journal holds: each verb of the table of moves."""
    table = {verb.value for verb in Verb}
    counts = Entry.objects.filter(verb__in=table).values_list("verb").annotate(Count("pk"))
    verbs = dict(counts.order_by("verb"))
    return Report(
        tickets=Ticket.objects.count(),
        moves=world.moves,
        refused=world.refused,
        lost_races=world.lost_races,
        verbs=verbs,
        findings=world.findings,
    )
