"""The first page of the cabinet: whose turn is it, and until when."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from desk.channels.cabinet import leads, redirects, shown
from desk.partners import queries as partners
from desk.partners.models import Partner
from desk.tickets import queries
from desk.web import access, edge
from desk.web.access import partner_page


@require_safe
@partner_page()
def home(request: HttpRequest) -> HttpResponse:
    """My turn, in work, done; the manager's card; the deposit at a glance."""
    known, at = access.of(request), edge.now()
    found = queries.home(edge.person(request), at, access.partner_id(request), known)
    if found is None:
        raise PermissionDenied
    context = {
        **shown.home(found),
        "absences": leads.absences(found.partner_id, at),
        "may_submit": shown.may_submit(request),
        "own_partners": _own_partners(request),
    }
    return render(request, "cabinet/home.html", context)


@require_POST
@partner_page()
def choose_partner(request: HttpRequest) -> HttpResponse:
    """Open the cabinet of another partner that the person belongs to."""
    chosen = shown.number(request.POST.get("partner", ""))
    if chosen is not None and access.of(request).role_with(chosen):
        request.session["partner"] = chosen
    return redirects.to("cabinet:home")


def _own_partners(request: HttpRequest) -> list[Partner]:
    """The partners to choose from, for who belongs to several."""
    ids = [role.partner_id for role in access.of(request).roles]
    return partners.partners_among(ids) if len(ids) > 1 else []
