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
    if StaffRole.VENDOR not in known.staff:
        return None
    return {
        "label": _("Set-up"),
        "links": [
            _link("home", _("Overview"), "settings", exact=True, primary=True),
            _link("people", _("People"), "users", primary=True),
            _link("partners", _("Partners"), "building", primary=True),
            _link("plans", _("Plans and calendars"), "calendar"),
            _link("selling", _("Companies and packs"), "tag"),
            _link("health", _("Health"), "activity"),
            _link("audit", _("Audit log"), "history"),
        ],
    }


def _link(name: str, label: str, icon: str, **options: bool) -> dict[str, Any]:
    return {"label": label, "url": reverse(f"setup:{name}"), "icon": icon, **options}
