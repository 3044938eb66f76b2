"""What every page shows around its content: navigation, bell, account, hours; and the first page.

Each area says which of its pages a person may open (`navigation.links`); this only joins them.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.channels.cabinet import navigation as cabinet
from desk.channels.email import navigation as mail
from desk.channels.notices.views import shown_bell
from desk.partners import queries as partners
from desk.partners.models import StaffRole
from desk.staff.accounting import navigation as accounting
from desk.staff.control import navigation as control
from desk.staff.production import navigation as production
from desk.staff.setup import navigation as setup
from desk.staff.workplace import navigation as workplace
from desk.web import access, edge, labels

AREAS = (cabinet, workplace, production, control, accounting, setup, mail)
FIRST_PAGES = {
    StaffRole.SPECIALIST: "workplace:home",
    StaffRole.ADMINISTRATOR: "control:home",
    StaffRole.PRODUCTION: "production:home",
    StaffRole.ACCOUNTANT: "accounting:home",
    StaffRole.VENDOR: "setup:home",
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: empty for who is not signed in."""
    if not request.user.is_authenticated:
        return {}
    return {
        "navigation": navigation(request),
        "account": _account(request),
        "events_url": "/events",
        "home_url": "/",
        "bell": shown_bell(edge.person(request), access.of(request)),
        "search": {"url": reverse("search")},
    }


def first_page(request: HttpRequest) -> HttpResponse:
    """ "/" leads everybody to where their day begins; an empty desk to its first-run wizard."""
    if not request.user.is_authenticated:
        if partners.organisation() is None:
            return HttpResponseRedirect(reverse("setup:first_run"))
        return HttpResponseRedirect(reverse("account_login"))
    known = access.of(request)
    for role, name in FIRST_PAGES.items():
        if role in known.staff:
            return HttpResponseRedirect(reverse(name))
    return HttpResponseRedirect(reverse("cabinet:home"))


def nowhere(_request: HttpRequest, **_named: str) -> HttpResponse:
    """A page of a library that the desk does not have."""
    raise Http404


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The pages that the reader may open, by area; the present one is marked."""
    groups = []
    for area in AREAS:
        group = area.links(request)
        if group is not None:
            for link in group["links"]:
                link["current"] = _is_current(request.path, link["url"], link.get("exact", False))
            groups.append(group)
    return groups


def _is_current(path: str, url: str, exact: bool) -> bool:
    return path == url if exact else path.startswith(url)


def _account(request: HttpRequest) -> dict[str, Any]:
    person = edge.person(request)
    known = access.of(request)
    roles = [labels.role_label(role) for role in sorted(known.staff)]
    roles += [labels.role_label(role.role) for role in known.roles]
    return {
        "name": person.name,
        "note": ", ".join(dict.fromkeys(roles)),
        "photo_url": "",
        "links": [
            {"label": _("Your account"), "url": reverse("profile"), "icon": "user"},
        ],
        "sign_out_url": reverse("account_logout"),
    }
