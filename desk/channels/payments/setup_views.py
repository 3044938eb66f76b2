"""Set-up of online payment: the keys of our companies' accounts, and where messages come."""

from __future__ import annotations

import json

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.channels.payments import providers
from desk.channels.payments.forms import AccountForm
from desk.deposits.actions import online as actions
from desk.deposits.queries import catalogue, online
from desk.lib import sealed
from desk.partners.models import StaffRole
from desk.web import access, edge
from desk.web.forms import Guards

CHANNEL = "setup"
UNPROCESSABLE = 422


@require_safe
@access.staff_page(StaffRole.VENDOR)
def index(request: HttpRequest) -> HttpResponse:
    """Every account with its state, and the form of a new one."""
    return _page(request, AccountForm(companies=_companies()))


@require_POST
@access.staff_page(StaffRole.VENDOR)
def save(request: HttpRequest) -> HttpResponse:
    """Keep the keys of an account, sealed, and offer the way."""
    cause, form = edge.cause(request, CHANNEL), AccountForm(request.POST, companies=_companies())
    if not form.is_valid():
        return _page(request, form)
    given = form.cleaned_data
    keys = sealed.seal(json.dumps({"public": given["public"], "private": given["private"]}))
    actions.set_account(
        cause, given["company"], given["provider"], keys, is_sandbox=given["is_sandbox"]
    )
    messages.success(request, _("Kept. Partners can pay their invoices online now."))
    return redirect("payments_setup:index")


@require_POST
@access.staff_page(StaffRole.VENDOR)
def switch(request: HttpRequest, company_id: int, provider: str) -> HttpResponse:
    """Offer this way, or offer it no more."""
    cause, is_on = edge.cause(request, CHANNEL), request.POST.get("on") == "1"
    actions.switch_account(cause, company_id, provider, is_active=is_on)
    said = _("Offered to partners.") if is_on else _("Not offered any more; orders are settled.")
    messages.success(request, said)
    return redirect("payments_setup:index")


def _companies() -> list[tuple[int, str]]:
    return [(one.id, one.name) for one in catalogue.companies()]


def _page(request: HttpRequest, form: AccountForm) -> HttpResponse:
    context = {
        "accounts": [
            {
                "company": one.company,
                "provider": providers.label(one.provider),
                "is_sandbox": one.is_sandbox,
                "is_active": one.is_active,
                "changed_at": one.changed_at,
                "told_url": settings.BASE_URL
                + reverse("payments_intake:told", args=[one.provider, one.company_id]),
                "switch_url": reverse("payments_setup:switch", args=[one.company_id, one.provider]),
            }
            for one in online.accounts()
        ],
        "has_companies": bool(_companies()),
        "form": form,
        "guard": Guards(),
    }
    status = UNPROCESSABLE if form.errors else None
    return render(request, "payments/setup.html", context, status=status)
