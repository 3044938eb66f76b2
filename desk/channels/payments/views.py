"""Paying an invoice online: on to the provider, and back."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.channels.payments import providers, settling
from desk.channels.payments.providers import Asked
from desk.deposits.actions import online as actions
from desk.deposits.queries import online
from desk.partners.models import PartnerRole
from desk.web import access, edge, formats
from desk.web.access import partner_page

CHANNEL = "cabinet"
PAYS = (PartnerRole.OWNER, PartnerRole.FINANCE)


@require_POST
@partner_page(*PAYS)
def pay(request: HttpRequest, invoice_id: int, provider: str) -> HttpResponse:
    """Make an order for what is left of the invoice, and show the way to the provider."""
    partner_id, cause = access.partner_id(request), edge.cause(request, CHANNEL)
    if online.payable(invoice_id, partner_id) is None:
        raise Http404
    try:
        made = actions.open_checkout(cause, partner_id, invoice_id, provider)
    except actions.NothingToPay:
        messages.info(request, _("This invoice is paid or cancelled: there is nothing to pay."))
        return redirect("cabinet:deposit")
    except actions.NoWay:
        messages.error(request, _("This way of paying is not offered at the moment."))
        return redirect("cabinet:deposit")
    return redirect("payments:order", provider, made.order)


@require_safe
@partner_page(*PAYS)
def order(request: HttpRequest, provider: str, order: str) -> HttpResponse:
    """An order: on to the provider while it is open, and what became of it after."""
    found = online.checkout(provider, order)
    if found is None or found.partner_id != access.partner_id(request):
        raise Http404
    context: dict[str, Any] = {
        "order": found,
        "sum": formats.money(found.amount_kopecks),
        "provider": providers.label(provider),
        "live": f"deposit:{found.partner_id} partner:{found.partner_id}",
    }
    if found.outcome != "paid":
        context |= _onward(found)
    return render(request, "payments/order.html", context)


def _onward(found: online.CheckoutRow) -> dict[str, Any]:
    """The way to the provider, or nothing where the account is gone."""
    try:
        provider, known, keys = settling.opened(found.company_id, found.provider)
    except settling.Unknown:
        return {"address": ""}
    here = reverse("payments:order", args=[found.provider, found.order])
    told = reverse("payments_intake:told", args=[found.provider, found.company_id])
    asked = Asked(
        order=found.order,
        kopecks=found.amount_kopecks,
        description=_("Invoice %(number)s") % {"number": found.number},
        language=get_language() or "uk",
        result_url=f"{settings.BASE_URL}{here}",
        server_url=f"{settings.BASE_URL}{told}",
    )
    address = provider.address(keys, asked, sandbox=known.is_sandbox) if known.is_active else ""
    return {"address": address, "is_sandbox": known.is_sandbox}
