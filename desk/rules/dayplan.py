"""The plan of a specialist's day: what the Standard and the deadlines leave open, in order.

Breaks stand where the Standard puts them, intake checks every half hour; a share of each window
is kept for the unplanned. What is left goes to the critical first, then to the earliest deadline.
Nothing is planned beyond that, and what cannot be done by its deadline is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from desk.rules.worktime import Window

PERCENT = 100
# A piece of work shorter than this is not worth beginning before an interruption.
PIECE_MIN = timedelta(minutes=5)


class Kind(StrEnum):
    WORK = "work"
    INTAKE = "intake"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Customs:
    """How a day is made up, in minutes; `reserve_percent` of each window is left free."""

    breaks: int = 2
    break_minutes: int = 15
    intake_every_minutes: int = 30
    intake_minutes: int = 5
    reserve_percent: int = 25


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be worked on: a part, or a ticket. `seconds` is what it will take still,
    `rank` the partner's own order among what is due at the same time."""

    subject: str
    seconds: int
    due_at: datetime | None = None
    critical: bool = False
    rank: float = 0.0


@dataclass(frozen=True, slots=True)
class Slot:
    kind: Kind
    since_at: datetime
    until_at: datetime
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Misfit:
    """What will not be done by its deadline. `done_at` is when it would be, None when not today;
    `left_seconds` is what is not planned of it."""

    subject: str
    due_at: datetime
    done_at: datetime | None
    left_seconds: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Slots in the order of time, without overlaps; what does not fit, in the order of due."""

    slots: tuple[Slot, ...]
    misfits: tuple[Misfit, ...]


def propose(
    windows: Sequence[Window],
    tasks: Iterable[Task],
    since_at: datetime,
    customs: Customs | None = None,
    next_shift_at: datetime | None = None,
) -> Plan:
    """The plan of what is left of a shift from `since_at` on.

    `windows` are the working hours of the shift, lunch left out. What is not planned is a misfit
    unless the time from `next_shift_at` to its deadline suffices for what is left of it.
    """
    customs = customs or Customs()
    fixed = _fixed(windows, since_at, customs)
    gaps = [gap for window in windows for gap in _gaps(window, fixed, since_at, customs)]
    ordered = sorted(tasks, key=_order)
    slots, ends, left = _filled(gaps, ordered)
    misfits = [_misfit(task, ends, left, next_shift_at) for task in ordered]
    found = sorted([*fixed, *slots], key=lambda slot: slot.since_at)
    return Plan(tuple(found), tuple(one for one in misfits if one is not None))


def replan(
    old: Plan,
    windows: Sequence[Window],
    tasks: Iterable[Task],
    since_at: datetime,
    customs: Customs | None = None,
    next_shift_at: datetime | None = None,
) -> tuple[Plan, tuple[str, ...]]:
    """The rest of the day anew, what has begun kept; and the subjects that moved to later or out
    of the day."""
    kept = [slot for slot in old.slots if slot.since_at < since_at]
    fresh = propose(windows, tasks, since_at, customs, next_shift_at)
    free = max([since_at, *(slot.until_at for slot in kept if slot.kind != Kind.WORK)])
    rest = [slot for slot in fresh.slots if slot.since_at >= free]
    cut = [_cut(slot, since_at) for slot in kept]
    slots = sorted([*cut, *rest], key=lambda slot: slot.since_at)
    before, after = _starts(old, since_at), _starts(fresh, since_at)
    moved = [
        subject for subject, at in before.items() if subject not in after or after[subject] > at
    ]
    return Plan(tuple(slots), fresh.misfits), tuple(moved)


def _order(task: Task) -> tuple[bool, bool, float, float, str]:
    due = task.due_at.timestamp() if task.due_at is not None else 0.0
    return (not task.critical, task.due_at is None, due, task.rank, task.subject)


def _fixed(windows: Sequence[Window], since_at: datetime, customs: Customs) -> list[Slot]:
    """Breaks in the middle of windows, the longest windows first; intake checks around them."""
    breaks = []
    longest = sorted(windows, key=lambda window: (window[0] - window[1], window[0]))
    for start, end in longest[: customs.breaks]:
        begins = _rounded(start + (end - start - timedelta(minutes=customs.break_minutes)) / 2)
        ends = begins + timedelta(minutes=customs.break_minutes)
        breaks.append(Slot(Kind.BREAK, begins, ends))
    checks = [
        Slot(Kind.INTAKE, at, at + timedelta(minutes=customs.intake_minutes))
        for window in windows
        for at in _checks(window, customs)
    ]
    free = [one for one in checks if not any(_meet(one, other) for other in breaks)]
    return sorted(
        (slot for slot in (*breaks, *free) if slot.since_at >= since_at),
        key=lambda slot: slot.since_at,
    )


def _checks(window: Window, customs: Customs) -> Iterable[datetime]:
    start, end = window
    every = timedelta(minutes=customs.intake_every_minutes)
    length = timedelta(minutes=customs.intake_minutes)
    # The next check begins before the time of the last one is over.
    at = start
    while at + length <= end:
        yield at
        at += every


def _gaps(
    window: Window, fixed: Sequence[Slot], since_at: datetime, customs: Customs
) -> list[Window]:
    """What is free of a window for planned work: without its reserve, which lies at its end."""
    start, end = max(window[0], since_at), window[1]
    gaps: list[Window] = []
    for slot in fixed:
        if slot.since_at >= end or slot.until_at <= start:
            continue
        if slot.since_at > start:
            gaps.append((start, slot.since_at))
        start = max(start, slot.until_at)
    if start < end:
        gaps.append((start, end))
    whole = sum((until - since for since, until in gaps), timedelta())
    return _first_of(gaps, whole * (PERCENT - customs.reserve_percent) / PERCENT)


def _first_of(gaps: Iterable[Window], length: timedelta) -> list[Window]:
    found: list[Window] = []
    for start, end in gaps:
        if length <= timedelta():
            break
        until = min(end, start + length)
        found.append((start, until))
        length -= until - start
    return found


def _filled(
    gaps: Sequence[Window], ordered: Sequence[Task]
) -> tuple[list[Slot], dict[str, datetime], dict[str, int]]:
    """Slots of work one after another; when each task ends, and what is left of it."""
    free = list(gaps)
    slots: list[Slot] = []
    ends: dict[str, datetime] = {}
    left: dict[str, int] = {}
    for task in ordered:
        missing = timedelta(seconds=task.seconds)
        while missing > timedelta() and free:
            start, end = free[0]
            if end - start < min(PIECE_MIN, missing):
                free.pop(0)
                continue
            until = min(end, start + missing)
            slots.append(Slot(Kind.WORK, start, until, task.subject))
            missing -= until - start
            free[0] = (until, end)
            ends[task.subject] = until
        left[task.subject] = int(missing.total_seconds())
    return slots, ends, left


def _misfit(
    task: Task,
    ends: dict[str, datetime],
    left: dict[str, int],
    next_shift_at: datetime | None,
) -> Misfit | None:
    due_at, missing = task.due_at, left[task.subject]
    if due_at is None:
        return None
    done_at = ends.get(task.subject) if not missing else None
    if done_at is not None and done_at <= due_at:
        return None
    another_day = next_shift_at is not None and (
        due_at - next_shift_at >= timedelta(seconds=missing)
    )
    if done_at is None and another_day:
        return None
    return Misfit(task.subject, due_at, done_at, missing)


def _starts(plan: Plan, since_at: datetime) -> dict[str, datetime]:
    """When each subject is next worked on."""
    found: dict[str, datetime] = {}
    for slot in plan.slots:
        if slot.kind == Kind.WORK and slot.since_at >= since_at:
            found.setdefault(slot.subject, slot.since_at)
    return found


def _cut(slot: Slot, at: datetime) -> Slot:
    ends_later = slot.kind == Kind.WORK and slot.until_at > at
    return Slot(slot.kind, slot.since_at, at, slot.subject) if ends_later else slot


def _meet(one: Slot, other: Slot) -> bool:
    return one.since_at < other.until_at and other.since_at < one.until_at


def _rounded(at: datetime) -> datetime:
    """To whole five minutes: a person looks at a clock."""
    minutes = at.minute % 5
    return at - timedelta(minutes=minutes, seconds=at.second, microseconds=at.microsecond)
