"""The day of a specialist: confirmed, changed, planned anew when a bug comes in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

from django.db import transaction

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.oversight.actions import fits
from desk.oversight.models import DayPlan, Slot
from desk.oversight.queries import days as queries
from desk.partners.models import Person
from desk.rules import dayplan
from desk.rules.dayplan import Kind, Misfit, Plan
from desk.tickets.models import Ticket
from desk.workdays import actions as timeline
from desk.workdays import queries as workdays
from desk.workdays.models import Activity
from desk.workdays.queries import Shift

Wish = dayplan.Slot
"""What is wished for a stretch of the day: kind, since_at, until_at, subject of work."""

SLOTS_MAX = 200
SUBJECT_MAX = 80


class NoShift(Exception):
    """There is no shift today, or it is over."""


class AlreadyConfirmed(Exception):
    """The plan of this shift is confirmed; it can be changed."""


class NotFitting(Exception):
    """Slots that cannot be: `why` is "overlap", "outside", "subject", "many" or "none"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NotYours(Exception):
    """Somebody else's plan, or work that somebody else holds."""


class Stale(Exception):
    """The plan was changed meanwhile; `version` is the present one."""

    def __init__(self, version: int) -> None:
        super().__init__(str(version))
        self.version = version


@transaction.atomic
def confirm_day(cause: Cause, slots: Sequence[Wish]) -> DayPlan:
    """Confirm the plan of one's shift of the day, before or during it. A key that comes again
    confirms nothing twice, however the slots have moved meanwhile.

    Raises `NoShift`, `AlreadyConfirmed`, `NotFitting`, `NotYours`.
    """
    person_id = _doer(cause)
    _lock(person_id)
    content = {"verb": "confirm_day", "person": person_id}
    if entry := journal.earlier(cause, f"person:{person_id}", content):
        return DayPlan.objects.get(pk=entry.facts["plan"])
    shift = _shift(person_id, cause.at)
    if queries.plan_within(person_id, shift) is not None:
        raise AlreadyConfirmed
    _refuse(person_id, shift, slots)
    plan = DayPlan.objects.create(
        person_id=person_id,
        since_at=shift.since_at,
        until_at=shift.until_at,
        confirmed_at=cause.at,
        planned_at=cause.at,
    )
    _write(plan, slots)
    # What went before the confirmation was planning: nobody has to say so.
    timeline.account(cause, person_id, Activity.PLANNING, shift.since_at)
    _note_misfits(plan, _misfits(cause.at, plan, slots))
    return _recorded(cause, "confirm_day", plan, content=content)


@transaction.atomic
def change_day(cause: Cause, plan_id: int, slots: Sequence[Wish]) -> DayPlan:
    """Plan anew what has not begun; what has begun stays on record as it was planned.

    Slots that began before `cause.at` are left as they are, whatever is said of them. Raises
    `NoShift`, `NotFitting`, `NotYours`, and `Stale` when it is not the version that was looked at
    (`cause.seen`).
    """
    person_id = _doer(cause)
    _lock(person_id)
    content = {"verb": "change_day", "plan": plan_id}
    if entry := journal.earlier(cause, f"person:{person_id}", content):
        return DayPlan.objects.get(pk=entry.facts["plan"])
    plan = DayPlan.objects.get(pk=plan_id)
    if plan.person_id != person_id:
        raise NotYours
    if cause.seen is not None and cause.seen != plan.version:
        raise Stale(plan.version)
    if cause.at >= plan.until_at:
        raise NoShift
    later = [slot for slot in slots if slot.since_at >= cause.at]
    _refuse(person_id, _shift(person_id, cause.at), later)
    _next_version(cause, plan, later)
    _note_misfits(plan, _misfits(cause.at, plan, queries.stands(plan)))
    return _recorded(cause, "change_day", plan, content=content)


@transaction.atomic
def replan_day(cause: Cause, person_id: int, ticket_id: int | None = None) -> DayPlan | None:
    """Plan the rest of somebody's day anew, for a bug that has come in (`ticket_id`) or because
    they ask for it; None when no plan is confirmed, or the shift is over.

    What was planned keeps its order; the entry names the tickets that moved to later or out of the
    day.
    """
    _lock(person_id)
    content = {"verb": "replan_day", "person": person_id, "ticket": ticket_id}
    if entry := journal.earlier(cause, f"person:{person_id}", content):
        return DayPlan.objects.get(pk=entry.facts["plan"])
    known = queries.ready(person_id, cause.at)
    plan = queries.plan_within(person_id, known.shift) if known.shift is not None else None
    if known.shift is None or plan is None or cause.at >= plan.until_at:
        return None
    old = Plan(queries.stands(plan), ())
    shift = known.shift
    at = queries.whole_minute(cause.at)
    fresh, moved = dayplan.replan(old, shift.windows, known.tasks, at, known.customs, shift.next_at)
    _next_version(cause, plan, [slot for slot in fresh.slots if slot.since_at >= at])
    _note_misfits(plan, fresh.misfits)
    facts = {"moved": _tickets(moved), "ticket": ticket_id}
    return _recorded(cause, "replan_day", plan, facts, content)


def _doer(cause: Cause) -> int:
    assert cause.person_id is not None, "only a person confirms a day"
    return cause.person_id


def _lock(person_id: int) -> None:
    Person.objects.select_for_update(no_key=True).get(pk=person_id)


def _shift(person_id: int, at: datetime) -> Shift:
    shift = workdays.shifts([person_id], at).get(person_id)
    if shift is None or at >= shift.until_at:
        raise NoShift
    return shift


def _refuse(person_id: int, shift: Shift, slots: Sequence[Wish]) -> None:
    if len(slots) > SLOTS_MAX:
        raise NotFitting("many")
    ordered = sorted(slots, key=lambda slot: slot.since_at)
    if any(one.until_at > other.since_at for one, other in pairwise(ordered)):
        raise NotFitting("overlap")
    for slot in slots:
        if slot.since_at < shift.since_at or slot.until_at > shift.until_at:
            raise NotFitting("outside")
        if slot.until_at <= slot.since_at:
            raise NotFitting("none")
        if (slot.kind == Kind.WORK) != bool(slot.subject) or len(slot.subject) > SUBJECT_MAX:
            raise NotFitting("subject")
    numbers = set(_tickets(slot.subject for slot in slots if slot.subject))
    if Ticket.objects.filter(pk__in=numbers, executor=person_id).count() != len(numbers):
        raise NotYours


def _next_version(cause: Cause, plan: DayPlan, slots: Iterable[Wish]) -> None:
    plan.version += 1
    plan.planned_at = cause.at
    plan.save(update_fields=["version", "planned_at"])
    _write(plan, slots)


def _write(plan: DayPlan, slots: Iterable[Wish]) -> None:
    Slot.objects.bulk_create(
        Slot(
            plan=plan,
            version=plan.version,
            planned_at=plan.planned_at,
            activity=slot.kind,
            subject=slot.subject,
            since_at=slot.since_at,
            until_at=slot.until_at,
        )
        for slot in slots
    )


def _misfits(at: datetime, plan: DayPlan, slots: Sequence[Wish]) -> tuple[Misfit, ...]:
    """What does not come by its deadline the way it is planned now."""
    known = queries.ready(plan.person_id, at)
    next_at = known.shift.next_at if known.shift is not None else None
    left = [replace(s, since_at=max(s.since_at, at)) for s in slots if s.until_at > at]
    return dayplan.misfits(known.tasks, left, next_at)


def _note_misfits(plan: DayPlan, misfits: Sequence[Misfit]) -> None:
    plan.misfit = fits.stored(misfits)
    plan.save(update_fields=["misfit"])


def _tickets(subjects: Iterable[str]) -> list[int]:
    """The numbers of tickets, each once, in the order given. Raises `NotFitting`."""
    found = []
    for subject in subjects:
        kind, _, rest = subject.partition(":")
        digits = rest.partition("/")[0]
        if kind != "ticket" or not digits.isdigit():
            raise NotFitting("subject")
        found.append(int(digits))
    return list(dict.fromkeys(found))


def _recorded(
    cause: Cause,
    verb: str,
    plan: DayPlan,
    more: Mapping[str, object] | None = None,
    content: Mapping[str, object] | None = None,
) -> DayPlan:
    facts = {
        "person": plan.person_id,
        "plan": plan.pk,
        "version": plan.version,
        "shift": plan.since_at.astimezone(UTC).isoformat(),
        **(more or {}),
    }
    entry = journal.record(cause, verb, f"person:{plan.person_id}", facts, None, content)
    fits.tell(cause.at, plan.person_id, plan.misfit, entry.pk)
    return plan
