"""Reading payments: what came, what it paid, and what nobody has booked yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from desk.deposits.models import Allocation, Contract, Payment
from desk.deposits.queries import invoices
from desk.deposits.queries.invoices import InvoiceRow
from desk.rules import matching
from desk.rules.billing import PaidBy
from desk.rules.matching import Candidate, Hint, Said, Verdict

PAGE_MAX = 50
UNCLEAR_MAX = 200
SUGGESTIONS_MAX = 5
PAID_DAYS_BACK_MAX = 3 * 366


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """A payment. `left_kopecks`: what nothing was booked for yet. `version`: how often it was
    booked, for who looks at it. `entry_id`: the journal's, when it was just taken."""

    id: int
    company_id: int
    partner_id: int | None
    source: PaidBy
    imported_id: int | None
    paid_on: date
    amount_kopecks: int
    left_kopecks: int
    payer_name: str
    payer_code: str
    payer_iban: str
    purpose: str
    reference: str
    hint: Hint | None
    at: datetime
    by: str
    returned_at: datetime | None
    returned_by: str
    returned_why: str
    version: int = 0
    entry_id: int = 0

    @property
    def is_unclear(self) -> bool:
        """Whether a person has to say what the rest of it is for."""
        return self.left_kopecks > 0 and self.returned_at is None


@dataclass(frozen=True, slots=True)
class AllocationRow:
    """What a payment, or a piece of it, paid. `number`: of the invoice, "" for money."""

    id: int
    payment_id: int
    partner_id: int
    invoice_id: int | None
    number: str
    amount_kopecks: int
    paid_on: date
    transaction_id: int
    verb: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What an unclear payment may be for: an invoice, or the money of a partner's deposit.
    `is_named`: its number stands in the purpose; `is_payer`: the payer is its partner's."""

    partner_id: int
    invoice: InvoiceRow | None
    kopecks: int
    is_named: bool = False
    is_payer: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """A choice of payments: of a company, of a partner, by words of payer or purpose."""

    company_id: int | None = None
    partner_id: int | None = None
    text: str = ""
    source: str = ""
    imported_id: int | None = None


def payment(payment_id: int) -> PaymentRow:
    """One payment; `Payment.DoesNotExist`."""
    return payment_row(_rows().get(pk=payment_id))


def unclear(company_id: int | None = None) -> list[PaymentRow]:
    """Payments that a person has to book, the oldest first."""
    rows = _rows().filter(_is_unclear())
    if company_id is not None:
        rows = rows.filter(company_id=company_id)
    return [payment_row(row) for row in rows.order_by("paid_on", "id")[:UNCLEAR_MAX]]


def unclear_count() -> int:
    """How many payments a person has to book."""
    return Payment.objects.filter(_is_unclear()).count()


def payments(
    wanted: Wanted, before: tuple[date, int] | None = None, most: int = PAGE_MAX
) -> list[PaymentRow]:
    """Payments, the latest first. `before`: day and id of the last one that was seen."""
    rows = _rows().filter(_choice(wanted))
    if before is not None:
        day, number = before
        rows = rows.filter(Q(paid_on__lt=day) | Q(paid_on=day, pk__lt=number))
    return [payment_row(row) for row in rows.order_by("-paid_on", "-pk")[:most]]


def allocations(payment_id: int) -> list[AllocationRow]:
    """What the payment paid, in order."""
    return _allocations(Q(payment_id=payment_id))


def allocations_of(invoice_id: int) -> list[AllocationRow]:
    """Which payments paid the invoice, in order."""
    return _allocations(Q(invoice_id=invoice_id))


def suggestions(row: PaymentRow) -> list[Suggestion]:
    """What an unclear payment may be for, the likeliest first."""
    return suggested([row])[row.id]


def suggested(rows: Sequence[PaymentRow]) -> dict[int, list[Suggestion]]:
    """What each payment may be for: invoices named in the purpose, then of the payer, then of
    this very sum; and the payer's deposit. Few queries, however many payments there are."""
    near = dict(_with_candidates(rows))
    named = {row.id: set(_named(row, near[row.id])) for row in rows}
    payers = _payers(rows)
    for row in rows:
        # Who paid an invoice twice has named it: the money may stay on that deposit.
        owners = {one.partner_id for one in near[row.id] if one.id in named[row.id]}
        if len(owners) == 1:
            payers.setdefault(row.id, min(owners))
    every = {invoice_id for ids in named.values() for invoice_id in ids}
    sums = {row.left_kopecks for row in rows}
    pool = invoices.payable(every, set(payers.values()), sums)
    return {row.id: _offered(row, payers.get(row.id), named[row.id], pool) for row in rows}


def _offered(
    row: PaymentRow, payer: int | None, named: set[int], pool: Sequence[InvoiceRow]
) -> list[Suggestion]:
    fitting = [
        one
        for one in pool
        if one.company_id == row.company_id
        and (one.id in named or one.partner_id == payer or one.left_kopecks == row.left_kopecks)
    ]
    fitting.sort(
        key=lambda one: (
            one.id not in named,
            one.partner_id != payer,
            one.left_kopecks != row.left_kopecks,
            one.id,
        )
    )
    made = [
        Suggestion(
            one.partner_id,
            one,
            min(row.left_kopecks, one.left_kopecks) if len(named) > 1 else row.left_kopecks,
            one.id in named,
            one.partner_id == payer,
        )
        for one in fitting[:SUGGESTIONS_MAX]
    ]
    money = [Suggestion(payer, None, row.left_kopecks, is_payer=True)] if payer else []
    return [*made, *money]


def payment_row(row: Payment) -> PaymentRow:
    """The row as a value."""
    return PaymentRow(
        id=row.pk,
        company_id=row.company_id,
        partner_id=row.partner_id,
        source=PaidBy(row.source),
        imported_id=row.imported_id,
        paid_on=row.paid_on,
        amount_kopecks=row.amount_kopecks,
        left_kopecks=row.left_kopecks,
        payer_name=row.payer_name,
        payer_code=row.payer_code,
        payer_iban=row.payer_iban,
        purpose=row.purpose,
        reference=row.reference,
        hint=Hint(row.hint) if row.hint else None,
        at=row.at,
        by=row.by,
        returned_at=row.returned_at,
        returned_by=row.returned_by,
        returned_why=row.returned_why,
        version=vars(row).get("version", 0),
    )


def judge(company_id: int, paid_on: date, said: Said) -> Verdict:
    """Which invoice money that came to a company on a day is certainly for, or why not."""
    figures = invoices.figures(said.purpose)
    known = invoices.candidates(company_id, figures, invoices.years(paid_on))
    return matching.judge(said, known)


def is_near(paid_on: date, today: date) -> bool:
    """Whether a payment's day can be right: not ahead, and not years back."""
    return today - timedelta(days=PAID_DAYS_BACK_MAX) <= paid_on <= today


def _named(row: PaymentRow, known: Sequence[Candidate]) -> tuple[int, ...]:
    return matching.judge(Said(row.purpose, row.left_kopecks, row.payer_code), known).named


def _with_candidates(
    rows: Sequence[PaymentRow],
) -> Iterable[tuple[int, list[Candidate]]]:
    """The invoices that each payment may name, by payment."""
    found: dict[int, dict[tuple[int, int], list[Candidate]]] = {}
    for company_id in {row.company_id for row in rows}:
        own = [row for row in rows if row.company_id == company_id]
        said = [(row.purpose, row.paid_on) for row in own]
        found[company_id] = invoices.candidates_of(company_id, said)
    for row in rows:
        yield row.id, invoices.near(found[row.company_id], row.purpose, row.paid_on)


def _payers(rows: Sequence[PaymentRow]) -> dict[int, int]:
    """Whose payment each is: known, or the only partner with the payer's code."""
    codes = {row.payer_code for row in rows if row.payer_code}
    by_code: dict[str, set[int]] = defaultdict(set)
    for code, partner_id in Contract.objects.filter(code__in=codes).values_list(
        "code", "partner_id"
    ):
        by_code[code].add(partner_id)
    found = {row.id: row.partner_id for row in rows if row.partner_id is not None}
    for row in rows:
        if row.id not in found and len(by_code[row.payer_code]) == 1:
            found[row.id] = min(by_code[row.payer_code])
    return found


def _allocations(which: Q) -> list[AllocationRow]:
    rows = Allocation.objects.filter(which).select_related(
        "invoice__paper", "transaction", "payment"
    )
    return [
        AllocationRow(
            row.pk,
            row.payment_id,
            row.partner_id,
            row.invoice_id,
            row.invoice.paper.number if row.invoice else "",
            row.amount_kopecks,
            row.payment.paid_on,
            row.transaction_id,
            row.transaction.verb,
            row.at,
            row.by,
        )
        for row in rows.order_by("pk")
    ]


def _rows() -> QuerySet[Payment]:
    return Payment.objects.annotate(version=Count("allocations"))


def _is_unclear() -> Q:
    # The words of the partial index, so that it serves them.
    return Q(returned_at__isnull=True) & ~Q(left_kopecks=0)


def _choice(wanted: Wanted) -> Q:
    found = Q()
    if wanted.company_id is not None:
        found &= Q(company_id=wanted.company_id)
    if wanted.partner_id is not None:
        found &= Q(partner_id=wanted.partner_id)
    if wanted.imported_id is not None:
        found &= Q(imported_id=wanted.imported_id)
    if wanted.source:
        found &= Q(source=wanted.source)
    if wanted.text:
        found &= (
            Q(purpose__icontains=wanted.text)
            | Q(payer_name__icontains=wanted.text)
            | Q(payer_code=wanted.text)
        )
    return found
