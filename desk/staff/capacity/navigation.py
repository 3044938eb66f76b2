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
    if held & {StaffRole.ADMINISTRATOR, StaffRole.VENDOR}:
        return {
            "label": _("Team"),
            "links": [_link("capacity:index", _("Capacity"), "users", key="g k")],
        }
    if StaffRole.SPECIALIST in held:
        found = [_link("own_capacity:index", _("Standing in"), "users", key="g k")]
        return {"label": _("Workplace"), "links": found}
    return None


def _link(name: str, label: str, icon: str, **options: object) -> dict[str, Any]:
    return {"label": label, "url": reverse(name), "icon": icon, **options}
