"""What a partner sees of the desk beside tickets: projects, hours, work on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from desk.channels.cabinet import calendars, months, shown
from desk.partners import queries as partners
from desk.partners.models import Person, ProjectState
from desk.partners.queries import Held
from desk.tickets import queries
from desk.web import access, edge, labels
from desk.web.access import partner_page
from desk.workdays import queries as workdays
from desk.workdays.queries import OnRecord

Context = dict[str, Any]
ABSENCES_AHEAD = timedelta(days=60)
TONES = {ProjectState.WAITING: "soon", ProjectState.ACTIVE: "calm"}


@require_safe
@partner_page()
def projects(request: HttpRequest) -> HttpResponse:
    """The partner's projects with who leads and covers them; those that wait say so."""
    held = partners.projects_of(access.partner_id(request))
    ordered = sorted(held, key=lambda one: one.project.state == ProjectState.ARCHIVED)
    context = {
        "projects": [_project(one) for one in ordered],
        "may_submit": shown.may_submit(request),
    }
    return render(request, "cabinet/projects.html", context)


def _project(one: Held) -> Context:
    project = one.project
    return {
        "id": project.pk,
        "name": project.name,
        "client": project.client,
        "address": project.address,
        "state": labels.project_state_label(project.state),
        "tone": TONES.get(ProjectState(project.state), ""),
        "is_waiting": project.state == ProjectState.WAITING,
        "is_open": project.state != ProjectState.ARCHIVED,
        "lead": one.lead.name if one.lead else "",
        "cover": one.cover.name if one.cover else "",
    }


@require_safe
@partner_page()
def hours(request: HttpRequest) -> HttpResponse:
    """The desk's working calendar, and the hours of the partner's own specialists."""
    partner_id, at = access.partner_id(request), edge.now()
    plan = partners.partner_plan(partner_id, at)
    calendar = partners.calendar_version(plan.calendar_id, at).value()
    context = {
        "hours": calendars.text_at(calendar, at),
        "zone": calendar.timezone,
        "zone_note": calendars.zone_note(calendar.timezone, at),
        "week": calendars.week(calendar, at),
        "exceptions": calendars.exceptions(calendar, at),
        "people": _people(partner_id, at),
        "terms": plan.value(),
    }
    return render(request, "cabinet/hours.html", context)


def _people(partner_id: int, at: datetime) -> list[Context]:
    """Leads and covers of the partner's projects, each once: hours of their own, absences."""
    roles: dict[Person, set[str]] = defaultdict(set)
    for held in partners.projects_of(partner_id):
        for role, person in (("lead", held.lead), ("cover", held.cover)):
            if person is not None:
                roles[person].add(labels.role_label(role))
    own = workdays.own_schedules([person.pk for person in roles], at)
    away = defaultdict(list)
    for absence in workdays.absences_between(at, at + ABSENCES_AHEAD):
        away[absence.person_id].append(absence)
    return [
        {
            "name": person.name,
            "role": ", ".join(sorted(held)),
            "week": calendars.week(own[person.pk], at) if person.pk in own else [],
            "zone": own[person.pk].timezone if person.pk in own else "",
            "absences": away[person.pk],
        }
        for person, held in sorted(roles.items(), key=lambda pair: pair[0].name)
    ]


@require_safe
@partner_page()
def work(request: HttpRequest) -> HttpResponse:
    """The time that our people worked for the partner, by ticket and person (spec 1, 5)."""
    partner_id, at = access.partner_id(request), edge.now()
    month = months.month(request.GET.get("month", ""), at)
    found = workdays.on_record(partner_id, month.first_at, min(month.until_at, at))
    rows = _rows(request, found)
    context = {
        "rows": rows,
        "month": month,
        "sum_seconds": sum(row["seconds"] for row in rows),
        "live": f"partner:{partner_id}",
    }
    return render(request, "cabinet/work.html", context)


def _rows(request: HttpRequest, found: Iterable[OnRecord]) -> list[Context]:
    """One row per ticket and person, of the tickets that the reader may see."""
    sums: dict[tuple[int, str], list[OnRecord]] = defaultdict(list)
    for record in found:
        kind, _sep, number = record.subject.partition("/")[0].partition(":")
        if kind == "ticket" and number.isdigit():
            sums[int(number), record.person].append(record)
    visible = queries.visible_to(edge.person(request), access.of(request))
    tickets = visible.select_related("partner").in_bulk({ticket_id for ticket_id, _ in sums})
    return [
        {
            "number": queries.number(tickets[ticket_id]),
            "subject": tickets[ticket_id].subject,
            "url": reverse("cabinet:ticket", args=[queries.number(tickets[ticket_id])]),
            "person": person,
            "seconds": sum(record.seconds for record in records),
            "first_at": min(record.first_at for record in records),
            "last_at": max(record.last_at for record in records),
        }
        for (ticket_id, person), records in sums.items()
        if ticket_id in tickets
    ]
