"""The pages of this channel that a person may open."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.partners.models import StaffRole
from desk.web import access


def links(request: HttpRequest) -> dict[str, Any] | None:
    """Online payment, for whoever sets the desk up."""
    if StaffRole.VENDOR not in access.of(request).staff:
        return None
    link = {"label": _("Online payment"), "url": reverse("payments_setup:index"), "icon": "wallet"}
    return {"label": "", "links": [link]}
