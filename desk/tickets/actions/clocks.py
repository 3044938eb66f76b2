"""Moving the clocks of a ticket: the only place where clock and pause rows are written.

Every function works on rows locked by the engine. Clocks are recomputed from their events by
the pure rules; what is stored beside the ticket is derived here and proved by `desk check`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.rules import clock as rules
from desk.rules.lifecycle import STATES, ClockState, State
from desk.tickets.actions import rows
from desk.tickets.actions.running import Clocks, events, fresh, load
from desk.tickets.models import Clock, ClockKind, Outcome, PartState, Pause, Ticket

__all__ = ["Clocks", "events", "fresh", "load"]  # how others reach them


def start(
    clocks: Clocks, kind: ClockKind, at: datetime, target: int | None, subject: str = ""
) -> Clock:
    """Start a clock of the present cycle; `target` in working seconds, None until promised."""
    clock = _started(clocks, kind, at, target, subject)
    clocks.save(clock)
    clocks.running.append(clock)
    clocks.pauses[clock.pk] = []
    return clock


def first(ticket: Ticket, at: datetime, acceptance_seconds: int) -> list[Clock]:
    """The clocks of a new ticket, not written yet: acceptance, and resolution, which runs from
    submission and is unseen until it is promised."""
    clocks = fresh(ticket)
    acceptance = _started(clocks, ClockKind.ACCEPTANCE, at, acceptance_seconds)
    return [acceptance, _started(clocks, ClockKind.RESOLUTION, at, None)]


def _started(
    clocks: Clocks, kind: ClockKind, at: datetime, target: int | None, subject: str = ""
) -> Clock:
    ticket = clocks.ticket
    clock = Clock(
        ticket=ticket,
        kind=kind,
        cycle=ticket.cycle,
        subject=subject,
        calendar_version=ticket.calendar_version,
        started_at=at,
        target_seconds=target,
    )
    _derive(clocks, clock, at)
    return clock


def notice(clocks: Clocks, cause: Cause, *, still_running: bool = False) -> list[Clock]:
    """Record the breaches that lie before `cause.at` and were not noticed yet (R8).

    A breach happens at the due instant, whenever it is noticed, also after an outage. A move
    made at the due instant itself is in time; a clock `still_running` then has broken it.
    """
    found = []
    for clock in clocks.running:
        if clock.breached_at is not None or clock.due_at is None:
            continue
        if clock.due_at < cause.at or (still_running and clock.due_at == cause.at):
            _breach(clocks, clock, cause)
            found.append(clock)
    return found


def stop(clocks: Clocks, clock: Clock, at: datetime, *, void: bool = False) -> None:
    """Stop a clock: met, late, or void (a void is no success, R4)."""
    _stop(clocks, clock, at, void=void)
    clocks.save(clock)


def _stop(clocks: Clocks, clock: Clock, at: datetime, *, void: bool) -> None:
    clock.stopped_at = max(at, clock.started_at)
    clock.next_at = None
    if void:
        clock.outcome = Outcome.VOID
    else:
        clock.outcome = Outcome.LATE if clock.breached_at else Outcome.MET
    for pause in clocks.pauses[clock.pk]:
        if pause.closed_at is None:
            pause.closed_at = clock.stopped_at
            pause.save(update_fields=["closed_at"])
    clocks.running.remove(clock)


def follow(clocks: Clocks, before: State, after: State, at: datetime, entry_id: int) -> None:
    """Let the resolution clock follow the state: which clock runs is the state's alone."""
    clock = clocks.get(ClockKind.RESOLUTION)
    ticket = clocks.ticket
    ticket.clock = STATES[after].clock
    if clock is None:
        return
    was, now = STATES[before].clock, STATES[after].clock
    if was == ClockState.PAUSED and (now != ClockState.PAUSED or before != after):
        _close_pause(clocks, clock, at, entry_id)
    if now == ClockState.PAUSED and (was != ClockState.PAUSED or before != after):
        _open_pause(clocks, clock, after, at, entry_id)
    if now == ClockState.ENDED:
        _end(clocks, clock, after, at)
    refresh(clocks, at)


def retarget(clocks: Clocks, target: int | None, at: datetime) -> Clock:
    """Give the resolution clock another target; an old breach stays (T4). None while nothing
    is promised: a customisation waits for its estimate."""
    clock = clocks.get(ClockKind.RESOLUTION)
    assert clock is not None, "an open ticket has a resolution clock"
    clock.target_seconds, clock.warned_percent = target, 0
    refresh(clocks, at)
    return clock


def seconds_until(clocks: Clocks, due_at: datetime, at: datetime) -> int:
    """The target of a clock that starts at `at` and is due at `due_at`: whole seconds, and none
    too many, since after the end of a day comes the next morning."""
    target = clocks.calendar.elapsed(at, due_at)
    return target - (clocks.calendar.add(at, target) > due_at)


def target_until(clocks: Clocks, clock: Clock, due_at: datetime, at: datetime) -> int:
    """The target with which `clock` is due at `due_at`, if it runs from `at` on: whole
    seconds, and none too many."""
    if due_at < at:
        return elapsed(clocks, clock, due_at)
    target = elapsed(clocks, clock, at) + clocks.calendar.elapsed(at, due_at)
    known = [replace(one, closed_at=one.closed_at or at) for one in clocks.events(clock)]
    found = rules.due(clocks.calendar, clock.started_at, target, known)
    return target - 1 if found is not None and found > due_at else target


def expected_due(clocks: Clocks, clock: Clock, at: datetime) -> datetime | None:
    """When `clock` is due if it runs from `at` on; None until promised."""
    if clock.target_seconds is None or clock.due_at is not None:
        return clock.due_at
    left = clock.target_seconds - elapsed(clocks, clock, at)
    return clocks.calendar.add(at, max(0, left))


def inherit(
    clocks: Clocks, clock: Clock, merged: Clock, due_at: datetime | None, at: datetime
) -> None:
    """Let the earlier due and any breach of a merged ticket's clock survive on this one; the
    due of a ticket that is not promised yet is kept until it is."""
    own = expected_due(clocks, clock, at)
    if due_at is not None and (own is None or due_at < own):
        # A due from before this clock's own start can only be kept by an earlier start.
        clock.started_at = min(clock.started_at, due_at)
        clock.target_seconds = target_until(clocks, clock, due_at, at)
        clock.warned_percent = 0
    earlier = clock.breached_at is None or (merged.breached_at or at) < clock.breached_at
    if merged.breached_at is not None and earlier:
        clock.breached_at = merged.breached_at
        clock.breach_noticed_at = merged.breach_noticed_at
        clock.breach_by_ruling = merged.breach_by_ruling
    _derive(clocks, clock, at)
    clocks.save(clock)
    if clock.kind == ClockKind.RESOLUTION:
        beside(clocks.ticket, clocks, clock, at)


def strike(clocks: Clocks, pause: Pause, cause: Cause) -> Clock:
    """Strike a pause by ruling, also on a clock that has ended: the due is recomputed, and a
    breach so found counts as of its instant (R11)."""
    clock = pause.clock
    clock.ticket = clocks.ticket
    known = rows.pauses([clock])
    for row in known:
        if row.pk == pause.pk:
            row.struck = True
            row.save(update_fields=["struck"])
    clocks.pauses[clock.pk] = known
    until = clock.stopped_at or cause.at
    _derive(clocks, clock, until)
    known_until = min(until, clock.breached_at) if clock.breached_at else until
    if clock.due_at is not None and clock.due_at < known_until:
        _breach(clocks, clock, cause, by_ruling=True)
    if clock.stopped_at is not None:
        clock.next_at = None
        if clock.breached_at is not None and clock.outcome == Outcome.MET:
            clock.outcome = Outcome.LATE
    clocks.save(clock)
    if clock.cycle == clocks.ticket.cycle:
        beside(clocks.ticket, clocks, clock, until)
    return clock


def look(clocks: Clocks, clock: Clock, at: datetime) -> int | None:
    """The highest warning share passed by `at` and not yet warned of, once, also after an
    outage (R9); sets when to look again."""
    percent = _share_passed(clocks, clock, at)
    clock.warned_percent = max(clock.warned_percent, percent or 0)
    _derive(clocks, clock, at)
    clocks.save(clock)
    return percent


def leave_at_least(clocks: Clocks, seconds: int, at: datetime) -> None:
    """Extend the target so that at least `seconds` of working time are left (return, reopen)."""
    clock = clocks.get(ClockKind.RESOLUTION)
    assert clock is not None and clock.target_seconds is not None
    worked = elapsed(clocks, clock, at)
    clock.target_seconds = max(clock.target_seconds, worked + seconds)
    clock.warned_percent = 0
    refresh(clocks, at)


def elapsed(clocks: Clocks, clock: Clock, at: datetime) -> int:
    """Working seconds counted by `clock` up to `at`."""
    return rules.elapsed(clocks.calendar, clock.started_at, at, clocks.events(clock))


def strike_last_pause(clocks: Clocks, at: datetime) -> None:
    """Let the pause that ended last count as run: a recalled delivery (spec 2, recall)."""
    clock = clocks.get(ClockKind.RESOLUTION)
    assert clock is not None
    pause = clocks.pauses[clock.pk][-1]
    pause.struck = True
    pause.save(update_fields=["struck"])
    refresh(clocks, at)


def refresh(clocks: Clocks, at: datetime) -> None:
    """Recompute the resolution clock and what is kept beside the ticket."""
    clock = clocks.get(ClockKind.RESOLUTION)
    if clock is None:
        return
    _derive(clocks, clock, at)
    clocks.save(clock)
    beside(clocks.ticket, clocks, clock, at)


def beside(ticket: Ticket, clocks: Clocks, clock: Clock, at: datetime) -> None:
    """Write the derived columns of the ticket: due, or what is left while it stands (R10)."""
    open_pause = next((p for p in clocks.pauses[clock.pk] if p.closed_at is None), None)
    ticket.breached_at = clock.breached_at
    ticket.due_at = clock.due_at
    ticket.stands_since_at = open_pause.opened_at if open_pause else None
    ticket.left_seconds = None
    if open_pause is not None and clock.target_seconds is not None and clock.due_at is None:
        ticket.left_seconds = clock.target_seconds - elapsed(clocks, clock, at)
    for part in rows.parts(ticket):
        if part.state not in (PartState.OPEN, PartState.WAITING):
            continue
        due_at = _part_due(ticket, clocks, clock, part.number)
        if part.due_at != due_at:
            part.due_at = due_at
            part.save(update_fields=["due_at"])


def _part_due(ticket: Ticket, clocks: Clocks, clock: Clock, number: int) -> datetime | None:
    if clock.due_at is None or clock.target_seconds is None:
        return None
    terms = ticket.plan_version.value()
    due = rules.part_due(
        clocks.calendar,
        clock.started_at,
        number,
        terms.part_seconds,
        terms.parts_per_target,
        clocks.events(clock),
    )
    return min(due, clock.due_at) if due else clock.due_at


def _derive(clocks: Clocks, clock: Clock, at: datetime) -> None:
    """`due_at` and `next_at` from the clock's events."""
    if clock.target_seconds is None:
        clock.due_at = clock.next_at = None
        return
    pauses = _before_stop(clocks, clock)
    clock.due_at = rules.due(clocks.calendar, clock.started_at, clock.target_seconds, pauses)
    if clock.due_at is not None and _stands_since(pauses, clock.due_at):
        clock.due_at = None
    silent = clock.due_at is None or clock.stopped_at is not None
    clock.next_at = None if silent else _next(clocks, clock, pauses, at)


def _before_stop(clocks: Clocks, clock: Clock) -> tuple[rules.Pause, ...]:
    """The pauses that the clock knew of: the wait for a confirmation opens when it stops, and
    puts off no due that was kept."""
    known = clocks.pauses.get(clock.pk, []) if clock.pk else []
    stopped_at = clock.stopped_at
    return events([row for row in known if stopped_at is None or row.opened_at < stopped_at])


def _stands_since(pauses: tuple[rules.Pause, ...], due_at: datetime) -> bool:
    """Whether a pause that is open began no later than the due instant: a move made then is in
    time, and what stands breaks nothing until it runs again (R10)."""
    return any(p.closed_at is None and not p.struck and p.opened_at <= due_at for p in pauses)


def _next(
    clocks: Clocks, clock: Clock, pauses: tuple[rules.Pause, ...], at: datetime
) -> datetime | None:
    """The next instant for the watcher: a warning still to come, else the due instant."""
    assert clock.target_seconds is not None and clock.due_at is not None
    if clock.breached_at is not None and clock.due_at <= at:
        return None
    percents = clock.ticket.plan_version.value().warning_percents
    coming = [
        warning.at
        for warning in rules.warning_instants(
            clocks.calendar, clock.started_at, clock.target_seconds, pauses, percents
        )
        if warning.at is not None and warning.percent > clock.warned_percent and warning.at > at
    ]
    return min([*coming, clock.due_at])


def _share_passed(clocks: Clocks, clock: Clock, at: datetime) -> int | None:
    if clock.target_seconds is None or clock.breached_at is not None:
        return None
    warnings = rules.warning_instants(
        clocks.calendar,
        clock.started_at,
        clock.target_seconds,
        clocks.events(clock),
        clocks.ticket.plan_version.value().warning_percents,
    )
    passed = [
        warning.percent
        for warning in warnings
        if warning.percent > clock.warned_percent and warning.at is not None and warning.at <= at
    ]
    return max(passed, default=None)


def _breach(clocks: Clocks, clock: Clock, cause: Cause, *, by_ruling: bool = False) -> None:
    clock.breached_at = clock.due_at
    clock.breach_noticed_at = cause.at
    clock.breach_by_ruling = by_ruling
    clock.next_at = None
    clocks.save(clock)
    ticket = clocks.ticket
    if clock.kind == ClockKind.RESOLUTION and clock.cycle == ticket.cycle:
        ticket.breached_at = clock.breached_at
        ticket.save(update_fields=["breached_at"])
    assert clock.breached_at is not None
    journal.record(
        Cause("system", cause.at, "worker"),
        "breach",
        ticket.key,
        {
            "clock": clock.kind,
            "cycle": clock.cycle,
            "about": clock.subject,
            "breached_at": clock.breached_at.isoformat(),
            "noticed_after_seconds": int((cause.at - clock.breached_at).total_seconds()),
            "state": ticket.state,
            "executor": ticket.executor_id,
            "by_ruling": by_ruling,
        },
        ticket.partner_id,
    )


def _open_pause(clocks: Clocks, clock: Clock, state: State, at: datetime, entry_id: int) -> None:
    pause = Pause.objects.create(clock=clock, state=state, opened_at=at, opened_entry_id=entry_id)
    clocks.pauses[clock.pk].append(pause)


def _close_pause(clocks: Clocks, clock: Clock, at: datetime, entry_id: int) -> None:
    for pause in clocks.pauses[clock.pk]:
        if pause.closed_at is None:
            pause.closed_at, pause.closed_entry_id = max(at, pause.opened_at), entry_id
            pause.save(update_fields=["closed_at", "closed_entry_id"])


def _end(clocks: Clocks, clock: Clock, state: State, at: datetime) -> None:
    """The clock of a resolved ticket ends at its last delivery (R16); others are void."""
    ticket = clocks.ticket
    delivered = ticket.delivered_at if state == State.RESOLVED else None
    _stop(clocks, clock, delivered or at, void=state != State.RESOLVED)
    _derive(clocks, clock, at)
    clocks.save(clock)
    ticket.due_at = clock.due_at
    ticket.left_seconds = None
    ticket.stands_since_at = None
