"""The first page of set-up: what is still missing, and where everything is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from desk.partners import queries
from desk.partners.models import Partner, StaffRole
from desk.staff.setup import steps
from desk.web import formats
from desk.web.access import staff_page

Context = dict[str, Any]


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Set-up's overview; an empty desk begins with its first-run wizard."""
    if queries.organisation() is None:
        return HttpResponseRedirect(reverse("setup:first_run"))
    return _overview(request)


@staff_page(StaffRole.VENDOR)
def _overview(request: HttpRequest) -> HttpResponse:
    missing = [one for one in steps.shown() if not one.done and one.name != "done"]
    waiting = queries.waiting_projects()
    context = {
        "organisation": queries.organisation(),
        "missing": missing,
        "waiting": [
            {
                "name": held.project.name,
                "partner": held.project.partner.name,
                "url": reverse("setup:partner", args=[held.project.partner_id]),
            }
            for held in waiting[:10]
        ],
        "doors": _doors(),
    }
    return render(request, "setup/home.html", context)


def _doors() -> list[Context]:
    """The pages of set-up with what is behind them."""
    team = len(queries.staff())
    partners = Partner.objects.filter(is_active=True).count()
    people = ngettext("%(count)s person", "%(count)s people", team)
    companies = ngettext("%(count)s partner", "%(count)s partners", partners)
    mail = _("goes out") if settings.MAIL_GOES_OUT else _("stays in the data folder")
    return [
        _door("people", _("People"), "users", people % {"count": formats.number(team)}),
        _door("partners", _("Partners"), "building", companies % {"count": partners}),
        _door("plans", _("Plans and calendars"), "calendar", _("prices, times, days off")),
        {"label": _("Mail"), "icon": "mail", "url": reverse("email:index"), "note": mail},
        _door("health", _("Health"), "activity", _("queues, clocks, the ledger's proof")),
        _door("audit", _("Audit log"), "history", _("who did what, and when")),
    ]


def _door(name: str, label: str, icon: str, note: str) -> Context:
    return {"label": label, "icon": icon, "url": reverse(f"setup:{name}"), "note": note}
