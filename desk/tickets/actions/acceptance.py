"""From submission to the promise: accept, decline, estimate, approve, refuse, expire, fund."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from desk.journal.cause import Cause
from desk.partners.models import Partner
from desk.rules import promises
from desk.rules.lifecycle import Actor, Condition, Reason, State, Type, Verb
from desk.tickets.actions import clocks, conversation, engine, funding, production
from desk.tickets.actions.conversation import Said
from desk.tickets.actions.engine import Case, Incomplete, text
from desk.tickets.models import (
    ClockKind,
    Estimate,
    EstimateKind,
    MessageKind,
    Part,
    PartState,
    Promise,
    Ticket,
)

TITLE_MAX = 200


@dataclass(frozen=True, slots=True)
class Accepting:
    """What the specialist states at acceptance. `parts` are the titles of the parts of a
    complex ticket, at least two; `reason` says why a critical claim is found to be none (T4)."""

    type: Type
    message: str
    parts: Sequence[str] = ()
    reason: str = ""

    def content(self) -> dict[str, object]:
        return {
            "type": self.type,
            "message": self.message,
            "parts": list(self.parts),
            "reason": self.reason,
        }


@transaction.atomic
def accept(cause: Cause, ticket_id: int, accepting: Accepting) -> Ticket:
    """Take a ticket with type, parts and a first message; the promise is made here, or later
    when the partner's consent, production's estimate or the deposit is missing first.

    Raises `NotAllowed`, `Incomplete`, `Stale`.
    """
    case = engine.open_case(cause, ticket_id, Verb.ACCEPT, accepting.content())
    if case.replayed:
        return case.ticket
    ticket = case.ticket
    titles = _titles(accepting, ticket)
    message = text("message", accepting.message)
    reason = _claim_reason(case, accepting)
    ticket.type = accepting.type
    ticket.promised = promises.units(case.terms, accepting.type, max(1, len(titles)))
    ticket.executor_id, ticket.accepted_at = case.cause.person_id, case.cause.at
    if accepting.type == Type.CUSTOMISATION:
        case.conditions.add(Condition.CUSTOMISATION)
        production.request_estimate(case, message)
    else:
        if promises.needs_approval(case.terms, accepting.type, len(titles)):
            case.conditions.add(Condition.OVER_LIMIT)
        target = promises.target(case.terms, accepting.type, len(titles))
        clocks.retarget(case.clocks, _no_later_than_merged(case, target), case.cause.at)
    _set_parts(ticket, titles)
    if not case.conditions and not funding.sufficient(case):
        case.conditions.add(Condition.DEPOSIT_LOW)
    facts = {"type": accepting.type, "units": ticket.promised, "claim_refused": bool(reason)}
    entry = settle(case, facts)
    said = Said(MessageKind.STAFF, message, (), case.cause.person_id)
    conversation.add(case.cause, ticket, said, entry)
    if reason:
        said = Said(MessageKind.STAFF, reason, (), case.cause.person_id)
        conversation.add(case.cause, ticket, said, entry)
    return ticket


@transaction.atomic
def decline(cause: Cause, ticket_id: int, reason: Reason, words: str) -> Ticket:
    """Refuse a ticket for a reason of the closed list, explained to the partner. Production may
    only find a customisation impossible."""
    case = engine.open_case(cause, ticket_id, Verb.DECLINE, {"reason": reason, "text": words})
    if case.replayed:
        return case.ticket
    if Actor.PRODUCTION in case.actors and reason != Reason.IMPOSSIBLE:
        raise Incomplete("reason", "only_impossible")
    explained = text("text", words)
    case.ticket.decline_reason = reason
    production.withdraw_open(case)
    entry = engine.carry_out(case, {"reason": reason})
    said = Said(MessageKind.STAFF, explained, (), case.cause.person_id)
    conversation.add(case.cause, case.ticket, said, entry.pk)
    return case.ticket


@transaction.atomic
def approve(cause: Cause, ticket_id: int) -> Ticket:
    """The partner's recorded consent to the number of parts, the estimate or extra parts; the
    holds are made, and for an estimate the deadline is fixed now: final acceptance."""
    case = engine.open_case(cause, ticket_id, Verb.APPROVE)
    if case.replayed:
        return case.ticket
    if case.state != State.AWAITING_APPROVAL:
        return _approve_parts(case)
    estimate = open_estimate(case.ticket)
    if estimate is not None:
        _approve_estimate(case, estimate)
    Part.objects.filter(ticket=case.ticket, approved=False, refused=False).update(approved=True)
    case.ticket.promised = funding.units_of_parts(case.ticket)
    _where_work_stood(case)
    if not funding.sufficient(case):
        case.conditions.add(Condition.DEPOSIT_LOW)
    settle(case, {"units": case.ticket.promised, "estimate": estimate and estimate.pk})
    return case.ticket


@transaction.atomic
def refuse(cause: Cause, ticket_id: int, words: str = "") -> Ticket:
    """The partner does not consent: free. A refused supplement lets work go on with what is
    approved; refused extra parts stay free."""
    case = engine.open_case(cause, ticket_id, Verb.REFUSE, {"text": words})
    if case.replayed:
        return case.ticket
    said = text("text", words, required=False)
    if case.state != State.AWAITING_APPROVAL:
        case.conditions.add(_offered(case))
        case.ticket.parts.filter(approved=False).update(refused=True)
    else:
        _refuse_estimate(case)
    entry = engine.carry_out(case)
    if case.state == State.CANCELLED:
        funding.settle_cancelled(case, entry.pk)
    if said:
        conversation.add(
            case.cause,
            case.ticket,
            Said(MessageKind.PARTNER, said, (), case.cause.person_id),
            entry.pk,
        )
    return case.ticket


@transaction.atomic
def expire(cause: Cause, ticket_id: int) -> Ticket:
    """An offer nobody answered ends, free of charge. Once, a partner's click asks production to
    estimate an out-of-date customisation again."""
    case = engine.open_case(cause, ticket_id, Verb.EXPIRE)
    if case.replayed:
        return case.ticket
    estimate = open_estimate(case.ticket)
    if case.cause.person_id is not None:
        if estimate is None or not out_of_date(case.ticket, estimate, case.cause.at):
            raise Incomplete("estimate", "still_valid")
        case.conditions.add(Condition.ESTIMATE_OUT_OF_DATE)
        production.request_estimate(case, estimate.includes)
    if estimate is not None:
        estimate.expired_at = case.cause.at
        estimate.save(update_fields=["expired_at"])
    entry = engine.carry_out(case)
    if case.state == State.CANCELLED:
        funding.settle_cancelled(case, entry.pk)
    return case.ticket


@transaction.atomic
def fund(cause: Cause, ticket_id: int) -> Ticket:
    """The deposit suffices now: the ticket is promised. Raises `DepositExhausted` when not."""
    case = engine.open_case(cause, ticket_id, Verb.FUND)
    if case.replayed:
        return case.ticket
    if not case.ticket.billable:
        case.conditions.add(Condition.DEFECT)
    funding.require(case)
    _where_work_stood(case)
    settle(case, {"units": case.ticket.promised})
    return case.ticket


@transaction.atomic
def fund_waiting(cause: Cause, partner_id: int) -> list[Ticket]:
    """After any rise of *available*: fund waiting tickets in the partner's order, no skipping.

    Consultations and money are two queues: a customisation that lacks money does not keep a
    question waiting that lacks nothing.
    """
    Partner.objects.select_for_update(no_key=True).get(pk=partner_id)
    funded, exhausted = [], set()
    waiting = Ticket.objects.filter(partner_id=partner_id, state=State.AWAITING_DEPOSIT)
    for ticket in waiting.order_by("queue_rank", "id"):
        commodity = funding.commodity(ticket)
        if commodity in exhausted:
            continue
        case = engine.open_case(cause, ticket.pk, Verb.FUND)
        if not funding.sufficient(case):
            exhausted.add(commodity)
            continue
        _where_work_stood(case)
        settle(case, {"units": case.ticket.promised})
        funded.append(case.ticket)
    return funded


def settle(case: Case, facts: dict[str, object]) -> int:
    """Carry the move out, hold what it promises, and record the promise (T2)."""
    move = case.decide()
    entry = engine.carry_out(case, facts)
    if move.promise:
        funding.hold(case, entry.pk)
        promise(case, entry.pk, case.verb)
    return entry.pk


def promise(case: Case, entry_id: int, why: str) -> Promise:
    """Write down what is promised now; the row is never changed (T2)."""
    ticket = case.ticket
    clock = case.clocks.get(ClockKind.RESOLUTION)
    assert clock is not None and clock.target_seconds is not None
    return Promise.objects.create(
        ticket=ticket,
        cycle=ticket.cycle,
        made_at=case.cause.at,
        due_at=ticket.due_at,
        target_seconds=clock.target_seconds,
        executor_id=ticket.executor_id,
        type=ticket.type,
        units=ticket.promised,
        kopecks=funding.promised_kopecks(ticket),
        cause=why,
        entry_id=entry_id,
    )


def open_estimate(ticket: Ticket) -> Estimate | None:
    """The offer that waits for the partner's answer."""
    return ticket.estimates.filter(approved_at=None, refused_at=None, expired_at=None).last()


def out_of_date(ticket: Ticket, estimate: Estimate, at: datetime) -> bool:
    """Whether the partner may ask for the estimate again: it is past, and this is the first."""
    renewed = ticket.estimates.filter(expired_at__isnull=False).exists()
    first = estimate.kind == EstimateKind.ESTIMATE and not renewed
    return first and at > estimate.valid_until


def _approve_estimate(case: Case, estimate: Estimate) -> None:
    if case.cause.at > estimate.valid_until:
        raise Incomplete("estimate", "out_of_date")
    estimate.approved_at, estimate.approved_by_id = case.cause.at, case.cause.person_id
    estimate.save(update_fields=["approved_at", "approved_by"])
    clock = case.clocks.get(ClockKind.RESOLUTION)
    assert clock is not None
    worked = clocks.elapsed(case.clocks, clock, case.cause.at)
    more = estimate.working_seconds
    if estimate.kind == EstimateKind.SUPPLEMENT and clock.target_seconds is not None:
        clocks.retarget(case.clocks, clock.target_seconds + more, case.cause.at)
    else:
        clocks.retarget(case.clocks, worked + more, case.cause.at)


def _approve_parts(case: Case) -> Ticket:
    case.conditions.add(_offered(case))
    offered = case.ticket.parts.filter(approved=False, refused=False)
    offered.update(approved=True)
    case.ticket.promised = funding.units_of_parts(case.ticket)
    funding.require(case)
    clocks.retarget(
        case.clocks,
        _at_least_as_before(case, promises.target(case.terms, Type.COMPLEX, case.ticket.promised)),
        case.cause.at,
    )
    entry = engine.carry_out(case, {"units": case.ticket.promised})
    funding.hold(case, entry.pk)
    return case.ticket


def _no_later_than_merged(case: Case, target: int) -> int:
    """A ticket merged into this one before it was promised has left its earlier due (merge)."""
    clock = case.clocks.get(ClockKind.RESOLUTION)
    assert clock is not None, "an open ticket has a resolution clock"
    return target if clock.target_seconds is None else min(target, clock.target_seconds)


def _at_least_as_before(case: Case, target: int) -> int:
    clock = case.clocks.get(ClockKind.RESOLUTION)
    assert clock is not None
    return max(target, clock.target_seconds or 0)


def _offered(case: Case) -> Condition:
    if not case.ticket.parts.filter(approved=False, refused=False).exists():
        raise Incomplete("parts", "none_offered")
    return Condition.PARTS_OFFERED


def _refuse_estimate(case: Case) -> None:
    estimate = open_estimate(case.ticket)
    if estimate is None:
        return
    estimate.refused_at = case.cause.at
    estimate.save(update_fields=["refused_at"])
    if estimate.kind == EstimateKind.SUPPLEMENT:
        case.conditions.add(Condition.SUPPLEMENT)


def _where_work_stood(case: Case) -> None:
    """A ticket that was in work before it waited goes back to work (spec 2, approve)."""
    if case.ticket.step:
        case.conditions.add(Condition.WORK_BEGUN)


def _titles(accepting: Accepting, ticket: Ticket) -> list[str]:
    titles = [text("parts", title, longest=TITLE_MAX) for title in accepting.parts]
    if accepting.type == Type.COMPLEX:
        if not 2 <= len(titles) <= promises.PARTS_MAX:
            raise Incomplete("parts", "two_or_more" if len(titles) < 2 else "too_many")
        return titles
    if titles:
        raise Incomplete("parts", "only_complex")
    return [] if accepting.type == Type.CUSTOMISATION else [ticket.subject]


def _claim_reason(case: Case, accepting: Accepting) -> str:
    """A critical claim found to be none becomes another type, with the reason (T4)."""
    refused = case.ticket.critical_claim and accepting.type != Type.BUG
    return text("reason", accepting.reason, required=refused) if refused else ""


def _set_parts(ticket: Ticket, titles: Sequence[str]) -> None:
    ticket.parts.all().delete()
    Part.objects.bulk_create(
        Part(ticket=ticket, number=number, title=title[:TITLE_MAX], state=PartState.OPEN)
        for number, title in enumerate(titles, 1)
    )
