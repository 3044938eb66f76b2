"""The running clocks of a ticket as an action holds them: loaded once, saved where changed."""

from __future__ import annotations

from dataclasses import dataclass, field

from desk.rules import clock as rules
from desk.rules.worktime import Calendar
from desk.tickets.actions import rows
from desk.tickets.models import Clock, ClockKind, Pause, Ticket


@dataclass(slots=True)
class Clocks:
    """The running clocks of one ticket with their pauses, loaded once per action."""

    ticket: Ticket
    calendar: Calendar
    running: list[Clock]
    pauses: dict[int, list[Pause]] = field(default_factory=dict)
    stored: dict[int, rows.Columns] = field(default_factory=dict)

    def get(self, kind: ClockKind, subject: str = "") -> Clock | None:
        for clock in self.running:
            if clock.kind == kind and clock.subject == subject:
                return clock
        return None

    def save(self, clock: Clock) -> None:
        """Write what changed of a clock that was loaded or started here."""
        stored = self.stored.get(clock.pk)
        if stored is None:
            clock.save()
            self.stored[clock.pk] = rows.columns(clock)
        else:
            rows.save_changed(clock, stored)

    def events(self, clock: Clock) -> tuple[rules.Pause, ...]:
        return events(self.pauses.get(clock.pk, []))


def events(pauses: list[Pause]) -> tuple[rules.Pause, ...]:
    """Rows as the values the rules work with."""
    return tuple(
        rules.Pause(id=str(p.pk), opened_at=p.opened_at, closed_at=p.closed_at, struck=p.struck)
        for p in pauses
    )


def load(ticket: Ticket) -> Clocks:
    """The ticket's clocks that have not stopped, in one query each for clocks and pauses."""
    clocks = fresh(ticket)
    for clock in rows.running_clocks(ticket):
        clock.ticket = ticket
        clocks.running.append(clock)
        clocks.pauses[clock.pk] = []
        clocks.stored[clock.pk] = rows.columns(clock)
    for pause in rows.pauses(clocks.running):
        clocks.pauses[pause.clock_id].append(pause)
    return clocks


def fresh(ticket: Ticket) -> Clocks:
    """The clocks of a ticket that has none running."""
    return Clocks(ticket, ticket.calendar_version.value(), [])
