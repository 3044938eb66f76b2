"""Noting an absence with a look at what it would do: one's own, or anybody's for administrators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from desk.oversight.queries import absences
from desk.partners import queries as held
from desk.partners.models import Person, StaffRole
from desk.staff.capacity import shown
from desk.web import edge, sentences
from desk.web.access import staff_page
from desk.web.forms import Guard
from desk.workdays import actions as workdays
from desk.workdays.models import AbsenceKind

Context = dict[str, Any]
KINDS = tuple(AbsenceKind.values)
REFUSED = (workdays.Overlaps, workdays.Backwards, workdays.TooLong)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed: with an error where it cannot be looked at yet."""

    person: Person | None
    kind: str
    since: str
    until: str
    note: str
    error: str = ""

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        since_at, until_at = _moment(self.since), _moment(self.until)
        if since_at is None or until_at is None or since_at >= until_at:
            return None
        return since_at, until_at


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(StaffRole.SPECIALIST)
def own(request: HttpRequest) -> HttpResponse:
    """One's own absence: look first, then note it."""
    return _answer(request, [edge.person(request)], "own_capacity")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(StaffRole.ADMINISTRATOR, StaffRole.VENDOR)
def anybodys(request: HttpRequest) -> HttpResponse:
    """A specialist's absence: look first, then note it."""
    return _answer(request, [load.person for load in held.specialists()], "capacity")


def _answer(request: HttpRequest, people: list[Person], area: str) -> HttpResponse:
    if request.method != "POST":
        asked = _asked(request.GET, people)
        return _page(request, asked, people, area)
    asked = _asked(request.POST, people)
    span = asked.span
    if asked.person is None or asked.kind not in KINDS or span is None:
        missing = _("Say who is absent, from when, and until when: the end comes after the start.")
        return _refused(request, asked, people, area, missing)
    channel = "workplace" if area == "own_capacity" else "control"
    try:
        cause, kind = edge.cause(request, channel), AbsenceKind(asked.kind)
        row = workdays.note_absence(cause, asked.person.pk, kind, *span, asked.note)
    except REFUSED as error:
        told = sentences.of(error)
        return _refused(request, asked, people, area, told[1] if told else "")
    messages.success(request, _("The absence is noted, and whoever stands in is told."))
    return HttpResponseRedirect(reverse("own_capacity:absence", args=[row.pk]))


def _refused(
    request: HttpRequest, asked: Asked, people: list[Person], area: str, error: str
) -> HttpResponse:
    again = Asked(asked.person, asked.kind, asked.since, asked.until, asked.note, error)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return _page(request, again, people, area, status)


def _page(
    request: HttpRequest,
    asked: Asked,
    people: list[Person],
    area: str,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    at = edge.now()
    span = asked.span
    found = None
    if asked.person is not None and span is not None:
        found = absences.preview(asked.person, span, at)
    tomorrow = timezone.localtime(at) + timedelta(days=1)
    context: Context = {
        "asked": asked,
        "people": people,
        "kinds": KINDS,
        "is_own": area == "own_capacity",
        "action": reverse(f"{area}:note"),
        "first": f"{tomorrow:%Y-%m-%d}T09:00",
        "preview": found,
        "tickets": [shown.row(line) for line in found.tickets] if found else [],
        "findings": [shown.finding(one) for one in found.findings] if found else [],
        "guard": Guard(),
    }
    return render(request, "capacity/note.html", context, status=status)


def _asked(sent: Any, people: list[Person]) -> Asked:
    by_id = {str(person.pk): person for person in people}
    person = people[0] if len(people) == 1 else by_id.get(sent.get("person", ""))
    return Asked(
        person,
        sent.get("kind", "vacation"),
        sent.get("since", ""),
        sent.get("until", ""),
        sent.get("note", ""),
    )


def _moment(text: str) -> datetime | None:
    try:
        return timezone.make_aware(datetime.fromisoformat(text))
    except ValueError:
        return None
