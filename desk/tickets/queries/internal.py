"""What only our own people see: every clock with its warnings, breaches, the one-hour rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from desk.rules import clock as rules
from desk.rules import promises
from desk.rules.lifecycle import Type
from desk.tickets.models import Ticket
from desk.tickets.queries import deadlines
from desk.tickets.queries.clockwork import BreachView, ClockView, WarningView, WorkRule
from desk.tickets.queries.deadlines import Hours
from desk.tickets.queries.people import Names
from desk.tickets.queries.thread import Row, Thread
from desk.tickets.queries.values import HoursView, PartView


def clocks(ticket: Ticket, thread: Thread, known: Hours) -> tuple[ClockView, ...]:
    """Every clock of every cycle, as it stands."""
    percents = ticket.plan_version.value().warning_percents
    found = []
    for clock in thread.clocks:
        pauses = [row for row in thread.pauses if row["clock_id"] == clock["id"]]
        found.append(
            ClockView(
                id=clock["id"],
                cycle=clock["cycle"],
                subject=clock["subject"],
                outcome=clock["outcome"],
                deadline=deadlines.of_clock(clock, pauses, known),
                warnings=_warnings(clock, pauses, known, percents),
            )
        )
    return tuple(found)


def _warnings(
    clock: Row, pauses: Iterable[Row], known: Hours, percents: tuple[int, ...]
) -> tuple[WarningView, ...]:
    if clock["target_seconds"] is None:
        return ()
    instants = rules.warning_instants(
        known.calendar,
        clock["started_at"],
        clock["target_seconds"],
        deadlines.events(pauses),
        percents,
    )
    warned = clock["warned_percent"]
    return tuple(WarningView(w.percent, w.at, w.percent <= warned) for w in instants)


def breaches(thread: Thread, names: Names) -> tuple[BreachView, ...]:
    """Broken clocks with how late each was noticed (R8)."""
    return tuple(
        BreachView(
            clock=clock["kind"],
            cycle=clock["cycle"],
            subject=clock["subject"],
            breached_at=clock["breached_at"],
            noticed_after_seconds=lag(clock["breached_at"], clock["breach_noticed_at"]),
            by_ruling=clock["breach_by_ruling"],
            excused_at=clock["excused_at"],
            excused_by=names.cause(clock["excused_by"]),
            excuse=clock["excuse"],
            clock_id=clock["id"],
        )
        for clock in thread.clocks
        if clock["breached_at"] is not None
    )


def lag(breached_at: datetime, noticed_at: datetime | None) -> int:
    """Seconds from a breach to its record."""
    return 0 if noticed_at is None else round((noticed_at - breached_at).total_seconds())


def seconds_by_subject(thread: Thread, cycle: int | None = None) -> Mapping[str, int]:
    """Seconds worked per subject, of one cycle or of all."""
    found: dict[str, int] = {}
    for row in thread.worked:
        if cycle is None or row["cycle"] == cycle:
            found[row["subject"]] = found.get(row["subject"], 0) + row["seconds"]
    return found


def work_rule(ticket: Ticket, thread: Thread) -> WorkRule:
    """The one-hour rule of the ticket as a whole: it binds a simple one (T3)."""
    worked = sum(seconds_by_subject(thread, ticket.cycle).values())
    return _rule(ticket, worked, binds=ticket.type == Type.SIMPLE)


def worked_parts(ticket: Ticket, thread: Thread, parts: Iterable[PartView]) -> tuple[PartView, ...]:
    """The parts with the one-hour rule of each, in the present cycle (T3)."""
    worked = seconds_by_subject(thread, ticket.cycle)
    binds = bool(ticket.type) and promises.part_work_is_limited(Type(ticket.type))
    return tuple(
        replace(
            part,
            work=_rule(ticket, worked.get(f"{ticket.key}/part:{part.number}", 0), binds=binds),
        )
        for part in parts
    )


def _rule(ticket: Ticket, worked: int, *, binds: bool) -> WorkRule:
    terms = ticket.plan_version.value()
    level = "within"
    if not binds:
        level = "exempt"
    elif worked >= terms.work_max_seconds:
        level = "over"
    elif worked >= terms.work_warning_seconds:
        level = "warning"
    return WorkRule(worked, terms.work_warning_seconds, terms.work_max_seconds, level)


def hours(thread: Thread, names: Names) -> tuple[HoursView, ...]:
    """Programmers' work, the earliest day first."""
    return tuple(
        HoursView(row["worked_on"], row["minutes"], row["note"], names.ref(row["person_id"]))
        for row in thread.hours
    )
