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
    roles = access.of(request).staff
    if roles & {StaffRole.ADMINISTRATOR, StaffRole.VENDOR}:
        link = {"label": _("Audits"), "url": reverse("audits:index"), "icon": "list-check"}
        return {"label": _("Control room"), "links": [link | {"key": "g u"}]}
    if StaffRole.SPECIALIST in roles:
        link = {"label": _("My audits"), "url": reverse("own_audits:own"), "icon": "list-check"}
        return {"label": _("About me"), "links": [link]}
    return None
