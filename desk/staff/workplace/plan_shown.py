"""The plan of the day as the templates draw it: on its own page, and on "My day"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from desk.journal.models import Entry
from desk.oversight.models import DayPlan
from desk.oversight.queries.days import Proposal, Ready
from desk.oversight.queries.editions import InForce
from desk.rules import lifecycle
from desk.rules.dayplan import Kind, Misfit, Slot, Task
from desk.rules.lifecycle import Actor, State, Verb
from desk.rules.standard.parameters import Minutes
from desk.staff.workplace import day_shown, words
from desk.staff.workplace.drafts import Draft, stored
from desk.tickets import queries as tickets
from desk.tickets.models import Part, Ticket
from desk.workdays.models import Interval

Context = dict[str, Any]
MISFITS_SHOWN_MAX = 10
# What can be done about work that does not fit, as the ticket's own moves.
CHOICES = (Verb.HAND_OVER, Verb.SPLIT, Verb.CONSULT, Verb.RE_PROMISE)


@dataclass(frozen=True, slots=True)
class Named:
    """Tickets and titles of parts, read once for all that is shown."""

    tickets: Mapping[int, Ticket]
    parts: Mapping[str, str]

    @classmethod
    def of(cls, subjects: Iterable[str]) -> Named:
        numbers = {found for one in subjects if (found := day_shown.ticket_id(one)) is not None}
        if not numbers:
            return cls({}, {})
        rows = Ticket.objects.select_related("partner", "project").filter(pk__in=numbers)
        parts = Part.objects.filter(ticket__in=numbers)
        return cls({row.pk: row for row in rows}, {part.key: part.title for part in parts})

    def ticket(self, subject: str) -> Ticket | None:
        return self.tickets.get(day_shown.ticket_id(subject) or 0)

    def shown(self, subject: str) -> Context:
        """Number, title and address of what is worked on."""
        ticket = self.ticket(subject)
        number = tickets.number(ticket) if ticket is not None else ""
        title = self.parts.get(subject, "") or (ticket.subject if ticket is not None else "")
        return {
            "subject": subject,
            "number": number,
            "title": title,
            "partner": ticket.partner.name if ticket is not None else "",
            "part": subject.partition("/part:")[2],
            "url": reverse("workplace:ticket", args=[number]) if number else "",
        }


@dataclass(frozen=True, slots=True)
class Editing:
    """What the page of the plan is drawn from."""

    proposal: Proposal
    draft: Draft
    confirmed: DayPlan | None
    focus: str = ""


def editing(page: Editing) -> Context:
    """Everything on the page of the plan but its forms."""
    proposal, draft = page.proposal, page.draft
    named = Named.of(task.subject for task in proposal.tasks)
    tasks = {task.subject: task for task in proposal.tasks}
    left = [task for subject, task in tasks.items() if subject not in draft.subjects]
    late = {one.subject for one in proposal.misfits}
    return {
        "shift": _shift(proposal),
        "confirmed": page.confirmed,
        "work": _work(page, tasks, named),
        "left": [
            {
                **named.shown(task.subject),
                "due_at": task.due_at,
                "critical": task.critical,
                "late": task.subject in late,
            }
            for task in sorted(left, key=_by_due)
        ],
        "appointments": [_appointment(slot) for slot in draft.appointments],
        "subjects": draft.subjects,
        "slots": [_slot(slot, named) for slot in _with_lunch(proposal)],
        "misfits": misfits(proposal.misfits, named),
        "bar": _bar(proposal),
    }


def _by_due(task: Task) -> tuple[bool, bool, datetime]:
    """What is critical first, then by the deadline, what has none last."""
    return not task.critical, task.due_at is None, task.due_at or datetime.max.replace(tzinfo=UTC)


def _with_lunch(proposal: Proposal) -> list[Slot]:
    """The slots and what lies between the windows of the shift, by beginning."""
    windows = proposal.shift.windows if proposal.shift is not None else ()
    lunches = [
        Slot(Kind.LUNCH, end, start)
        for (_, end), (start, _) in pairwise(windows)
        if start > proposal.at
    ]
    return sorted([*proposal.slots, *lunches], key=lambda slot: slot.since_at)


def _shift(proposal: Proposal) -> Context | None:
    shift = proposal.shift
    return {"since_at": shift.since_at, "until_at": shift.until_at} if shift is not None else None


def _bar(proposal: Proposal) -> str:
    windows = proposal.shift.windows if proposal.shift is not None else ()
    return day_shown.line((), windows, proposal.slots, proposal.at) if windows else ""


def _work(page: Editing, tasks: Mapping[str, Task], named: Named) -> list[Context]:
    late = {one.subject for one in page.proposal.misfits}
    found: list[Context] = []
    before: Task | None = None
    subjects = page.draft.subjects
    for place, subject in enumerate(subjects):
        task = tasks[subject]
        mine = [slot for slot in page.proposal.slots if slot.subject == subject]
        planned = sum((slot.until_at - slot.since_at for slot in mine), timedelta())
        found.append(
            {
                **named.shown(subject),
                "due_at": task.due_at,
                "critical": task.critical,
                "late": subject in late,
                "since_at": mine[0].since_at if mine else None,
                "seconds": int(planned.total_seconds()),
                # What is critical stays before what is not.
                "up": before is not None and before.critical == task.critical,
                "down": _goes_down(subjects[place + 1 :], tasks, task),
                "focus": subject == page.focus,
            }
        )
        before = task
    return found


def _goes_down(after: Sequence[str], tasks: Mapping[str, Task], task: Task) -> bool:
    return bool(after) and tasks[after[0]].critical == task.critical


def _appointment(slot: Slot) -> Context:
    return {
        "label": words.activity_label(slot.kind),
        "since_at": slot.since_at,
        "until_at": slot.until_at,
        "stored": stored(slot),
    }


def slots(found: Sequence[Slot]) -> list[Context]:
    """Slots of a plan, each with what is worked on."""
    named = Named.of(slot.subject for slot in found)
    return [_slot(slot, named) for slot in found]


def _slot(slot: Slot, named: Named) -> Context:
    return {
        "label": words.activity_label(slot.kind),
        "icon": day_shown.ICONS[slot.kind],
        "since_at": slot.since_at,
        "until_at": slot.until_at,
        **(named.shown(slot.subject) if slot.kind == Kind.WORK else {"url": ""}),
    }


def misfits(found: Iterable[Misfit], named: Named, who: Actor = Actor.EXECUTOR) -> list[Context]:
    """What will be late, each ticket once, with the moves that help and that are open to one."""
    once = {(one.subject.partition("/")[0]): one for one in reversed(list(found))}
    rows = sorted(once.values(), key=lambda one: one.due_at)[:MISFITS_SHOWN_MAX]
    return [
        {
            **named.shown(one.subject),
            "due_at": one.due_at,
            "done_at": one.done_at,
            "choices": _choices(named.ticket(one.subject), who),
        }
        for one in rows
    ]


def _choices(ticket: Ticket | None, who: Actor) -> list[Context]:
    if ticket is None:
        return []
    allowed = lifecycle.allowed(State(ticket.state), frozenset({who}))
    number = tickets.number(ticket)
    labels = {
        Verb.HAND_OVER: _("Hand over"),
        Verb.SPLIT: _("Split"),
        Verb.CONSULT: _("Ask for help"),
        Verb.RE_PROMISE: _("Propose another date"),
    }
    return [
        {"label": labels[verb], "url": reverse("workplace:move", args=[number, verb])}
        for verb in CHOICES
        if verb in allowed
    ]


# On "My day"


@dataclass(frozen=True, slots=True)
class Today:
    """What "My day" knows of the plan. `proposal` is made where nothing is confirmed; `late` what
    will not be kept; `replanned` the entry of the last planning anew."""

    known: Ready
    plan: DayPlan | None
    slots: tuple[Slot, ...]
    late: tuple[Misfit, ...]
    edition: InForce | None
    running: Interval | None
    replanned: Entry | None


def today(day: Today) -> Context:
    """The card of the plan: to be confirmed, or what is next by it."""
    subjects = [task.subject for task in day.known.tasks]
    moved = day.replanned.facts.get("moved", []) if day.replanned is not None else []
    bug = day.replanned.facts.get("ticket") if day.replanned is not None else None
    numbers = [f"ticket:{number}" for number in (*moved, bug) if number]
    named = Named.of([*subjects, *numbers, *(slot.subject for slot in day.slots)])
    return {
        "plan": day.plan,
        "confirm": _confirm(day, named),
        "next": _next(day, named),
        "unfit": misfits(day.late, named),
        "replanned": {
            "at": day.replanned.at,
            "bug": named.shown(f"ticket:{bug}") if bug else None,
            "moved": [named.shown(f"ticket:{number}") for number in moved],
        }
        if day.replanned is not None
        else None,
    }


def _confirm(day: Today, named: Named) -> Context | None:
    shift = day.known.shift
    if day.plan is not None or shift is None or day.known.at >= shift.until_at:
        return None
    minutes = _limit(day.edition, "plan_confirmed")
    until_at = shift.since_at + timedelta(minutes=minutes) if minutes is not None else None
    work = dict.fromkeys(slot.subject for slot in day.slots if slot.kind == Kind.WORK)
    return {
        "until_at": until_at,
        "late": until_at is not None and day.known.at > until_at,
        "work": [named.shown(subject) for subject in work],
    }


def _limit(edition: InForce | None, kind: str) -> int | None:
    for clause in edition.rules.clauses if edition is not None else ():
        for rule in clause.rules:
            if rule.kind == kind and isinstance(rule.parameters, Minutes):
                return rule.parameters.minutes
    return None


def _next(day: Today, named: Named) -> Context | None:
    """The slot that is due now, or comes next: what is done already is passed over."""
    if day.plan is None:
        return None
    slot = current(day.slots, {task.subject for task in day.known.tasks}, day.known.at)
    if slot is None:
        return None
    ticket = named.ticket(slot.subject)
    running = day.running
    return {
        **_slot(slot, named),
        "now": slot.since_at <= day.known.at,
        "runs": running is not None
        and (running.activity, running.subject) == (slot.kind.value, slot.subject),
        "accept": ticket is not None and ticket.state == State.SUBMITTED,
        "start_url": _start_url(slot, named),
        "kind": slot.kind.value,
    }


def current(slots: Iterable[Slot], open_subjects: set[str], at: datetime) -> Slot | None:
    """The slot of now, or the next one, without work that is no longer open."""
    for slot in slots:
        is_open = slot.kind != Kind.WORK or slot.subject in open_subjects
        if slot.until_at > at and is_open:
            return slot
    return None


def _start_url(slot: Slot, named: Named) -> str:
    ticket = named.ticket(slot.subject)
    if slot.kind == Kind.INTAKE:
        return reverse("workplace:checked")
    if ticket is None:
        return reverse("workplace:begin", args=[slot.kind.value])
    verb = "accept" if ticket.state == State.SUBMITTED else "work_start"
    return reverse("workplace:move", args=[tickets.number(ticket), verb])
