"""The plan of a specialist's day: what the Standard and the deadlines leave open, in order.

Breaks stand where the Standard puts them, intake checks every half hour; a share of each window
is kept for the unplanned. What is left goes to the critical first, then to the earliest deadline.
Nothing is planned beyond that, and what cannot be done by its deadline is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from desk.rules.worktime import Window

PERCENT = 100
RESERVE_PERCENT = 25
# A piece of work shorter than this is not worth beginning before an interruption.
PIECE_MIN = timedelta(minutes=5)


class Kind(StrEnum):
    WORK = "work"
    INTAKE = "intake"
    BREAK = "break"
    PLANNING = "planning"
    LUNCH = "lunch"
    MEETING = "meeting"
    TRAINING = "training"


# What somebody puts into a day themselves: everything else is planned around it.
APPOINTMENTS = frozenset({Kind.PLANNING, Kind.LUNCH, Kind.MEETING, Kind.TRAINING})


@dataclass(frozen=True, slots=True)
class Customs:
    """How a day is made up, in minutes; `reserve_percent` of each window is left free.

    `shift_minutes` is how far breaks lie from the middle of a window, so that those who stand in
    for each other do not go at once.
    """

    breaks: int = 2
    break_minutes: int = 15
    intake_every_minutes: int = 30
    intake_minutes: int = 5
    reserve_percent: int = RESERVE_PERCENT
    shift_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be worked on: a part, or a ticket. `seconds` is what it will take still,
    `rank` the partner's own order among what is due at the same time. `place` is where the
    specialist has put it; what is critical comes before that."""

    subject: str
    seconds: int
    due_at: datetime | None = None
    critical: bool = False
    rank: float = 0.0
    place: int | None = None


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
    appointments: Sequence[Slot] = (),
) -> Plan:
    """The plan of what is left of a shift from `since_at` on.

    `windows` are the working hours of the shift, lunch left out. What is not planned is a misfit
    unless the time from `next_shift_at` to its deadline suffices for what is left of it.
    `appointments` stand where they are; they must not overlap each other.
    """
    customs = customs or Customs()
    fixed = _fixed(windows, since_at, customs, appointments)
    gaps = [gap for window in windows for gap in _gaps(window, fixed, since_at, customs)]
    queue = ordered(tasks)
    slots, ends, left = _filled(gaps, queue)
    late = [_misfit(task, ends, left, next_shift_at) for task in queue]
    found = sorted([*fixed, *slots], key=lambda slot: slot.since_at)
    return Plan(tuple(found), tuple(one for one in late if one is not None))


def replan(
    old: Plan,
    windows: Sequence[Window],
    tasks: Iterable[Task],
    since_at: datetime,
    customs: Customs | None = None,
    next_shift_at: datetime | None = None,
) -> tuple[Plan, tuple[str, ...]]:
    """The rest of the day anew, what has begun kept; and the subjects that moved to later or out
    of the day. What was planned keeps its order, and what is new goes in by its deadline."""
    kept = [slot for slot in old.slots if slot.since_at < since_at]
    before = _starts(old, since_at)
    placed = _placed(tasks, before)
    stand = [slot for slot in old.slots if slot.kind in APPOINTMENTS and slot not in kept]
    fresh = propose(windows, placed, since_at, customs, next_shift_at, stand)
    free = max([since_at, *(slot.until_at for slot in kept if slot.kind != Kind.WORK)])
    rest = [slot for slot in fresh.slots if slot.since_at >= free]
    cut = [_cut(slot, since_at) for slot in kept]
    slots = sorted([*cut, *rest], key=lambda slot: slot.since_at)
    after = _starts(fresh, since_at)
    moved = [
        subject for subject, at in before.items() if subject not in after or after[subject] > at
    ]
    return Plan(tuple(slots), fresh.misfits), tuple(moved)


def ordered(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """Tasks in the order in which they are planned: the critical, then by place, then by due."""
    return tuple(sorted(tasks, key=_order))


def misfits(
    tasks: Iterable[Task], slots: Iterable[Slot], next_shift_at: datetime | None = None
) -> tuple[Misfit, ...]:
    """What will not be done by its deadline if the work goes as these slots say."""
    planned: dict[str, timedelta] = {}
    ends: dict[str, datetime] = {}
    for slot in slots:
        if slot.kind == Kind.WORK:
            known = planned.get(slot.subject, timedelta())
            planned[slot.subject] = known + (slot.until_at - slot.since_at)
            ends[slot.subject] = max(slot.until_at, ends.get(slot.subject, slot.until_at))
    queue = ordered(tasks)
    left = {
        task.subject: max(
            task.seconds - int(planned.get(task.subject, timedelta()).total_seconds()), 0
        )
        for task in queue
    }
    found = (_misfit(task, ends, left, next_shift_at) for task in queue)
    return tuple(one for one in found if one is not None)


def turns(groups: Mapping[int, Iterable[int]]) -> dict[int, int]:
    """A turn from 0 on for each person, so that no two who stand in for each other have the same:
    whose breaks go first. The same people always get the same."""
    found: dict[int, int] = {}
    for person in sorted(groups):
        taken = {found[other] for other in groups[person] if other in found and other != person}
        found[person] = next(turn for turn in range(len(taken) + 1) if turn not in taken)
    return found


def _order(task: Task) -> tuple[bool, bool, int, bool, float, float, str]:
    due = task.due_at.timestamp() if task.due_at is not None else 0.0
    place = task.place if task.place is not None and not task.critical else 0
    unplaced = task.place is None and not task.critical
    return (not task.critical, unplaced, place, task.due_at is None, due, task.rank, task.subject)


def _placed(tasks: Iterable[Task], before: Mapping[str, datetime]) -> list[Task]:
    """Tasks with their places: those of the plan as they were, others before what is due later."""
    queue = ordered(tasks)
    known = sorted(
        (task for task in queue if task.subject in before), key=lambda task: before[task.subject]
    )
    for task in queue:
        if task.subject not in before:
            known.insert(_place(known, task), task)
    return [replace(task, place=place) for place, task in enumerate(known)]


def _place(known: Sequence[Task], new: Task) -> int:
    later = (place for place, task in enumerate(known) if _is_later(task, new))
    return next(later, len(known))


def _is_later(task: Task, new: Task) -> bool:
    return new.due_at is not None and (task.due_at is None or task.due_at > new.due_at)


def _fixed(
    windows: Sequence[Window], since_at: datetime, customs: Customs, appointments: Sequence[Slot]
) -> list[Slot]:
    """What stands: appointments, breaks in the middle of the longest windows, intake checks."""
    stands = sorted(appointments, key=lambda slot: slot.since_at)
    longest = sorted(windows, key=lambda window: (window[0] - window[1], window[0]))
    found = (_break(window, customs, stands) for window in longest[: customs.breaks])
    breaks = [one for one in found if one is not None]
    length = timedelta(minutes=customs.intake_minutes)
    checks = [
        Slot(Kind.INTAKE, at, at + length)
        for window in windows
        for at in _checks(window, customs, breaks, stands)
    ]
    return sorted(
        (slot for slot in (*breaks, *checks, *stands) if slot.since_at >= since_at),
        key=lambda slot: slot.since_at,
    )


def _break(window: Window, customs: Customs, stands: Sequence[Slot]) -> Slot | None:
    """The break of a window, after an appointment where one is in the way; None without room."""
    start, end = window
    length = timedelta(minutes=customs.break_minutes)
    middle = start + (end - start - length) / 2 + timedelta(minutes=customs.shift_minutes)
    at = _rounded(min(max(middle, start), end - length))
    for other in stands:
        if at < other.until_at and other.since_at < at + length:
            at = other.until_at
    fits = start <= at and at + length <= end
    return Slot(Kind.BREAK, at, at + length) if fits else None


def _checks(
    window: Window, customs: Customs, breaks: Sequence[Slot], stands: Sequence[Slot]
) -> Iterable[datetime]:
    """When what came in is looked at. The time between two looks stands in a break, as the
    Standard counts it; what is in the way of a look puts it off to its end."""
    at, end = window
    every = timedelta(minutes=customs.intake_every_minutes)
    length = timedelta(minutes=customs.intake_minutes)
    while at + length <= end:
        look = Slot(Kind.INTAKE, at, at + length)
        ways = [slot.until_at for slot in (*breaks, *stands) if _meet(slot, look)]
        if ways:
            at = max(ways)
            continue
        yield at
        following = at + every
        for slot in breaks:
            if at < slot.since_at < following:
                following += slot.until_at - slot.since_at
        at = following


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
    planned = whole * (PERCENT - customs.reserve_percent) / PERCENT
    return _first_of(gaps, planned - planned % timedelta(minutes=1))


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
    gaps: Sequence[Window], queue: Sequence[Task]
) -> tuple[list[Slot], dict[str, datetime], dict[str, int]]:
    """Slots of work one after another; when each task ends, and what is left of it."""
    free = list(gaps)
    slots: list[Slot] = []
    ends: dict[str, datetime] = {}
    left: dict[str, int] = {}
    for task in queue:
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
