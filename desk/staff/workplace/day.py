"""My day: what do I do now, what waits, what runs; and the buttons of the timeline."""

from __future__ import annotations

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from desk.partners.models import StaffRole
from desk.staff.workplace import day_shown
from desk.tickets import actions, queries
from desk.tickets.models import Ticket
from desk.web import edge
from desk.web.access import staff_page
from desk.web.forms import Guard
from desk.workdays import actions as workdays
from desk.workdays import queries as timeline
from desk.workdays.models import Activity

STARTED_BY_HAND = (
    Activity.BREAK,
    Activity.LUNCH,
    Activity.PLANNING,
    Activity.INTAKE,
    Activity.MEETING,
    Activity.TRAINING,
)


@require_safe
@staff_page(StaffRole.SPECIALIST)
def home(request: HttpRequest) -> HttpResponse:
    """The first of the queue with its reason, the timer, acceptances, the queue, the timeline."""
    person, at = edge.person(request), edge.now()
    local = timezone.localtime(at)
    start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    found = day_shown.Day(
        at=at,
        queue=queries.queue(person, at),
        intervals=tuple(timeline.timeline(person.pk, start, at)),
        hours=timeline.working_hours(person.pk, local.date()),
        absence=timeline.absence_at(person.pk, at),
    )
    context = {
        **day_shown.context(found),
        "guard": Guard(),
        "live": day_shown.topics(person.pk, found),
        "activities": day_shown.buttons(STARTED_BY_HAND, found),
    }
    fragment = request.headers.get("HX-Request") and not request.headers.get("HX-Boosted")
    template = "workplace/day/body.html" if fragment else "workplace/home.html"
    return render(request, template, context)


@require_POST
@staff_page(StaffRole.SPECIALIST)
def begin(request: HttpRequest, activity: str) -> HttpResponse:
    """Begin a break, a meeting …: what ran before ends at the same moment (T11)."""
    if activity not in STARTED_BY_HAND:
        raise Http404
    workdays.start(edge.cause(request, "workplace"), edge.person(request).pk, Activity(activity))
    return _home()


@require_POST
@staff_page(StaffRole.SPECIALIST)
def stop(request: HttpRequest) -> HttpResponse:
    """End what runs; the timer of a ticket is stopped by the ticket's own verb."""
    cause, person = edge.cause(request, "workplace"), edge.person(request)
    running = timeline.running(person.pk)
    ticket_id = day_shown.ticket_id(running.subject) if running else None
    if ticket_id is not None and Ticket.objects.filter(pk=ticket_id).exists():
        actions.work_stop(cause, ticket_id)
    else:
        workdays.stop(cause, person.pk)
    return _home()


def _home() -> HttpResponse:
    return HttpResponseRedirect(reverse("workplace:home"), status=HTTPStatus.SEE_OTHER)
