"""The executor's work: start, steps, questions, parts, and work on record with the one-hour
rule (T3, T5, T11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.db import transaction

from desk.journal import actions as journal
from desk.journal import queries as history
from desk.journal.cause import Cause
from desk.rules import promises
from desk.rules.lifecycle import Condition, State, Step, Type, Verb
from desk.tickets.actions import conversation, engine, funding, rows
from desk.tickets.actions.conversation import Said
from desk.tickets.actions.engine import Case, Incomplete, text
from desk.tickets.models import Alarm, AlarmKind, MessageKind, Part, PartState, Ticket
from desk.workdays import actions as workdays
from desk.workdays import queries as timeline
from desk.workdays.models import Activity, Interval

TITLE_MAX = 200
DECISIONS = (Verb.ABSORB, Verb.SPLIT, Verb.CONSULT)


@transaction.atomic
def start(cause: Cause, ticket_id: int) -> Ticket:
    """Begin to work: step solving."""
    case = engine.open_case(cause, ticket_id, Verb.START)
    if case.replayed:
        return case.ticket
    case.ticket.step = Step.SOLVING
    engine.carry_out(case)
    return case.ticket


@transaction.atomic
def step(cause: Cause, ticket_id: int, to: Step) -> Ticket:
    """Say which step the work is at; the partner sees it."""
    case = engine.open_case(cause, ticket_id, Verb.STEP, {"step": to})
    if case.replayed:
        return case.ticket
    case.ticket.step = to
    engine.carry_out(case, {"step": to})
    return case.ticket


@transaction.atomic
def ask(cause: Cause, ticket_id: int, question: str, part: int | None = None) -> Ticket:
    """Ask the partner. The clock stands only when no part can proceed (T5): a question about one
    part of several leaves the others at work."""
    case = engine.open_case(cause, ticket_id, Verb.ASK, {"text": question, "part": part})
    if case.replayed:
        return case.ticket
    body = text("text", question)
    if part is not None:
        _let_wait(case, part)
    entry = engine.carry_out(case, {"part": part})
    if case.state == State.AWAITING_PARTNER:
        _stop_work(case)
    said = Said(MessageKind.QUESTION, body, (), case.cause.person_id)
    conversation.add(case.cause, case.ticket, said, entry.pk)
    return case.ticket


@transaction.atomic
def finish_part(cause: Cause, ticket_id: int, number: int, result: str) -> Ticket:
    """One part is done; its result stays with it."""
    content = {"part": number, "result": result}
    case = engine.open_case(cause, ticket_id, Verb.FINISH_PART, content)
    if case.replayed:
        return case.ticket
    part = _part(case, number, PartState.OPEN, PartState.WAITING)
    part.result = text("result", result)
    part.state, part.finished_at = PartState.FINISHED, case.cause.at
    part.finished_by_id = case.cause.person_id
    part.due_at = None
    part.save()
    running = _running(case)
    if running is not None and running.subject == part.key:
        _stop_work(case)
    entry = engine.carry_out(case, {"part": number})
    funding.capture_finished(case, entry.pk)
    note_surplus(case, part.key, entry.pk)
    return case.ticket


@transaction.atomic
def split(cause: Cause, ticket_id: int, title: str) -> Ticket:
    """One more part; free until the partner approves it (L6), which is not asked where a complex
    ticket costs one consultation anyway. A simple ticket becomes complex."""
    case = engine.open_case(cause, ticket_id, Verb.SPLIT, {"title": title})
    if case.replayed:
        return case.ticket
    if not promises.part_work_is_limited(Type(case.ticket.type)):
        raise Incomplete("parts", "only_simple_or_complex")
    parts = list(case.ticket.parts.all())
    if len(parts) >= promises.PARTS_MAX:
        raise Incomplete("parts", "too_many")
    number = max(part.number for part in parts) + 1
    Part.objects.create(
        ticket=case.ticket,
        number=number,
        title=text("title", title, longest=TITLE_MAX),
        approved=not case.terms.complex_costs_parts,
    )
    case.ticket.type = Type.COMPLEX
    engine.carry_out(case, {"part": number})
    return case.ticket


@transaction.atomic
def absorb(cause: Cause, ticket_id: int, part: int | None = None) -> Ticket:
    """The decision at sixty minutes: the surplus is the desk's, the partner pays nothing more."""
    case = engine.open_case(cause, ticket_id, Verb.ABSORB, {"part": part})
    if case.replayed:
        return case.ticket
    engine.carry_out(case, {"part": part})
    return case.ticket


@transaction.atomic
def work_start(cause: Cause, ticket_id: int, number: int | None = None) -> Interval:
    """Start the timer on a ticket or one of its parts; an accepted ticket is started by it. What
    the specialist did before ends at the same moment (T11)."""
    state = Ticket.objects.values_list("state", flat=True).get(pk=ticket_id)
    verb = Verb.START if state == State.ACCEPTED else Verb.STEP
    case = engine.open_case(cause, ticket_id, verb, {"timer": number})
    part = _timed_part(case, number)
    if verb == Verb.START and not case.replayed:
        case.ticket.step = Step.SOLVING
        engine.carry_out(case, {"timer": True})
    subject = part.key if part else case.ticket.key
    assert case.cause.person_id is not None
    clear_other_work(case.cause.person_id)
    started = workdays.start(
        _of_timeline(case.cause),
        case.cause.person_id,
        Activity.WORK,
        subject,
        case.ticket.partner_id,
        case.ticket.cycle,
    )
    _watch_hour(case, subject)
    _watch_shift(case, subject)
    return started.interval


@transaction.atomic
def work_stop(cause: Cause, ticket_id: int) -> Interval | None:
    """Stop the timer if it runs on this ticket."""
    ticket = Ticket.objects.select_for_update().get(pk=ticket_id)
    assert cause.person_id is not None
    running = timeline.running(cause.person_id)
    if running is None or not _is_of(running, ticket):
        return None
    ticket.alarms.filter(kind__in=_HOUR).delete()
    return workdays.stop(_of_timeline(cause), cause.person_id)


def clear_other_work(person_id: int) -> None:
    """The hour of what the specialist leaves need not be watched any more."""
    running = timeline.running(person_id)
    if running is not None and running.subject.startswith("ticket:"):
        Alarm.objects.filter(subject=running.subject, kind__in=_HOUR).delete()


_HOUR = (AlarmKind.WORK_WARNING, AlarmKind.WORK_LIMIT, AlarmKind.END_OF_SHIFT)


def note_surplus(case: Case, subject: str, entry_id: int) -> None:
    """Work beyond the hour without a decision is absorbed, and noted for the administrators
    (T3): the partner pays nothing for it."""
    if not promises.part_work_is_limited(Type(case.ticket.type)):
        return
    worked = timeline.worked_seconds(subject, case.cause.at, case.ticket.cycle)
    if worked <= case.terms.work_max_seconds or _was_decided(case):
        return
    facts = {
        "part": subject,
        "cycle": case.ticket.cycle,
        "worked_seconds": worked,
        "max_seconds": case.terms.work_max_seconds,
        "executor": case.ticket.executor_id,
    }
    cause = case.cause.follows(entry_id)
    journal.record(cause, "surplus", case.ticket.key, facts, case.ticket.partner_id)


def _was_decided(case: Case) -> bool:
    decided = history.of(case.ticket.key).filter(verb__in=DECISIONS)
    return decided.filter(facts__cycle=case.ticket.cycle).exists()


def stop_all_work(case: Case) -> None:
    """Whoever works on the ticket stops: it leaves the executor's hands."""
    for interval in timeline.running_on(case.ticket.key):
        workdays.stop(_of_timeline(case.cause), interval.person_id)
    rows.delete_alarms(case.ticket, _HOUR)


def _stop_work(case: Case) -> None:
    if _running(case) is not None and case.cause.person_id is not None:
        workdays.stop(_of_timeline(case.cause), case.cause.person_id)
        rows.delete_alarms(case.ticket, _HOUR)


def _of_timeline(cause: Cause) -> Cause:
    """The key is the ticket's; starting what runs and stopping what stands repeat harmlessly."""
    return replace(cause, key=None, seen=None)


def _running(case: Case) -> Interval | None:
    if case.cause.person_id is None:
        return None
    running = timeline.running(case.cause.person_id)
    return running if running is not None and _is_of(running, case.ticket) else None


def _is_of(interval: Interval, ticket: Ticket) -> bool:
    return interval.subject == ticket.key or interval.subject.startswith(f"{ticket.key}/")


def _watch_hour(case: Case, subject: str) -> None:
    """Set the alarms of the one-hour rule: 45 minutes a warning, 60 a decision (T3)."""
    if not promises.part_work_is_limited(Type(case.ticket.type)):
        return
    at = case.cause.at
    case.ticket.alarms.filter(kind__in=_HOUR, subject=subject).delete()
    worked = timeline.worked_seconds(subject, at, case.ticket.cycle)
    limits = (
        (AlarmKind.WORK_WARNING, case.terms.work_warning_seconds),
        (AlarmKind.WORK_LIMIT, case.terms.work_max_seconds),
    )
    Alarm.objects.bulk_create(
        Alarm(
            ticket=case.ticket,
            kind=kind,
            subject=subject,
            at=at + timedelta(seconds=limit - worked),
        )
        for kind, limit in limits
        if limit > worked
    )


def _watch_shift(case: Case, subject: str) -> None:
    """At the end of the shift a running timer is asked about (T11)."""
    assert case.cause.person_id is not None
    end_at = timeline.shift_end(case.cause.person_id, case.cause.at)
    if end_at is not None:
        case.ticket.alarms.create(kind=AlarmKind.END_OF_SHIFT, subject=subject, at=end_at)


def _timed_part(case: Case, number: int | None) -> Part | None:
    if number is not None:
        return _part(case, number, PartState.OPEN, PartState.WAITING, PartState.FINISHED)
    parts = list(case.ticket.parts.exclude(state=PartState.RELEASED)[:2])
    if len(parts) > 1:
        raise Incomplete("part", "missing")
    return parts[0] if parts else None


def _let_wait(case: Case, number: int) -> None:
    part = _part(case, number, PartState.OPEN)
    part.state = PartState.WAITING
    part.save(update_fields=["state"])
    if case.ticket.parts.filter(state=PartState.OPEN).exists():
        case.conditions.add(Condition.PART_CAN_PROCEED)


def _part(case: Case, number: int, *states: PartState) -> Part:
    part = case.ticket.parts.filter(number=number, state__in=states).first()
    if part is None:
        raise Incomplete("part", "not_open")
    return part
