"""What a partner does not believe, and what an administrator decides: contest, doubt, rule,
excuse (R8, R11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from desk.journal import queries as history
from desk.journal.cause import Cause
from desk.rules.lifecycle import Condition, State, Verb
from desk.tickets.actions import clocks, conversation, engine, handover, redress
from desk.tickets.actions.conversation import Said
from desk.tickets.actions.engine import Case, Incomplete, text
from desk.tickets.models import (
    Clock,
    ClockKind,
    Dispute,
    DisputeAbout,
    DisputeKind,
    MessageKind,
    Pause,
    Promise,
)

CLAUSE_MAX = 20
# What an administrator does from above; anything else is a part in the matter.
FROM_ABOVE = (Verb.RULE, Verb.EXCUSE, Verb.NOTE)


class Involved(Exception):
    """Who had a part in the ticket does not rule on it."""


@dataclass(frozen=True, slots=True)
class Objection:
    """What a partner contests, and why; `pause_id` names the pause where it is one."""

    about: DisputeAbout
    text: str
    pause_id: int | None = None

    def content(self) -> dict[str, object]:
        return {"about": self.about, "text": self.text, "pause": self.pause_id}


@dataclass(frozen=True, slots=True)
class Ruling:
    """What an administrator decides, in text; a doubt is answered with the clause. `give_back`:
    how much of a contested charge goes back, in consultations or, of a customisation, kopiykas;
    None is all that is left of it."""

    upheld: bool
    text: str
    clause: str = ""
    give_back: int | None = None

    def content(self) -> dict[str, object]:
        said = {"upheld": self.upheld, "text": self.text, "clause": self.clause}
        return said if self.give_back is None else {**said, "give_back": self.give_back}


@transaction.atomic
def contest(cause: Cause, ticket_id: int, objection: Objection) -> Dispute:
    """Contest N, the type, a pause, a decline or a charge: an administrator who is not involved
    rules by the end of the second working day after."""
    case = engine.open_case(cause, ticket_id, Verb.CONTEST, objection.content())
    if case.replayed:
        return _made_before(case)
    words = text("text", objection.text)
    _refuse_objection(case, objection)
    end = case.clocks.calendar.end_of_working_day(case.cause.at, case.terms.contest_days)
    asked = Dispute(
        kind=DisputeKind.CONTEST, about=objection.about, pause_id=objection.pause_id, text=words
    )
    return _raise(case, asked, end)


@transaction.atomic
def doubt(cause: Cause, ticket_id: int, words: str) -> Dispute:
    """Ask "is this right?": an administrator answers with the clause within four working hours;
    no clock stops for it."""
    case = engine.open_case(cause, ticket_id, Verb.DOUBT, {"text": words})
    if case.replayed:
        return _made_before(case)
    asked = Dispute(kind=DisputeKind.DOUBT, about=DisputeAbout.WORK, text=text("text", words))
    _refuse_second(case, asked)
    due_at = case.clocks.calendar.add(case.cause.at, case.terms.doubt_seconds)
    return _raise(case, asked, due_at)


@transaction.atomic
def rule(cause: Cause, dispute_id: int, ruling: Ruling) -> Dispute:
    """Decide a dispute in text, which the partner reads. An upheld contest strikes the pause:
    the due is recomputed, and a breach so found counts as of its instant (R11). A result that an
    upheld doubt finds bad is redone free, after any window. An upheld contest of a charge gives
    back what the ruling says, at most what is left of it; the next act shows it (L11).

    Raises `Involved` for a contest when the administrator had a part in the ticket.
    """
    ticket_id = Dispute.objects.values_list("ticket_id", flat=True).get(pk=dispute_id)
    content = {"dispute": dispute_id, **ruling.content()}
    case = engine.open_case(cause, ticket_id, Verb.RULE, content)
    asked = Dispute.objects.select_related("pause__clock").get(pk=dispute_id)
    if case.replayed:
        return asked
    if asked.ruled_at is None:
        case.conditions.add(Condition.DISPUTE_OPEN)
    case.decide()
    if asked.kind == DisputeKind.CONTEST:
        _refuse_involved(case)
    _decide(case, asked, ruling)
    strikes = ruling.upheld and asked.pause is not None
    breached = _strike(case, asked.pause) if strikes and asked.pause is not None else None
    returned = redress.amounts(case, ruling.give_back) if _is_won_charge(asked) else {}
    facts = {
        "dispute": asked.pk,
        "about": asked.about,
        "upheld": ruling.upheld,
        "pause": asked.pause_id,
        "breached_at": breached,
    }
    if returned:
        facts["given_back"] = sum(returned.values())
    entry = engine.carry_out(case, facts)
    redress.give_back(case, entry.pk, returned)
    if _is_bad_result(case, asked):
        handover.redo(case.cause.follows(entry.pk), case.ticket.pk, asked.ruling)
        return asked
    said = Said(MessageKind.STAFF, asked.ruling, (), case.cause.person_id)
    conversation.add(case.cause, case.ticket, said, entry.pk)
    return asked


@transaction.atomic
def excuse(cause: Cause, clock_id: int, words: str) -> Clock:
    """Excuse a breach, with the reason; it stays visible as excused and is never erased (R8)."""
    ticket_id = Clock.objects.values_list("ticket_id", flat=True).get(pk=clock_id)
    content = {"clock": clock_id, "text": words}
    case = engine.open_case(cause, ticket_id, Verb.EXCUSE, content)
    clock = Clock.objects.get(pk=clock_id)
    if case.replayed:
        return clock
    body = text("text", words)
    if clock.breached_at is None:
        raise Incomplete("clock", "not_breached")
    if clock.excused_at is not None:
        raise Incomplete("clock", "excused_before")
    clock.excused_at, clock.excused_by, clock.excuse = case.cause.at, case.cause.by, body
    clock.save(update_fields=["excused_at", "excused_by", "excuse"])
    engine.carry_out(case, {"clock": clock.pk, "kind": clock.kind, "of_cycle": clock.cycle})
    return clock


def _is_bad_result(case: Case, asked: Dispute) -> bool:
    handed_over = case.state in (State.DELIVERED, State.RESOLVED)
    return asked.kind == DisputeKind.DOUBT and bool(asked.upheld) and handed_over


def _is_won_charge(asked: Dispute) -> bool:
    is_charge = asked.kind == DisputeKind.CONTEST and asked.about == DisputeAbout.CHARGE
    return is_charge and bool(asked.upheld)


def _raise(case: Case, asked: Dispute, due_at: datetime) -> Dispute:
    """Write the dispute down with a clock of its own, whatever the ticket's state."""
    asked.ticket, asked.raised_by_id = case.ticket, case.cause.person_id
    asked.raised_at = case.cause.at
    asked.due_at = due_at
    asked.save()
    target = clocks.seconds_until(case.clocks, due_at, case.cause.at)
    clocks.start(case.clocks, ClockKind.RULING, case.cause.at, target, _subject(asked))
    conversation.break_silence(case)
    engine.carry_out(
        case,
        {
            "dispute": asked.pk,
            "about": asked.about,
            "pause": asked.pause_id,
            "due_at": asked.due_at.isoformat(),
        },
    )
    return asked


def _made_before(case: Case) -> Dispute:
    """The dispute that this cause raised the first time."""
    entry = history.by_key(case.cause.key) if case.cause.key else None
    assert entry is not None, "a repeated cause has its first entry"
    return Dispute.objects.get(pk=int(str(entry.facts["dispute"])))


def _refuse_objection(case: Case, objection: Objection) -> None:
    ticket, about = case.ticket, objection.about
    if about == DisputeAbout.WORK:
        raise Incomplete("about", "not_contestable")
    if (about == DisputeAbout.PAUSE) != (objection.pause_id is not None):
        raise Incomplete("pause", "missing" if objection.pause_id is None else "not_about_it")
    if about == DisputeAbout.PAUSE:
        pauses = Pause.objects.filter(clock__ticket=ticket)
        pause = next((row for row in pauses if row.pk == objection.pause_id), None)
        if pause is None or pause.struck:
            raise Incomplete("pause", "unknown" if pause is None else "struck_before")
    if about in (DisputeAbout.UNITS, DisputeAbout.TYPE) and ticket.accepted_at is None:
        raise Incomplete("about", "not_accepted_yet")
    if about == DisputeAbout.DECLINE and ticket.state != State.DECLINED:
        raise Incomplete("about", "not_declined")
    if about == DisputeAbout.CHARGE:
        _refuse_late_charge(case)
    _refuse_second(case, Dispute(about=about, pause_id=objection.pause_id))


def _refuse_late_charge(case: Case) -> None:
    """A charge is contestable within so many days after the ticket ended."""
    ticket = case.ticket
    ended_at = ticket.resolved_at
    if ended_at is None and ticket.state == State.CANCELLED:
        ended = history.of(ticket.key).filter(facts__to=State.CANCELLED).last()
        ended_at = ended.at if ended is not None else None
    if ended_at is None:
        raise Incomplete("about", "not_charged_yet")
    if case.cause.at > ended_at + timedelta(days=case.terms.contest_charge_within_days):
        raise Incomplete("about", "too_late")


def _refuse_second(case: Case, asked: Dispute) -> None:
    waiting = Dispute.objects.filter(ticket=case.ticket, about=asked.about, ruled_at=None)
    if any(other.pause_id == asked.pause_id for other in waiting):
        raise Incomplete("about", "waits_already")


def _refuse_involved(case: Case) -> None:
    """Whoever moved this ticket, or executed it at any time, has a part in it."""
    person_id = case.cause.person_id
    moved = history.of(case.ticket.key).filter(by=case.cause.by).exclude(verb__in=FROM_ABOVE)
    executed = Promise.objects.filter(ticket=case.ticket, executor=person_id)
    if case.ticket.executor_id == person_id or moved.exists() or executed.exists():
        raise Involved


def _decide(case: Case, asked: Dispute, ruling: Ruling) -> None:
    needs_clause = asked.kind == DisputeKind.DOUBT
    asked.upheld = ruling.upheld
    asked.ruling = text("text", ruling.text)
    asked.clause = text("clause", ruling.clause, required=needs_clause, longest=CLAUSE_MAX)
    asked.ruled_by_id, asked.ruled_at = case.cause.person_id, case.cause.at
    asked.save()
    clock = case.clocks.get(ClockKind.RULING, _subject(asked))
    if clock is not None:
        clocks.stop(case.clocks, clock, case.cause.at)


def _strike(case: Case, pause: Pause) -> str | None:
    """Strike the pause; the instant of the breach that this shows, if any."""
    clock = clocks.strike(case.clocks, pause, case.cause)
    if not clock.breach_by_ruling or clock.breached_at is None:
        return None
    return clock.breached_at.isoformat()


def _subject(asked: Dispute) -> str:
    return f"dispute:{asked.pk}"
