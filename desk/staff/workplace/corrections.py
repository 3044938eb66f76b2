"""Correcting the record: the form for a span, and who has corrected what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from desk.staff.workplace import day_shown, words
from desk.staff.workplace.forms import choice, moment
from desk.tickets import queries
from desk.tickets.actions import Incomplete
from desk.tickets.models import Ticket
from desk.web import access, edge, inputs, refusals
from desk.web.forms import DeskForm
from desk.workdays import actions as workdays
from desk.workdays.actions import Span
from desk.workdays.models import Activity, Interval

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


def form_of(request: HttpRequest, row: Interval | None) -> SpanForm:
    """The form for a row that is over and counts; `Http404` for any other."""
    if row is None or row.struck_at is not None or row.until_at is None:
        raise Http404
    return SpanForm(request.POST or None, initial=_initial(row))


def done(request: HttpRequest, row: Interval, form: SpanForm) -> bool:
    """Strike the row, or enter what was the case instead; whether it was done."""
    try:
        if "strike" in request.POST:
            cause = edge.cause(request, "workplace")
            workdays.strike(cause, row.pk, request.POST.get("reason", ""))
            return True
        if not form.is_valid():
            return False
        cause, reason = edge.cause(request, "workplace"), form.cleaned_data["reason"]
        workdays.correct(cause, row.pk, span(request, form), reason)
    except REFUSALS as error:
        refused(form, error)
        return False
    return True


def entered(request: HttpRequest, form: SpanForm) -> bool:
    """Enter late what the form says, of whoever sends it; whether it was done."""
    try:
        cause, reason = edge.cause(request, "workplace"), form.cleaned_data["reason"]
        workdays.enter(cause, edge.person(request).pk, span(request, form), reason)
    except REFUSALS as error:
        refused(form, error)
        return False
    return True


def shown(row: Interval | None, at: datetime) -> dict[str, Any]:
    assert row is not None, "the form is of a row"
    (entry,) = day_shown.entries([row], at)
    return entry


def names(rows: Iterable[Interval]) -> Mapping[str, str]:
    """The names of those who entered or struck rows, by "person:7"."""
    return queries.names_of({by for row in rows for by in (row.entered_by, row.struck_by)})


def span(request: HttpRequest, form: SpanForm) -> Span:
    """What the form says. Raises `Incomplete` for a ticket or part that is not there."""
    given = form.cleaned_data
    times: tuple[datetime, datetime] = (given["since_at"], given["until_at"])
    if given["activity"] != Activity.WORK:
        return Span(Activity(given["activity"]), *times)
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
    return Span(Activity.WORK, *times, subject, ticket.partner_id, ticket.cycle)


def _initial(row: Interval) -> dict[str, Any]:
    ticket_id = day_shown.ticket_id(row.subject)
    ticket = Ticket.objects.select_related("partner").filter(pk=ticket_id or 0).first()
    assert row.until_at is not None, "a row that is over"
    return {
        "activity": row.activity,
        "ticket": queries.number(ticket) if ticket else "",
        "part": row.subject.partition("/part:")[2],
        "since_at": timezone.localtime(row.since_at),
        "until_at": timezone.localtime(row.until_at),
    }


def refused(form: forms.Form, error: Exception) -> None:
    """Say a refusal beside its field, or above the form."""
    found = refusals.sentence(error)
    assert found is not None, "these errors have a sentence"
    name = getattr(error, "field", None)
    form.add_error(name if name in form.fields else None, found[1])


def status(form: forms.Form) -> int:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
