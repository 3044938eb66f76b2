"""The deposit of a partner: what is there, what moved it, what it will buy (L8, L9)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from desk.deposits import actions as deposits
from desk.deposits import queries as ledger
from desk.deposits.values import Movement
from desk.partners import queries as partners
from desk.partners.models import PartnerRole
from desk.tickets import queries
from desk.tickets.actions import Incomplete
from desk.web import access, edge, formats, labels
from desk.web.access import partner_page
from desk.web.forms import Guard

SEES = (PartnerRole.OWNER, PartnerRole.FINANCE)
CONVERT_MAX = 10_000


@require_GET
@partner_page(*SEES)
def statement(request: HttpRequest) -> HttpResponse:
    """Balance, lots and a month's movements with their tickets and people."""
    partner_id, at = access.partner_id(request), edge.now()
    first = _month(request.GET.get("month", ""), at)
    last = min(_next_month(first), at + timedelta(seconds=1))
    found = ledger.statement(partner_id, first, last)
    context = {
        "balance": ledger.balance(partner_id),
        "statement": found,
        "movements": shown_movements(found.movements),
        "lots": ledger.lots(partner_id),
        "month": first,
        "earlier": (first - timedelta(days=1)).strftime("%Y-%m"),
        "later": _next_month(first).strftime("%Y-%m") if _next_month(first) <= at else "",
        "guard": Guard(),
        "live": f"deposit:{partner_id} partner:{partner_id}",
        "price": partners.price_kopecks(partner_id, at),
    }
    return render(request, "cabinet/deposit.html", context)


@require_POST
@partner_page(*SEES)
def convert(request: HttpRequest) -> HttpResponse:
    """Money of the deposit becomes consultations, explicitly, at the price of the day."""
    sent = request.POST.get("quantity", "")
    if not (sent.isascii() and sent.isdigit() and 0 < int(sent) <= CONVERT_MAX):
        raise Incomplete("quantity", "out_of_range")
    cause, partner_id = edge.cause(request, "cabinet"), access.partner_id(request)
    price = partners.price_kopecks(partner_id, cause.at)
    deposits.convert(cause, partner_id, int(sent), price)
    return HttpResponseRedirect(reverse("cabinet:deposit"))


def shown_movements(movements: tuple[Movement, ...]) -> list[dict[str, Any]]:
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
            "after": one.after,
            "charged": formats.money(one.kopecks) if one.kopecks else "",
        }
        for one in reversed(movements)
    ]


def _ticket_url(movement: Movement) -> str:
    number = movement.memo.partition(" ")[0]
    if not movement.subject.startswith("ticket:") or "-" not in number:
        return ""
    return reverse("cabinet:ticket", args=[number])


def _signed(count: int) -> str:
    return f"{'+' if count > 0 else '−'}{abs(count)}" if count else ""


def _signed_money(kopecks: int) -> str:
    if not kopecks:
        return ""
    return f"{'+' if kopecks > 0 else '−'}{formats.money(abs(kopecks))}"


def _month(text: str, at: datetime) -> datetime:
    local = timezone.localtime(at)
    try:
        chosen = datetime.strptime(text, "%Y-%m").replace(tzinfo=local.tzinfo)
    except ValueError:
        chosen = local
    return chosen.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _next_month(first: datetime) -> datetime:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)

