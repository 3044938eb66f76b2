"""The days of specialists, for administrators: the plan, the timeline, and what was corrected."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from desk.oversight.models import DayPlan
from desk.oversight.queries import days, gaps
from desk.partners.models import Person, StaffMembership, StaffRole
from desk.rules.lifecycle import Actor
from desk.staff.workplace import corrections, day_shown, plan_shown
from desk.staff.workplace.plan_shown import Named
from desk.web import edge
from desk.web.access import staff_page
from desk.web.forms import Guard
from desk.workdays import queries as timeline
from desk.workdays.models import Interval

DAY = timedelta(days=1)
GAPS_SHOWN_MAX = 5


@require_safe
@staff_page(StaffRole.ADMINISTRATOR)
def index(request: HttpRequest) -> HttpResponse:
    """Everybody's line of today, and what does not fit it."""
    at = edge.now()
    people = list(_specialists())
    numbers = [person.pk for person in people]
    start = _midnight(timezone.localtime(at).date())
    known, plans = days.readies(numbers, at), days.plans_between(numbers, start, start + DAY)
    late = {number: days.still_fits(of, plans.get(number)) for number, of in known.items()}
    named = Named.of(one.subject for found in late.values() for one in found)
    rows = timeline.timelines(numbers, start, at)
    context = {
        "nobody": [
            {"people": ", ".join(gap.people), "windows": gap.windows[:GAPS_SHOWN_MAX]}
            for gap in gaps.gaps(at)[:GAPS_SHOWN_MAX]
        ],
        "people": [
            {
                "name": person.name,
                "url": reverse("workplace:person", args=[person.pk]),
                "shift": known[person.pk].shift,
                "plan": plans.get(person.pk),
                "bar": _line(rows.get(person.pk, []), known[person.pk], plans.get(person.pk)),
                "misfits": plan_shown.misfits(late[person.pk], named, Actor.ADMINISTRATOR),
            }
            for person in people
        ],
    }
    return render(request, "workplace/people.html", context)


@require_safe
@staff_page(StaffRole.ADMINISTRATOR)
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One day of one specialist."""
    who, at = _specialist(person_id), edge.now()
    on = _day(request.GET.get("on", ""), at)
    since_at, until_at = _midnight(on), _midnight(on + DAY)
    seen_at = min(at, until_at)
    rows = list(timeline.timeline(who.pk, since_at, until_at))
    counted = [row for row in rows if row.struck_at is None]
    hours = timeline.working_hours(who.pk, on)
    plan = days.plan_between(who.pk, since_at, until_at)
    slots = days.stands(plan) if plan is not None else ()
    context = {
        "person": who,
        "on": on,
        "before": on - DAY,
        "after": on + DAY if until_at <= at else None,
        "plan": plan,
        "slots": plan_shown.slots(slots),
        "bar": day_shown.line(counted, hours, slots, seen_at) if hours or counted else "",
        "gaps": day_shown.gaps(counted, hours, seen_at),
        "entries": day_shown.entries(rows, at, corrections.names(rows)),
    }
    return render(request, "workplace/person.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(StaffRole.ADMINISTRATOR)
def correct(request: HttpRequest, person_id: int, interval_id: int) -> HttpResponse:
    """Correct a row of a specialist's timeline: both stay, with author and reason."""
    who = _specialist(person_id)
    row = Interval.objects.filter(pk=interval_id, person=who).first()
    back = reverse("workplace:person", args=[who.pk])
    form = corrections.form_of(request, row)
    if row is not None and request.method == "POST" and corrections.done(request, row, form):
        return HttpResponseRedirect(back, status=HTTPStatus.SEE_OTHER)
    context: dict[str, Any] = {
        "form": form,
        "guard": Guard(),
        "entry": corrections.shown(row, edge.now()),
        "person": who,
        "back": back,
    }
    return render(request, "workplace/correct.html", context, status=corrections.status(form))


def _line(rows: list[Interval], known: days.Ready, plan: DayPlan | None) -> str:
    hours = known.shift.windows if known.shift is not None else ()
    slots = days.stands(plan) if plan is not None else ()
    counted = [row for row in rows if row.struck_at is None]
    return day_shown.line(counted, hours, slots, known.at) if hours or counted else ""


def _specialists() -> list[Person]:
    rows = StaffMembership.objects.filter(
        role=StaffRole.SPECIALIST, until_at=None, person__is_active=True
    )
    return [row.person for row in rows.select_related("person").order_by("person__name", "id")]


def _specialist(person_id: int) -> Person:
    """Somebody who is a specialist, or was: what was done stays on record."""
    rows = StaffMembership.objects.filter(role=StaffRole.SPECIALIST, person=person_id)
    found = rows.select_related("person").first()
    if found is None:
        raise Http404
    return found.person


def _day(text: str, at: datetime) -> date:
    try:
        on = date.fromisoformat(text) if text else timezone.localtime(at).date()
    except ValueError:
        raise Http404 from None
    if not timezone.localtime(at).date() - 400 * DAY <= on <= timezone.localtime(at).date():
        raise Http404
    return on


def _midnight(on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on, time()))
