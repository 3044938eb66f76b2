"""The pages of this area that a person may open."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.partners.models import StaffRole
from desk.web import access


def links(request: HttpRequest) -> dict[str, Any] | None:
    """One group of the navigation, or None for who has no business here."""
    known = access.of(request)
    if not known.staff & {StaffRole.ACCOUNTANT, StaffRole.VENDOR}:
        return None
    found = [
        _link(_("To do"), "home", "inbox"),
        _link(_("Deposits"), "deposits", "wallet"),
        _link(_("Payments"), "payments", "credit-card"),
        _link(_("Invoices"), "invoices", "file"),
        _link(_("Month's end"), "months", "calendar"),
        _link(_("Figures"), "figures", "activity"),
        _link(_("Papers"), "papers", "receipt"),
        _link(_("Ledger check"), "ledger", "shield"),
    ]
    found[0]["primary"] = StaffRole.ACCOUNTANT in known.staff
    return {"label": _("Accounting"), "links": found}


def _link(label: str, name: str, icon: str) -> dict[str, Any]:
    return {"label": label, "url": reverse(f"accounting:{name}"), "icon": icon}
