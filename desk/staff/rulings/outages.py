"""Outages of ours: which there were, and an administrator's note or correction with its reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from desk.oversight.actions import outages as actions
from desk.oversight.models import Outage
from desk.oversight.queries import outages
from desk.partners.models import StaffRole
from desk.web import access, edge
from desk.web.access import staff_page
from desk.web.forms import DeskForm, Guards

MOMENT = "%Y-%m-%dT%H:%M"
WHY: dict[str, str | Promise] = {
    "ahead": gettext_lazy("An outage cannot begin or end in time to come."),
    "backwards": gettext_lazy("It must end after its beginning."),
    "too_long": gettext_lazy("An outage of more than 31 days is none."),
    "reason": gettext_lazy("Say what was out, and why it is noted or changed."),
}


class OutageForm(DeskForm):
    """When it was, in the reader's zone, and what it was."""

    since_at = forms.DateTimeField(
        label=gettext_lazy("Out since"),
        input_formats=[MOMENT],
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT),
    )
    until_at = forms.DateTimeField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("Empty as long as it lasts."),
        input_formats=[MOMENT],
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT),
    )
    note = forms.CharField(
        label=gettext_lazy("What was out, and the reason for this entry"),
        widget=forms.Textarea({"rows": 2}),
        max_length=actions.NOTE_MAX,
    )


@require_safe
@staff_page(StaffRole.ADMINISTRATOR, StaffRole.VENDOR)
def index(request: HttpRequest) -> HttpResponse:
    """All that is on record, the newest first."""
    return _index(request)


@require_POST
@staff_page(StaffRole.ADMINISTRATOR)
def note(request: HttpRequest) -> HttpResponse:
    """Put an outage on record."""
    form = OutageForm(request.POST)
    return _said(
        request,
        form,
        lambda given: actions.note_outage(
            edge.cause(request, "control"), given["since_at"], given["until_at"], given["note"]
        ),
    )


@require_POST
@staff_page(StaffRole.ADMINISTRATOR)
def correct(request: HttpRequest, outage_id: int) -> HttpResponse:
    """Give an outage other limits; what it said before stays in the journal."""
    get_object_or_404(Outage, pk=outage_id)
    form = OutageForm(request.POST, prefix=str(outage_id))
    return _said(
        request,
        form,
        lambda given: actions.correct_outage(
            edge.cause(request, "control"),
            outage_id,
            given["since_at"],
            given["until_at"],
            given["note"],
        ),
        outage_id,
    )


def _said(
    request: HttpRequest,
    form: OutageForm,
    act: Callable[[dict[str, Any]], object],
    outage_id: int | None = None,
) -> HttpResponse:
    if form.is_valid():
        try:
            act(form.cleaned_data)
        except actions.NoOutage as error:
            form.add_error(None, str(WHY[error.why]))
        else:
            messages.success(request, _("It is on record."))
            return HttpResponseRedirect(reverse("outages:index"))
    return _index(request, form, outage_id)


def _index(
    request: HttpRequest, typed: OutageForm | None = None, outage_id: int | None = None
) -> HttpResponse:
    rows = [
        {"found": row, "form": typed if row.pk == outage_id else _filled(row)}
        for row in outages.latest()[: outages.SHOWN_MAX]
    ]
    context = {
        "rows": rows,
        "form": typed if typed is not None and outage_id is None else OutageForm(),
        "may_note": StaffRole.ADMINISTRATOR in access.of(request).staff,
        "guard": Guards(),
    }
    status = 422 if typed is not None else 200
    return render(request, "rulings/outages.html", context, status=status)


def _filled(row: Outage) -> OutageForm:
    given = {"since_at": row.since_at, "until_at": row.until_at, "note": row.note}
    return OutageForm(initial=given, prefix=str(row.pk))
