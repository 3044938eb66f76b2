"""The result is given to the partner: deliver, recall, confirm, return, reopen, redo."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction

from desk.journal.cause import Cause
from desk.journal.models import Entry
from desk.rules import clock as rules
from desk.rules import promises
from desk.rules.lifecycle import Actor, State, Type, Verb
from desk.tickets.actions import (
    acceptance,
    alarms,
    clocks,
    conversation,
    engine,
    funding,
    production,
    work,
)
from desk.tickets.actions.conversation import Said
from desk.tickets.actions.engine import Case, Incomplete, text
from desk.tickets.models import Clock, ClockKind, MessageKind, PartState, Ticket
from desk.workdays import queries as workdays

RATING_MAX = 5


class Learnt(StrEnum):
    """What came of a work for the project's dossier, as the entry of its delivery says it."""

    UNSAID = ""
    NOTHING_NEW = "nothing_new"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class Handover:
    """What the partner gets: the solution, what was changed ("nothing" is legal), and how to
    check it. `dossier` stays between us; whoever says "written" writes it in the same transaction
    (desk.knowledge.actions.deliver)."""

    solution: str
    changes: str
    checking: str
    dossier: Learnt = Learnt.UNSAID

    def content(self) -> dict[str, object]:
        """What a key stands for; what is not said is left out, as before it could be said."""
        said = {"dossier": self.dossier} if self.dossier else {}
        return {
            "solution": self.solution,
            "changes": self.changes,
            "checking": self.checking,
            **said,
        }


@dataclass(frozen=True, slots=True)
class Heard:
    """Who of our people heard a partner's person say it, and on which call ("call:7")."""

    by_id: int
    call: str

    def facts(self) -> dict[str, object]:
        return {"heard_by": self.by_id, "call": self.call}


@transaction.atomic
def deliver(cause: Cause, ticket_id: int, handover: Handover) -> Ticket:
    """Hand the result over; every part is finished, the timer stops, the clock stands (R16)."""
    case = engine.open_case(cause, ticket_id, Verb.DELIVER, handover.content())
    if case.replayed:
        return case.ticket
    ticket = case.ticket
    ticket.solution = text("solution", handover.solution)
    ticket.changes = text("changes", handover.changes)
    ticket.checking = text("checking", handover.checking)
    _all_finished(case)
    work.stop_all_work(case)
    production.withdraw_open(case)
    ticket.delivered_at = case.cause.at
    ticket.silent = True
    entry = engine.carry_out(case, {"dossier": handover.dossier})
    if ticket.type == Type.SIMPLE:
        work.note_surplus(case, ticket.key, entry.pk)
    said = Said(MessageKind.HANDOVER, ticket.solution, (), case.cause.person_id)
    conversation.add(case.cause, ticket, said, entry.pk)
    return ticket


@transaction.atomic
def recall(cause: Cause, ticket_id: int, why: str) -> Ticket:
    """The executor takes the result back; the time since delivery counts as run."""
    case = engine.open_case(cause, ticket_id, Verb.RECALL, {"text": why})
    if case.replayed:
        return case.ticket
    said = text("text", why)
    entry = engine.carry_out(case)
    clocks.strike_last_pause(case.clocks, case.cause.at)
    clocks.notice(case.clocks, case.cause)
    case.ticket.save()
    conversation.add(
        case.cause, case.ticket, Said(MessageKind.STAFF, said, (), case.cause.person_id), entry.pk
    )
    return case.ticket


@transaction.atomic
def confirm(
    cause: Cause,
    ticket_id: int,
    rating: int | None = None,
    comment: str = "",
    heard: Heard | None = None,
) -> Ticket:
    """The partner takes the result, or the system after silence: the holds are charged (L5).
    Said aloud, it is still the partner's person who confirms; `heard` is who wrote it down."""
    case = engine.open_case(cause, ticket_id, Verb.CONFIRM, {"rating": rating, "comment": comment})
    if case.replayed:
        return case.ticket
    if rating is not None and not 1 <= rating <= RATING_MAX:
        raise Incomplete("rating", "out_of_range")
    by_system = Actor.SYSTEM in case.actors
    if by_system and alarms.needs_real_confirmation(case.ticket, case.terms):
        raise Incomplete("confirmation", "real_needed")
    case.ticket.rating = rating
    case.ticket.rating_comment = text("comment", comment, required=False)
    case.ticket.resolved_at = case.cause.at
    facts = {"rating": rating, "by_silence": by_system, **(heard.facts() if heard else {})}
    entry = engine.carry_out(case, facts)
    funding.capture(case, entry.pk)
    return case.ticket


@transaction.atomic
def return_(cause: Cause, ticket_id: int, why: str) -> Ticket:
    """It is not right yet: back to work with at least two working hours left; the third return
    goes to an administrator."""
    case = engine.open_case(cause, ticket_id, Verb.RETURN, {"text": why})
    if case.replayed:
        return case.ticket
    said = text("text", why)
    case.ticket.returns += 1
    to_administrator = case.ticket.returns >= case.terms.returns_to_administrator
    clocks.leave_at_least(case.clocks, case.terms.minimum_left_seconds, case.cause.at)
    entry = engine.carry_out(
        case, {"returns": case.ticket.returns, "to_administrator": to_administrator}
    )
    conversation.add(
        case.cause, case.ticket, Said(MessageKind.PARTNER, said, (), case.cause.person_id), entry.pk
    )
    return case.ticket


@transaction.atomic
def reopen(cause: Cause, ticket_id: int, why: str) -> Ticket:
    """A new cycle for the present lead or cover with what was left, at least two working hours;
    free. The first cycle's result stays on its clock and promise."""
    case = engine.open_case(cause, ticket_id, Verb.REOPEN, {"text": why})
    if case.replayed:
        return case.ticket
    said = text("text", why)
    assert case.ticket.resolved_at is not None
    until = promises.reopen_until(case.clocks.calendar, case.terms, case.ticket.resolved_at)
    if case.cause.at >= until:
        raise Incomplete("reopen", "too_late")
    entry = _new_cycle(case)
    heard = Said(MessageKind.PARTNER, said, (), case.cause.person_id)
    conversation.add(case.cause, case.ticket, heard, entry.pk)
    return case.ticket


@transaction.atomic
def redo(cause: Cause, ticket_id: int, why: str) -> Ticket:
    """An administrator has found the result bad: it is done anew, free, after any window. What
    was resolved begins a new cycle, as if reopened; what waits for the check goes back to work."""
    case = engine.open_case(cause, ticket_id, Verb.REDO, {"text": why})
    if case.replayed:
        return case.ticket
    said = text("text", why)
    if case.state == State.RESOLVED:
        entry = _new_cycle(case)
    else:
        clocks.leave_at_least(case.clocks, case.terms.minimum_left_seconds, case.cause.at)
        entry = engine.carry_out(case)
    told = Said(MessageKind.STAFF, said, (), case.cause.person_id)
    conversation.add(case.cause, case.ticket, told, entry.pk)
    return case.ticket


def _new_cycle(case: Case) -> Entry:
    """A new cycle for the present lead or cover, with a promise of its own; nothing is held."""
    ticket = case.ticket
    target = _left(case)
    ticket.cycle += 1
    ticket.executor_id = _present(ticket, case)
    ticket.step, ticket.returns, ticket.resolved_at = "", 0, None
    ticket.rating, ticket.built_at = None, None
    clocks.start(case.clocks, ClockKind.RESOLUTION, case.cause.at, target)
    entry = engine.carry_out(case, {"target_seconds": target, "executor": ticket.executor_id})
    clocks.refresh(case.clocks, case.cause.at)
    ticket.save()
    acceptance.promise(case, entry.pk, case.verb)
    return entry


def _all_finished(case: Case) -> None:
    """All parts are finished before a delivery; the one part of a simple ticket or a bug is
    finished by it, with the solution as its result."""
    open_parts = case.ticket.parts.filter(state__in=[PartState.OPEN, PartState.WAITING])
    if case.ticket.type in (Type.SIMPLE, Type.BUG):
        open_parts.update(
            state=PartState.FINISHED,
            result=case.ticket.solution,
            finished_at=case.cause.at,
            finished_by=case.cause.person_id,
            due_at=None,
        )
    elif open_parts.exists():
        raise Incomplete("parts", "unfinished")


def _left(case: Case) -> int:
    """Working seconds that the ended cycle had left, at least the plan's minimum."""
    clock = (
        Clock.objects.filter(ticket=case.ticket, kind=ClockKind.RESOLUTION)
        .order_by("-cycle")
        .first()
    )
    assert clock is not None and clock.stopped_at is not None
    pauses = clocks.events(list(clock.pauses.all()))
    worked = rules.elapsed(case.clocks.calendar, clock.started_at, clock.stopped_at, pauses)
    return rules.left(clock.target_seconds or 0, worked, case.terms.minimum_left_seconds)


def _present(ticket: Ticket, case: Case) -> int | None:
    executor = workdays.executor_for(ticket.project_id, case.cause.at)
    return executor.pk if executor is not None else None
