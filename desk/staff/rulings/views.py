"""Violations for administrators: what waits for a ruling, with the evidence side by side."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.oversight.actions import rulings
from desk.oversight.models import Violation
from desk.oversight.queries import editions, violations
from desk.oversight.queries.violations import Chosen, Standing
from desk.partners import queries as partners
from desk.partners.models import StaffRole
from desk.rules.standard.edition import Severity
from desk.staff.rulings import shown, words
from desk.tickets.actions import Incomplete
from desk.web import access, edge, inputs, labels_of_control
from desk.web.access import staff_page
from desk.web.forms import Guard

reads = staff_page(StaffRole.ADMINISTRATOR, StaffRole.VENDOR)
rules = staff_page(StaffRole.ADMINISTRATOR)
DIGITS_MAX = 18


@require_safe
@reads
def index(request: HttpRequest) -> HttpResponse:
    """Violations, narrowed; what is due first stands at the top."""
    chosen, at = _chosen(request), edge.now()
    page = violations.page(chosen, edge.person(request), at)
    asked = {name: request.GET.get(name, "") for name in ("clause", "severity", "person", "week")}
    narrowed = {name: value for name, value in asked.items() if value}
    base = f"?{urlencode({'standing': chosen.standing, **narrowed})}"
    more = f"&{urlencode(narrowed)}" if narrowed else ""
    context = {
        "lines": [shown.line(one, at) for one in page.lines],
        "tabs": shown.tabs(chosen.standing, more, violations.waiting_count()),
        "standing": chosen.standing.value,
        "asked": asked,
        "is_narrowed": bool(narrowed),
        "older": f"{base}&after={page.after}" if page.after else "",
        "newest": base if chosen.after else "",
        "severities": [(one.value, str(labels_of_control.SEVERITIES[one])) for one in Severity],
        "clauses": _clauses(),
        "people": [(load.person.pk, load.person.name) for load in partners.specialists()],
    }
    return render(request, "rulings/index.html", context)


@require_safe
@reads
def detail(request: HttpRequest, violation_id: int) -> HttpResponse:
    """One violation: the clause, what was owed, the evidence, what was said, and the ruling."""
    row = get_object_or_404(violations.visible_to(access.of(request)), pk=violation_id)
    return _detail(request, row)


@require_POST
@rules
def rule(request: HttpRequest, violation_id: int) -> HttpResponse:
    """Rule, in text; then on to the next that waits."""
    row = get_object_or_404(Violation, pk=violation_id)
    verdict, text = request.POST.get("verdict", ""), request.POST.get("text", "")
    try:
        rulings.rule_violation(edge.cause(request, "control"), row.pk, verdict, text)
    except Incomplete as error:
        sent = {"verdict": verdict, "text": text, "field": error.field}
        return _detail(request, row, sent, inputs.shortcoming(error.field, error.why))
    messages.success(request, _("The ruling is on record."))
    return HttpResponseRedirect(reverse("rulings:index"))


@require_safe
@reads
def wrong_rules(request: HttpRequest) -> HttpResponse:
    """What the next edition has to mend: rules that were called wrong, clause by clause; of one
    edition or of all."""
    edition, number = editions.at(edge.now()), _number(request.GET.get("edition", ""))
    of = editions.published().filter(pk=number).first() if number is not None else None
    found = violations.rule_wrong(of.pk if of else None)
    context = {
        "narrowed": of.title if of else "",
        "clauses": [
            {
                "number": one.clause,
                "anchor": one.clause.replace(".", "-"),
                "text": shown.clause_text(edition.rules.clause(one.clause) if edition else None),
                "rows": [shown.own_line(row, explained=False) for row in one.violations],
            }
            for one in found
        ],
    }
    return render(request, "rulings/wrong_rules.html", context)


def _detail(
    request: HttpRequest, row: Violation, sent: dict[str, str] | None = None, error: str = ""
) -> HttpResponse:
    person, at = edge.person(request), edge.now()
    due_at = violations.due_of(row, at)
    judges = violations.may_rule(row, list(partners.staff_with(StaffRole.ADMINISTRATOR)))
    barred = next((why for one, why in judges if one.pk == person.pk), "not_administrator")
    context: dict[str, Any] = {
        **shown.detail(row, at),
        "due_at": due_at,
        "late": due_at is not None and at > due_at,
        "judges": [(one.name, str(words.BARS.get(why, ""))) for one, why in judges],
        "may_rule": not barred and not row.excuse and violations.ruling_of(row) is None,
        "verdicts": shown.verdicts(),
        "sent": sent or {},
        "error": error,
        "guard": Guard(),
    }
    return render(request, "rulings/detail.html", context, status=422 if error else 200)


def _chosen(request: HttpRequest) -> Chosen:
    """What the address asks for; words that mean nothing narrow nothing."""
    asked = request.GET
    standing = asked.get("standing", "")
    severity = asked.get("severity", "")
    return Chosen(
        standing=Standing(standing) if standing in tuple(Standing) else Standing.OPEN,
        clause=asked.get("clause", "")[:20],
        severity=severity if severity in tuple(Severity) else "",
        person_id=_number(asked.get("person", "")),
        week_on=_monday(asked.get("week", "")),
        after=_number(asked.get("after", "")),
    )


def _monday(text: str) -> date | None:
    """The week of "2026-W48", as the field of a form sends it."""
    year, dash, week = text.partition("-W")
    if not dash or not (year.isascii() and year.isdigit() and week.isascii() and week.isdigit()):
        return None
    try:
        found = date.fromisocalendar(int(year[:4]), int(week[:2]), 1)
    except ValueError:
        return None
    # At the ends of the calendar a week has no instants any more.
    return found if date.min.year < found.year < date.max.year else None


def _clauses() -> list[tuple[str, str]]:
    edition = editions.at(edge.now())
    return shown.clauses(edition.rules.clauses) if edition else []


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX
    return int(text) if is_number else None
