"""What every page shows around its content: navigation, bell, account, hours; and the first page.

Each area says which of its pages a person may open (`navigation.links`); this only joins them.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.channels import navigation as channels
from desk.channels.api import navigation as api
from desk.channels.cabinet import navigation as cabinet
from desk.channels.email import navigation as mail
from desk.channels.notices.telegram import navigation as notices
from desk.channels.notices.views import shown_bell
from desk.channels.onebox import navigation as onebox
from desk.channels.payments import navigation as payments
from desk.channels.phone import navigation as phone
from desk.channels.phone import views as calls
from desk.channels.webhooks import navigation as webhooks
from desk.partners import queries as partners
from desk.partners.models import StaffRole
from desk.staff.accounting import navigation as accounting
from desk.staff.audits import navigation as audits
from desk.staff.capacity import navigation as capacity
from desk.staff.control import navigation as control
from desk.staff.production import navigation as production
from desk.staff.rulings import navigation as rulings
from desk.staff.setup import navigation as setup
from desk.staff.standard import navigation as standard
from desk.staff.standard import reading
from desk.staff.workplace import navigation as workplace
from desk.web import access, edge, labels

AREAS = (
    *(cabinet, workplace, production, control, rulings, audits, capacity, accounting),
    *(setup, standard),
    *(channels, mail, phone, notices, onebox, webhooks, payments, api),
)
FIRST_PAGES = {
    StaffRole.SPECIALIST: "workplace:home",
    StaffRole.ADMINISTRATOR: "control:home",
    StaffRole.PRODUCTION: "production:home",
    StaffRole.ACCOUNTANT: "accounting:home",
    StaffRole.VENDOR: "setup:home",
}
HOME = "cabinet:home"
BAR_MAX = 4
# So many links are read at a glance; of more, the groups beside the everyday ones are folded.
UNFOLDED_MAX = 12


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
        "live_calls": calls.live_calls(request),
        "unread_edition": reading.unread(request),
        "hotline": {"template": "phone/hotline.html", "lines": calls.hotlines},
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
    return HttpResponseRedirect(reverse(HOME))


def nowhere(_request: HttpRequest, **_named: str) -> HttpResponse:
    """A page of a library that the desk does not have."""
    raise Http404


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The pages that the reader may open, the group where the reader's day begins first; areas
    whose groups have one name share it, and a link may name another `group`. The present page is
    marked: of those whose addresses begin alike, the longest. Where there are many links, groups
    without an everyday one are folded, but that of the present page is open."""
    groups = _begun_with(_home(request), _joined(request))
    _mark(request.path, [link for group in groups for link in group["links"]])
    _fold(groups)
    _fit_the_bar(groups)
    return groups


def _joined(request: HttpRequest) -> list[dict[str, Any]]:
    joined: dict[str, dict[str, Any]] = {}
    for group in filter(None, (area.links(request) for area in AREAS)):
        for link in group["links"]:
            label = link.get("group", group["label"])
            joined.setdefault(label, {"label": label, "links": []})["links"].append(link)
    return list(joined.values())


def _home(request: HttpRequest) -> str:
    known = access.of(request)
    return reverse(next((n for role, n in FIRST_PAGES.items() if role in known.staff), HOME))


def _begun_with(home: str, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Then those with everyday links; what has no group of its own stays last."""

    def order(group: dict[str, Any]) -> tuple[bool, bool, bool]:
        links = group["links"]
        everyday = any(link.get("primary") for link in links)
        return not any(link["url"] == home for link in links), not group["label"], not everyday

    return sorted(groups, key=order)


def _mark(path: str, links: list[dict[str, Any]]) -> None:
    matching = [
        len(link["url"])
        for link in links
        if _is_current(path, link["url"], link.get("exact", False))
    ]
    for link in links:
        own = _is_current(path, link["url"], link.get("exact", False))
        link["current"] = own and len(link["url"]) == max(matching)


def _fold(groups: list[dict[str, Any]]) -> None:
    """A group without a title could not be unfolded."""
    many = sum(len(group["links"]) for group in groups) > UNFOLDED_MAX
    for group in groups:
        links = group["links"]
        everyday = any(link.get("primary") for link in links)
        group["folded"] = many and bool(group["label"]) and not everyday
        group["open"] = any(link["current"] for link in links)


def _fit_the_bar(groups: list[dict[str, Any]]) -> None:
    """A phone's bar has room for a few: those of the area where the reader's day begins first."""
    wanted = [link for group in groups for link in group["links"] if link.get("primary")]
    for link in wanted[BAR_MAX:]:
        link["primary"] = False


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
