"""Production: consultations, estimates, and building a customisation.

Each open question has a clock of its own; the partner's clock stands only where the table says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.rules import promises
from desk.rules.lifecycle import Condition, Type, Verb
from desk.tickets.actions import clocks, conversation, engine
from desk.tickets.actions.conversation import Said
from desk.tickets.actions.engine import Case, Incomplete, text
from desk.tickets.models import (
    ClockKind,
    Consultation,
    ConsultationKind,
    Estimate,
    EstimateKind,
    HoursLog,
    MessageKind,
    Part,
    PartState,
    Ticket,
)

HOURS_MAX = 2_000
WORKING_SECONDS_MAX = 2_000 * 3600
HOUR_KOPECKS_MAX = 100_000_00
LOG_MINUTES_MAX = 24 * 60
NOTE_MAX = 300


@dataclass(frozen=True, slots=True)
class Offer:
    """Production's offer: at most `hours_max` programmer hours at `hour_kopecks` (None: the
    plan's rate), done within `working_seconds` of working time from approval."""

    hours_max: int
    working_seconds: int
    includes: str
    valid_until: datetime
    hour_kopecks: int | None = None

    def content(self) -> dict[str, object]:
        return {
            "hours_max": self.hours_max,
            "working_seconds": self.working_seconds,
            "includes": self.includes,
            "valid_until": self.valid_until,
            "hour_kopecks": self.hour_kopecks,
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """What production answers; `released` is the part that the partner may read. A
    counter-question is a reply too."""

    text: str
    released: str = ""


@transaction.atomic
def consult(cause: Cause, ticket_id: int, question: str, part: int | None = None) -> Ticket:
    """Ask production. The partner's clock stands for a customisation, or where the plan lets it
    pause parts and none of them can proceed (T5); never for a bug."""
    case = engine.open_case(cause, ticket_id, Verb.CONSULT, {"text": question, "part": part})
    if case.replayed:
        return case.ticket
    body = text("text", question)
    asked = _open_part(case.ticket, part)
    if _pauses(case, asked):
        case.conditions.add(Condition.CONSULT_PAUSES)
    _ask(case, ConsultationKind.CONSULT, body, asked)
    engine.carry_out(case, {"part": part, "pauses": Condition.CONSULT_PAUSES in case.conditions})
    return case.ticket


@transaction.atomic
def reply(cause: Cause, ticket_id: int, answer: Reply) -> Ticket:
    """Production answers the oldest open consultation; a standing clock runs on, so that the
    deadline moves by exactly the working time the answer took."""
    content = {"text": answer.text, "released": answer.released}
    case = engine.open_case(cause, ticket_id, Verb.REPLY, content)
    if case.replayed:
        return case.ticket
    body = text("text", answer.text)
    question = open_consultations(case.ticket).filter(kind=ConsultationKind.CONSULT).first()
    if question is None:
        raise Incomplete("consultation", "none_open")
    case.conditions.add(Condition.CONSULTED)
    question.answer, question.released = body, text("released", answer.released, required=False)
    question.answered_by_id, question.answered_at = case.cause.person_id, case.cause.at
    question.save()
    _stop_clock(case, question)
    if question.part_id is not None:
        Part.objects.filter(pk=question.part_id, state=PartState.WAITING).update(
            state=PartState.OPEN
        )
    entry = engine.carry_out(case, {"consultation": question.pk})
    if question.released:
        said = Said(MessageKind.STAFF, question.released, (), case.cause.person_id)
        conversation.add(case.cause, case.ticket, said, entry.pk)
    return case.ticket


@transaction.atomic
def estimate(cause: Cause, ticket_id: int, offer: Offer) -> Ticket:
    """Production's estimate of a customisation, for the partner to approve."""
    case = engine.open_case(cause, ticket_id, Verb.ESTIMATE, offer.content())
    if case.replayed:
        return case.ticket
    made = _offer(case, offer, EstimateKind.ESTIMATE)
    for question in open_consultations(case.ticket).filter(kind=ConsultationKind.ESTIMATE):
        question.answered_by_id, question.answered_at = case.cause.person_id, case.cause.at
        question.save(update_fields=["answered_by", "answered_at"])
        _stop_clock(case, question)
    engine.carry_out(case, _offer_facts(made))
    return case.ticket


@transaction.atomic
def supplement(cause: Cause, ticket_id: int, offer: Offer) -> Ticket:
    """More hours are needed: work stops until the partner approves them."""
    case = engine.open_case(cause, ticket_id, Verb.SUPPLEMENT, offer.content())
    if case.replayed:
        return case.ticket
    _only_customisation(case)
    made = _offer(case, offer, EstimateKind.SUPPLEMENT)
    withdraw_open(case)
    engine.carry_out(case, _offer_facts(made))
    return case.ticket


@transaction.atomic
def log(cause: Cause, ticket_id: int, minutes: int, worked_on: date, note: str) -> Ticket:
    """A programmer's hours on a customisation; never beyond what is approved (spec 3)."""
    content = {"minutes": minutes, "worked_on": worked_on, "note": note}
    case = engine.open_case(cause, ticket_id, Verb.LOG, content)
    if case.replayed:
        return case.ticket
    _only_customisation(case)
    if not 1 <= minutes <= LOG_MINUTES_MAX:
        raise Incomplete("minutes", "out_of_range")
    if worked_on > case.cause.at.date():
        raise Incomplete("worked_on", "ahead")
    if logged_minutes(case.ticket) + minutes > approved_minutes(case.ticket):
        raise Incomplete("minutes", "beyond_approved")
    assert case.cause.person_id is not None
    HoursLog.objects.create(
        ticket=case.ticket,
        person_id=case.cause.person_id,
        minutes=minutes,
        note=text("note", note, required=False, longest=NOTE_MAX),
        worked_on=worked_on,
        at=case.cause.at,
    )
    entry = engine.carry_out(case, {"minutes": minutes})
    _warn_of_hours(case, minutes, entry.pk)
    return case.ticket


@transaction.atomic
def build(cause: Cause, ticket_id: int, words: str) -> Ticket:
    """Production has finished building: the specialist checks and delivers (T8)."""
    case = engine.open_case(cause, ticket_id, Verb.BUILD, {"text": words})
    if case.replayed:
        return case.ticket
    _only_customisation(case)
    body = text("text", words)
    case.ticket.built_at = case.cause.at
    entry = engine.carry_out(case)
    said = Said(MessageKind.NOTE, body, (), case.cause.person_id)
    conversation.add(case.cause, case.ticket, said, entry.pk)
    return case.ticket


def request_estimate(case: Case, question: str) -> Consultation:
    """Ask production for an estimate, within the running move, with its own clock (R5)."""
    return _ask(case, ConsultationKind.ESTIMATE, question, None)


def withdraw_open(case: Case) -> None:
    """Nobody waits for these answers any more; their clocks are void."""
    for question in open_consultations(case.ticket):
        question.withdrawn_at = case.cause.at
        question.save(update_fields=["withdrawn_at"])
        _stop_clock(case, question, void=True)


def open_consultations(ticket: Ticket) -> QuerySet[Consultation]:
    """Questions without an answer, the oldest first."""
    return ticket.consultations.filter(answered_at=None, withdrawn_at=None).order_by("id")


def logged_minutes(ticket: Ticket) -> int:
    return sum(ticket.hours.values_list("minutes", flat=True))


def approved_minutes(ticket: Ticket) -> int:
    approved = ticket.estimates.filter(approved_at__isnull=False)
    return 60 * sum(approved.values_list("hours_max", flat=True))


def _ask(case: Case, kind: ConsultationKind, question: str, part: Part | None) -> Consultation:
    asked = Consultation.objects.create(
        ticket=case.ticket,
        kind=kind,
        part=part,
        question=question,
        asked_by_id=case.cause.person_id,
        asked_at=case.cause.at,
        pauses=kind == ConsultationKind.ESTIMATE or Condition.CONSULT_PAUSES in case.conditions,
    )
    of_estimate = kind == ConsultationKind.ESTIMATE
    target = case.terms.estimate_seconds if of_estimate else case.terms.consult_seconds
    clocks.start(
        case.clocks, ClockKind.PRODUCTION, case.cause.at, target, f"consultation:{asked.pk}"
    )
    return asked


def _stop_clock(case: Case, question: Consultation, *, void: bool = False) -> None:
    clock = case.clocks.get(ClockKind.PRODUCTION, f"consultation:{question.pk}")
    if clock is not None:
        clocks.stop(case.clocks, clock, case.cause.at, void=void)


def _pauses(case: Case, part: Part | None) -> bool:
    """Whether the partner's clock stands while production answers (spec 2, consult; T5)."""
    if case.ticket.type == Type.CUSTOMISATION:
        return True
    if case.ticket.type == Type.BUG or not case.terms.consult_pauses_parts:
        return False
    if part is not None:
        part.state = PartState.WAITING
        part.save(update_fields=["state"])
    return part is None or not case.ticket.parts.filter(state=PartState.OPEN).exists()


def _open_part(ticket: Ticket, number: int | None) -> Part | None:
    if number is None:
        return None
    part = ticket.parts.filter(number=number, state__in=[PartState.OPEN, PartState.WAITING])
    found = part.first()
    if found is None:
        raise Incomplete("part", "not_open")
    return found


def _offer(case: Case, offer: Offer, kind: EstimateKind) -> Estimate:
    if not 1 <= offer.hours_max <= HOURS_MAX:
        raise Incomplete("hours_max", "out_of_range")
    if not 0 < offer.working_seconds <= WORKING_SECONDS_MAX:
        raise Incomplete("working_seconds", "out_of_range")
    if offer.valid_until <= case.cause.at:
        raise Incomplete("valid_until", "not_ahead")
    rate = case.terms.hour_price_kopecks if offer.hour_kopecks is None else offer.hour_kopecks
    if not 0 <= rate <= HOUR_KOPECKS_MAX:
        raise Incomplete("hour_kopecks", "out_of_range")
    return Estimate.objects.create(
        ticket=case.ticket,
        kind=kind,
        hours_max=offer.hours_max,
        hour_kopecks=rate,
        working_seconds=offer.working_seconds,
        includes=text("includes", offer.includes),
        valid_until=offer.valid_until,
        made_by_id=case.cause.person_id,
        made_at=case.cause.at,
    )


def _offer_facts(made: Estimate) -> dict[str, object]:
    return {
        "estimate": made.pk,
        "hours_max": made.hours_max,
        "hour_kopecks": made.hour_kopecks,
        "working_seconds": made.working_seconds,
        "valid_until": made.valid_until.isoformat(),
    }


def _warn_of_hours(case: Case, minutes: int, entry_id: int) -> None:
    """Tell all sides, once for each approved sum, that the hours come to its end (spec 3)."""
    logged, approved = logged_minutes(case.ticket), approved_minutes(case.ticket)
    if not promises.hours_warning_due(case.terms, logged - minutes, logged, approved):
        return
    facts = {
        "minutes": logged,
        "approved_minutes": approved,
        "percent": case.terms.estimate_warning_percent,
        "cycle": case.ticket.cycle,
    }
    cause = causes.system(case.cause.at, parent=entry_id)
    journal.record(cause, "hours_warning", case.ticket.key, facts, case.ticket.partner_id)


def _only_customisation(case: Case) -> None:
    if case.ticket.type != Type.CUSTOMISATION:
        case.decide()
    case.conditions.add(Condition.CUSTOMISATION)
