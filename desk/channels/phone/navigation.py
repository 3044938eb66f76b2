"""The pages of this channel that a person may open."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.channels.phone.views import ANSWERS
from desk.partners.models import StaffRole
from desk.web import access


def links(request: HttpRequest) -> dict[str, Any] | None:
    """Calls, for who answers them; the set-up of lines, for whoever sets the desk up."""
    roles = access.of(request).staff
    found = []
    if roles & set(ANSWERS):
        url = reverse("calls:index")
        link = {"label": _("Calls"), "url": url, "icon": "phone-call", "key": "g c"}
        found.append(link | {"group": _("Workplace")})
    if StaffRole.VENDOR in roles:
        url = reverse("hotline:index")
        found.append({"label": _("Hotline"), "url": url, "icon": "phone"})
    return {"label": "", "links": found} if found else None
