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
    held = access.of(request).staff
    if StaffRole.VENDOR in held:
        return {"label": _("Set-up"), "links": [_link("editions:index", _("The Standard"))]}
    if StaffRole.ADMINISTRATOR in held:
        return {"label": _("Control room"), "links": [_link("editions:index", _("The Standard"))]}
    if StaffRole.SPECIALIST in held:
        return {"label": _("Workplace"), "links": [_link("standard:read", _("The Standard"))]}
    return None


def _link(name: str, label: str) -> dict[str, Any]:
    return {"label": label, "url": reverse(name), "icon": "book"}
