"""A partner complains; an administrator answers, with the clause that was followed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.oversight.actions import rulings
from desk.oversight.actions.refusals import NotToSay
from desk.oversight.models import Complaint
from desk.oversight.queries import editions
from desk.partners import queries as partners
from desk.partners.models import Partner, PartnerRole, Person
from desk.rules.lifecycle import State
from desk.tickets import actions as tickets
from desk.tickets import queries as tickets_queries
from desk.tickets.actions import Incomplete, engine
from desk.tickets.models import Ticket

TEXT_MAX = 10_000
CLAUSE_MAX = 20
OPEN_MAX = 20
# One of a partner's people leaves room for the others.
OPEN_OF_ONE_MAX = 5
COMPLAINS = frozenset({PartnerRole.OWNER, PartnerRole.FINANCE, PartnerRole.MEMBER})
# What was handed over can be done anew; before that the work just goes on.
REDONE_FROM = frozenset({State.DELIVERED, State.RESOLVED})


@dataclass(frozen=True, slots=True)
class Complaining:
    """What a partner complains of: of a ticket, or of the service as such."""

    partner_id: int
    text: str
    ticket_id: int | None = None


@dataclass(frozen=True, slots=True)
class Answering:
    """An administrator's answer, which the partner reads. `redone`: the result of the ticket was
    bad and is done anew, free."""

    upheld: bool
    answer: str
    clause: str
    redone: bool = False


@transaction.atomic
def complain(cause: Cause, complaining: Complaining) -> Complaint:
    """Any of a partner's people but a viewer complains, of a ticket that they see or in general;
    it is about the ticket's executor. It is due after the hours that the plan gives to a doubt.

    Raises `Incomplete`, `NotToSay`, `KeyReused`, `Ticket.DoesNotExist` for one they do not see.
    """
    partner = Partner.objects.select_for_update(no_key=True).get(pk=complaining.partner_id)
    content = {"verb": "complain", **asdict(complaining)}
    before = journal.repeated(cause, content)
    if before is not None:
        return Complaint.objects.get(pk=before.facts["complaint"])
    person = _complainant(cause, partner)
    ticket = _ticket(person, complaining)
    words = engine.text("text", complaining.text, longest=TEXT_MAX)
    _refuse_second(partner, person, ticket)
    row = Complaint.objects.create(
        partner=partner,
        ticket=ticket,
        about_id=ticket.executor_id if ticket is not None else None,
        raised_by=person,
        text=words,
        at=cause.at,
        due_at=_due_at(partner, ticket, cause.at),
    )
    # No ticket and nobody is named: the entry must reach no page of whom it is about.
    facts = {"complaint": row.pk, "due_at": row.due_at.isoformat()}
    journal.record(cause, "complain", f"complaint:{row.pk}", facts, partner.pk, content)
    return row


@transaction.atomic
def answer_complaint(cause: Cause, complaint_id: int, answering: Answering) -> Complaint:
    """Answer a complaint, once, with the clause that was followed; bad work is redone free.

    Nobody answers what is about them or a ticket that they stepped into. Raises `NotToSay`,
    `Incomplete`, `KeyReused`, `Complaint.DoesNotExist`.
    """
    row = Complaint.objects.select_for_update(no_key=True).get(pk=complaint_id)
    content = {"verb": "answer_complaint", "complaint": row.pk, **asdict(answering)}
    if journal.earlier(cause, f"complaint:{row.pk}", content) is not None:
        return row
    rulings.judge(cause.person_id, row.about_id, row.ticket_id)
    if row.answered_at is not None:
        raise NotToSay("said", row.answered_by_id)
    row.upheld, row.redone = answering.upheld, answering.redone
    row.answer = engine.text("text", answering.answer, longest=TEXT_MAX)
    row.clause = _clause(answering.clause, cause.at)
    row.answered_by_id, row.answered_at = cause.person_id, max(cause.at, row.at)
    _refuse_redo(row)
    row.save()
    facts = {
        "complaint": row.pk,
        "upheld": row.upheld,
        "clause": row.clause,
        "redone": row.redone,
        "raised_by": row.raised_by_id,
    }
    entry = journal.record(
        cause, "answer_complaint", f"complaint:{row.pk}", facts, row.partner_id, content
    )
    if row.redone and row.ticket_id is not None:
        tickets.redo(cause.follows(entry.pk), row.ticket_id, row.answer)
    return row


def _complainant(cause: Cause, partner: Partner) -> Person:
    held = None
    if cause.person_id is not None:
        held = partners.membership(cause.person_id, partner.pk)
    if held is None or held.role not in COMPLAINS:
        raise NotToSay("not_complainant")
    return held.person


def _ticket(person: Person, complaining: Complaining) -> Ticket | None:
    if complaining.ticket_id is None:
        return None
    seen = tickets_queries.visible_to(person)
    return seen.get(pk=complaining.ticket_id, partner=complaining.partner_id)


def _refuse_second(partner: Partner, person: Person, ticket: Ticket | None) -> None:
    waiting = Complaint.objects.filter(partner=partner, answered_at=None)
    if waiting.filter(raised_by=person).count() >= OPEN_OF_ONE_MAX:
        raise Incomplete("text", "own_wait")
    if waiting.count() >= OPEN_MAX:
        raise Incomplete("text", "others_wait")
    if ticket is not None and waiting.filter(ticket=ticket, raised_by=person).exists():
        raise Incomplete("about", "waits_already")


def _due_at(partner: Partner, ticket: Ticket | None, at: datetime) -> datetime:
    """By the terms of the ticket, or of the partner's plan now."""
    if ticket is not None:
        terms, calendar = ticket.plan_version, ticket.calendar_version
    else:
        terms, calendar = partners.versions_in_force(partner.plan_id, at)
    return calendar.value().add(at, terms.value().doubt_seconds)


def _clause(text: str, at: datetime) -> str:
    """A clause of the edition in force; before the first one, whatever names it."""
    number = engine.text("clause", text, longest=CLAUSE_MAX)
    edition = editions.at(at)
    if edition is not None and edition.rules.clause(number) is None:
        raise Incomplete("clause", "no_clause")
    return number


def _refuse_redo(row: Complaint) -> None:
    if not row.redone:
        return
    if not row.upheld or row.ticket is None:
        raise Incomplete("redone", "not_upheld")
    if row.ticket.state not in REDONE_FROM:
        raise Incomplete("redone", "nothing_handed_over")
