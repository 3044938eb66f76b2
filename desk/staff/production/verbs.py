"""The moves that production makes: reply, estimate, supplement, log, build, confirm a defect."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from desk.journal.cause import Cause
from desk.partners.models import StaffRole
from desk.rules.lifecycle import Reason
from desk.tickets import actions
from desk.tickets.actions import Offer, Reply
from desk.web import formats, moves
from desk.web.access import staff_page
from desk.web.moves import Area, Given, Move, MoveForm

HOUR = 3600
KOPECKS = 100
OFFER_DAYS = 14
END_OF_DAY = time(18)


def _text(label: Any = None, rows: int = 4, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea({"rows": rows}), **options)


class ReplyForm(MoveForm):
    text = _text(
        gettext_lazy("Answer for the specialist"),
        help_text=gettext_lazy("Internal. A counter-question is a reply too."),
    )
    released = _text(
        gettext_lazy("What the partner may read"),
        rows=3,
        required=False,
        help_text=gettext_lazy("Sent into the conversation as it stands here."),
    )


class OfferForm(MoveForm):
    includes = _text(rows=5, help_text=gettext_lazy("What the partner gets, and what not."))
    hours_max = forms.IntegerField(
        min_value=1,
        label=gettext_lazy("Programmer hours at most"),
        help_text=gettext_lazy("No more is charged without a new approval."),
    )
    rate = forms.DecimalField(
        label=gettext_lazy("Hourly rate, UAH"),
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=2,
    )
    working_hours = forms.IntegerField(
        min_value=1,
        label=gettext_lazy("Working hours needed from approval"),
        help_text=gettext_lazy("The deadline is counted from the partner's approval."),
    )
    valid_until = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def offer(self) -> None:
        terms = self.asked.ticket.plan_version.value()
        rate = formats.money(terms.hour_price_kopecks)
        self.fields["rate"].help_text = _("Empty: the plan's rate, %(rate)s.") % {"rate": rate}
        self.initial["valid_until"] = (
            timezone.localtime(self.asked.at) + timedelta(days=OFFER_DAYS)
        ).date()


class LogForm(MoveForm):
    minutes = forms.IntegerField(min_value=1, max_value=24 * 60)
    worked_on = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    note = forms.CharField(max_length=300, required=False)

    def offer(self) -> None:
        self.initial["worked_on"] = timezone.localtime(self.asked.at).date()


class BuildForm(MoveForm):
    text = _text(
        gettext_lazy("What the specialist must know"),
        help_text=gettext_lazy("What was built and how to check it. Internal."),
    )


class DefectForm(MoveForm):
    text = _text(
        gettext_lazy("What the defect is"),
        help_text=gettext_lazy(
            "The ticket costs nothing: what is held is released, a charge reversed."
        ),
    )


class ImpossibleForm(MoveForm):
    text = _text(
        gettext_lazy("Why it is impossible"), help_text=gettext_lazy("The partner reads it.")
    )


class NoteForm(MoveForm):
    text = _text(gettext_lazy("Internal note"))


def _offer(given: Given) -> Offer:
    rate: Decimal | None = given["rate"]
    until = datetime.combine(given["valid_until"], END_OF_DAY, timezone.get_current_timezone())
    return Offer(
        hours_max=given["hours_max"],
        working_seconds=given["working_hours"] * HOUR,
        includes=given["includes"],
        valid_until=until,
        hour_kopecks=None if rate is None else int(rate * KOPECKS),
    )


def _decline(cause: Cause, ticket_id: int, given: Given) -> object:
    return actions.decline(cause, ticket_id, Reason.IMPOSSIBLE, given["text"])


def _log(cause: Cause, ticket_id: int, given: Given) -> object:
    return actions.log(cause, ticket_id, given["minutes"], given["worked_on"], given["note"])


MOVES: dict[str, Move] = {
    "reply": Move(
        lambda c, pk, g: actions.reply(c, pk, Reply(g["text"], g["released"])),
        ReplyForm,
        "r",
        "send",
        "primary",
    ),
    "estimate": Move(
        lambda c, pk, g: actions.estimate(c, pk, _offer(g)), OfferForm, "e", "receipt", "primary"
    ),
    "log": Move(_log, LogForm, "l", "clock"),
    "build": Move(lambda c, pk, g: actions.build(c, pk, g["text"]), BuildForm, "b", "package"),
    "supplement": Move(
        lambda c, pk, g: actions.supplement(c, pk, _offer(g)), OfferForm, "s", "plus"
    ),
    "confirm_defect": Move(
        lambda c, pk, g: actions.confirm_defect(c, pk, g["text"]), DefectForm, "d", "bug"
    ),
    "decline": Move(_decline, ImpossibleForm, "x", "ban"),
    "note": Move(
        lambda c, pk, g: actions.note(c, pk, g["text"], g["files"]),
        NoteForm,
        "i",
        "lock",
        files=True,
    ),
}
AREA = Area("production", MOVES)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(StaffRole.PRODUCTION)
def move(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """The form of a move, or the move itself; refused ones are answered by the middleware."""
    return moves.answer(request, number, verb, AREA)
