"""Violations, scores and complaints as the templates of this area draw them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from desk.oversight.models import Complaint, Explanation, Ruling, Verdict, Violation
from desk.oversight.queries import exhibits, violations
from desk.oversight.queries.violations import Listed, Standing
from desk.rules.standard.edition import Clause
from desk.staff.rulings import words
from desk.tickets import queries as tickets
from desk.tickets.models import Ticket
from desk.web import labels_of_control

Context = dict[str, Any]


def line(one: Listed, at: datetime) -> Context:
    """One row of the administrators' list."""
    row = one.violation
    return {
        **_head(row),
        "person": row.person.name,
        **ticket(one.ticket),
        "due_at": None if one.ruling else one.due_at,
        "late": one.ruling is None and one.due_at is not None and at > one.due_at,
        "ruling": ruling(one.ruling),
        "explanations": one.explanations,
        "barred": str(words.BARS[one.barred]) if one.barred else "",
    }


def own_line(row: Violation, explained: bool) -> Context:
    """One row of somebody's own record."""
    found = violations.ruling_of(row)
    return {**_head(row), "ruling": ruling(found), "explained": explained}


def _head(row: Violation) -> Context:
    return {
        "id": row.pk,
        "clause": row.clause,
        "severity": str(labels_of_control.SEVERITIES.get(row.severity, row.severity)),
        "tone": labels_of_control.SEVERITY_TONES.get(row.severity, ""),
        "at": row.at,
        "excuse": str(words.EXCUSES.get(row.excuse, "")),
    }


def detail(row: Violation, at: datetime) -> Context:
    """A violation with its clause, what was owed, the evidence and what was said to it."""
    found = exhibits.owed(row, at)
    return {
        **_head(row),
        "violation": row,
        "person": row.person,
        "edition": row.edition,
        "clause_text": clause_text(exhibits.clause(row)),
        "owed": found,
        **ticket(_ticket(row.ticket_id)),
        "evidence": [evidence(one) for one in exhibits.of(row)],
        "explanations": [said(one) for one in row.explanations.select_related("by").order_by("id")],
        "ruling": ruling(violations.ruling_of(row)),
        "found_late_seconds": max(0.0, (row.found_at - row.at).total_seconds()),
    }


def clause_text(clause: Clause | None) -> str:
    """The text of a clause in the reader's language."""
    if clause is None:
        return ""
    return clause.texts.get(str(get_language())) or clause.texts.get("en", "")


def evidence(one: exhibits.Exhibit) -> Context:
    """A piece of evidence in words, with its times and a link to its ticket."""
    return {
        "text": words.exhibit(one),
        "times": words.times(one),
        "by": one.by,
        "quote": one.quote,
        "number": one.ticket,
        "url": reverse("workplace:ticket", args=[one.ticket]) if one.ticket else "",
    }


def said(one: Explanation) -> Context:
    return {"text": one.text, "at": one.at, "by": one.by.name}


def ruling(one: Ruling | None) -> Context | None:
    """An administrator's word, None as long as there is none."""
    if one is None:
        return None
    return {
        "verdict": str(labels_of_control.VERDICTS[one.verdict]),
        "tone": words.VERDICT_TONES[one.verdict],
        "text": one.text,
        "at": one.at,
        "by": one.by.name,
    }


def verdicts() -> list[Context]:
    """What an administrator chooses from; each has its key."""
    keys = {Verdict.UPHELD: "u", Verdict.EXCUSED: "e", Verdict.RULE_WRONG: "w"}
    return [
        {
            "value": verdict.value,
            "label": str(labels_of_control.VERDICTS[verdict]),
            "note": str(words.VERDICT_NOTES[verdict]),
            "key": keys[verdict],
        }
        for verdict in Verdict
    ]


def tabs(chosen: Standing, narrowed: str, waiting: int) -> list[Context]:
    return [
        {
            "label": str(words.STANDINGS[standing]),
            "url": f"?standing={standing}{narrowed}",
            "current": standing == chosen,
            "count": waiting if standing == Standing.OPEN else 0,
        }
        for standing in Standing
    ]


def ticket(found: Ticket | None) -> Context:
    """The ticket's number, subject and page; all "" without one."""
    if found is None:
        return {"number": "", "subject": "", "ticket_url": ""}
    number = tickets.number(found)
    url = reverse("workplace:ticket", args=[number])
    return {"number": number, "subject": found.subject, "ticket_url": url}


def _ticket(number: int | None) -> Ticket | None:
    return Ticket.objects.select_related("partner").filter(pk=number).first() if number else None


def complaint(row: Complaint, at: datetime, barred: str = "") -> Context:
    """A complaint with its answer, for administrators."""
    return {
        "id": row.pk,
        "partner": row.partner.name,
        "by": row.raised_by.name,
        "about": row.about.name if row.about else _("the service as such"),
        **ticket(row.ticket),
        "may_redo": row.ticket is not None and row.ticket.state in ("delivered", "resolved"),
        "text": row.text,
        "at": row.at,
        "due_at": row.due_at,
        "late": row.answered_at is None and at > row.due_at,
        "answered_at": row.answered_at,
        "answered_by": row.answered_by.name if row.answered_by else "",
        "upheld": row.upheld,
        "answer": row.answer,
        "clause": row.clause,
        "redone": row.redone,
        "barred": str(words.BARS[barred]) if barred else "",
    }


def outcome(row: Complaint) -> Context:
    """What a specialist reads of an upheld complaint: not who made it, nor its words."""
    return {
        **ticket(row.ticket),
        "clause": row.clause,
        "redone": row.redone,
        "at": row.answered_at,
    }


def clauses(found: Iterable[Clause]) -> list[tuple[str, str]]:
    """Clauses to choose from: number, and number with the beginning of the text."""
    return [(one.number, f"{one.number} {clause_text(one).partition('.')[0]}") for one in found]
