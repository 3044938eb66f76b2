"""What the pages of payments and invoices draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from desk.deposits.queries import payments
from desk.deposits.queries.invoices import InvoiceRow
from desk.deposits.queries.payments import AllocationRow, PaymentRow, Suggestion
from desk.partners import queries as partners
from desk.rules.billing import PaidBy, Purpose
from desk.rules.matching import Hint
from desk.rules.settlement import InvoiceState
from desk.tickets import queries as tickets
from desk.web import amounts, formats
from desk.web.forms import Guard

Context = dict[str, Any]

HINTS: dict[Hint, str | Promise] = {
    Hint.NO_NUMBER: gettext_lazy("no number of an invoice in the purpose"),
    Hint.UNKNOWN_INVOICE: gettext_lazy("the invoice that it names is not known"),
    Hint.SEVERAL_NUMBERS: gettext_lazy("it names several invoices"),
    Hint.OTHER_SUM: gettext_lazy("another sum than is left of the invoice"),
    Hint.PAID_ALREADY: gettext_lazy("the invoice is paid already"),
    Hint.CANCELLED_INVOICE: gettext_lazy("the invoice was cancelled"),
    Hint.OTHER_PAYER: gettext_lazy("somebody else than the partner paid"),
    Hint.OTHER_PARTNER: gettext_lazy("the invoice is another partner's"),
}
SOURCES: dict[PaidBy, str | Promise] = {
    PaidBy.HAND: gettext_lazy("entered by hand"),
    PaidBy.STATEMENT: gettext_lazy("from a statement"),
    PaidBy.ONLINE: gettext_lazy("paid online"),
}
STATES: dict[InvoiceState, str | Promise] = {
    InvoiceState.OPEN: pgettext_lazy("invoice", "to be paid"),
    InvoiceState.PART_PAID: pgettext_lazy("invoice", "paid in part"),
    InvoiceState.PAID: pgettext_lazy("invoice", "paid"),
    InvoiceState.OVERDUE: pgettext_lazy("invoice", "overdue"),
    InvoiceState.CANCELLED: pgettext_lazy("invoice", "cancelled"),
}
TONES = {
    InvoiceState.OPEN: "accent",
    InvoiceState.PART_PAID: "soon",
    InvoiceState.PAID: "calm",
    InvoiceState.OVERDUE: "late",
    InvoiceState.CANCELLED: "",
}


@dataclass(frozen=True, slots=True)
class Button:
    """A suggestion that one press books: what it says, and what its form sends."""

    label: str
    note: str
    target: str
    amount: str


def unclear(rows: Sequence[PaymentRow]) -> list[Context]:
    """Payments to be booked, each with what it may be for."""
    offered = payments.suggested(rows)
    names = partner_names(one.partner_id for each in offered.values() for one in each)
    return [
        {
            **_payment(row, {}),
            "guard": Guard(row.version),
            "buttons": _likeliest(buttons(offered[row.id], names)),
        }
        for row in rows
    ]


def _likeliest(every: list[Button]) -> list[Button]:
    """What fits into a line of the list: the best answer, and the payer's deposit."""
    return every[:1] + every[1:][-1:]


def buttons(offered: Sequence[Suggestion], names: dict[int, str]) -> list[Button]:
    """Suggestions as buttons, the likeliest first."""
    return [_button(one, names) for one in offered]


def _button(one: Suggestion, names: dict[int, str]) -> Button:
    partner, found = names.get(one.partner_id, ""), one.invoice
    amount = amounts.written(one.kopecks)
    if found is None:
        label = _("To the deposit: %(partner)s") % {"partner": partner}
        return Button(label, "", f"deposit:{one.partner_id}", amount)
    label = _("Invoice %(number)s · %(partner)s") % {"number": found.number, "partner": partner}
    left = formats.money(found.left_kopecks)
    note = _("%(sum)s is to be paid") % {"sum": left}
    if one.kopecks > found.left_kopecks:
        over = formats.money(one.kopecks - found.left_kopecks)
        note = _("%(sum)s is to be paid, %(over)s stays money") % {"sum": left, "over": over}
    return Button(label, note, f"invoice:{found.id}", amount)


def listed(rows: Sequence[PaymentRow]) -> list[Context]:
    """Payments as lines of the list."""
    names = partner_names(row.partner_id for row in rows)
    return [_payment(row, names) for row in rows]


def _payment(row: PaymentRow, names: dict[int, str]) -> Context:
    return {
        "id": row.id,
        "url": reverse("accounting:payment", args=[row.id]),
        "paid_on": row.paid_on,
        "amount": row.amount_kopecks,
        "left": row.left_kopecks,
        "is_part": 0 < row.left_kopecks < row.amount_kopecks,
        "payer": row.payer_name or _("Payer not named"),
        "payer_code": row.payer_code,
        "payer_iban": row.payer_iban,
        "purpose": row.purpose,
        "reference": row.reference,
        "source": str(SOURCES[row.source]),
        "hint": _why(row) if row.is_unclear else "",
        "is_unclear": row.is_unclear,
        "partner": names.get(row.partner_id or 0, ""),
        "returned_at": row.returned_at,
        "returned_why": row.returned_why,
    }


def _why(row: PaymentRow) -> str:
    """Why a payment waits for a person; one without a hint was left by an import cut short."""
    if row.hint is not None:
        return hint(row.hint)
    if row.left_kopecks < row.amount_kopecks:
        return _("a part of it is not booked yet")
    return _("its import was cut short before it was booked")


def hint(found: Hint) -> str:
    """Why it is not certain what a payment is for."""
    return str(HINTS[found])


def payment(row: PaymentRow) -> Context:
    """One payment, with who entered it and who sent it back."""
    names = tickets.names_of([row.by, row.returned_by])
    return {
        **_payment(row, partner_names([row.partner_id])),
        "at": row.at,
        "by": names.get(row.by, ""),
        "returned_by": names.get(row.returned_by, ""),
    }


def allocations(rows: Sequence[AllocationRow]) -> list[Context]:
    """What was booked, by whom."""
    people = tickets.names_of([row.by for row in rows])
    names = partner_names(row.partner_id for row in rows)
    return [
        {
            "number": row.number,
            "invoice_url": reverse("accounting:invoice", args=[row.invoice_id])
            if row.invoice_id
            else "",
            "payment_url": reverse("accounting:payment", args=[row.payment_id]),
            "paid_on": row.paid_on,
            "partner": names.get(row.partner_id, ""),
            "partner_url": reverse("accounting:partner", args=[row.partner_id]),
            "amount": row.amount_kopecks,
            "at": row.at,
            "by": people.get(row.by, ""),
        }
        for row in rows
    ]


def invoice_lines(rows: Sequence[InvoiceRow], on: date) -> list[Context]:
    """Invoices as lines of the list."""
    names = partner_names(row.partner_id for row in rows)
    return [invoice(row, on, names) for row in rows]


def invoice(row: InvoiceRow, on: date, names: dict[int, str]) -> Context:
    """One invoice in words."""
    state = row.state(on)
    return {
        "id": row.id,
        "number": row.number,
        "url": reverse("accounting:invoice", args=[row.id]),
        "partner": names.get(row.partner_id, ""),
        "partner_url": reverse("accounting:partner", args=[row.partner_id]),
        "what": _what(row),
        "issued_on": row.issued_on,
        "due_on": row.due_on,
        "total": row.total_kopecks,
        "paid": row.paid_kopecks,
        "left": row.left_kopecks,
        "over": max(0, row.paid_kopecks - row.total_kopecks),
        "bought": row.bought,
        "quantity": row.quantity,
        "state": str(STATES[state]),
        "tone": TONES[state],
        "is_cancellable": row.is_open and not row.paid_kopecks,
        "pdf_url": reverse("accounting:invoice_pdf", args=[row.id]),
        "xlsx_url": reverse("accounting:invoice_xlsx", args=[row.id]),
    }


def _what(row: InvoiceRow) -> str:
    if row.purpose is Purpose.MONEY:
        return _("Money of the deposit")
    said = formats.units(row.quantity)
    if row.bonus:
        return _("%(units)s and %(bonus)s as a bonus") % {"units": said, "bonus": row.bonus}
    return said


def partner_names(ids: Iterable[int | None]) -> dict[int, str]:
    """Names of partners, one query."""
    wanted = {one for one in ids if one is not None}
    return {row.pk: row.name for row in partners.partners_among(wanted)} if wanted else {}


def states(current: str, base: str) -> list[Context]:
    """The choice of invoices by their state."""
    every: list[tuple[str, str]] = [("", _("all"))]
    every += [(state.value, str(STATES[state])) for state in InvoiceState]
    return [
        {
            "label": label,
            "url": f"{base}?state={value}" if value else base,
            "current": value == current,
            "count": 0,
        }
        for value, label in every
    ]
