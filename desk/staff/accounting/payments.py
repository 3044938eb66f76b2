"""Payments: what is unclear first, the list, one payment and what it is for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from desk.deposits.actions.paying import Incoming, match_payment, return_payment, take_payment
from desk.deposits.queries import invoices, payments
from desk.deposits.queries.payments import PaymentRow, Wanted
from desk.partners import queries as partners
from desk.partners.models import StaffRole
from desk.rules.billing import PaidBy
from desk.staff.accounting import payment_shown as shown
from desk.staff.accounting.payment_forms import (
    PaymentForm,
    ReturnForm,
    ToDepositForm,
    ToInvoiceForm,
)
from desk.web import access, amounts, edge, inputs
from desk.web.access import staff_page
from desk.web.amounts import AmountUnreadable
from desk.web.attempts import attempt, attempt_button
from desk.web.forms import DeskForm, Guard, Guards

CHANNEL = "accounting"
SEES = (StaffRole.ACCOUNTANT, StaffRole.VENDOR)
UNCLEAR_SHOWN = 20


@require_GET
@staff_page(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """What a person has to book, with the likeliest answer one press away; then every payment."""
    text, source = request.GET.get("q", "").strip(), request.GET.get("source", "")
    wanted = Wanted(text=text, source=source if source in list(PaidBy) else "")
    before = _before(request.GET.get("before", ""))
    rows = payments.payments(wanted, before, payments.PAGE_MAX + 1)
    page = rows[: payments.PAGE_MAX]
    waiting = payments.unclear() if before is None and not text else []
    context = {
        "unclear": shown.unclear(waiting[:UNCLEAR_SHOWN]),
        "unclear_count": len(waiting),
        "payments": shown.listed(page),
        "text": text,
        "older_url": _older(page[-1], text) if len(rows) > len(page) else "",
        "newest_url": reverse("accounting:payments") if before else "",
        "may_book": StaffRole.ACCOUNTANT in access.of(request).staff,
    }
    return render(request, "accounting/payments.html", context)


@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.ACCOUNTANT)
def new(request: HttpRequest) -> HttpResponse:
    """Enter a payment by hand; with its invoice's number and sum it is booked at once."""
    at = edge.now()
    form = PaymentForm(request.POST or None, initial={"paid_on": partners.today(at)})
    status, made = None, list[PaymentRow]()
    if request.method == "POST":
        status = attempt(form, lambda: made.append(_taken(request, form)))
        if status is None:
            return redirect("accounting:payment", made[0].id)
    context = {"form": form, "guard": Guards()}
    return render(request, "accounting/payment_new.html", context, status=status)


@require_GET
@staff_page(*SEES)
def payment(request: HttpRequest, payment_id: int) -> HttpResponse:
    """A payment: what it paid, and what the rest of it may be for."""
    return _page(request, payments.payment(payment_id))


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def match(request: HttpRequest, payment_id: int) -> HttpResponse:
    """Book a payment to an invoice, by a suggestion's button or by the invoice's number."""
    row = payments.payment(payment_id)
    if "target" in request.POST:
        done = _("The payment is booked.")
        attempt_button(request, lambda: _by_button(request, row), done)
        rest = payments.payment(payment_id)
        if rest.is_unclear and rest.left_kopecks != row.left_kopecks:
            return redirect("accounting:payment", payment_id)
        return redirect("accounting:payments")
    form = ToInvoiceForm(request.POST, prefix="invoice")
    return _tried(request, row, form, lambda: _to_invoice(request, row, form), "invoice_form")


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def deposit(request: HttpRequest, payment_id: int) -> HttpResponse:
    """Book a payment as money of a partner's deposit."""
    row = payments.payment(payment_id)
    form = ToDepositForm(request.POST, prefix="deposit", reader=edge.person(request))

    def deed() -> None:
        partner_id, amount = int(form.cleaned_data["partner"]), form.cleaned_data["amount"]
        match_payment(edge.cause(request, CHANNEL), row.id, partner_id, None, amount)

    return _tried(request, row, form, deed, "deposit_form")


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def send_back(request: HttpRequest, payment_id: int) -> HttpResponse:
    """What is left goes back to the payer, or is none of the deposits' business."""
    row = payments.payment(payment_id)
    form = ReturnForm(request.POST, prefix="return")

    def deed() -> None:
        return_payment(edge.cause(request, CHANNEL), row.id, form.cleaned_data["why"])

    return _tried(request, row, form, deed, "return_form")


def _tried(
    request: HttpRequest, row: PaymentRow, form: DeskForm, deed: Callable[[], None], name: str
) -> HttpResponse:
    status = attempt(form, deed)
    if status is None:
        return redirect("accounting:payment", row.id)
    return _page(request, payments.payment(row.id), status, **{name: form})


def _page(
    request: HttpRequest, row: PaymentRow, status: int | None = None, **forms: DeskForm
) -> HttpResponse:
    offered = payments.suggestions(row) if row.is_unclear else []
    names = shown.partner_names(one.partner_id for one in offered)
    amount = {"amount": row.left_kopecks}
    may_book = StaffRole.ACCOUNTANT in access.of(request).staff
    owner = {"partner": row.partner_id, **amount}
    reader = edge.person(request)
    context: dict[str, Any] = {
        "payment": shown.payment(row),
        "allocations": shown.allocations(payments.allocations(row.id)),
        "buttons": shown.buttons(offered, names),
        "guard": Guards(),
        "seen": Guard(row.version),
        "may_book": may_book and row.is_unclear,
        "invoice_form": ToInvoiceForm(prefix="invoice", initial=amount),
        "deposit_form": ToDepositForm(prefix="deposit", initial=owner, reader=reader),
        "return_form": ReturnForm(prefix="return"),
        **forms,
    }
    return render(request, "accounting/payment.html", context, status=status)


def _taken(request: HttpRequest, form: PaymentForm) -> PaymentRow:
    given = form.cleaned_data
    incoming = Incoming(
        company_id=int(given["company"]),
        kopecks=given["amount"],
        paid_on=given["paid_on"],
        payer_name=given["payer_name"],
        payer_code=given["payer_code"],
        purpose=given["purpose"],
        reference=given["reference"],
    )
    return take_payment(edge.cause(request, CHANNEL), incoming)


def _by_button(request: HttpRequest, row: PaymentRow) -> None:
    """What a suggestion's button sends: "invoice:7" or "deposit:3", and the sum."""
    kind, _colon, text = request.POST["target"].partition(":")
    number = inputs.number(text)
    if kind not in ("invoice", "deposit") or number is None:
        raise Http404
    try:
        amount = amounts.kopecks(request.POST.get("amount", ""))
    except AmountUnreadable as error:
        raise Http404 from error
    cause = edge.cause(request, CHANNEL)
    if kind == "deposit":
        match_payment(cause, row.id, number, None, amount)
        return
    found = invoices.invoice(number)
    match_payment(cause, row.id, found.partner_id, found.id, amount)


def _to_invoice(request: HttpRequest, row: PaymentRow, form: ToInvoiceForm) -> None:
    given = form.cleaned_data
    found = invoices.by_number(row.company_id, given["number"])
    if found is None:
        raise ValidationError(_("No invoice of this company has this number."))
    cause = edge.cause(request, CHANNEL)
    match_payment(cause, row.id, found.partner_id, found.id, given["amount"])


def _before(text: str) -> tuple[date, int] | None:
    """Day and number of the last payment that was seen: "2026-11-20:42"."""
    day, _colon, number = text.partition(":")
    try:
        return (date.fromisoformat(day), int(number)) if text else None
    except ValueError as error:
        raise Http404 from error


def _older(last: PaymentRow, text: str) -> str:
    asked = {"before": f"{last.paid_on.isoformat()}:{last.id}", **({"q": text} if text else {})}
    return f"{reverse('accounting:payments')}?{urlencode(asked)}"
