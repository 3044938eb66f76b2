"""The pages of this channel that a person may open."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.web import access


def links(request: HttpRequest) -> dict[str, Any] | None:
    """Tokens, for everybody: in the cabinet, or for our own people in set-up."""
    known = access.of(request)
    if known.is_staff:
        name = "api_setup:index"
    elif known.roles:
        name = "integrations:index"
    else:
        return None
    link = {"label": _("API access"), "url": reverse(name), "icon": "key"}
    return {"label": "", "links": [link]}
