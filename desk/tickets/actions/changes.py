"""What was agreed changes: another type or number of parts, another date, a confirmed defect,
the end at the partner's wish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.rules import clock as rules
from desk.rules import promises
from desk.rules.lifecycle import Actor, Condition, State, Type, Verb
from desk.tickets.actions import (
    acceptance,
    breakdown,
    clocks,
    conversation,
    engine,
    funding,
    production,
    work,
)
from desk.tickets.actions.conversation import Said
from desk.tickets.actions.engine import Case, Incomplete, text
from desk.tickets.models import (
    Clock,
    ClockKind,
    MessageKind,
    PartState,
    RePromise,
    Ticket,
)
from desk.tickets.queries import offers as queries

WORKED_ON = frozenset({State.ACCEPTED, State.IN_WORK})


@dataclass(frozen=True, slots=True)
class Reclassifying:
    """Another type, with the reason that the partner reads. `parts` are the titles of what is
    left to do of a complex ticket; its finished parts stay besides."""

    type: Type
    reason: str
    parts: Sequence[str] = ()

    def content(self) -> dict[str, object]:
        return {"type": self.type, "parts": list(self.parts), "reason": self.reason}


@dataclass(frozen=True, slots=True)
class _Before:
    """How the ticket stood when it was reclassified, for the history and for the report of a
    rescue."""

    type: str
    units: int
    target_seconds: int | None
    due_at: datetime | None
    late: bool
    remaining_seconds: int


@transaction.atomic
def reclassify(cause: Cause, ticket_id: int, change: Reclassifying) -> Ticket:
    """Give the ticket another type or other parts (T4). The target counts from the original
    start with elapsed time and pauses, at least an hour is left, an old breach stays. N never
    falls below the finished parts, and what exceeds the promised N waits for approval (L6).

    Raises `NotAllowed`, `Incomplete`, `Stale`.
    """
    case = engine.open_case(cause, ticket_id, Verb.RECLASSIFY, change.content())
    if case.replayed:
        return case.ticket
    reason = text("reason", change.reason)
    before = _before(case)
    titles = breakdown.titles(case.ticket, change.type, change.parts)
    if before.type == change.type and change.type != Type.COMPLEX:
        raise Incomplete("type", "same")
    case.ticket.type = change.type
    units = breakdown.arrange(case.ticket, titles)
    _conditions(case, before, units, reason)
    _retarget(case, units)
    entry = engine.carry_out(case, _facts(case, before, units))
    funding.adapt(case, entry.pk)
    if case.state in WORKED_ON:
        funding.hold(case, entry.pk)
    else:
        work.stop_all_work(case)
    _report_rescue(case, before, entry.pk)
    said = Said(MessageKind.STAFF, reason, (), case.cause.person_id)
    conversation.add(case.cause, case.ticket, said, entry.pk)
    return case.ticket


@transaction.atomic
def re_promise(cause: Cause, ticket_id: int, due_at: datetime, reason: str) -> Ticket:
    """Propose a new date; until the partner agrees the old one stands and is measured. At most
    one proposal waits for an answer; one whose date has passed no longer does."""
    content = {"due_at": due_at, "reason": reason}
    case = engine.open_case(cause, ticket_id, Verb.RE_PROMISE, content)
    if case.replayed:
        return case.ticket
    at, calendar = case.cause.at, case.clocks.calendar
    words = text("reason", reason)
    if due_at <= at:
        raise Incomplete("due_at", "not_ahead")
    _let_lapse(case)
    assert case.cause.person_id is not None
    proposed = RePromise.objects.create(
        ticket=case.ticket,
        # A date at night means the last working instant before it, and is shown so.
        due_at=calendar.last_working(at, due_at),
        reason=words,
        proposed_by_id=case.cause.person_id,
        proposed_at=at,
    )
    entry = engine.carry_out(
        case, {"re_promise": proposed.pk, "due_at": proposed.due_at.isoformat()}
    )
    said = Said(MessageKind.STAFF, words, (), case.cause.person_id)
    conversation.add(case.cause, case.ticket, said, entry.pk)
    return case.ticket


@transaction.atomic
def agree(cause: Cause, ticket_id: int) -> Ticket:
    """The partner takes the proposed date: the deadline is that instant, or later by as much as
    the clock still stands. An old breach stays."""
    case = engine.open_case(cause, ticket_id, Verb.AGREE)
    if case.replayed:
        return case.ticket
    proposed = _answered(case, agreed=True)
    clock = case.clocks.get(ClockKind.RESOLUTION)
    assert clock is not None, "an open ticket has a resolution clock"
    target = clocks.target_until(case.clocks, clock, proposed.due_at, case.cause.at)
    clocks.retarget(case.clocks, target, case.cause.at)
    engine.carry_out(case, {"re_promise": proposed.pk, "due_at": _iso(case.ticket.due_at)})
    return case.ticket


@transaction.atomic
def disagree(cause: Cause, ticket_id: int) -> Ticket:
    """The partner keeps to the date that was promised."""
    case = engine.open_case(cause, ticket_id, Verb.DISAGREE)
    if case.replayed:
        return case.ticket
    proposed = _answered(case, agreed=False)
    engine.carry_out(case, {"re_promise": proposed.pk})
    return case.ticket


@transaction.atomic
def confirm_defect(cause: Cause, ticket_id: int, words: str) -> Ticket:
    """Production finds a defect of the product: the ticket costs nothing, what is held is
    released and what was charged reversed (L5). Nobody needs to pay or to approve parts now.
    Where the plan charges defects as well, it is found, and the cost stays."""
    case = engine.open_case(cause, ticket_id, Verb.CONFIRM_DEFECT, {"text": words})
    if case.replayed:
        return case.ticket
    body = text("text", words)
    if queries.defect_confirmed(case.ticket):
        raise Incomplete("defect", "confirmed_before")
    case.ticket.billable = case.terms.charge_confirmed_defects
    entry = engine.carry_out(case)
    if not case.ticket.billable:
        funding.return_all(case, entry.pk)
    said = Said(MessageKind.NOTE, body, (), case.cause.person_id)
    conversation.add(case.cause, case.ticket, said, entry.pk)
    if not case.ticket.billable and _only_money_missing(case):
        system = causes.system(case.cause.at, parent=entry.pk)
        return acceptance.fund(system, ticket_id)
    return case.ticket


@transaction.atomic
def cancel(cause: Cause, ticket_id: int, why: str = "") -> Ticket:
    """The ticket ends undone: by the partner, or by the system when a question stayed without
    an answer. Questions to production are withdrawn; finished parts are charged by default, of a
    customisation the hours logged; the rest is released."""
    case = engine.open_case(cause, ticket_id, Verb.CANCEL, {"text": why})
    if case.replayed:
        return case.ticket
    words = text("text", why, required=False)
    by_system = Actor.SYSTEM in case.actors
    work.stop_all_work(case)
    production.withdraw_open(case)
    entry = engine.carry_out(case, {"by_silence": by_system})
    funding.settle_cancelled(case, entry.pk)
    breakdown.release_unfinished(case.ticket)
    if words:
        said = Said(MessageKind.PARTNER, words, (), case.cause.person_id)
        conversation.add(case.cause, case.ticket, said, entry.pk)
    return case.ticket


def _before(case: Case) -> _Before:
    clock = case.clocks.get(ClockKind.RESOLUTION)
    assert clock is not None, "an open ticket has a resolution clock"
    worked = clocks.elapsed(case.clocks, clock, case.cause.at)
    return _Before(
        type=case.ticket.type,
        units=case.ticket.promised,
        target_seconds=clock.target_seconds,
        due_at=clock.due_at,
        late=clock.breached_at is not None or clock.due_at == case.cause.at,
        remaining_seconds=(clock.target_seconds or 0) - worked,
    )


def _conditions(case: Case, before: _Before, units: int, reason: str) -> None:
    """Find out what the new type still needs: an estimate, a consent, or money."""
    if case.ticket.type == Type.CUSTOMISATION:
        case.conditions.add(Condition.CUSTOMISATION)
        case.ticket.promised = 0
        production.request_estimate(case, reason)
        return
    if before.type == Type.CUSTOMISATION:
        production.withdraw_open(case)
    costs = promises.units(case.terms, Type(case.ticket.type), units)
    rises = costs > before.units and not funding.is_free(case.ticket)
    breakdown.approve_within(case.ticket, before.units if rises else units)
    case.ticket.promised = funding.units_of_parts(case.ticket)
    if rises:
        case.conditions.add(Condition.OVER_LIMIT)
    elif not funding.sufficient(case):
        case.conditions.add(Condition.DEPOSIT_LOW)


def _retarget(case: Case, units: int) -> None:
    """Count the new target from the original start (T4, R6); a customisation has none before
    its estimate is approved."""
    kind = Type(case.ticket.type)
    if kind == Type.CUSTOMISATION:
        clocks.retarget(case.clocks, None, case.cause.at)
        return
    clock = case.clocks.get(ClockKind.RESOLUTION)
    assert clock is not None, "an open ticket has a resolution clock"
    target = promises.target(case.terms, kind, units) - _worked_in_earlier_cycles(case)
    changed = rules.retarget(
        case.clocks.calendar,
        clock.started_at,
        case.clocks.events(clock),
        max(0, target),
        case.cause.at,
        case.terms.reclassify_left_seconds,
    )
    clocks.retarget(case.clocks, changed.target_seconds + changed.extension_seconds, case.cause.at)


def _worked_in_earlier_cycles(case: Case) -> int:
    """Working seconds that reopened cycles before this one have used of the target."""
    ended = Clock.objects.filter(
        ticket=case.ticket, kind=ClockKind.RESOLUTION, cycle__lt=case.ticket.cycle
    ).prefetch_related("pauses")
    return sum(
        rules.elapsed(
            case.clocks.calendar,
            clock.started_at,
            clock.stopped_at,
            clocks.events(list(clock.pauses.all())),
        )
        for clock in ended
        if clock.stopped_at is not None
    )


def _facts(case: Case, before: _Before, units: int) -> dict[str, object]:
    ticket = case.ticket
    return {
        "type_from": before.type,
        "type": ticket.type,
        "units_from": before.units,
        "units": units,
        "due_from": _iso(before.due_at),
        "due_at": _iso(ticket.due_at),
        "claim_refused": ticket.critical_claim and before.type == Type.BUG,
    }


def _report_rescue(case: Case, before: _Before, entry_id: int) -> None:
    """Tell the administrators of a downgrade that gives a late clock, or one about to be late,
    more time (T4)."""
    clock = case.clocks.get(ClockKind.RESOLUTION)
    if clock is None or before.target_seconds is None:
        return
    more = clock.target_seconds is None or clock.target_seconds > before.target_seconds
    downgrade = before.type == Type.BUG or case.ticket.type in (Type.COMPLEX, Type.CUSTOMISATION)
    near = before.remaining_seconds < case.terms.reclassify_left_seconds
    if not (more and downgrade and (before.late or near)):
        return
    journal.record(
        causes.system(case.cause.at, parent=entry_id),
        "rescue",
        case.ticket.key,
        {
            "by": case.cause.person_id,
            "late": before.late,
            "type_from": before.type,
            "type": case.ticket.type,
            "due_from": _iso(before.due_at),
            "due_at": _iso(case.ticket.due_at),
        },
        case.ticket.partner_id,
    )


def _let_lapse(case: Case) -> None:
    waiting = RePromise.objects.filter(ticket=case.ticket, answered_at=None).first()
    if waiting is None:
        return
    if waiting.due_at > case.cause.at:
        raise Incomplete("re_promise", "one_is_open")
    waiting.agreed, waiting.answered_at = False, case.cause.at
    waiting.save(update_fields=["agreed", "answered_at"])


def _answered(case: Case, *, agreed: bool) -> RePromise:
    """The open proposal with the partner's answer."""
    proposed = RePromise.objects.filter(ticket=case.ticket, answered_at=None).first()
    if proposed is None:
        case.decide()
        raise AssertionError("the table asks for an open proposal")
    case.conditions.add(Condition.RE_PROMISE_OPEN)
    if agreed and proposed.due_at <= case.cause.at:
        raise Incomplete("due_at", "not_ahead")
    proposed.agreed = agreed
    proposed.answered_by_id, proposed.answered_at = case.cause.person_id, case.cause.at
    proposed.save(update_fields=["agreed", "answered_by", "answered_at"])
    return proposed


def _only_money_missing(case: Case) -> bool:
    """Whether nothing but money or a consent to parts kept the ticket waiting."""
    if case.state == State.AWAITING_DEPOSIT:
        return True
    if case.state != State.AWAITING_APPROVAL or acceptance.open_estimate(case.ticket) is not None:
        return False
    case.ticket.parts.exclude(state=PartState.RELEASED).update(approved=True)
    case.ticket.promised = funding.units_of_parts(case.ticket)
    case.ticket.save(update_fields=["promised"])
    return True


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
