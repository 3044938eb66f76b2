"""Deadlines as they stand at one instant: of a clock with its events, or of a ticket in a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from desk.rules import clock as rules
from desk.rules import promises
from desk.rules.lifecycle import STATES, ClockState, State
from desk.rules.worktime import Calendar, instant, microseconds
from desk.tickets.models import ClockKind, Outcome, Ticket
from desk.tickets.queries.clockwork import CalendarView, DeadlineView, Phase
from desk.tickets.queries.persons import Window
from desk.tickets.queries.thread import Row

SOON_DIVISOR = 4
COUNTDOWN_DAYS = 9
LIST_DAYS = 4
ENDED = {Outcome.MET: Phase.KEPT, Outcome.LATE: Phase.MISSED, Outcome.VOID: Phase.VOID}


@dataclass(frozen=True, slots=True)
class Hours:
    """What a calendar says at one instant, computed once for many deadlines."""

    calendar: Calendar
    at: datetime
    windows: tuple[Window, ...]
    is_open: bool
    opens_at: datetime | None


def hours(calendar: Calendar, at: datetime, days: int = COUNTDOWN_DAYS) -> Hours:
    """The coming open windows over `days` days, clipped at `at`: about five working days."""
    is_open = calendar.is_open(at)
    opens_at = None if is_open else calendar.next_open(at)
    first = microseconds(opens_at or at)
    end = first + microseconds(at + timedelta(days=days)) - microseconds(at)
    windows = calendar.windows_between(first, end)
    return Hours(
        calendar,
        at,
        tuple((instant(opened), instant(closed)) for opened, closed in windows),
        is_open,
        opens_at,
    )


def calendar_view(name: str, known: Hours) -> CalendarView:
    """The calendar of the clocks, with today's windows."""
    calendar = known.calendar
    return CalendarView(
        name=name,
        timezone=calendar.timezone,
        today=calendar.windows(calendar.date_of(known.at)),
        is_open=known.is_open,
        opens_at=known.opens_at,
        closes_at=calendar.next_close(known.at) if known.is_open else None,
    )


def events(rows: Iterable[Row]) -> tuple[rules.Pause, ...]:
    """Pause rows as the values the rules work with."""
    return tuple(
        rules.Pause(str(row["id"]), row["opened_at"], row["closed_at"], row["struck"])
        for row in rows
    )


def of_clock(clock: Row, pauses: Sequence[Row], known: Hours) -> DeadlineView:
    """A clock from its stored events, read at the instant of `known`."""
    at, target = known.at, clock["target_seconds"]
    reading = rules.read(
        known.calendar,
        clock["started_at"],
        target or 0,
        events(pauses),
        at,
        clock["stopped_at"],
    )
    pause = next((row for row in pauses if row["closed_at"] is None), None)
    due_at = _due(clock, reading, pause)
    remaining = reading.remaining_seconds
    if reading.breached_at is not None and due_at is not None:
        remaining = -reading.overrun_seconds
    left = _left(remaining, target or 0)
    phase = _phase(clock, due_at, left, at=at, stands=pause is not None)
    return DeadlineView(
        kind=clock["kind"],
        phase=phase,
        at=at,
        started_at=clock["started_at"],
        due_at=due_at,
        target_seconds=target or 0,
        elapsed_seconds=reading.elapsed_seconds,
        remaining_seconds=remaining if target is not None else 0,
        soon_seconds=(target or 0) // SOON_DIVISOR,
        since_at=pause["opened_at"] if pause else None,
        waits_for=pause["state"] if pause else "",
        windows=known.windows if phase in _TICKING else (),
        is_open=known.is_open,
        opens_at=known.opens_at,
        ended_at=clock["stopped_at"],
        breached_at=clock["breached_at"] or (due_at if phase == Phase.LATE else None),
        by_ruling=clock["breach_by_ruling"],
        excused_at=clock["excused_at"],
        excuse=clock["excuse"],
    )


_TICKING = frozenset({Phase.CALM, Phase.SOON, Phase.LATE})


def _due(clock: Row, reading: rules.Reading, pause: Row | None) -> datetime | None:
    """No date that will move (R10); of a stopped clock the one that it was held against. What
    stands since the due instant itself is in time until it runs again."""
    if clock["target_seconds"] is None:
        return None
    if clock["stopped_at"] is not None:
        held_against: datetime | None = clock["due_at"]
        return held_against
    due_at = reading.due_at
    in_time = pause is not None and due_at is not None and pause["opened_at"] <= due_at
    return None if in_time else due_at


def _phase(
    clock: Row, due_at: datetime | None, left: Phase, *, at: datetime, stands: bool
) -> Phase:
    if clock["stopped_at"] is not None:
        return ENDED[Outcome(clock["outcome"])]
    if due_at is not None and due_at <= at:
        return Phase.LATE
    if stands:
        return Phase.STANDING
    return Phase.NONE if due_at is None else left


def _left(remaining_seconds: int, target_seconds: int) -> Phase:
    return Phase.SOON if remaining_seconds * SOON_DIVISOR <= target_seconds else Phase.CALM


def of_line(ticket: Ticket, target_seconds: int | None, known: Hours) -> DeadlineView:
    """A ticket in a list, from the columns kept beside it: no clock is loaded.

    `target_seconds` is the resolution clock's; while the ticket waits for acceptance that clock's
    deadline is shown.
    """
    if ticket.state == State.SUBMITTED:
        terms = ticket.plan_version.value()
        target = promises.acceptance_target(terms, critical_claim=ticket.critical_claim)
        return _running(
            ClockKind.ACCEPTANCE, ticket.acceptance_due_at, target, ticket.submitted_at, known
        )
    target, clock = target_seconds or 0, STATES[State(ticket.state)].clock
    if clock == ClockState.ENDED:
        return _ended(ticket, target, known)
    running = _running(ClockKind.RESOLUTION, ticket.due_at, target, ticket.submitted_at, known)
    if clock == ClockState.RUNS:
        return replace(running, breached_at=ticket.breached_at)
    late = running.phase == Phase.LATE
    return replace(
        running,
        phase=Phase.LATE if late else Phase.STANDING,
        due_at=ticket.due_at if late else None,
        remaining_seconds=running.remaining_seconds if late else ticket.left_seconds or 0,
        since_at=ticket.stands_since_at,
        waits_for=ticket.state,
        windows=running.windows if late else (),
        breached_at=ticket.breached_at,
    )


def _running(
    kind: ClockKind, due_at: datetime | None, target: int, started_at: datetime, known: Hours
) -> DeadlineView:
    at, calendar = known.at, known.calendar
    phase, remaining = Phase.NONE, 0
    if due_at is not None and due_at <= at:
        phase, remaining = Phase.LATE, -calendar.elapsed(due_at, at)
    elif due_at is not None:
        remaining = calendar.elapsed(at, due_at)
        phase = _left(remaining, target)
    return DeadlineView(
        kind=kind,
        phase=phase,
        at=at,
        started_at=started_at,
        due_at=due_at,
        target_seconds=target,
        elapsed_seconds=max(0, target - remaining),
        remaining_seconds=remaining,
        soon_seconds=target // SOON_DIVISOR,
        since_at=None,
        waits_for="",
        windows=known.windows if phase in _TICKING else (),
        is_open=known.is_open,
        opens_at=known.opens_at,
        ended_at=None,
        breached_at=due_at if phase == Phase.LATE else None,
        by_ruling=False,
        excused_at=None,
        excuse="",
    )


def _ended(ticket: Ticket, target: int, known: Hours) -> DeadlineView:
    running = _running(ClockKind.RESOLUTION, None, target, ticket.submitted_at, known)
    phase = Phase.VOID
    if ticket.state == State.RESOLVED:
        phase = Phase.MISSED if ticket.breached_at else Phase.KEPT
    return replace(
        running,
        phase=phase,
        due_at=ticket.due_at,
        ended_at=ticket.delivered_at if ticket.state == State.RESOLVED else ticket.changed_at,
        breached_at=ticket.breached_at,
    )
