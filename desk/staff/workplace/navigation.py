"""The pages of this area that a person may open."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.partners.models import StaffRole
from desk.web import access

KNOWS_PARTNERS = {StaffRole.SPECIALIST, StaffRole.ADMINISTRATOR, StaffRole.PRODUCTION}


def links(request: HttpRequest) -> dict[str, Any] | None:
    """One group of the navigation, or None for who has no business here."""
    roles = access.of(request).staff
    if not roles:
        return None
    found = []
    own, team = {"group": _("About me")}, {"group": _("Team")}
    if StaffRole.SPECIALIST in roles:
        found.append(_link(_("My day"), "home", "home", "g d", exact=True) | {"primary": True})
    found.append(_link(_("Tickets"), "tickets", "inbox", "g t") | {"primary": True})
    if roles & KNOWS_PARTNERS:
        found.append(_link(_("Partners"), "partners", "building", "g p") | {"primary": True})
    if StaffRole.ADMINISTRATOR in roles:
        found.append(_link(_("Days of the specialists"), "people", "activity", "g y") | team)
    if StaffRole.SPECIALIST in roles:
        found.append(_link(_("Plan of the day"), "plan", "list-check", "g l"))
        found.append(_link(_("My record"), "record", "history", "g r") | own)
        found.append(_link(_("My absences"), "absences", "calendar-time", "g a") | own)
    return {"label": _("Workplace"), "links": found}


def _link(label: str, name: str, icon: str, key: str, *, exact: bool = False) -> dict[str, Any]:
    url = reverse(f"workplace:{name}")
    return {"label": label, "url": url, "icon": icon, "key": key, "exact": exact}
