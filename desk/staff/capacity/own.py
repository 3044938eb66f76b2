"""A specialist's own page: what is offered, for whom one stands in, one's absences with their
briefs, and what happened meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from desk.oversight.actions import offers as taking
from desk.oversight.actions import returns as returning
from desk.oversight.models import Offer
from desk.oversight.queries import briefs, offers, returns
from desk.partners.models import StaffRole
from desk.staff.capacity import briefed, shown
from desk.web import access, edge, inputs
from desk.web.access import staff_page
from desk.web.forms import Guards
from desk.workdays.models import Absence

Context = dict[str, Any]
AHEAD = timedelta(days=120)
BEHIND = timedelta(days=14)
READERS = (StaffRole.SPECIALIST, StaffRole.ADMINISTRATOR, StaffRole.VENDOR)


@require_safe
@staff_page(StaffRole.SPECIALIST)
def index(request: HttpRequest) -> HttpResponse:
    """Offers first: they run out; then absences of others, then the own ones."""
    at, person = edge.now(), edge.person(request)
    near = briefs.visible_to(access.of(request)).filter(
        since_at__lt=at + AHEAD, until_at__gt=at - BEHIND
    )
    rows = [_row(row, at) for row in near.order_by("since_at", "pk").distinct()]
    context = {
        "offers": [shown.offer(one) for one in offers.of_cover(person.pk)],
        "others": [one for one in rows if one["person_id"] != person.pk and not one["over"]],
        "mine": [one for one in rows if one["person_id"] == person.pk],
        "live": f"person:{person.pk}",
        "guard": Guards(),
    }
    return render(request, "capacity/own.html", context)


@require_POST
@staff_page(StaffRole.SPECIALIST)
def take(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Take an offered ticket over; when the lead was quicker, that is said and nothing happens."""
    person = edge.person(request)
    try:
        offer = offers.offer_of(person.pk, offer_id)
    except Offer.DoesNotExist as error:
        raise Http404 from error
    try:
        offer = taking.take_offer(edge.cause(request, "workplace"), offer.pk)
    except taking.OfferGone:
        messages.info(request, _("It is taken care of already: the lead was quicker."))
        return HttpResponseRedirect(reverse("own_capacity:index"), status=HTTPStatus.SEE_OTHER)
    messages.success(request, _("It is yours now. The lead and the partner are told."))
    return HttpResponseRedirect(reverse("workplace:home"), status=HTTPStatus.SEE_OTHER)


@require_safe
@staff_page(*READERS)
def absence(request: HttpRequest, absence_id: int) -> HttpResponse:
    """The brief before and during an absence; after it what happened, and what to take back."""
    found = _absence(request, absence_id)
    at, reader = edge.now(), edge.person(request)
    mine = found.person_id == reader.pk
    over = found.until_at <= at
    everything = bool(access.of(request).staff & briefs.SEES_ALL)
    context: Context = {
        **_row(found, at),
        "is_mine": mine,
        "guard": Guards(),
        "live": f"person:{reader.pk}",
    }
    if over:
        context |= briefed.digest(returns.digest(found, at))
    else:
        context |= briefed.brief(briefs.brief(found, at, None if everything else reader.pk))
    template = "capacity/digest.html" if over else "capacity/brief.html"
    return render(request, template, context)


@require_POST
@staff_page(StaffRole.SPECIALIST)
def write(request: HttpRequest, absence_id: int) -> HttpResponse:
    """Add to the brief of a project or a ticket."""
    sent = request.POST
    cause = edge.cause(request, "workplace")
    returning.write_brief(cause, absence_id, sent.get("subject", ""), sent.get("text", ""))
    messages.success(request, _("It stands in the brief."))
    return _back_to(absence_id)


@require_POST
@staff_page(StaffRole.SPECIALIST)
def take_back(request: HttpRequest, absence_id: int) -> HttpResponse:
    """Take tickets back after the return; one that is worked on now stays where it is."""
    sent = (inputs.number(text) for text in request.POST.getlist("ticket"))
    chosen = [ticket_id for ticket_id in sent if ticket_id is not None]
    count = returning.take_back(edge.cause(request, "workplace"), absence_id, chosen)
    text = ngettext("%(count)s ticket is yours again.", "%(count)s tickets are yours again.", count)
    messages.success(request, text % {"count": count})
    return _back_to(absence_id)


def _row(row: Absence, at: datetime) -> Context:
    return {
        "id": row.pk,
        "person_id": row.person_id,
        "person": row.person.name,
        "since_at": row.since_at,
        "until_at": row.until_at,
        "now_absent": row.since_at <= at < row.until_at,
        "over": row.until_at <= at,
        "url": reverse("own_capacity:absence", args=[row.pk]),
    }


def _absence(request: HttpRequest, absence_id: int) -> Absence:
    try:
        return briefs.absence_of(access.of(request), absence_id)
    except Absence.DoesNotExist as error:
        raise Http404 from error


def _back_to(absence_id: int) -> HttpResponse:
    address = reverse("own_capacity:absence", args=[absence_id])
    return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)
