"""Accounting's pages: deposits, what waits for money, corrections by two people."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from desk.deposits import actions as deposits
from desk.deposits import queries as ledger
from desk.deposits.queries import catalogue
from desk.deposits.values import Bought
from desk.partners import queries as partners
from desk.partners.models import Partner, StaffRole
from desk.rules.ledger import Commodity
from desk.staff.accounting import papers, shown
from desk.staff.accounting.forms import (
    AdjustForm,
    BuyForm,
    ConvertForm,
    OpeningForm,
    ReverseForm,
    TopUpForm,
)
from desk.staff.accounting.home import SEES
from desk.tickets.models import Ticket
from desk.tickets.queries import number
from desk.web import access, edge, formats
from desk.web.access import staff_page
from desk.web.attempts import attempt, attempt_button
from desk.web.forms import DeskForm, Guards

CHANNEL = "accounting"


@require_GET
@staff_page(*SEES)
def partner(request: HttpRequest, partner_id: int) -> HttpResponse:
    """A partner's deposit: balance, lots, a month's statement, and the accountant's forms."""
    return _page(request, get_object_or_404(Partner, pk=partner_id))


def _page(
    request: HttpRequest, found: Partner, status: int | None = None, **forms: DeskForm
) -> HttpResponse:
    at = edge.now()
    month = shown.month(request.GET.get("month", ""), at)
    statement = ledger.statement(found.pk, month.first_at, month.until_at)
    price = partners.price_kopecks(found.pk, at)
    context: dict[str, Any] = {
        "partner": found,
        "balance": ledger.balance(found.pk),
        "price": price,
        "lots": shown.lots(found.pk),
        "month": month,
        "statement": statement,
        "movements": shown.movements(found, statement.movements),
        "corrections": shown.corrections(ledger.adjustments(found.pk)[:20], edge.person(request)),
        "may_book": StaffRole.ACCOUNTANT in access.of(request).staff,
        "guard": Guards(),
        "buy_form": BuyForm(prefix="buy", initial={"price": price}),
        "top_up_form": TopUpForm(prefix="top"),
        "convert_form": ConvertForm(prefix="convert"),
        "adjust_form": AdjustForm(prefix="adjust"),
        "opening_form": OpeningForm(prefix="opening"),
        "issuing": papers.issuing(found.pk, at),
        "live": f"deposit:{found.pk} partner:{found.pk}",
        **forms,
    }
    return render(request, "accounting/partner.html", context, status=status)


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def buy(request: HttpRequest, partner_id: int) -> HttpResponse:
    """A pack was paid; what the payment does not buy stays as money."""
    found = get_object_or_404(Partner, pk=partner_id)
    form, made = BuyForm(request.POST, prefix="buy"), list[Bought]()
    status = attempt(form, lambda: made.append(_bought(request, partner_id, form)))
    if status is not None:
        return _page(request, found, status, buy_form=form)
    messages.success(request, _outcome(made[0]))
    return redirect("accounting:partner", partner_id)


def _bought(request: HttpRequest, partner_id: int, form: BuyForm) -> Bought:
    given, cause = form.cleaned_data, edge.cause(request, CHANNEL)
    return deposits.buy(
        cause,
        partner_id,
        given["quantity"],
        0 if given["bonus"] else given["price"],
        0 if given["bonus"] else given["paid"],
        bonus=given["bonus"],
        expires_on=given["expires_on"] or catalogue.last_day_of_use(partner_id, cause.at),
    )


def _outcome(made: Bought) -> str:
    """What a payment bought, in a sentence."""
    said = [_("Bought: %(units)s.") % {"units": formats.units(made.bought)}]
    if made.filled:
        said.append(_("Of a debt filled: %(units)s.") % {"units": formats.units(made.filled)})
    if made.rest_kopecks:
        said.append(_("Left as money: %(sum)s.") % {"sum": formats.money(made.rest_kopecks)})
    return " ".join(said)


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def top_up(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Money came in."""
    found = get_object_or_404(Partner, pk=partner_id)
    form = TopUpForm(request.POST, prefix="top")
    cause = edge.cause(request, CHANNEL)
    status = attempt(
        form,
        lambda: deposits.top_up(
            cause, partner_id, form.cleaned_data["amount"], form.cleaned_data["memo"]
        ),
    )
    if status is not None:
        return _page(request, found, status, top_up_form=form)
    messages.success(
        request, _("Paid in: %(sum)s.") % {"sum": formats.money(form.cleaned_data["amount"])}
    )
    return redirect("accounting:partner", partner_id)


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def convert(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Money of the deposit becomes consultations at the price of the day."""
    found = get_object_or_404(Partner, pk=partner_id)
    form, made = ConvertForm(request.POST, prefix="convert"), list[Bought]()
    cause = edge.cause(request, CHANNEL)
    price = partners.price_kopecks(partner_id, cause.at)
    until_on = catalogue.last_day_of_use(partner_id, cause.at)

    def deed() -> None:
        quantity = form.cleaned_data["quantity"]
        made.append(deposits.convert(cause, partner_id, quantity, price, until_on))

    status = attempt(form, deed)
    if status is not None:
        return _page(request, found, status, convert_form=form)
    messages.success(request, _outcome(made[0]))
    return redirect("accounting:partner", partner_id)


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def adjust(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Propose a correction; nothing moves before a second person approves it."""
    found = get_object_or_404(Partner, pk=partner_id)
    form = AdjustForm(request.POST, prefix="adjust")
    cause = edge.cause(request, CHANNEL)

    def deed() -> None:
        given = form.cleaned_data
        commodity = Commodity(given["commodity"])
        deposits.propose_adjustment(cause, partner_id, commodity, given["delta"], given["reason"])

    status = attempt(form, deed)
    if status is not None:
        return _page(request, found, status, adjust_form=form)
    messages.success(request, _("Proposed. It counts when a second person approves it."))
    return redirect("accounting:partner", partner_id)


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def opening(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Propose an opening balance at its old price; a second person approves it."""
    found = get_object_or_404(Partner, pk=partner_id)
    form = OpeningForm(request.POST, prefix="opening")
    cause = edge.cause(request, CHANNEL)

    def deed() -> None:
        given = form.cleaned_data
        commodity = Commodity.CONSULTATIONS if given["quantity"] else Commodity.MONEY
        deposits.propose_adjustment(
            cause,
            partner_id,
            commodity,
            given["quantity"] or given["money"],
            given["reason"],
            given["price"] or 0,
        )

    status = attempt(form, deed)
    if status is not None:
        return _page(request, found, status, opening_form=form)
    messages.success(request, _("Proposed. It counts when a second person approves it."))
    return redirect("accounting:partner", partner_id)


@require_POST
@staff_page(*SEES)
def decide(request: HttpRequest, adjustment_id: int) -> HttpResponse:
    """Approve a correction as the second person, or decline it."""
    cause = edge.cause(request, CHANNEL)
    if request.POST.get("decline"):
        said = _("Declined: nothing was moved.")
        attempt_button(request, lambda: deposits.decline_adjustment(cause, adjustment_id), said)
    else:
        said = _("Approved: the deposit is corrected.")
        attempt_button(request, lambda: deposits.approve_adjustment(cause, adjustment_id), said)
    return redirect("accounting:home")


@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.ACCOUNTANT)
def reverse(request: HttpRequest, partner_id: int, ticket_id: int) -> HttpResponse:
    """Take a charge of a ticket back, never more than is left of it."""
    ticket = get_object_or_404(
        Ticket.objects.select_related("partner"), pk=ticket_id, partner_id=partner_id
    )
    charges = shown.charges(ticket)
    form = ReverseForm(request.POST or None, charges=charges)
    status = None
    if request.method == "POST":
        status = attempt(form, lambda: _reversed(request, form))
        if status is None:
            messages.success(request, _("The charge is taken back."))
            return redirect("accounting:partner", partner_id)
    context = {
        "form": form,
        "guard": Guards(),
        "ticket": ticket,
        "number": number(ticket),
        "charges": charges,
    }
    return render(request, "accounting/reverse.html", context, status=status)


def _reversed(request: HttpRequest, form: ReverseForm) -> None:
    given = form.cleaned_data
    quantity = given["amount"]
    if shown.commodity_of(given["subject"]) == Commodity.CONSULTATIONS:
        if quantity % 100:
            raise deposits.AmountNotPositive(quantity)
        quantity //= 100
    deposits.reverse(edge.cause(request, CHANNEL), given["subject"], quantity, given["memo"])
