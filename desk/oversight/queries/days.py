"""The plan of a specialist's day: what is proposed, what was confirmed, what will not fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from desk.journal.models import Entry
from desk.oversight.models import DayPlan, Slot
from desk.oversight.queries import editions
from desk.partners.models import Assignment, PlanVersion, StaffMembership, StaffRole
from desk.rules import dayplan
from desk.rules.dayplan import Customs, Kind, Task
from desk.rules.lifecycle import State, Type
from desk.rules.promises import Terms
from desk.rules.standard.parameters import Breaks, Minutes
from desk.tickets.models import Part, PartState, Ticket
from desk.workdays import queries as workdays
from desk.workdays.queries import Shift

MINUTE = 60
# However long it took already, so much is planned for what is not finished.
LEAST_SECONDS = 15 * MINUTE
# What is in a specialist's hands: worked on, or begun as soon as it is taken up.
IN_HAND = (State.ACCEPTED, State.IN_WORK)
TASKS_MAX = 5_000
# So long the specialist is shown what a new plan has moved.
NEWS = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a shift could be from `at` on. `shift` None: there is none today, or it is over; then
    nothing is planned. `slots` may be confirmed as they are."""

    person_id: int
    at: datetime
    shift: Shift | None
    slots: tuple[dayplan.Slot, ...] = ()
    misfits: tuple[dayplan.Misfit, ...] = ()
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the specialist has chosen: the subjects of work in their order, and what is not work.
    Work that is not named is left out."""

    subjects: tuple[str, ...]
    appointments: tuple[dayplan.Slot, ...] = ()


def proposal(person_id: int, at: datetime, wanted: Wanted | None = None) -> Proposal:
    """The plan of what is left of the shift of the day, as the Standard and the deadlines have it,
    or in the order that the specialist wants."""
    return planned(ready(person_id, at), wanted)


@dataclass(frozen=True, slots=True)
class Ready:
    """What a day is planned from. `tasks` are open, in no order; `shift` None: none today."""

    person_id: int
    at: datetime
    customs: Customs
    shift: Shift | None = None
    tasks: tuple[Task, ...] = ()


def ready(person_id: int, at: datetime) -> Ready:
    """What the day of one person is planned from."""
    return readies([person_id], at)[person_id]


def readies(person_ids: Collection[int], at: datetime) -> dict[int, Ready]:
    """What the days of people are planned from."""
    shifts = workdays.shifts(person_ids, at)
    tasks = tasks_of(person_ids, at)
    customs = customs_of(person_ids, at)
    return {
        number: Ready(number, at, customs[number], shifts.get(number), tuple(tasks.get(number, ())))
        for number in person_ids
    }


def planned(known: Ready, wanted: Wanted | None = None) -> Proposal:
    """The plan from what is known, in the order that is wanted."""
    shift, tasks = known.shift, known.tasks
    if shift is None or known.at >= shift.until_at:
        return Proposal(known.person_id, known.at, None, tasks=tasks)
    since_at = max(whole_minute(known.at), shift.since_at)
    chosen, stand = (tasks, ()) if wanted is None else (_chosen(tasks, wanted), wanted.appointments)
    plan = dayplan.propose(
        shift.windows, chosen, since_at, known.customs, shift.next_at, list(stand)
    )
    # What the specialist leaves out has its deadline all the same.
    late = dayplan.misfits(tasks, plan.slots, shift.next_at)
    return Proposal(known.person_id, known.at, shift, plan.slots, late, tasks)


def whole_minute(at: datetime) -> datetime:
    """The next whole minute: a person begins nothing at half a second past."""
    rest = timedelta(seconds=at.second, microseconds=at.microsecond)
    return at - rest + timedelta(minutes=1) if rest else at


def _chosen(tasks: Iterable[Task], wanted: Wanted) -> tuple[Task, ...]:
    places = {subject: place for place, subject in enumerate(wanted.subjects)}
    return tuple(
        replace(task, place=places[task.subject]) for task in tasks if task.subject in places
    )


# What there is to do


def tasks_of(person_ids: Collection[int], at: datetime) -> defaultdict[int, list[Task]]:
    """Open work of each person by part: accepted or in work, and critical claims that wait for
    acceptance, since work on them begins at once. What others must do first is not among it."""
    mine = Q(state__in=IN_HAND) | Q(state=State.SUBMITTED, critical_claim=True)
    rows = Ticket.objects.filter(mine, executor_id__in=person_ids).exclude(
        type=Type.CUSTOMISATION, built_at=None
    )
    tickets = list(rows.order_by("id")[:TASKS_MAX])
    plans = PlanVersion.objects.in_bulk({ticket.plan_version_id for ticket in tickets})
    terms = {number: version.value() for number, version in plans.items()}
    parts = _parts([ticket.pk for ticket in tickets])
    pieces = [(ticket, part) for ticket in tickets for part in parts.get(ticket.pk, [None])]
    # A ticket whose parts all wait or are finished has nothing to be worked on.
    pieces = [(ticket, part) for ticket, part in pieces if part is None or _is_open(part)]
    worked = workdays.worked_by_subjects([_subject(*piece) for piece in pieces], at)
    found: defaultdict[int, list[Task]] = defaultdict(list)
    for ticket, part in pieces:
        assert ticket.executor_id is not None, "chosen by the executor"
        task = _task(ticket, part, terms[ticket.plan_version_id], worked)
        found[ticket.executor_id].append(task)
    return found


def _parts(ticket_ids: Collection[int]) -> dict[int, list[Part | None]]:
    found: dict[int, list[Part | None]] = {}
    for part in Part.objects.filter(ticket__in=ticket_ids).order_by("ticket", "number"):
        found.setdefault(part.ticket_id, []).append(part)
    return found


def _is_open(part: Part) -> bool:
    return part.state == PartState.OPEN and not part.refused


def _subject(ticket: Ticket, part: Part | None) -> str:
    """What the timer will run on: a ticket that is not accepted yet will have its first part."""
    if part is not None:
        return part.key
    return f"{ticket.key}/part:1" if ticket.state == State.SUBMITTED else ticket.key


def _task(ticket: Ticket, part: Part | None, terms: Terms, worked: Mapping[str, int]) -> Task:
    is_bug = ticket.type == Type.BUG or ticket.state == State.SUBMITTED
    subject = _subject(ticket, part)
    # A part is planned until its warning: the rest of its hour is for what turns up.
    whole = terms.work_max_seconds if is_bug else terms.work_warning_seconds
    due_at = part.due_at if part is not None and part.due_at is not None else ticket.due_at
    left = max(whole - worked[subject] // MINUTE * MINUTE, LEAST_SECONDS)
    return Task(subject, left, due_at, critical=is_bug, rank=ticket.queue_rank)


# How a day is made up


def customs_of(person_ids: Collection[int], at: datetime) -> dict[int, Customs]:
    """Breaks and intake checks of the edition in force, and each person's turn to go."""
    base = Customs(reserve_percent=settings.DAY_RESERVE_PERCENT)
    held = editions.at(at)
    rules = [rule for clause in held.rules.clauses for rule in clause.rules] if held else []
    for rule in rules:
        if isinstance(rule.parameters, Breaks):
            breaks = rule.parameters
            base = replace(base, breaks=breaks.breaks_max, break_minutes=breaks.break_minutes)
        elif rule.kind == "intake_checked" and isinstance(rule.parameters, Minutes):
            base = replace(base, intake_every_minutes=rule.parameters.minutes)
    turns = dayplan.turns(cover_groups())
    return {number: _with_turn(base, turns.get(number, 0)) for number in person_ids}


def _with_turn(base: Customs, turn: int) -> Customs:
    """The first goes in the middle, the second after that, the third before, and so on."""
    steps = (turn + 1) // 2 * (1 if turn % 2 else -1)
    return replace(base, shift_minutes=steps * base.break_minutes)


def cover_groups() -> dict[int, set[int]]:
    """With whom each specialist shares projects as lead or cover, the person among them."""
    present = StaffMembership.objects.filter(
        role=StaffRole.SPECIALIST, until_at=None, person__is_active=True
    )
    found = {number: {number} for number in present.values_list("person_id", flat=True)}
    rows = Assignment.objects.filter(until_at=None).values_list(
        "project_id", "specialist__person_id"
    )
    by_project: dict[int, set[int]] = defaultdict(set)
    for project_id, person_id in rows:
        by_project[project_id].add(person_id)
    for people in by_project.values():
        for person_id in people & found.keys():
            found[person_id] |= people & found.keys()
    return found


# What was confirmed


def plan_of(person_id: int, at: datetime) -> DayPlan | None:
    """The confirmed plan of the shift of the day, its slots at hand; None before that."""
    shift = workdays.shifts([person_id], at).get(person_id)
    if shift is None:
        return None
    return plan_within(person_id, shift)


def plan_within(person_id: int, shift: Shift) -> DayPlan | None:
    """The plan of a shift; an absence noted later may have made the shift shorter."""
    rows = DayPlan.objects.filter(
        person_id=person_id, since_at__lt=shift.until_at, until_at__gt=shift.since_at
    )
    return rows.prefetch_related("slots").order_by("-since_at").first()


def plan_between(person_id: int, since_at: datetime, until_at: datetime) -> DayPlan | None:
    """The confirmed plan of the shift that began in a span, its slots at hand."""
    rows = DayPlan.objects.filter(
        person_id=person_id, since_at__gte=since_at, since_at__lt=until_at
    )
    return rows.prefetch_related("slots").order_by("since_at").first()


def plans_between(
    person_ids: Collection[int], since_at: datetime, until_at: datetime
) -> dict[int, DayPlan]:
    """`plan_between` of several people."""
    rows = DayPlan.objects.filter(
        person__in=person_ids, since_at__gte=since_at, since_at__lt=until_at
    )
    return {row.person_id: row for row in rows.prefetch_related("slots").order_by("-since_at")}


def plans_at(person_ids: Collection[int], at: datetime) -> dict[int, DayPlan]:
    """The confirmed plans of these people's shifts that hold `at`, their slots at hand."""
    rows = DayPlan.objects.filter(person__in=person_ids, since_at__lte=at, until_at__gt=at)
    return {row.person_id: row for row in rows.prefetch_related("slots").order_by("since_at")}


def still_fits(known: Ready, plan: DayPlan | None) -> tuple[dayplan.Misfit, ...]:
    """What will be late even if the reserve is used up and the plan's order is kept; nothing
    outside the shift."""
    shift = known.shift
    if shift is None or not shift.since_at <= known.at < shift.until_at:
        return ()
    customs = replace(known.customs, reserve_percent=0)
    old = dayplan.Plan(stands(plan) if plan is not None else (), ())
    fresh, _ = dayplan.replan(old, shift.windows, known.tasks, known.at, customs, shift.next_at)
    return fresh.misfits


def in_force(plan: DayPlan) -> Iterator[Slot]:
    """Each slot that was in the plan when it began, by beginning: what was planned anew replaced
    what had not begun by then."""
    slots = list(plan.slots.all())
    planned = {slot.version: slot.planned_at for slot in slots}
    planned[plan.version] = plan.planned_at
    for slot in sorted(slots, key=lambda slot: (slot.since_at, slot.version)):
        later = [at for version, at in planned.items() if version > slot.version]
        if not later or slot.since_at < min(later):
            yield slot


def stands(plan: DayPlan) -> tuple[dayplan.Slot, ...]:
    """The plan as one line: a slot that was cut by a new plan ends where the next one begins."""
    slots = list(in_force(plan))
    ends = [slot.since_at for slot in slots[1:]] + [plan.until_at + timedelta(days=1)]
    return tuple(
        dayplan.Slot(Kind(slot.activity), slot.since_at, min(slot.until_at, until_at), slot.subject)
        for slot, until_at in zip(slots, ends, strict=True)
    )


def new_bug(subject: str, at: datetime) -> tuple[int, int] | None:
    """Whose confirmed day does not hold the bug, or critical claim, that this ticket is: its
    executor and its number; None otherwise."""
    kind, _, number = subject.partition(":")
    if kind != "ticket" or not number.isdigit():
        return None
    urgent = Q(state__in=IN_HAND, type=Type.BUG) | Q(state=State.SUBMITTED, critical_claim=True)
    ticket = Ticket.objects.filter(urgent, pk=int(number), executor__isnull=False).first()
    if ticket is None or ticket.executor_id is None:
        return None
    plan = plan_of(ticket.executor_id, at)
    if plan is None or any(
        slot.until_at > at and slot.subject.partition("/")[0] == ticket.key for slot in stands(plan)
    ):
        return None
    return ticket.executor_id, ticket.pk


def unfit(at: datetime) -> QuerySet[Entry]:
    """What was said today of promises that a planned day does not fit, the newest first."""
    since_at = at - timedelta(days=1)
    return Entry.objects.filter(verb="misfit", at__gte=since_at, at__lte=at).order_by("-id")


def replanned(plan: DayPlan, at: datetime) -> Entry | None:
    """The last planning anew of a plan, while nothing was changed since and it is news."""
    rows = Entry.objects.filter(
        verb="replan_day", subject=f"person:{plan.person_id}", at__gt=at - NEWS, facts__plan=plan.pk
    )
    entry = rows.order_by("-id").first()
    return entry if entry is not None and entry.facts.get("version") == plan.version else None
