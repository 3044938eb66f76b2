"""Buying: packs, any other quantity, money for a customisation; an invoice at one press."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from desk.channels.cabinet import invoice_shown, offers, redirects, shown
from desk.channels.cabinet.navigation import PAYS
from desk.deposits import queries as ledger
from desk.deposits.actions import invoicing, lowness
from desk.deposits.actions.invoicing import Order
from desk.deposits.queries import invoices
from desk.deposits.queries import lowness as low
from desk.partners import queries as partners
from desk.tickets import queries as tickets
from desk.web import access, amounts, edge, formats, refusals
from desk.web.access import partner_page
from desk.web.forms import Guard, Guards

Context = dict[str, Any]


@require_http_methods(["GET", "HEAD", "POST"])
@partner_page()
def buy(request: HttpRequest) -> HttpResponse:
    """What can be bought and for how much; a press makes the invoice, with its paper, at once."""
    if access.partner_role(request) not in PAYS:
        return _who_may(request)
    if request.method != "POST":
        return _page(request)
    try:
        order = _order(request)
        row = invoicing.issue_invoice(
            edge.cause(request, "cabinet"), access.partner_id(request), order
        )
    except Exception as error:
        refused = refusals.sentence(error)
        if refused is None:
            raise
        return _page(request, refused[1], refused[0])
    messages.success(request, _("Invoice %(number)s is ready.") % {"number": row.number})
    return redirects.to("cabinet:invoice", row.id)


@require_safe
@partner_page(*PAYS)
def invoice(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """An invoice: what is left of it, and how it is paid."""
    partner_id = access.partner_id(request)
    row = invoices.invoice(invoice_id, partner_id)
    context = {
        "tabs": shown.deposit_tabs("papers"),
        **invoice_shown.page(row, edge.now()),
        "guard": Guard(),
        "live": f"deposit:{partner_id} partner:{partner_id}",
    }
    return render(request, "cabinet/invoice.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@partner_page(*PAYS)
def ready(request: HttpRequest, episode_id: int) -> HttpResponse:
    """What an alert of a low deposit leads to: the ready invoice, issued at the first press."""
    partner_id, at = access.partner_id(request), edge.now()
    episode = low.episode(partner_id, episode_id)
    if episode is None:
        raise Http404
    if request.method == "POST":
        cause = edge.cause(request, "cabinet")
        row = lowness.take_ready_invoice(cause, partner_id, episode.id)
        return redirects.to("cabinet:invoice", row.id)
    if episode.invoice_id is not None:
        known = invoices.invoice(episode.invoice_id, partner_id)
        if known.cancelled_at is None:
            return redirects.to("cabinet:invoice", known.id)
    context = {
        "tabs": shown.deposit_tabs("buy"),
        **offers.ready(partner_id, at),
        "available": formats.units(ledger.balance(partner_id).consultations_available),
        "pace": shown.pace(low.reach(partner_id, at).days),
        "over": episode.until_at is not None,
        "episode_id": episode.id,
        "missing": offers.missing(partner_id),
        "guard": Guard(),
    }
    return render(request, "cabinet/ready.html", context)


def _who_may(request: HttpRequest) -> HttpResponse:
    """Members and viewers read who buys for their company."""
    people = partners.people_of(access.partner_id(request)).filter(role__in=PAYS)
    return render(request, "cabinet/who_buys.html", {"people": [one.person for one in people]})


def _page(
    request: HttpRequest, error: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    partner_id, at = access.partner_id(request), edge.now()
    sent = request.POST if request.method == "POST" else request.GET
    asked = offers.asked_by(request, sent.get("ticket", ""), at)
    context = {
        "tabs": shown.deposit_tabs("buy"),
        **offers.page(partner_id, at),
        "asked": asked,
        "quantity": sent.get("quantity", "") or asked.get("quantity", ""),
        "sum": sent.get("sum", "") or asked.get("sum", ""),
        "missing": offers.missing(partner_id),
        "error": error,
        "guard": Guards(),
    }
    return render(request, "cabinet/buy.html", context, status=int(status))


def _order(request: HttpRequest) -> Order:
    """One of a pack, a quantity and a sum, by the button that was pressed."""
    sent = request.POST
    match sent.get("what", ""):
        case "pack":
            return Order(pack_id=shown.number(sent.get("pack", "")) or 0)
        case "quantity":
            return Order(quantity=shown.number(sent.get("quantity", "").strip()) or 0)
        case "money":
            return _money(request, sent.get("sum", ""), sent.get("ticket", ""))
    raise invoicing.OrderWrong("what")


def _money(request: HttpRequest, text: str, number: str) -> Order:
    try:
        kopecks = amounts.kopecks(text)
    except amounts.AmountUnreadable:
        raise invoicing.OrderWrong("sum") from None
    if not number:
        return Order(kopecks=kopecks)
    ticket = tickets.by_number(edge.person(request), number, access.of(request))
    if ticket.partner_id != access.partner_id(request):
        raise Http404
    memo = f"{tickets.number(ticket)} {ticket.subject}"
    return Order(kopecks=kopecks, subject=ticket.key, memo=memo)
