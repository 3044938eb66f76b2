"""The month's end: a checklist, all acts by one press, then the month is closed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from desk.deposits.actions import closing as actions
from desk.deposits.queries import catalogue, closing, figures, papers
from desk.deposits.queries.catalogue import CompanyRow
from desk.partners.models import StaffRole
from desk.staff.accounting import acting, checklist, proof
from desk.staff.accounting.home import SEES
from desk.tickets import queries as tickets
from desk.web import access, edge, formats
from desk.web.access import staff_page
from desk.web.attempts import attempt_button
from desk.web.forms import Guards, guard_of

CHANNEL = "accounting"
MONTHS_SHOWN = 12
YEAR_MIN = 2000


@require_GET
@staff_page(*SEES)
def months(request: HttpRequest) -> HttpResponse:
    """The last months of every company: open or closed."""
    last_on = figures.month_before(_today(edge.now()))
    companies = [_months(company, last_on) for company in catalogue.companies()]
    return render(request, "accounting/months.html", {"companies": companies})


def _months(company: CompanyRow, last_on: date) -> dict[str, Any]:
    closed = {row.first_on: row for row in closing.periods(company.id)}
    found = [last_on]
    while len(found) < MONTHS_SHOWN:
        found.append(figures.month_before(found[-1]))
    return {
        "name": company.name,
        "months": [
            {
                "first_on": first_on,
                "url": _url(company.id, first_on),
                "closed": closed.get(first_on),
                "is_next": first_on == (closing.next_to_close(company.id) or last_on),
            }
            for first_on in found
        ],
    }


@require_GET
@staff_page(*SEES)
def month(request: HttpRequest, company_id: int, first: str) -> HttpResponse:
    """A company's month as it stands: what is done, what is open, what it came to."""
    company, first_on = _asked(company_id, first, edge.now())
    found = closing.readiness(company.id, first_on, _contested_roots(company.id))
    closed = closing.period(company.id, first_on)
    is_over = _today(edge.now()) >= figures.next_month(first_on)
    next_on = closing.next_to_close(company.id)
    context = {
        "company": company,
        "companies": _siblings(company, first_on),
        "first_on": first_on,
        "last_on": papers.month_end(first_on),
        "earlier": _earlier(company.id, first_on),
        "later": _url(company.id, figures.next_month(first_on)) if is_over else "",
        "closed": closed,
        "changed": closed and closing.kept(closed.figures["total"]) != found.figures,
        "found": found,
        "points": checklist.points(found, proof.last()),
        "contested": checklist.contested(found),
        "due": found.acts_due,
        "runs": acting.runs(company.id, first_on),
        "outcome": acting.outcome(company.id, first_on),
        "is_over": is_over,
        "is_ready": not found.open_points and not _faults(),
        "waits_for": next_on if next_on and next_on != first_on else None,
        "may_book": StaffRole.ACCOUNTANT in access.of(request).staff,
        "guard": Guards(),
        "exports": checklist.exports(company, first_on),
    }
    return render(request, "accounting/month.html", context)


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def issue_acts(request: HttpRequest, company_id: int, first: str) -> HttpResponse:
    """Issue the acts of all partners; the job goes on when the page is left."""
    company, first_on = _asked(company_id, first, edge.now())
    due = acting.due(company.id, first_on)
    if not due:
        messages.info(request, _("Every partner has the act of this month."))
    elif acting.start(company.id, first_on, edge.person(request).pk, guard_of(request).key):
        said = ngettext(
            "%(count)s act is being issued.", "%(count)s acts are being issued.", len(due)
        )
        messages.success(request, said % {"count": formats.number(len(due))})
    else:
        messages.info(request, _("The acts are being issued already."))
    return redirect(_url(company.id, first_on))


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def close(request: HttpRequest, company_id: int, first: str) -> HttpResponse:
    """Close the month; corrections fall into the next one."""
    company, first_on = _asked(company_id, first, edge.now())
    cause = edge.cause(request, CHANNEL)
    out = _contested_roots(company.id)
    if _faults():
        messages.error(request, _("The ledger check found faults. They are mended first."))
    else:
        attempt_button(
            request,
            lambda: actions.close_period(cause, company.id, first_on, out),
            _("The month is closed. What is corrected now falls into the next one."),
        )
    return redirect(_url(company.id, first_on))


def _faults() -> bool:
    """Whether the last ledger check found something."""
    last = proof.last()
    return bool(last and last["faults"])


def _contested_roots(company_id: int) -> frozenset[str]:
    contested = tickets.contested(figures.partners_of(company_id))
    return frozenset(one.root for one in contested)


def _asked(company_id: int, first: str, at: datetime) -> tuple[CompanyRow, date]:
    """The company and the month of an address; 404 for what is neither, or lies ahead."""
    company = next((one for one in catalogue.companies() if one.id == company_id), None)
    try:
        first_on = datetime.strptime(first, "%Y-%m").date()  # noqa: DTZ007  a day has no zone
    except ValueError as error:
        raise Http404 from error
    if company is None or first_on.year < YEAR_MIN or first_on > _today(at):
        raise Http404
    return company, first_on


def _earlier(company_id: int, first_on: date) -> str:
    """The month before, or nothing where no desk can have had one."""
    before_on = figures.month_before(first_on)
    return _url(company_id, before_on) if before_on.year >= YEAR_MIN else ""


def _siblings(company: CompanyRow, first_on: date) -> list[dict[str, Any]]:
    """The same month of every company; nothing to choose where there is one."""
    every = catalogue.companies()
    if len(every) == 1:
        return []
    return [
        {"label": one.name, "url": _url(one.id, first_on), "current": one.id == company.id}
        for one in every
    ]


def _url(company_id: int, first_on: date) -> str:
    return reverse("accounting:month", args=[company_id, f"{first_on:%Y-%m}"])


def _today(at: datetime) -> date:
    return timezone.localdate(at, timezone.get_default_timezone())
