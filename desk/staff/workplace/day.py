"""My day: what do I do now, what waits, what runs; and the buttons of the timeline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from desk.oversight.queries import days, editions, offers
from desk.partners.models import Person, StaffRole
from desk.staff.workplace import day_shown, plan_shown
from desk.staff.workplace.plan_shown import Today
from desk.tickets import actions, queries
from desk.tickets.models import Ticket
from desk.web import edge
from desk.web.access import staff_page
from desk.web.forms import Guards
from desk.workdays import actions as workdays
from desk.workdays import queries as timeline
from desk.workdays.models import Activity, Interval

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
    """What is next by the plan, the queue with its reasons, the timer, the line of the day."""
    person, at = edge.person(request), edge.now()
    start = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    intervals = tuple(timeline.timeline(person.pk, start, at))
    today = _today(person, at, intervals)
    shift = today.known.shift
    found = day_shown.Day(
        at=at,
        queue=queries.queue(person, at),
        intervals=intervals,
        hours=shift.windows if shift is not None else (),
        absence=timeline.absence_at(person.pk, at),
        planned=today.slots,
    )
    counted = [row for row in intervals if row.struck_at is None]
    every = today.known.customs.intake_every_minutes
    context = {
        **day_shown.context(found),
        **plan_shown.today(today),
        "offers": offers.of_cover(person.pk),
        "look_by": day_shown.look_by(counted, found.hours, at, every),
        "guard": Guards(),
        "live": day_shown.topics(person.pk, found),
        "activities": day_shown.buttons(STARTED_BY_HAND, found),
    }
    fragment = request.headers.get("HX-Request") and not request.headers.get("HX-Boosted")
    template = "workplace/day/body.html" if fragment else "workplace/home.html"
    return render(request, template, context)


def _today(person: Person, at: datetime, intervals: Iterable[Interval]) -> Today:
    """The plan of the day, or what is proposed, and whether it still fits."""
    known = days.ready(person.pk, at)
    plan = days.plan_within(person.pk, known.shift) if known.shift is not None else None
    proposal = days.planned(known) if plan is None else None
    return Today(
        known=known,
        plan=plan,
        slots=proposal.slots if proposal is not None else days.stands(plan) if plan else (),
        late=proposal.misfits if proposal is not None else days.still_fits(known, plan),
        edition=editions.at(at) if plan is None else None,
        running=next((row for row in intervals if not row.until_at and not row.struck_at), None),
        replanned=days.replanned(plan, at) if plan is not None else None,
    )


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
