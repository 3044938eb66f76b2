"""The pages of this channel that a person may open."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.partners.models import StaffRole
from desk.web import access


def links(request: HttpRequest) -> dict[str, Any] | None:
    """Mail, for whoever sets the desk up; mails that wait, for administrators."""
    staff = access.of(request).staff
    if StaffRole.VENDOR in staff:
        link = {"label": _("Mail"), "url": reverse("email:index"), "icon": "mail"}
    elif StaffRole.ADMINISTRATOR in staff:
        link = {"label": _("Mails that wait"), "url": reverse("email:arrivals"), "icon": "mail"}
    else:
        return None
    return {"label": "", "links": [link]}
