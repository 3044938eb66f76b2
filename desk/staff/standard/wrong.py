"""What rulings said of an edition's rules: which were called wrong, and how often."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from desk.oversight.models import Edition
from desk.oversight.queries import editions, violations

Context = dict[str, Any]


def of(row: Edition) -> Context | None:
    """By clause, how often a rule of the edition was called wrong: of a draft that of the edition
    before it, which it is to mend; with the page that says why. None where none was in force."""
    judged = row if row.effective_at is not None else editions.before(row)
    if judged is None:
        return None
    counts = {one.clause: len(one.violations) for one in violations.rule_wrong(judged.pk)}
    page = reverse("rulings:wrong_rules")
    return {
        "counts": counts,
        "whole": sum(counts.values()),
        "title": judged.title,
        "url": f"{page}?edition={judged.pk}",
    }


def marked(clauses: list[Context], wrong: Context | None) -> list[Context]:
    """The clauses of a document, each with how often its rule was called wrong."""
    counts = wrong["counts"] if wrong else {}
    return [{**one, "wrong": counts.get(one["number"], 0)} for one in clauses]
