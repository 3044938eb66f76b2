"""What waits for the accountant, oldest first, and the deposits of all partners by pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, Q
from django.db.models.functions import Coalesce

from desk.deposits.models import Invoice, Paper
from desk.deposits.queries.invoices import InvoiceRow, invoice_row
from desk.deposits.queries.papers import PaperRow, row_of
from desk.deposits.values import Balance
from desk.partners.models import Partner
from desk.rules.billing import PaperKind

QUEUE_MAX = 100
PAGE_MAX = 50


@dataclass(frozen=True, slots=True)
class PartnerDeposit:
    """A partner with the deposit."""

    partner_id: int
    name: str
    code: str
    balance: Balance


@dataclass(frozen=True, slots=True)
class DepositsPage:
    """A page of partners, the lowest deposit first; `cursor` is "" on the last one."""

    rows: tuple[PartnerDeposit, ...]
    cursor: str


def unsigned_acts(most: int = QUEUE_MAX) -> list[PaperRow]:
    """Acts in force that have not come back signed, the oldest first."""
    rows = Paper.objects.filter(
        kind=PaperKind.ACT, signing__isnull=True, cancelled_by__isnull=True
    ).select_related("signing", "cancelled_by")
    return [row_of(row) for row in rows.order_by("issued_on", "id")[:most]]


def overdue_invoices(on: date, most: int = QUEUE_MAX) -> list[InvoiceRow]:
    """Invoices whose day has passed without all their money, the oldest first."""
    rows = Invoice.objects.filter(
        paid_at__isnull=True, cancelled_at__isnull=True, due_on__lt=on
    ).select_related("paper")
    return [invoice_row(row) for row in rows.order_by("due_on", "pk")[:most]]


def deposits(text: str = "", cursor: str = "", most: int = PAGE_MAX) -> DepositsPage:
    """Partners whose name or code contains the text, the lowest deposit first."""
    available = Coalesce("deposit__consultations_available", 0, output_field=BigIntegerField())
    rows = Partner.objects.annotate(available=available)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(code__icontains=text))
    if after := _after(cursor):
        units, number = after
        rows = rows.filter(Q(available__gt=units) | Q(available=units, pk__gt=number))
    columns = (
        "pk",
        "name",
        "code",
        "available",
        Coalesce("deposit__consultations_held", 0, output_field=BigIntegerField()),
        Coalesce("deposit__money_available_kopecks", 0, output_field=BigIntegerField()),
        Coalesce("deposit__money_held_kopecks", 0, output_field=BigIntegerField()),
    )
    found = [
        PartnerDeposit(pk, name, code, Balance(*balance))
        for pk, name, code, *balance in rows.order_by("available", "pk").values_list(*columns)[
            : most + 1
        ]
    ]
    page = tuple(found[:most])
    if len(found) <= most:
        return DepositsPage(page, "")
    last = page[-1]
    return DepositsPage(page, f"{last.balance.consultations_available}_{last.partner_id}")


def _after(cursor: str) -> tuple[int, int] | None:
    """Where the last page ended; None for the first one, and for what is no cursor."""
    units, _, number = cursor.partition("_")
    try:
        return int(units[:18]), int(number[:18])
    except ValueError:
        return None
