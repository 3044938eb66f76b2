"""Reading invoices: what is to be paid, what was, and which of them a payment may be for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Q, QuerySet

from desk.deposits.models import Contract, Invoice
from desk.rules import matching, settlement
from desk.rules.billing import Purpose
from desk.rules.matching import Candidate
from desk.rules.settlement import Due, InvoiceState

LIST_MAX = 200
PAGE_MAX = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRow:
    """An invoice, with what was paid of it. `id` is its paper's; `bought`: units, of `quantity`."""

    id: int
    number: str
    partner_id: int
    company_id: int
    purpose: Purpose
    pack_id: int | None
    quantity: int
    bonus: int
    unit_price_kopecks: int
    total_kopecks: int
    validity_days: int | None
    subject: str
    issued_on: date
    issued_at: datetime
    due_on: date
    paid_kopecks: int
    bought: int
    paid_at: datetime | None
    cancelled_at: datetime | None

    @property
    def due(self) -> Due:
        """The invoice as arithmetic."""
        return Due(
            self.quantity,
            self.unit_price_kopecks,
            self.total_kopecks,
            self.paid_kopecks,
            self.bought,
        )

    @property
    def left_kopecks(self) -> int:
        """What is still to be paid; nothing of a cancelled one."""
        return 0 if self.cancelled_at else self.due.left_kopecks

    @property
    def is_open(self) -> bool:
        """Whether it waits for money."""
        return self.left_kopecks > 0

    def state(self, on: date) -> InvoiceState:
        """How it stands on a day."""
        cancelled = self.cancelled_at is not None
        return settlement.state(self.due_on, on, self.due, cancelled=cancelled)


@dataclass(frozen=True, slots=True)
class Sought:
    """A choice of invoices: of a partner, of a company, in a state on a day, by number."""

    partner_id: int | None = None
    company_id: int | None = None
    state: InvoiceState | None = None
    on: date | None = None
    number: str = ""


def invoice(invoice_id: int, partner_id: int | None = None) -> InvoiceRow:
    """One invoice; `Invoice.DoesNotExist`, also when it is another partner's."""
    rows = _rows()
    if partner_id is not None:
        rows = rows.filter(partner_id=partner_id)
    return invoice_row(rows.get(pk=invoice_id))


def invoices(sought: Sought, before: int | None = None, most: int = PAGE_MAX) -> list[InvoiceRow]:
    """Invoices, the latest first. `before`: the last one that was seen."""
    rows = _rows().filter(_choice(sought))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [invoice_row(row) for row in rows.order_by("-pk")[:most]]


def open_invoices(partner_id: int) -> list[InvoiceRow]:
    """What the partner still has to pay, the oldest first."""
    rows = _rows().filter(partner_id=partner_id).filter(_is_open())
    return [invoice_row(row) for row in rows.order_by("pk")[:LIST_MAX]]


def numbers(ids: Collection[int]) -> dict[int, str]:
    """The numbers of invoices."""
    rows = Invoice.objects.filter(pk__in=ids).values_list("pk", "paper__number")
    return dict(rows)


def open_count(partner_id: int) -> int:
    """How many invoices of the partner wait for money."""
    return Invoice.objects.filter(partner_id=partner_id).filter(_is_open()).count()


def payable(
    ids: Collection[int], partner_ids: Collection[int], sums: Collection[int]
) -> list[InvoiceRow]:
    """Open invoices that are named, of these partners, or of which exactly such a sum is left."""
    rows = _rows().filter(_is_open()).annotate(left=F("total_kopecks") - F("paid_kopecks"))
    fits = Q(pk__in=ids) | Q(partner_id__in=partner_ids) | Q(left__in=sums)
    return [invoice_row(row) for row in rows.filter(fits).order_by("pk")[:LIST_MAX]]


def by_number(company_id: int, text: str) -> InvoiceRow | None:
    """The company's invoice that a person means: its number, or the end of it where only one
    invoice has that end."""
    rows = _rows().filter(company_id=company_id)
    found = rows.filter(paper__number__iexact=text.strip()).first()
    if found is None:
        known = rows.filter(paper__sequence__in=figures(text)).order_by("-pk")[:LIST_MAX]
        fits = [row for row in known if _means(text, row)]
        found = fits[0] if len(fits) == 1 else None
    return invoice_row(found) if found else None


def _means(text: str, row: Invoice) -> bool:
    digits = text.strip()
    if digits.isascii() and digits.isdigit():
        return int(digits) == row.paper.sequence
    return matching.is_whole(text, row.paper.number)


def candidates_of(
    company_id: int, said: Sequence[tuple[str, date]]
) -> dict[tuple[int, int], list[Candidate]]:
    """Invoices by their last figure and year, that any of the purposes of a day may name."""
    every = {one for purpose, _ in said for one in figures(purpose)}
    found: dict[tuple[int, int], list[Candidate]] = defaultdict(list)
    for one in candidates(company_id, every, {y for _, on in said for y in years(on)}):
        found[one.sequence, one.year].append(one)
    return found


def near(
    known: Mapping[tuple[int, int], list[Candidate]], purpose: str, paid_on: date
) -> list[Candidate]:
    """Those of the invoices that this purpose may name."""
    return [
        one
        for figure in figures(purpose)
        for year in years(paid_on)
        for one in known.get((figure, year), ())
    ]


def candidates(
    company_id: int, figures: Collection[int], years: Collection[int]
) -> list[Candidate]:
    """Invoices whose number ends with one of the figures, in the series of the years."""
    if not figures:
        return []
    rows = Invoice.objects.filter(
        paper__company_id=company_id,
        paper__kind="invoice",
        paper__year__in=years,
        paper__sequence__in=figures,
    ).select_related("paper")
    return as_candidates(list(rows))


def as_candidates(rows: Collection[Invoice]) -> list[Candidate]:
    """Invoices as the rules of matching look at them."""
    codes = dict(
        Contract.objects.filter(partner_id__in={row.partner_id for row in rows}).values_list(
            "partner_id", "code"
        )
    )
    return [
        Candidate(
            row.pk,
            row.paper.number,
            row.paper.sequence,
            invoice_row(row).left_kopecks,
            codes.get(row.partner_id, ""),
            row.cancelled_at is not None,
            row.paper.year,
            row.partner_id,
        )
        for row in rows
    ]


def years(paid_on: date) -> tuple[int, int]:
    """Series whose invoices a payment of that day may be for."""
    return (paid_on.year - 1, paid_on.year)


def figures(purpose: str) -> tuple[int, ...]:
    """Figures of a purpose to look for."""
    return matching.sequences(purpose)


def invoice_row(row: Invoice) -> InvoiceRow:
    """The row as a value; its paper is read with it."""
    return InvoiceRow(
        id=row.pk,
        number=row.paper.number,
        partner_id=row.partner_id,
        company_id=row.company_id,
        purpose=Purpose(row.purpose),
        pack_id=row.pack_id,
        quantity=row.quantity,
        bonus=row.bonus,
        unit_price_kopecks=row.unit_price_kopecks,
        total_kopecks=row.total_kopecks,
        validity_days=row.validity_days,
        subject=row.subject,
        issued_on=row.paper.issued_on,
        issued_at=row.issued_at,
        due_on=row.due_on,
        paid_kopecks=row.paid_kopecks,
        bought=row.bought,
        paid_at=row.paid_at,
        cancelled_at=row.cancelled_at,
    )


def _rows() -> QuerySet[Invoice]:
    return Invoice.objects.select_related("paper")


def _is_open() -> Q:
    return Q(paid_at__isnull=True, cancelled_at__isnull=True)


def _choice(sought: Sought) -> Q:
    found = Q()
    if sought.partner_id is not None:
        found &= Q(partner_id=sought.partner_id)
    if sought.company_id is not None:
        found &= Q(company_id=sought.company_id)
    if sought.number:
        found &= Q(paper__number__icontains=sought.number)
    match sought.state:
        case InvoiceState.OPEN:
            found &= _is_open()
        case InvoiceState.PART_PAID:
            found &= _is_open() & Q(paid_kopecks__gt=0)
        case InvoiceState.OVERDUE:
            found &= _is_open() & Q(due_on__lt=sought.on)
        case InvoiceState.PAID:
            found &= Q(paid_at__isnull=False)
        case InvoiceState.CANCELLED:
            found &= Q(cancelled_at__isnull=False)
    return found
