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
    if not access.of(request).staff & {StaffRole.PRODUCTION, StaffRole.ADMINISTRATOR}:
        return None
    link = {
        "label": _("What waits for production"),
        "url": reverse("production:home"),
        "icon": "tool",
        "key": "g b",
        "primary": True,
        "short": _("Waiting"),
    }
    return {"label": _("Production"), "links": [link]}
