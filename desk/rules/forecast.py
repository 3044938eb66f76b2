"""Will the lead make it? What is forecast to miss a promise is offered to the cover in time.

An acceptance is at risk shortly before its limit while the lead does something else. A deadline is
at risk when the lead's hours until then do not hold the work that is due by then, the critical
first, then in the order of the deadlines: what does not fit is named, and leaves room for the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from desk.rules.worktime import Calendar, Window

# A ticket, or a part, takes a personal manager about half an hour (specification 5).
TYPICAL_SECONDS = 1_800
ACCEPTANCE_RISK_SECONDS = 900
CRITICAL_RISK_SECONDS = 300
# What is due later than a working day from now is a matter of the day plan.
HORIZON_SECONDS = 28_800


class Kind(StrEnum):
    ACCEPTANCE = "acceptance"
    DEADLINE = "deadline"


class Reason(StrEnum):
    """Why the lead is forecast to miss it. GONE: not at work, or nothing seen of them."""

    BUSY = "busy"
    CRITICAL = "critical"
    PAUSE = "pause"
    MEETING = "meeting"
    GONE = "gone"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Task:
    """An open ticket of the lead. `accept_by_at` while it waits for acceptance, `due_at` while
    its deadline runs; `seconds` is what it takes still; `at_hand`: the lead works on it now."""

    ticket: int
    seconds: int = TYPICAL_SECONDS
    accept_by_at: datetime | None = None
    due_at: datetime | None = None
    critical: bool = False
    at_hand: bool = False


@dataclass(frozen=True, slots=True)
class Lead:
    """Who is looked at: hours, absences that are noted, and what keeps them from an acceptance
    at this moment (None: nothing)."""

    hours: Calendar
    absences: Sequence[Window] = ()
    kept_by: Reason | None = None


@dataclass(frozen=True, slots=True)
class Risk:
    ticket: int
    kind: Kind
    reason: Reason
    limit_at: datetime


def risks(lead: Lead, tasks: Iterable[Task], at: datetime) -> tuple[Risk, ...]:
    """What the lead is forecast to miss, acceptances first; what has passed is no forecast."""
    known = list(tasks)
    return (*_acceptances(lead, known, at), *_deadlines(lead, known, at))


def fits(who: Lead, tasks: Iterable[Task], more: Task, at: datetime) -> bool:
    """Whether somebody makes one more task without missing anything. Who is not at the desk now
    may hear of it and come; who serves a critical error is left alone."""
    if who.kept_by == Reason.CRITICAL:
        return False
    return not any(risk.kind == Kind.DEADLINE for risk in risks(who, [*tasks, more], at))


def left(who: Lead, at: datetime, until_at: datetime) -> int:
    """Seconds that somebody works from `at` to `until_at`: own hours without absences."""
    clipped = ((max(at, since_at), min(until_at, end_at)) for since_at, end_at in who.absences)
    gone = sum(who.hours.elapsed(start, end) for start, end in clipped if start < end)
    return who.hours.elapsed(at, until_at) - gone


def _acceptances(lead: Lead, tasks: Sequence[Task], at: datetime) -> Iterable[Risk]:
    for task in tasks:
        limit_at = task.accept_by_at
        if limit_at is None or limit_at <= at or task.at_hand:
            continue
        near = CRITICAL_RISK_SECONDS if task.critical else ACCEPTANCE_RISK_SECONDS
        seconds = left(lead, at, limit_at)
        if seconds <= 0:
            yield Risk(task.ticket, Kind.ACCEPTANCE, Reason.GONE, limit_at)
        elif seconds <= near and lead.kept_by is not None:
            yield Risk(task.ticket, Kind.ACCEPTANCE, lead.kept_by, limit_at)


def _deadlines(lead: Lead, tasks: Sequence[Task], at: datetime) -> Iterable[Risk]:
    due = [task for task in tasks if task.due_at is not None and task.due_at > at]
    planned = 0
    for task in sorted(due, key=_order):
        assert task.due_at is not None, "chosen by it"
        seconds = left(lead, at, task.due_at)
        if planned + task.seconds <= seconds or task.at_hand:
            planned += task.seconds
        elif seconds <= HORIZON_SECONDS:
            reason = Reason.FULL if seconds else Reason.GONE
            yield Risk(task.ticket, Kind.DEADLINE, reason, task.due_at)


def _order(task: Task) -> tuple[bool, bool, datetime | None, int]:
    return (not task.at_hand, not task.critical, task.due_at, task.ticket)
