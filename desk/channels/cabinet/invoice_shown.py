"""An invoice as the cabinet draws it: its state, and everything that a payment needs, to copy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from desk.channels.cabinet import online
from desk.deposits.printing import payment_purpose
from desk.deposits.queries import papers
from desk.deposits.queries.invoices import InvoiceRow
from desk.partners import queries as partners
from desk.rules.billing import Purpose
from desk.rules.settlement import InvoiceState
from desk.web import amounts, formats

Context = dict[str, Any]
TONES = {
    InvoiceState.OPEN: "soon",
    InvoiceState.PART_PAID: "soon",
    InvoiceState.OVERDUE: "late",
    InvoiceState.PAID: "calm",
    InvoiceState.CANCELLED: "standing",
}


def state_label(state: InvoiceState) -> str:
    """An invoice's state in words."""
    return {
        InvoiceState.OPEN: pgettext("invoice", "to be paid"),
        InvoiceState.PART_PAID: pgettext("invoice", "paid in part"),
        InvoiceState.OVERDUE: pgettext("invoice", "overdue"),
        InvoiceState.PAID: pgettext("invoice", "paid"),
        InvoiceState.CANCELLED: pgettext("invoice", "cancelled"),
    }[state]


def line(row: InvoiceRow, at: datetime) -> Context:
    """An invoice in a list."""
    state = row.state(partners.today(at))
    return {
        "id": row.id,
        "number": row.number,
        "url": reverse("cabinet:invoice", args=[row.id]),
        "issued_on": row.issued_on,
        "due_on": row.due_on,
        "what": what(row),
        "total": formats.money(row.total_kopecks),
        "left": formats.money(row.left_kopecks) if row.left_kopecks else "",
        "state": state.value,
        "state_label": state_label(state),
        "tone": TONES[state],
        "is_open": row.is_open,
        "is_part_paid": bool(row.is_open and row.paid_kopecks),
    }


def page(row: InvoiceRow, at: datetime) -> Context:
    """The page of an invoice."""
    content = papers.paper(row.id).content
    seller = content["seller"]
    return {
        "invoice": line(row, at),
        "paid": formats.money(row.paid_kopecks) if row.paid_kopecks else "",
        "bought": formats.units(row.bought) if row.bought else "",
        "bonus": formats.units(row.bonus) if row.bonus else "",
        "details": [
            (_("Recipient"), seller["legal_name"]),
            (_("Code"), seller["code"]),
            ("IBAN", seller["iban"]),
            (_("Bank"), seller["bank"]),
            (_("Sum, UAH"), amounts.written(row.left_kopecks or row.total_kopecks)),
        ],
        "purpose": payment_purpose(content),
        "ways": online.ways(row) if row.is_open else [],
    }


def what(row: InvoiceRow) -> str:
    """What an invoice is for."""
    if row.purpose is Purpose.MONEY:
        return _("Money for customisations")
    return formats.units(row.quantity + row.bonus)
