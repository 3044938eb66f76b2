"""The first page of the cabinet: whose turn is it, and until when."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from desk.channels.cabinet import shown
from desk.partners import queries as partners
from desk.tickets import queries
from desk.web import access, edge
from desk.web.access import partner_page

CHANNEL = "cabinet"


@require_GET
@partner_page()
def home(request: HttpRequest) -> HttpResponse:
    """My turn, in work, done; the manager's card; the deposit at a glance."""
    known, at = access.of(request), edge.now()
    found = queries.home(edge.person(request), at, access.partner_id(request), known)
    if found is None:
        raise PermissionDenied
    own = partners.partners_among([role.partner_id for role in known.roles])
    context = shown.home(found, may_submit=shown.may_submit(request))
    return render(request, "cabinet/home.html", {**context, "own_partners": own})


@require_POST
@partner_page()
def choose_partner(request: HttpRequest) -> HttpResponse:
    """Open the cabinet of another partner that the person belongs to."""
    chosen = request.POST.get("partner", "")
    if chosen.isascii() and chosen.isdigit():
        request.session["partner"] = int(chosen)
    return HttpResponseRedirect(reverse("cabinet:home"))
