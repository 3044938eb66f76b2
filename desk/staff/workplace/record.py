"""My record: entered late by hand, corrected with a reason; and my absences."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
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

DAYS_SHOWN = 14
PLANS_SHOWN_MAX = 14


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
    """All that is on record of the last two weeks, and a form for what was forgotten."""
    person, at = edge.person(request), edge.now()
    form = SpanForm(request.POST or None, initial=_span_asked(request))
    if request.method == "POST" and form.is_valid() and corrections.entered(request, form):
        return _to("workplace:record")
    since_at = at - timedelta(days=DAYS_SHOWN)
    rows = list(timeline.timeline(person.pk, since_at, at))
    rows.reverse()
    context = {
        "form": form,
        "guard": Guard(),
        "entries": day_shown.entries(rows, at, corrections.names(rows)),
        "plans": days.plans_since(person.pk, since_at)[:PLANS_SHOWN_MAX],
    }
    return render(request, "workplace/record.html", context, status=corrections.status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(StaffRole.SPECIALIST)
def correct(request: HttpRequest, interval_id: int) -> HttpResponse:
    """Strike an own row, or enter what was the case instead: both stay, with the reason."""
    row = Interval.objects.filter(pk=interval_id, person=edge.person(request)).first()
    form = corrections.form_of(request, row)
    if row is not None and request.method == "POST" and corrections.done(request, row, form):
        return _to("workplace:record")
    entry = corrections.shown(row, edge.now())
    context = {"form": form, "guard": Guard(), "entry": entry, "back": reverse("workplace:record")}
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
