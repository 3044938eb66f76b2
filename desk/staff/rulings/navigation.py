"""The pages of this area that a person may open."""

from __future__ import annotations

from collections.abc import Collection
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
            "label": _("Control room"),
            "links": [
                _link("rulings:index", _("Violations"), "flag", primary=True, key="g i"),
                _link("complaints:index", _("Complaints"), "message", key="g j"),
                _link("rulings:scores", _("Scores"), "chart", group=_("Figures")),
                _link("outages:index", _("Outages of ours"), "alert", group=_("Figures")),
                *_own(held),
            ],
        }
    if StaffRole.SPECIALIST in held:
        return {
            "label": _("Workplace"),
            "links": _own(held),
        }
    return None


def _own(held: Collection[StaffRole]) -> list[dict[str, Any]]:
    """Administrators are held to the Standard too; who only owns the desk is not."""
    if not set(held) & {StaffRole.SPECIALIST, StaffRole.ADMINISTRATOR}:
        return []
    link = _link("own_record:index", _("My violations and score"), "user-circle", key="g o")
    return [link | {"group": _("About me")}]


def _link(name: str, label: str, icon: str, **options: object) -> dict[str, Any]:
    return {"label": label, "url": reverse(name), "icon": icon, **options}
