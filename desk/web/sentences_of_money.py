"""Sentences for the refusals of invoices, payments and bank statements."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.deposits.actions import catalogue, importing, invoicing, paying
from desk.rules.bank import Refusal, StatementRefused
from desk.rules.bank_mapping import MappingWrong
from desk.web import formats

CONFLICT, UNPROCESSABLE = HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY

SENTENCES: dict[type[Exception], tuple[HTTPStatus, str | Promise]] = {
    catalogue.CompanyNameTaken: (
        CONFLICT,
        gettext_lazy("Another company has this name in the desk. Choose another one."),
    ),
    catalogue.DefaultNeeded: (
        CONFLICT,
        gettext_lazy("One company has to sell by default. Make another one the default first."),
    ),
    catalogue.PackEnded: (CONFLICT, gettext_lazy("This pack is offered no more already.")),
    invoicing.ContractMissing: (
        CONFLICT,
        gettext_lazy(
            "The partner's details and contract are not entered yet; an invoice prints them."
        ),
    ),
    invoicing.OrderWrong: (
        UNPROCESSABLE,
        gettext_lazy("Choose a pack that is offered today, a quantity, or a sum within the limit."),
    ),
    paying.DayWrong: (
        UNPROCESSABLE,
        gettext_lazy("The day of a payment lies neither ahead nor years back."),
    ),
    paying.PaymentMoved: (
        CONFLICT,
        gettext_lazy(
            "Somebody booked this payment while you were looking at it. Look at it again."
        ),
    ),
    paying.InvoiceClosed: (
        CONFLICT,
        gettext_lazy(
            "This invoice is paid or cancelled. Book the money to the deposit, or send it back."
        ),
    ),
    paying.OtherCompany: (
        CONFLICT,
        gettext_lazy("The money came to another company than the one that issued this invoice."),
    ),
    paying.WhyMissing: (UNPROCESSABLE, gettext_lazy("Say why the money goes back.")),
    importing.NothingNew: (
        CONFLICT,
        gettext_lazy("Nothing is new in this file: its rows were imported before."),
    ),
    importing.MappingNameTaken: (
        CONFLICT,
        gettext_lazy("Another mapping has this name. Choose another one."),
    ),
}
REFUSALS: dict[Refusal, str | Promise] = {
    Refusal.EMPTY: gettext_lazy("The file is empty."),
    Refusal.TOO_LARGE: gettext_lazy(
        "The file is larger than %(detail)s MB. Take a shorter period."
    ),
    Refusal.TOO_MANY_ROWS: gettext_lazy(
        "The file has more than %(detail)s rows. Take a shorter period."
    ),
    Refusal.WORKBOOK: gettext_lazy("This is a workbook of Excel. Export the statement as CSV."),
    Refusal.BINARY: gettext_lazy("This is no text. Export the statement as CSV."),
    Refusal.ENCODING: gettext_lazy(
        "The letters are written in another encoding than this bank is described with. "
        "Choose the right bank, or mend its description."
    ),
    Refusal.NOT_CSV: gettext_lazy("This is no CSV: a cell never ends. Check delimiter and quotes."),
    Refusal.COLUMNS: gettext_lazy("These columns are not in the file: %(detail)s."),
}
# What of a mapping cannot work, by the name of its part.
WRONG_PARTS: dict[str, str | Promise] = {
    "date": gettext_lazy("Name the column of the day."),
    "amount": gettext_lazy("Name the column of the sum, or that of what came in: one of them."),
    "header": gettext_lazy("Without a heading columns are named by their place: #1, #2."),
    "date_formats": gettext_lazy("Choose how days are written."),
}


def of(error: Exception) -> tuple[HTTPStatus, str] | None:
    """Status and sentence of a refusal of money, or None for what is none."""
    match error:
        case invoicing.TooManyOpen():
            return CONFLICT, _(
                "%(count)s invoices wait for money already. Pay or cancel one of them first."
            ) % {"count": error.most}
        case paying.PeriodClosed():
            return CONFLICT, _(
                "%(month)s is closed. Book the payment on a day of an open month."
            ) % {"month": formats.month(error.first_on)}
        case paying.MoreThanPaid():
            return CONFLICT, _("Only %(sum)s is left of this payment.") % {
                "sum": formats.money(error.left_kopecks)
            }
        case StatementRefused():
            return UNPROCESSABLE, str(REFUSALS[error.why]) % {"detail": error.detail}
        case MappingWrong():
            said = WRONG_PARTS.get(error.field, _("The mapping cannot work like this."))
            return UNPROCESSABLE, str(said)
    known = SENTENCES.get(type(error))
    return (known[0], str(known[1])) if known else None
