"""What the specialist says to a violation, and what an administrator rules on it."""

from __future__ import annotations

from django.db import transaction

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.oversight.actions.refusals import NotToSay
from desk.oversight.models import Explanation, Ruling, Verdict, Violation
from desk.oversight.queries import involved
from desk.partners import queries as partners
from desk.partners.models import Person, StaffRole
from desk.tickets.actions import Incomplete, engine

EXPLANATION_MAX = 4_000
RULING_MAX = 4_000
EXPLANATIONS_MAX = 20


@transaction.atomic
def explain(cause: Cause, violation_id: int, text: str) -> Explanation:
    """The specialist says what happened; more may be added until the ruling, nothing is rewritten.

    Raises `NotToSay`, `Incomplete`, `KeyReused`, `Violation.DoesNotExist`.
    """
    violation = _locked(violation_id)
    content = {"verb": "explain_violation", "violation": violation.pk, "text": text}
    before = journal.earlier(cause, _subject(violation), content)
    if before is not None:
        return Explanation.objects.get(pk=before.facts["explanation"])
    if violation.person_id != cause.person_id:
        raise NotToSay("not_yours")
    _refuse_ended(violation)
    if violation.explanations.count() >= EXPLANATIONS_MAX:
        raise Incomplete("text", "explained_enough")
    words = engine.text("text", text, longest=EXPLANATION_MAX)
    row = Explanation.objects.create(
        violation=violation, by_id=violation.person_id, text=words, at=cause.at
    )
    facts = {"violation": violation.pk, "explanation": row.pk, "person": violation.person_id}
    journal.record(cause, "explain_violation", _subject(violation), facts, content=content)
    return row


@transaction.atomic
def rule_violation(cause: Cause, violation_id: int, verdict: str, text: str) -> Ruling:
    """An administrator's word, in text, once: never on an own case, never about a ticket that
    they stepped into. "The rule was wrong" feeds the next edition.

    Of two at once one is first, the other gets `NotToSay("said", by)`. Raises `NotToSay`,
    `Incomplete`, `KeyReused`, `Violation.DoesNotExist`.
    """
    violation = _locked(violation_id)
    content = {
        "verb": "rule_violation",
        "violation": violation.pk,
        "verdict": str(verdict),
        "text": text,
    }
    if journal.earlier(cause, _subject(violation), content) is not None:
        return Ruling.objects.get(violation=violation)
    by_id = judge(cause.person_id, violation.person_id, violation.ticket_id)
    _refuse_ended(violation)
    if verdict not in Verdict.values:
        raise Incomplete("verdict", "missing")
    row = Ruling.objects.create(
        violation=violation,
        by_id=by_id,
        verdict=verdict,
        text=engine.text("text", text, longest=RULING_MAX),
        at=cause.at,
    )
    facts = {
        "violation": violation.pk,
        "clause": violation.clause,
        "verdict": row.verdict,
        "person": violation.person_id,
    }
    journal.record(cause, "rule_violation", _subject(violation), facts, content=content)
    return row


def judge(person_id: int | None, about_id: int | None, ticket_id: int | None) -> int:
    """Who judges somebody's work in a ticket. Raises `NotToSay` for who may not."""
    if person_id is None or StaffRole.ADMINISTRATOR not in partners.staff_roles(person_id):
        raise NotToSay("not_administrator")
    if person_id == about_id:
        raise NotToSay("own")
    if involved.is_involved(person_id, ticket_id):
        raise NotToSay("involved")
    return person_id


def _locked(violation_id: int) -> Violation:
    """The violation, under the lock of whom it is about: its own row is only ever read."""
    violation = Violation.objects.get(pk=violation_id)
    Person.objects.select_for_update(no_key=True).get(pk=violation.person_id)
    return violation


def _refuse_ended(violation: Violation) -> None:
    if violation.excuse:
        raise NotToSay("by_itself")
    ruling = Ruling.objects.filter(violation=violation).first()
    if ruling is not None:
        raise NotToSay("said", ruling.by_id)


def _subject(violation: Violation) -> str:
    return f"person:{violation.person_id}"
