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
    url = reverse("accounting:home")
    link: dict[str, Any] = {"label": _("Deposits"), "url": url, "icon": "wallet"}
    link["primary"] = StaffRole.ACCOUNTANT in known.staff
    return {"label": _("Accounting"), "links": [link]}
