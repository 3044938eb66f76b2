"""The deposit of a partner: what is there, what moved it, what it will buy (L8, L9)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.channels.cabinet import months, redirects, shown
from desk.channels.cabinet.navigation import PAYS
from desk.deposits import actions as deposits
from desk.deposits import queries as ledger
from desk.deposits.values import Balance, LotLeft, Movement
from desk.partners import queries as partners
from desk.partners.models import StaffRole
from desk.rules.ledger import Commodity
from desk.tickets import queries
from desk.tickets.actions import Incomplete
from desk.web import access, edge, formats, labels
from desk.web.access import partner_page
from desk.web.forms import Guard

Context = dict[str, Any]
CONVERT_MAX = 10_000


@require_safe
@partner_page(*PAYS)
def statement(request: HttpRequest) -> HttpResponse:
    """Balance, lots and a month's movements with their tickets and people."""
    partner_id, at = access.partner_id(request), edge.now()
    month = months.month(request.GET.get("month", ""), at)
    found = ledger.statement(partner_id, month.first_at, month.until_at)
    balance = ledger.balance(partner_id)
    price = partners.price_kopecks(partner_id, at)
    context = {
        "balance": balance,
        "opening": balance_texts(found.opening),
        "closing": balance_texts(found.closing),
        "present": balance_texts(balance),
        "movements": shown_movements(found.movements),
        "lots": [lot(one) for one in ledger.lots(partner_id)],
        "month": month,
        "price": formats.money(price),
        "convertible": min(CONVERT_MAX, max(0, balance.money_available_kopecks // price)),
        "accountants": partners.staff_with(StaffRole.ACCOUNTANT),
        "guard": Guard(),
        "live": f"deposit:{partner_id} partner:{partner_id}",
    }
    return render(request, "cabinet/deposit.html", context)


@require_POST
@partner_page(*PAYS)
def convert(request: HttpRequest) -> HttpResponse:
    """Money of the deposit becomes consultations, explicitly, at the price of the day."""
    quantity = shown.number(request.POST.get("quantity", ""))
    if quantity is None or not 0 < quantity <= CONVERT_MAX:
        raise Incomplete("quantity", "out_of_range")
    cause, partner_id = edge.cause(request, "cabinet"), access.partner_id(request)
    price = partners.price_kopecks(partner_id, cause.at)
    deposits.convert(cause, partner_id, quantity, price)
    said = _("%(units)s bought for money of the deposit.") % {"units": formats.units(quantity)}
    messages.success(request, said)
    return redirects.to("cabinet:deposit")


def balance_texts(balance: Balance) -> Context:
    """A balance in words; money only where there is some."""
    has_money = balance.money_available_kopecks or balance.money_held_kopecks
    return {
        "available": formats.units(balance.consultations_available),
        "held": formats.units(balance.consultations_held),
        "money": formats.money(balance.money_available_kopecks),
        "money_held": formats.money(balance.money_held_kopecks),
        "has_money": bool(has_money),
    }


def shown_movements(movements: tuple[Movement, ...]) -> list[Context]:
    """Lines of a statement, the last one first."""
    names = queries.names_of([movement.by for movement in movements])
    return [
        {
            "at": one.at,
            "what": labels.movement_label(one.verb),
            "memo": one.memo,
            "url": _ticket_url(one),
            "by": names.get(one.by, ""),
            "consultations": _signed(one.change.consultations_available),
            "held": _signed(one.change.consultations_held),
            "money": _signed_money(one.change.money_available_kopecks),
            "money_held": _signed_money(one.change.money_held_kopecks),
            "after": one.after.consultations_available,
            "after_money": formats.money(one.after.money_available_kopecks),
            "charged": _signed_money(one.kopecks).removeprefix("+"),
        }
        for one in reversed(movements)
    ]


def lot(one: LotLeft) -> Context:
    """Units bought together, and what is left of them."""
    is_money = one.commodity == Commodity.MONEY
    write = formats.money if is_money else formats.number
    return {
        "what": _("money") if is_money else _("consultations"),
        "source": labels.lot_source_label(one.source),
        "bought_at": one.bought_at,
        "price": "" if is_money else formats.money(one.unit_price_kopecks),
        "quantity": write(one.quantity),
        "available": write(one.available),
        "held": write(one.held) if one.held else "",
        "expires_on": one.expires_on,
    }


def _ticket_url(movement: Movement) -> str:
    """The page of the ticket that a movement belongs to: its number opens the memo."""
    number = movement.memo.partition(" ")[0]
    if not movement.subject.startswith("ticket:") or "-" not in number:
        return ""
    return reverse("cabinet:ticket", args=[number])


def _signed(count: int) -> str:
    return f"{'+' if count > 0 else '−'}{formats.number(abs(count))}" if count else ""


def _signed_money(kopecks: int) -> str:
    return f"{'+' if kopecks > 0 else '−'}{formats.money(abs(kopecks))}" if kopecks else ""
