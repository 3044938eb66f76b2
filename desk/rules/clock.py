"""Clocks: when a target is due, what has elapsed, and why (R2-R11, T4).

A clock is a pure function of its events: the start, the pauses and the stop, with a target and a
calendar. Nothing is counted up and stored; whoever keeps those five can recompute the rest at any
instant. Targets are working seconds; a target that was lengthened by an extension is their sum.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from desk.rules.worktime import SECOND, Calendar, instant, microseconds, whole_seconds

HOUR_SECONDS = 3_600

FOREVER = 1 << 62
"""Where an open pause ends: after every instant that there is."""

Stops = list[tuple[int, int]]


class ClockError(ValueError):
    """The events cannot be those of a clock."""


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands in [opened_at, closed_at); open while `closed_at` is None.

    Pauses are paired by `id` and may overlap. A `struck` one never stopped the clock (R11).
    """

    id: str
    opened_at: datetime
    closed_at: datetime | None = None
    struck: bool = False

    def __post_init__(self) -> None:
        if self.closed_at is not None and self.closed_at < self.opened_at:
            raise ClockError("A pause ends before it starts.")

    def seen_at(self, at: datetime) -> "Pause":
        """The pause as it was known at that instant: what closes later was still open."""
        later = self.closed_at is not None and self.closed_at > at
        return replace(self, closed_at=None) if later else self


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock shows at one instant; seconds are working time.

    `due_at` is None while a pause is open before the due is reached, since that date will move
    (R10). `breached_at` is the due instant once it has passed (R8), `overrun_seconds` the working
    time since then with pauses ignored (R7). `elapsed_seconds` always leaves the pauses out.
    """

    elapsed_seconds: int
    remaining_seconds: int
    due_at: datetime | None
    paused_since: datetime | None
    breached_at: datetime | None
    overrun_seconds: int


class SpanKind(StrEnum):
    """What the clock did: it ran, it stood, or the desk was closed."""

    RUNNING = "running"
    PAUSED = "paused"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of a clock's history, [from_at, until_at).

    `working_seconds` is the working time inside: counted when running, spared when paused, none
    when closed. `pause_id` names the pause that was opened first of those that cover the span.
    """

    kind: SpanKind
    from_at: datetime
    until_at: datetime
    working_seconds: int
    pause_id: str | None = None


@dataclass(frozen=True, slots=True)
class WarningInstant:
    """The instant at which a share of the target is reached; None while a pause hides it."""

    percent: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Retarget:
    """A reclassification: the new class's target, what it is lengthened by, and the due."""

    target_seconds: int
    extension_seconds: int
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Clock:
    """The five facts a ticket keeps, and the extension granted to its cycle, as one value."""

    calendar: Calendar
    started_at: datetime
    target_seconds: int
    pauses: tuple[Pause, ...] = ()
    extension_seconds: int = 0
    stopped_at: datetime | None = None

    @property
    def allowed_seconds(self) -> int:
        """The target with its extension, in working seconds."""
        return self.target_seconds + self.extension_seconds

    def due_at(self) -> datetime | None:
        """See `due`."""
        return due(self.calendar, self.started_at, self.allowed_seconds, self.pauses)

    def read(self, at: datetime) -> Reading:
        """See `read`."""
        return read(
            self.calendar, self.started_at, self.allowed_seconds, self.pauses, at, self.stopped_at
        )

    def warnings(self, percents: Sequence[int] = (50, 75, 90)) -> tuple[WarningInstant, ...]:
        """See `warning_instants`."""
        return warning_instants(
            self.calendar, self.started_at, self.allowed_seconds, self.pauses, percents
        )

    def spans(self, at: datetime) -> tuple[Span, ...]:
        """See `spans`: the history up to `at`, or to the stop when that was earlier."""
        until = at if self.stopped_at is None else min(at, self.stopped_at)
        return spans(self.calendar, self.started_at, until, self.pauses)


def due(
    calendar: Calendar, started_at: datetime, target_seconds: int, pauses: Iterable[Pause] = ()
) -> datetime | None:
    """The smallest UTC instant at which elapsed reaches the target (R2, R3).

    None while a pause is open and the target was not reached before it (R10). A pause that opens
    at the due instant or later moves nothing (R7).
    """
    start = microseconds(started_at)
    found = _due(calendar, start, _target(target_seconds), _stops(pauses, start))
    return None if found is None else instant(found)


def elapsed(
    calendar: Calendar, started_at: datetime, stopped_at: datetime, pauses: Iterable[Pause] = ()
) -> int:
    """Working seconds in [started_at, stopped_at) minus the union of the pauses (R2)."""
    start, stop = microseconds(started_at), microseconds(stopped_at)
    if stop < start:
        raise ClockError("The clock stops before it starts.")
    return whole_seconds(_elapsed(calendar, start, stop, _stops(pauses, start)))


def read(
    calendar: Calendar,
    started_at: datetime,
    target_seconds: int,
    pauses: Iterable[Pause],
    at: datetime,
    stopped_at: datetime | None = None,
) -> Reading:
    """What the clock shows at `at`, knowing only what had happened by then (R7, R8, R10).

    A clock that was stopped shows its last reading. It kept its promise when it stopped at the
    due instant or before; one that still runs at the due instant has broken it. Before the start
    it shows what it shows at the start.
    """
    stopped = stopped_at is not None and stopped_at <= at
    seen_at = max(started_at, stopped_at if stopped and stopped_at is not None else at)
    known = [pause.seen_at(seen_at) for pause in pauses if pause.opened_at <= seen_at]
    start, now, target = microseconds(started_at), microseconds(seen_at), _target(target_seconds)
    stops = _stops(known, start)
    due_at = _due(calendar, start, target, stops)
    breached = due_at is not None and (due_at < now or (due_at == now and not stopped))
    elapsed_seconds = whole_seconds(_elapsed(calendar, start, now, stops))
    overrun = calendar.elapsed_microseconds(due_at, now) if breached and due_at is not None else 0
    due_moment = None if due_at is None else instant(due_at)
    return Reading(
        elapsed_seconds=elapsed_seconds,
        remaining_seconds=max(0, target_seconds - elapsed_seconds),
        due_at=due_moment,
        paused_since=next((instant(a) for a, b in stops if a <= now < b), None),
        breached_at=due_moment if breached else None,
        overrun_seconds=whole_seconds(overrun),
    )


def warning_instants(
    calendar: Calendar,
    started_at: datetime,
    target_seconds: int,
    pauses: Iterable[Pause] = (),
    percents: Sequence[int] = (50, 75, 90),
) -> tuple[WarningInstant, ...]:
    """When each share of the target is reached, in the order asked (R9)."""
    start, target = microseconds(started_at), _target(target_seconds)
    stops = _stops(pauses, start)
    warnings = []
    for percent in percents:
        found = _due(calendar, start, -(-target * percent // 100), stops)
        warnings.append(WarningInstant(percent, None if found is None else instant(found)))
    return tuple(warnings)


def retarget(
    calendar: Calendar,
    started_at: datetime,
    pauses: Sequence[Pause],
    target_seconds: int,
    at: datetime,
    grace_seconds: int = HOUR_SECONDS,
) -> Retarget:
    """Reclassification at `at` (T4): the later of the new target and `at` plus the grace.

    The new target counts from the original start with its pauses. Where less than the grace would
    be left, the extension makes up for it; a fraction of a second is rounded up to a whole one.
    """
    start, now = microseconds(started_at), microseconds(at)
    worked = _elapsed(calendar, start, max(start, now), _stops(pauses, start))
    extension = with_minimum_left(target_seconds, _seconds_up(worked), grace_seconds)
    due_at = due(calendar, started_at, target_seconds + extension, pauses)
    return Retarget(target_seconds, extension, due_at)


def with_minimum_left(target_seconds: int, elapsed_seconds: int, minimum_seconds: int) -> int:
    """The extension that leaves at least the minimum, in seconds: for a return (2, Moves)."""
    return max(0, elapsed_seconds + minimum_seconds - target_seconds)


def left(target_seconds: int, elapsed_seconds: int, minimum_seconds: int = 0) -> int:
    """What is left of the target, at least the minimum: the target of a reopened cycle."""
    return max(target_seconds - elapsed_seconds, minimum_seconds)


def part_target(part: int, block_seconds: int, parts_per_block: int) -> int:
    """Working seconds until part `part`, from 1, is due: a block for each full or begun (R6)."""
    if part < 1 or parts_per_block < 1:
        raise ClockError("Parts, and the parts of a block, are counted from one.")
    return block_seconds * -(-part // parts_per_block)


def part_due(
    calendar: Calendar,
    started_at: datetime,
    part: int,
    block_seconds: int,
    parts_per_block: int,
    pauses: Iterable[Pause] = (),
) -> datetime | None:
    """When one part of a ticket with parts is due, None while paused (R6, R10)."""
    target_seconds = part_target(part, block_seconds, parts_per_block)
    return due(calendar, started_at, target_seconds, pauses)


def spans(
    calendar: Calendar, started_at: datetime, until: datetime, pauses: Iterable[Pause] = ()
) -> tuple[Span, ...]:
    """The whole of [started_at, until) in order, each stretch running, paused or closed (R11).

    The working seconds of the running spans add up to `elapsed` exactly.
    """
    start, end = microseconds(started_at), microseconds(until)
    if end < start:
        raise ClockError("The clock stops before it starts.")
    found: list[Span] = []
    at, counted = start, 0
    for opened, closed, pause_id in _owned(pauses, start, end):
        counted = _run(calendar, at, opened, counted, found)
        spared = whole_seconds(calendar.elapsed_microseconds(opened, closed))
        found.append(Span(SpanKind.PAUSED, instant(opened), instant(closed), spared, pause_id))
        at = closed
    _run(calendar, at, end, counted, found)
    return tuple(found)


def folded(history: Iterable[Span]) -> tuple[Span, ...]:
    """The same history with nights and breaks inside what they interrupt: running or paused.

    Running and closed stretches between two pauses become one running span, for a short account.
    """
    short: list[Span] = []
    for span in history:
        last = short[-1] if short else None
        if span.kind is SpanKind.PAUSED or last is None or last.kind is SpanKind.PAUSED:
            kind = SpanKind.PAUSED if span.kind is SpanKind.PAUSED else SpanKind.RUNNING
            short.append(replace(span, kind=kind))
        else:
            total = last.working_seconds + span.working_seconds
            short[-1] = replace(last, until_at=span.until_at, working_seconds=total)
    return tuple(short)


def _target(seconds: int) -> int:
    if seconds < 0:
        raise ClockError("A target cannot be below zero.")
    return seconds * SECOND


def _seconds_up(worked: int) -> int:
    return -(-worked // SECOND)


def _stops(pauses: Iterable[Pause], start: int) -> Stops:
    """The union of the pauses from the start on, in order, disjoint and not empty (R2)."""
    stops: Stops = []
    for opened, closed in sorted(_edges(pause, start) for pause in pauses if not pause.struck):
        if closed <= opened:
            continue
        if stops and opened <= stops[-1][1]:
            stops[-1] = (stops[-1][0], max(stops[-1][1], closed))
        else:
            stops.append((opened, closed))
    return stops


def _edges(pause: Pause, start: int) -> tuple[int, int]:
    closed = FOREVER if pause.closed_at is None else microseconds(pause.closed_at)
    return max(start, microseconds(pause.opened_at)), closed


def _due(calendar: Calendar, start: int, target: int, stops: Stops) -> int | None:
    at, missing = start, target
    for opened, closed in stops:
        found = calendar.add_microseconds(at, missing)
        if found <= opened:
            return found
        if closed == FOREVER:
            return None
        missing -= calendar.elapsed_microseconds(at, opened)
        at = closed
    return calendar.add_microseconds(at, missing)


def _elapsed(calendar: Calendar, start: int, stop: int, stops: Stops) -> int:
    worked = calendar.elapsed_microseconds(start, stop)
    for opened, closed in stops:
        if opened < stop:
            worked -= calendar.elapsed_microseconds(opened, min(closed, stop))
    return worked


def _owned(pauses: Iterable[Pause], start: int, end: int) -> list[tuple[int, int, str]]:
    """Disjoint paused stretches in order, each with the pause that was opened first of those."""
    owned: list[tuple[int, int, str]] = []
    free_from = start
    edges = ((*_edges(pause, start), pause) for pause in pauses if not pause.struck)
    for opened, closed, pause in sorted(edges, key=lambda edge: (edge[2].opened_at, edge[1])):
        first, last = max(opened, free_from), min(closed, end)
        if first < last:
            owned.append((first, last, pause.id))
            free_from = last
    return owned


def _run(calendar: Calendar, start: int, end: int, counted: int, found: list[Span]) -> int:
    """Append what the clock did unpaused in [start, end); give back all that it has counted.

    `counted` and the result are working microseconds since the start of the clock. Each span gets
    the difference of two rounded totals, so that they add up to the rounded whole.
    """
    at = start
    for opened, closed in calendar.windows_between(start, end):
        if at < opened:
            found.append(Span(SpanKind.CLOSED, instant(at), instant(opened), 0))
        total = counted + closed - opened
        seconds = whole_seconds(total) - whole_seconds(counted)
        found.append(Span(SpanKind.RUNNING, instant(opened), instant(closed), seconds))
        at, counted = closed, total
    if at < end:
        found.append(Span(SpanKind.CLOSED, instant(at), instant(end), 0))
    return counted
