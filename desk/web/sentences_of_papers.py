"""Sentences for the refusals of papers, and of a month that is to be closed."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.deposits.actions import closing, papering
from desk.deposits.queries.catalogue import CompanyMissing
from desk.web import formats

CONFLICT, UNPROCESSABLE = HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY

SENTENCES: dict[type[Exception], tuple[HTTPStatus, str | Promise]] = {
    CompanyMissing: (
        CONFLICT,
        gettext_lazy("No company of ours issues papers yet: enter one in set-up first."),
    ),
    papering.NothingToAct: (
        CONFLICT,
        gettext_lazy("No charge waits for an act: an empty month gives none."),
    ),
    papering.MonthClosed: (
        CONFLICT,
        gettext_lazy("The month is closed: a paper of today belongs into the next one."),
    ),
    papering.NotCancellable: (
        CONFLICT,
        gettext_lazy("A correction is not taken back. Issue anew what it took back."),
    ),
    papering.InvoicePaid: (
        CONFLICT,
        gettext_lazy("This invoice was paid, at least in part: it is not taken back."),
    ),
    papering.NotSignable: (
        CONFLICT,
        gettext_lazy("An invoice, or a paper that was taken back, is not signed."),
    ),
    papering.SigningDayWrong: (
        UNPROCESSABLE,
        gettext_lazy("A paper is signed on the day it carries or later, and not ahead of today."),
    ),
    closing.PeriodNotOver: (CONFLICT, gettext_lazy("The month is not over yet.")),
}
POINTS: dict[str, str | Promise] = {
    "unmatched": gettext_lazy("payments are not booked"),
    "acts": gettext_lazy("acts are not issued"),
    "adjustments": gettext_lazy("corrections wait for a second person"),
    "refunds": gettext_lazy("refunds wait for a second person"),
    "figures": gettext_lazy("the figures do not agree"),
}


def of(error: Exception) -> tuple[HTTPStatus, str] | None:
    """Status and sentence of a refusal of papers, or None for what is none."""
    match error:
        case papering.AlreadyCancelled():
            said = _("This paper was taken back before, by %(number)s.")
            return CONFLICT, said % {"number": error.number}
        case closing.PeriodOutOfOrder():
            said = _("Months are closed one after the other: %(month)s is next.")
            return CONFLICT, said % {"month": formats.month(error.due_on)}
        case closing.PeriodNotReady():
            points = ", ".join(str(POINTS[point]) for point in error.points)
            return CONFLICT, _("The month stays open: %(points)s.") % {"points": points}
    known = SENTENCES.get(type(error))
    return (known[0], str(known[1])) if known else None
