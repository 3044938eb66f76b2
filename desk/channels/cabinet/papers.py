"""The papers of a partner: invoices, acts, reconciliations, corrections, to look at and to keep."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from desk.channels.cabinet import downloads, invoice_shown, periods, redirects, shown
from desk.channels.cabinet.navigation import PAYS
from desk.deposits.actions import papering
from desk.deposits.queries import invoices
from desk.deposits.queries import papers as queries
from desk.deposits.queries.invoices import Sought
from desk.deposits.queries.papers import Form, PaperRow
from desk.partners import queries as partners
from desk.rules.billing import PaperKind
from desk.web import access, edge, formats
from desk.web.access import partner_page
from desk.web.forms import Guard

Context = dict[str, Any]
PAGE = 20
KINDS: dict[str, Form] = {"pdf": "pdf", "xlsx": "xlsx"}
TYPES = {"pdf": "application/pdf", "xlsx": downloads.XLSX}
SIGNED = (PaperKind.ACT, PaperKind.RECONCILIATION)


@require_safe
@partner_page(*PAYS)
def papers(request: HttpRequest) -> HttpResponse:
    """Invoices with what is left of them, and all other papers, the latest first."""
    partner_id, at = access.partner_id(request), edge.now()
    before = shown.number(request.GET.get("before", ""))
    kinds = [kind for kind in PaperKind if kind is not PaperKind.INVOICE]
    found = queries.papers(partner_id=partner_id, kinds=kinds, before=before, most=PAGE + 1)
    bills_before = shown.number(request.GET.get("invoices", ""))
    bills = invoices.invoices(Sought(partner_id=partner_id), bills_before, PAGE + 1)
    context = {
        "tabs": shown.deposit_tabs("papers"),
        "invoices": [invoice_shown.line(row, at) for row in bills[:PAGE]],
        "older_invoices": f"?invoices={bills[PAGE - 1].id}" if len(bills) > PAGE else "",
        "papers": [paper(row) for row in found[:PAGE]],
        "older_papers": f"?before={found[PAGE - 1].id}#others" if len(found) > PAGE else "",
        "newest": request.path if before or bills_before else "",
        "period": periods.read(request.GET, at),
        "guard": Guard(),
        "live": f"deposit:{partner_id} partner:{partner_id}",
    }
    return render(request, "cabinet/papers.html", context)


@require_safe
@partner_page(*PAYS)
def download(request: HttpRequest, paper_id: int, form: str) -> HttpResponse:
    """The very bytes that were issued; another partner's paper is not there."""
    row = of_partner(paper_id, access.partner_id(request))
    if row is None or form not in KINDS:
        raise Http404
    content = queries.content_of(row.id, KINDS[form])
    return downloads.answer(content, TYPES[form], file_name(row, form))


@require_POST
@partner_page(*PAYS)
def reconcile(request: HttpRequest) -> HttpResponse:
    """A reconciliation of days of one's own, issued at once."""
    cause, partner_id = edge.cause(request, "cabinet"), access.partner_id(request)
    asked = request.POST.copy()
    asked["period"] = periods.Preset.OWN
    period = periods.read(asked, cause.at)
    error = period.error or _too_late(period, cause.at)
    if error:
        messages.error(request, error)
        return redirects.to("cabinet:papers")
    row = papering.issue_reconciliation(cause, partner_id, period.from_on, period.until_on)
    messages.success(request, _("%(paper)s is ready.") % {"paper": title(row)})
    return redirects.to("cabinet:papers")


def of_partner(paper_id: int, partner_id: int) -> PaperRow | None:
    """A paper, if it is that partner's: the one place where it is looked up for reading."""
    row = queries.found(paper_id)
    return row if row is not None and row.partner_id == partner_id else None


def file_name(row: PaperRow, form: str) -> str:
    """The number as a name of a file."""
    return f"{row.number.replace('/', '-')}.{form}"


def title(row: PaperRow) -> str:
    """What a paper is, with its number."""
    return f"{kind_label(row.kind)} {row.number}"


def kind_label(kind: PaperKind) -> str:
    """What a kind of paper is called."""
    return {
        PaperKind.INVOICE: pgettext("paper", "Invoice"),
        PaperKind.ACT: pgettext("paper", "Act of services rendered"),
        PaperKind.RECONCILIATION: pgettext("paper", "Reconciliation statement"),
        PaperKind.CORRECTION: pgettext("paper", "Correction"),
    }[kind]


def paper(row: PaperRow) -> Context:
    """A paper in a list."""
    return {
        "id": row.id,
        "title": title(row),
        "issued_on": row.issued_on,
        "period": f"{formats.day(row.from_on)} – {formats.day(row.until_on)}"
        if row.from_on and row.until_on
        else "",
        "total": _total(row),
        "signable": row.kind in SIGNED and not row.cancelled_by,
        "signed_on": row.signed_on,
        "cancelled_by": row.cancelled_by,
    }


def _total(row: PaperRow) -> str:
    """The sum of a paper; of a reconciliation who owes whom at its end."""
    if row.kind is not PaperKind.RECONCILIATION:
        return formats.money(row.total_kopecks)
    if not row.total_kopecks:
        return _("nobody owes anything")
    saldo = {"sum": formats.money(abs(row.total_kopecks))}
    if row.total_kopecks < 0:
        return _("%(sum)s in your favour") % saldo
    return _("you owe %(sum)s") % saldo


def _too_late(period: periods.Period, at: datetime) -> str:
    """Nothing can be said of days that have not been."""
    if period.until_on <= partners.today(at):
        return ""
    return _("The period reaches into the future: end it today at the latest.")
