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
    if StaffRole.ADMINISTRATOR not in known.staff:
        return None
    return {
        "label": _("Control room"),
        "links": [
            _link("home", _("Board"), "home", exact=True, primary=True, key="g b"),
            _link("morning", _("Today"), "sun", primary=True, key="g m"),
            _link("disputes", _("Disputes"), "scale", primary=True, key="g d"),
            _link("breaches", _("Breaches"), "alert", key="g v"),
            _link("assignments", _("Leads and covers"), "users", key="g a", group=_("Team")),
            _link("absences", _("Absences"), "calendar", group=_("Team")),
            _link("week", _("The week"), "chart", group=_("Figures")),
            _link("wall", _("Wall screen"), "eye", group=_("Figures")),
        ],
    }


def _link(name: str, label: str, icon: str, **options: object) -> dict[str, Any]:
    return {"label": label, "url": reverse(f"control:{name}"), "icon": icon, **options}
