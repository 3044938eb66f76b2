"""The pages of this channel that a person may open."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.partners.models import PartnerRole, StaffRole
from desk.web import access


def links(request: HttpRequest) -> dict[str, Any] | None:
    """Webhooks, for whoever sets the desk up and for a partner's owner."""
    known = access.of(request)
    if StaffRole.VENDOR in known.staff:
        name = "webhooks:index"
    elif known.roles and access.partner_role(request) == PartnerRole.OWNER:
        name = "own_webhooks:index"
    else:
        return None
    link = {"label": _("Webhooks"), "url": reverse(name), "icon": "plug"}
    return {"label": "", "links": [link]}
