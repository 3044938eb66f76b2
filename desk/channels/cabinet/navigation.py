"""The pages of this area that a person may open."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.oversight.actions.complaints import COMPLAINS
from desk.partners.models import PartnerRole
from desk.web import access

PAYS = (PartnerRole.OWNER, PartnerRole.FINANCE)


def links(request: HttpRequest) -> dict[str, Any] | None:
    """One group of the navigation, or None for who has no business here."""
    known = access.of(request)
    if not known.roles:
        return None
    role = access.partner_role(request)
    found = [
        _link("home", _("Home"), "home", exact=True, primary=True, key="g h"),
        _link("tickets", _("Tickets"), "inbox", primary=True, key="g t"),
    ]
    if role in PAYS:
        found.append(_link("deposit", _("Deposit"), "wallet", primary=True, key="g d"))
    found += [
        _link("work", _("Work on record"), "history"),
        _link("projects", _("Projects"), "folder"),
        _link("managers", _("Your managers"), "user-circle"),
        _link("hours", _("Working hours"), "calendar"),
    ]
    if role in COMPLAINS:
        found.append(_link("complaints", _("Complaints"), "scale"))
    if role == PartnerRole.OWNER:
        found.append(_link("team", _("Team"), "users"))
    return {"label": "", "links": found}


def _link(name: str, label: str, icon: str, **options: object) -> dict[str, Any]:
    return {"label": label, "url": reverse(f"cabinet:{name}"), "icon": icon, **options}
