"""The deposit of a partner: what is there, what moved it, what it will buy (L8, L9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.channels.cabinet import downloads, periods, redirects, shown, statements
from desk.channels.cabinet.navigation import PAYS
from desk.channels.cabinet.periods import Period, Preset
from desk.channels.cabinet.statements import Whole
from desk.deposits import actions as deposits
from desk.deposits import queries as ledger
from desk.deposits.queries import catalogue, lowness
from desk.deposits.queries import statements as pages
from desk.deposits.queries.statements import Place
from desk.deposits.values import Balance, LotLeft, Movement
from desk.partners import queries as partners
from desk.rules.ledger import Commodity
from desk.tickets import queries
from desk.tickets.actions import Incomplete
from desk.tickets.queries import cursors
from desk.web import access, edge, formats, labels
from desk.web.access import partner_page
from desk.web.forms import Guard

Context = dict[str, Any]
CONVERT_MAX = 10_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FORMS: dict[str, tuple[str, Callable[[Whole], bytes], int]] = {
    "pdf": ("application/pdf", statements.as_pdf, statements.PDF_ROWS_MAX),
    "xlsx": (downloads.XLSX, statements.as_xlsx, pages.EXPORT_MAX),
    "csv": ("text/csv; charset=utf-8", statements.as_csv, pages.EXPORT_MAX),
}


@require_safe
@partner_page(*PAYS)
def statement(request: HttpRequest) -> HttpResponse:
    """Balance, lots, and a period's movements with their tickets and people."""
    partner_id, at = access.partner_id(request), edge.now()
    period, cursor = periods.read(request.GET, at), request.GET.get("cursor", "")
    found = pages.page(partner_id, period.from_at, period.until_at, _place(cursor))
    balance = ledger.balance(partner_id)
    price = partners.price_kopecks(partner_id, at)
    context = {
        "tabs": shown.deposit_tabs("deposit"),
        "pace": shown.pace(lowness.reach(partner_id, at).days),
        "low": shown.low(partner_id),
        "opening": balance_texts(found.opening),
        "closing": balance_texts(found.closing),
        "present": balance_texts(balance),
        "movements": shown_movements(found.movements),
        "older": f"?{period.query}&cursor={_cursor(found.place)}" if found.place else "",
        "newest": f"?{period.query}" if cursor else "",
        "lots": [lot(one) for one in ledger.lots(partner_id)],
        "period": period,
        "presets": _presets(period),
        "price": formats.money(price),
        "convertible": min(CONVERT_MAX, max(0, balance.money_available_kopecks // price)),
        "guard": Guard(),
        "live": f"deposit:{partner_id} partner:{partner_id}",
    }
    return render(request, "cabinet/deposit.html", context)


@require_safe
@partner_page(*PAYS)
def export(request: HttpRequest, form: str) -> HttpResponse:
    """The statement of a period as a file: the same lines, from the first to the last."""
    if form not in FORMS:
        raise Http404
    kind, write, most = FORMS[form]
    at = edge.now()
    period = periods.read(request.GET, at)
    try:
        whole = statements.of(access.partner_id(request), period, at, most)
    except statements.TooLong:
        messages.error(request, _("That is too much for one file: choose a shorter period."))
        return redirects.to("cabinet:deposit")
    return downloads.answer(write(whole), kind, statements.file_name(whole, form))


@require_POST
@partner_page(*PAYS)
def convert(request: HttpRequest) -> HttpResponse:
    """Money of the deposit becomes consultations, explicitly, at the price of the day."""
    quantity = shown.number(request.POST.get("quantity", ""))
    if quantity is None or not 0 < quantity <= CONVERT_MAX:
        raise Incomplete("quantity", "out_of_range")
    cause, partner_id = edge.cause(request, "cabinet"), access.partner_id(request)
    price = partners.price_kopecks(partner_id, cause.at)
    until_on = catalogue.last_day_of_use(partner_id, cause.at)
    deposits.convert(cause, partner_id, quantity, price, until_on)
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
        for one in movements
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


def _presets(period: Period) -> list[Context]:
    return [
        {"label": label, "url": f"?period={preset}", "current": period.preset is preset, "count": 0}
        for preset, label in periods.labels().items()
        if preset is not Preset.OWN
    ]


def _cursor(place: Place) -> str:
    """The last line of a page: its moment to the microsecond, and its number."""
    at, number = place
    return cursors.written((at - EPOCH) // MICROSECOND, number)


def _place(cursor: str) -> Place | None:
    if not cursor:
        return None
    moment, number = cursors.read(cursor, 2)
    try:
        return EPOCH + int(moment) * MICROSECOND, int(number)
    except OverflowError as error:
        raise cursors.BadCursor from error


def _ticket_url(movement: Movement) -> str:
    """The page of the ticket that a movement belongs to: its number opens the memo."""
    number, _subject = statements.ticket_of(movement)
    return reverse("cabinet:ticket", args=[number]) if number else ""


def _signed(count: int) -> str:
    return f"{'+' if count > 0 else '−'}{formats.number(abs(count))}" if count else ""


def _signed_money(kopecks: int) -> str:
    return f"{'+' if kopecks > 0 else '−'}{formats.money(abs(kopecks))}" if kopecks else ""
