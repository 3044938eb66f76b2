"""My record: entered late by hand, corrected with a reason; and my absences."""

from __future__ import annotations

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

from desk.partners.models import StaffRole
from desk.staff.workplace import day_shown, words
from desk.staff.workplace.forms import choice, moment
from desk.tickets import queries
from desk.tickets.actions import Incomplete
from desk.tickets.models import Ticket
from desk.web import access, edge, inputs, refusals
from desk.web.access import staff_page
from desk.web.forms import DeskForm, Guard
from desk.workdays import actions as workdays
from desk.workdays import queries as timeline
from desk.workdays.actions import Span
from desk.workdays.models import AbsenceKind, Activity, Interval

DAYS_SHOWN = 14
REFUSALS = (
    workdays.Overlaps,
    workdays.InFuture,
    workdays.TooLong,
    workdays.Backwards,
    workdays.ReasonMissing,
    workdays.AlreadyStruck,
    Incomplete,
)


class SpanForm(DeskForm):
    """From when to when, doing what, on which ticket."""

    activity = choice(gettext_lazy("What"))
    ticket = forms.CharField(
        label=gettext_lazy("Ticket"),
        required=False,
        max_length=30,
        help_text=gettext_lazy("Its number, as OLH-42; only for work on a ticket."),
    )
    part = forms.IntegerField(required=False, min_value=1, label=gettext_lazy("Part"))
    since_at = moment(gettext_lazy("From"))
    until_at = moment(gettext_lazy("To"))
    reason = forms.CharField(max_length=300, help_text=gettext_lazy("Kept on record."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = inputs.field_label("reason")
        activity = self.fields["activity"]
        assert isinstance(activity, forms.ChoiceField)
        activity.choices = [(each.value, words.activity_label(each)) for each in Activity]


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
    """The last two weeks on record, and a form for what was not recorded as it happened."""
    person, at = edge.person(request), edge.now()
    form = SpanForm(request.POST or None, initial={"activity": Activity.WORK})
    if request.method == "POST" and form.is_valid():
        try:
            cause, reason = edge.cause(request, "workplace"), form.cleaned_data["reason"]
            workdays.enter(cause, person.pk, _span(request, form), reason)
        except REFUSALS as error:
            _refused(form, error)
        else:
            return _to("workplace:record")
    rows = list(timeline.timeline(person.pk, at - timedelta(days=DAYS_SHOWN), at))
    rows.reverse()
    context = {"form": form, "guard": Guard(), "entries": day_shown.entries(rows, at)}
    return render(request, "workplace/record.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(StaffRole.SPECIALIST)
def correct(request: HttpRequest, interval_id: int) -> HttpResponse:
    """Strike an own row, or enter what was the case instead: both stay, with the reason."""
    row = Interval.objects.filter(pk=interval_id, person=edge.person(request)).first()
    if row is None or row.struck_at is not None or row.until_at is None:
        raise Http404
    form = SpanForm(request.POST or None, initial=_initial(row))
    if request.method == "POST" and "strike" in request.POST:
        workdays.strike(edge.cause(request, "workplace"), row.pk, request.POST.get("reason", ""))
        return _to("workplace:record")
    if request.method == "POST" and form.is_valid():
        try:
            cause, reason = edge.cause(request, "workplace"), form.cleaned_data["reason"]
            workdays.correct(cause, row.pk, _span(request, form), reason)
        except REFUSALS as error:
            _refused(form, error)
        else:
            return _to("workplace:record")
    (entry,) = day_shown.entries([row], edge.now())
    context = {"form": form, "guard": Guard(), "entry": entry}
    return render(request, "workplace/correct.html", context, status=_status(form))


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
        except REFUSALS as error:
            _refused(form, error)
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
    return render(request, "workplace/absences.html", context, status=_status(form))


@require_POST
@staff_page(StaffRole.SPECIALIST)
def withdraw(request: HttpRequest, absence_id: int) -> HttpResponse:
    """Take an own absence back."""
    if not timeline.absences_of(edge.person(request).pk).filter(pk=absence_id).exists():
        raise Http404
    workdays.withdraw_absence(edge.cause(request, "workplace"), absence_id)
    return _to("workplace:absences")


def _span(request: HttpRequest, form: SpanForm) -> Span:
    given = form.cleaned_data
    span: tuple[datetime, datetime] = (given["since_at"], given["until_at"])
    if given["activity"] != Activity.WORK:
        return Span(Activity(given["activity"]), *span)
    try:
        ticket = queries.by_number(edge.person(request), given["ticket"], access.of(request))
    except Ticket.DoesNotExist:
        raise Incomplete("ticket", "unknown_ticket") from None
    part = given["part"]
    subject = ticket.key
    if part:
        if not ticket.parts.filter(number=part).exists():
            raise Incomplete("part", "unknown")
        subject = f"{ticket.key}/part:{part}"
    return Span(Activity.WORK, *span, subject, ticket.partner_id, ticket.cycle)


def _initial(row: Interval) -> dict[str, Any]:
    ticket_id = day_shown.ticket_id(row.subject)
    ticket = Ticket.objects.select_related("partner").filter(pk=ticket_id or 0).first()
    return {
        "activity": row.activity,
        "ticket": queries.number(ticket) if ticket else "",
        "part": row.subject.partition("/part:")[2],
        "since_at": timezone.localtime(row.since_at),
        "until_at": timezone.localtime(row.until_at),
    }


def _refused(form: forms.Form, error: Exception) -> None:
    found = refusals.sentence(error)
    assert found is not None, "these errors have a sentence"
    name = getattr(error, "field", None)
    form.add_error(name if name in form.fields else None, found[1])


def _status(form: forms.Form) -> int:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def _to(name: str) -> HttpResponse:
    return HttpResponseRedirect(reverse(name), status=HTTPStatus.SEE_OTHER)
