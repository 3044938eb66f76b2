"""The plan of a day: nothing overlaps, nothing is lost, the critical comes first."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from desk.rules.dayplan import Customs, Kind, Plan, Task, propose, replan
from tests.rules.standard_facts import clock

WINDOWS = ((clock("09:00"), clock("13:00")), (clock("14:00"), clock("18:00")))
MORNING = clock("09:00")
HOUR = 3600


def work(plan: Plan) -> list[tuple[str, str, str]]:
    return [
        (slot.subject, f"{slot.since_at:%H:%M}", f"{slot.until_at:%H:%M}")
        for slot in plan.slots
        if slot.kind == Kind.WORK
    ]


def test_a_day_has_its_breaks_and_looks_at_intake_every_half_hour() -> None:
    plan = propose(WINDOWS, (), MORNING)
    breaks = [f"{s.since_at:%H:%M}" for s in plan.slots if s.kind == Kind.BREAK]
    checks = [f"{s.since_at:%H:%M}" for s in plan.slots if s.kind == Kind.INTAKE]
    assert breaks == ["10:50", "15:50"]
    assert checks[:5] == ["09:00", "09:30", "10:00", "10:30", "11:15"]


def test_the_critical_comes_first_then_the_earliest_deadline() -> None:
    tasks = (
        Task("ticket:1", HOUR, clock("17:00")),
        Task("ticket:2", HOUR, clock("12:00")),
        Task("ticket:3", HOUR),
        Task("ticket:4", HOUR, clock("18:00"), critical=True),
    )
    order = list(dict.fromkeys(subject for subject, _, _ in work(propose(WINDOWS, tasks, MORNING))))
    assert order == ["ticket:4", "ticket:2", "ticket:1", "ticket:3"]


def test_work_goes_on_around_a_check_and_a_reserve_is_left() -> None:
    tasks = tuple(Task(f"ticket:{n}", HOUR, clock("18:00", 1)) for n in range(9))
    plan = propose(WINDOWS, tasks, MORNING)
    assert work(plan)[:3] == [
        ("ticket:0", "09:05", "09:30"),
        ("ticket:0", "09:35", "10:00"),
        ("ticket:0", "10:05", "10:15"),
    ]
    lasts = {True: timedelta(), False: timedelta()}
    for slot in plan.slots:
        lasts[slot.kind == Kind.WORK] += slot.until_at - slot.since_at
    rounded = (timedelta(hours=8) - lasts[False]) * 3 / 4 - lasts[True]
    assert timedelta() <= rounded < timedelta(minutes=2)


def test_what_will_be_late_is_said_and_what_has_time_is_not() -> None:
    tasks = (
        Task("ticket:1", 3 * HOUR, clock("12:00")),
        Task("ticket:2", 3 * HOUR, clock("13:00")),
        Task("ticket:3", 3 * HOUR, clock("09:30", 1)),
        Task("ticket:4", 3 * HOUR, clock("18:00", 2)),
    )
    plan = propose(WINDOWS, tasks, MORNING, next_shift_at=clock("09:00", 1))
    found = {one.subject: (one.done_at, one.left_seconds > 0) for one in plan.misfits}
    assert list(found) == ["ticket:1", "ticket:2", "ticket:3"]
    assert found["ticket:1"][0] is not None
    assert found["ticket:3"] == (None, True)


def test_a_new_bug_replans_the_rest_and_says_what_moved() -> None:
    tasks = (Task("ticket:1", HOUR, clock("17:00")), Task("ticket:2", HOUR, clock("17:30")))
    old = propose(WINDOWS, tasks, MORNING)
    bug = Task("ticket:9", HOUR, clock("13:00"), critical=True)
    at = clock("09:20")
    left = (Task("ticket:1", HOUR - 900, clock("17:00")), tasks[1])
    new, moved = replan(old, WINDOWS, (bug, *left), at)
    assert moved == ("ticket:1", "ticket:2")
    assert work(new)[0] == ("ticket:1", "09:05", "09:20")
    assert work(new)[1][0] == "ticket:9"


moments = st.integers(0, 12 * 60).map(lambda minute: MORNING + timedelta(minutes=minute - 60))
tasks = st.lists(
    st.builds(
        lambda seconds, due, critical, rank: (seconds, due, critical, rank),
        st.integers(1, 4 * HOUR),
        st.one_of(st.none(), moments),
        st.booleans(),
        st.floats(-5, 5),
    ),
    max_size=30,
).map(lambda rows: [Task(f"ticket:{n}", *row) for n, row in enumerate(rows)])
customs = st.builds(
    Customs,
    breaks=st.integers(0, 3),
    break_minutes=st.integers(5, 30),
    intake_every_minutes=st.integers(20, 90),
    intake_minutes=st.integers(1, 15),
    reserve_percent=st.integers(0, 90),
)


@given(tasks=tasks, customs=customs, since_at=moments)
def test_whatever_there_is_to_do_the_day_holds_together(
    tasks: list[Task], customs: Customs, since_at: datetime
) -> None:
    plan = propose(WINDOWS, tasks, since_at, customs)
    assert all(one.until_at <= other.since_at for one, other in pairwise(plan.slots))
    assert all(slot.since_at >= since_at for slot in plan.slots)
    for slot in plan.slots:
        assert any(start <= slot.since_at and slot.until_at <= end for start, end in WINDOWS)
    late = {one.subject: one for one in plan.misfits}
    for task in tasks:
        mine = [slot for slot in plan.slots if slot.subject == task.subject]
        planned = sum((slot.until_at - slot.since_at).total_seconds() for slot in mine)
        assert planned <= task.seconds + 1e-6
        done_at = max((slot.until_at for slot in mine), default=None)
        in_time = (
            abs(planned - task.seconds) < 1
            and done_at is not None
            and task.due_at is not None
            and done_at <= task.due_at
        )
        assert (task.subject in late) == (task.due_at is not None and not in_time)
