"""My record: entered late by hand, corrected with a reason; and my absences."""

from __future__ import annotations

import contextlib
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from desk.oversight.queries import days
from desk.partners.models import StaffRole
from desk.staff.workplace import corrections, day_shown, words
from desk.staff.workplace.corrections import SpanForm
from desk.staff.workplace.forms import choice, moment
from desk.web import edge
from desk.web.access import staff_page
from desk.web.forms import DeskForm, Guard
from desk.workdays import actions as workdays
from desk.workdays import queries as timeline
from desk.workdays.models import AbsenceKind, Activity, Interval

DAY = timedelta(days=1)


class AbsenceForm(DeskForm):
    """Away from one moment to another."""

    kind = choice(gettext_lazy("Kind"))
    since_at = moment(gettext_lazy("From"))
    until_at = moment(gettext_lazy("To"))
    note = forms.CharField(max_length=300, required=False, label=gettext_lazy("Note"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [(each.value, words.absence_label(each)) for each in AbsenceKind]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(StaffRole.SPECIALIST)
def entries(request: HttpRequest) -> HttpResponse:
    """What is on record of one day, the last one first, and a form for what was forgotten."""
    form = SpanForm(request.POST or None, initial=_span_asked(request))
    if request.method == "POST" and form.is_valid() and corrections.entered(request, form):
        return _to_day(form.cleaned_data["since_at"])
    context = {"form": form, "guard": Guard(), **_day(request)}
    return render(request, "workplace/record.html", context, status=corrections.status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(StaffRole.SPECIALIST)
def correct(request: HttpRequest, interval_id: int) -> HttpResponse:
    """Strike an own row, or enter what was the case instead: both stay, with the reason."""
    row = Interval.objects.filter(pk=interval_id, person=edge.person(request)).first()
    form = corrections.form_of(request, row)
    if row is not None and request.method == "POST" and corrections.done(request, row, form):
        return _to_day(row.since_at)
    entry = corrections.shown(row, edge.now())
    back = _url_of(row.since_at) if row is not None else reverse("workplace:record")
    context = {"form": form, "guard": Guard(), "entry": entry, "back": back}
    return render(request, "workplace/correct.html", context, status=corrections.status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(StaffRole.SPECIALIST)
def absences(request: HttpRequest) -> HttpResponse:
    """My absences: note one, take one back. What is open goes to the cover meanwhile."""
    person, form = edge.person(request), AbsenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            workdays.note_absence(
                edge.cause(request, "workplace"),
                person.pk,
                AbsenceKind(given["kind"]),
                given["since_at"],
                given["until_at"],
                given["note"],
            )
        except corrections.REFUSALS as error:
            corrections.refused(form, error)
        else:
            return _to("workplace:absences")
    now = edge.now()
    rows = [
        {
            "id": row.pk,
            "kind": words.absence_label(row.kind),
            "since_at": row.since_at,
            "until_at": row.until_at,
            "note": row.note,
            "withdrawn_at": row.withdrawn_at,
            "may_withdraw": row.withdrawn_at is None and row.until_at > now,
        }
        for row in timeline.absences_of(person.pk)[:50]
    ]
    context = {"form": form, "guard": Guard(), "absences": rows}
    return render(request, "workplace/absences.html", context, status=corrections.status(form))


@require_POST
@staff_page(StaffRole.SPECIALIST)
def withdraw(request: HttpRequest, absence_id: int) -> HttpResponse:
    """Take an own absence back."""
    if not timeline.absences_of(edge.person(request).pk).filter(pk=absence_id).exists():
        raise Http404
    workdays.withdraw_absence(edge.cause(request, "workplace"), absence_id)
    return _to("workplace:absences")


def _day(request: HttpRequest) -> dict[str, Any]:
    """The day that is asked for, or the last one on record; and the next ones that hold anything
    before and after it. A row belongs to the day on which it begins."""
    person, at = edge.person(request), edge.now()
    known = Interval.objects.filter(person=person)
    newest = known.order_by("-since_at").first()
    on = _on(request) or timezone.localtime(newest.since_at if newest else at).date()
    since_at, until_at = _midnight(on), _midnight(on + DAY)
    rows = list(known.filter(since_at__gte=since_at, since_at__lt=until_at).order_by("-since_at"))
    older = known.filter(since_at__lt=since_at).order_by("-since_at").first()
    newer = known.filter(since_at__gte=until_at).order_by("since_at").first()
    return {
        "on": on,
        "entries": day_shown.entries(rows, at, corrections.names(rows)),
        "worked": day_shown.worked((row for row in rows if row.struck_at is None), at),
        "plan": days.plan_between(person.pk, since_at, until_at),
        "older": {"at": older.since_at, "url": _url_of(older.since_at)} if older else None,
        "newer": {"at": newer.since_at, "url": _url_of(newer.since_at)} if newer else None,
    }


def _on(request: HttpRequest) -> date | None:
    """The day of the address; None where it names none that has a next one."""
    try:
        on = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return None
    return on if date.min.year < on.year < date.max.year else None


def _midnight(on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on, time()))


def _url_of(at: datetime) -> str:
    """The page of the day of a moment."""
    return f"{reverse('workplace:record')}?on={timezone.localtime(at).date().isoformat()}"


def _to_day(at: datetime) -> HttpResponse:
    return HttpResponseRedirect(_url_of(at), status=HTTPStatus.SEE_OTHER)


def _span_asked(request: HttpRequest) -> dict[str, Any]:
    """What the form begins with: a gap of the day, where one leads here."""
    found: dict[str, Any] = {"activity": Activity.WORK}
    for field, name in (("since_at", "since"), ("until_at", "until")):
        with contextlib.suppress(ValueError, OverflowError):
            at = datetime.fromisoformat(request.GET.get(name, ""))
            found[field] = timezone.localtime(at) if timezone.is_aware(at) else at
    return found


def _to(name: str) -> HttpResponse:
    return HttpResponseRedirect(reverse(name), status=HTTPStatus.SEE_OTHER)
