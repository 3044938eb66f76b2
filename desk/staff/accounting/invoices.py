"""Invoices: the list with what is owed, one of them with its payments, and issuing one."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from desk.deposits.actions.invoicing import cancel_invoice, issue_invoice
from desk.deposits.queries import catalogue, invoices, papers, payments
from desk.deposits.queries.invoices import InvoiceRow, Sought
from desk.partners import queries as partners
from desk.partners.models import Partner, StaffRole
from desk.rules.settlement import InvoiceState
from desk.staff.accounting import payment_shown as shown
from desk.staff.accounting.payment_forms import CancelForm, OrderForm
from desk.web import access, edge
from desk.web.access import staff_page
from desk.web.attempts import attempt
from desk.web.forms import DeskForm, Guards

CHANNEL = "accounting"
SEES = (StaffRole.ACCOUNTANT, StaffRole.VENDOR)
MIMES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_GET
@staff_page(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """Invoices by their state, the latest first."""
    text, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
    today = partners.today(edge.now())
    chosen = InvoiceState(state) if state in list(InvoiceState) else None
    sought = Sought(state=chosen, on=today, number=text)
    rows = invoices.invoices(sought, _before(request), invoices.PAGE_MAX + 1)
    page = rows[: invoices.PAGE_MAX]
    here = reverse("accounting:invoices")
    asked = {"state": state, "q": text, "before": page[-1].id if page else ""}
    context = {
        "invoices": shown.invoice_lines(page, today),
        "states": shown.states(chosen.value if chosen else "", here),
        "state": chosen.value if chosen else "",
        "text": text,
        "older_url": f"{here}?{urlencode(asked)}" if len(rows) > len(page) else "",
        "newest_url": here if "before" in request.GET else "",
    }
    return render(request, "accounting/invoices.html", context)


@require_GET
@staff_page(*SEES)
def invoice(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """An invoice: what it is for, what was paid of it, its paper."""
    return _page(request, invoices.invoice(invoice_id))


@require_GET
@staff_page(*SEES)
def invoice_file(
    request: HttpRequest,  # noqa: ARG001  a view takes it
    invoice_id: int,
    form: str,
) -> HttpResponse:
    """The invoice as it was issued, as PDF or XLSX."""
    row = invoices.invoice(invoice_id)
    content = papers.content_of(row.id, "pdf" if form == "pdf" else "xlsx")
    response = HttpResponse(content, content_type=MIMES[form])
    name = content_disposition_header(as_attachment=True, filename=f"{row.number}.{form}")
    response["Content-Disposition"] = name or "attachment"
    return response


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def cancel(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """Take an unpaid invoice back by a correction."""
    form = CancelForm(request.POST, prefix="cancel")

    def deed() -> None:
        cancel_invoice(edge.cause(request, CHANNEL), invoice_id, form.cleaned_data["reason"])

    status = attempt(form, deed)
    if status is not None:
        return _page(request, invoices.invoice(invoice_id), status, cancel_form=form)
    messages.success(request, _("The invoice is cancelled."))
    return redirect("accounting:invoice", invoice_id)


@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.ACCOUNTANT)
def new(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Issue an invoice for a partner; its paper is there at once."""
    found = get_object_or_404(Partner, pk=partner_id)
    at = edge.now()
    packs = catalogue.packs_for(partner_id, partners.today(at))
    form = OrderForm(request.POST or None, packs=packs)
    status, made = None, list[InvoiceRow]()
    if request.method == "POST":
        cause = edge.cause(request, CHANNEL)
        status = attempt(form, lambda: made.append(issue_invoice(cause, partner_id, form.order())))
        if status is None:
            messages.success(
                request, _("Invoice %(number)s is issued.") % {"number": made[0].number}
            )
            return redirect("accounting:invoice", made[0].id)
    context = {
        "form": form,
        "guard": Guards(),
        "partner": found,
        "price": partners.price_kopecks(partner_id, at),
        "contract": catalogue.contract_of(partner_id),
    }
    return render(request, "accounting/invoice_new.html", context, status=status)


def _page(
    request: HttpRequest, row: InvoiceRow, status: int | None = None, **forms: DeskForm
) -> HttpResponse:
    today = partners.today(edge.now())
    names = shown.partner_names([row.partner_id])
    context = {
        "invoice": shown.invoice(row, today, names),
        "allocations": shown.allocations(payments.allocations_of(row.id)),
        "may_book": StaffRole.ACCOUNTANT in access.of(request).staff,
        "guard": Guards(),
        "cancel_form": CancelForm(prefix="cancel"),
        **forms,
    }
    return render(request, "accounting/invoice.html", context, status=status)


def _before(request: HttpRequest) -> int | None:
    text = request.GET.get("before", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise Http404
    return int(text)
