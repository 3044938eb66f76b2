"""First events of a VAT payer, and which payment paid each charge (spec 3, Papers).

The obligation arises at what comes first: the money, or the work. Money comes first nearly
always; work does on credit, and its later payment is no event again. Money sent back takes its
event back. Tax invoices are made elsewhere: this is the list they are made from.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import F, Sum

from desk.deposits.models import Allocation, Company, Line, Lot, Payment, Refund, Transaction
from desk.deposits.queries.figures import bounds, local_day, partners_of
from desk.rules.ledger import Account, Commodity

_KOPECKS = F("amount") * F("lot__unit_price_kopecks")


class EventKind(StrEnum):
    """Why the obligation arose, or was taken back."""

    PAYMENT = "payment"
    BOOKED = "booked"
    WORK = "work"
    RETURNED = "returned"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class FirstEvent:
    """One event, in kopiykas with VAT inside; below zero it takes an earlier one back.

    `partner_id` is None while nobody said whose the payment is. `text`: the payment's purpose,
    the ticket, the reason. `invoices`: numbers that the payment was booked for."""

    kind: EventKind
    on: date
    partner_id: int | None
    kopecks: int
    vat_kopecks: int
    payment_id: int | None
    transaction_id: int | None
    reference: str
    text: str
    invoices: tuple[str, ...] = ()

    @property
    def base_kopecks(self) -> int:
        return self.kopecks - self.vat_kopecks


@dataclass(frozen=True, slots=True)
class PaidBy:
    """A payment behind a charge."""

    payment_id: int
    paid_on: date
    reference: str
    invoice: str


@dataclass(frozen=True, slots=True)
class Traced:
    """A charge (below zero: taken back) of one lot, with the payments that paid the lot. None:
    a bonus, an opening balance, a purchase booked without a payment, credit not paid yet."""

    transaction_id: int
    partner_id: int
    at: datetime
    verb: str
    subject: str
    memo: str
    lot_id: int
    source: str
    is_units: bool
    amount: int
    kopecks: int
    payments: tuple[PaidBy, ...]


def vat_in(kopecks: int, percent: int) -> int:
    """The VAT inside a sum, rounded to the nearest kopiyka, a half away from zero."""
    whole = 100 + percent
    size = (2 * abs(kopecks) * percent + whole) // (2 * whole)
    return size if kopecks >= 0 else -size


def first_events(company_id: int, from_on: date, until_on: date) -> list[FirstEvent]:
    """The company's events of the days, both included, in their order."""
    percent = Company.objects.values_list("vat_percent", flat=True).get(pk=company_id)
    partner_ids = partners_of(company_id)
    credit = _Credit(partner_ids)
    days = (from_on, until_on)
    found = [
        *_payments(company_id, days, credit),
        *_booked(partner_ids, days, credit),
        *_worked(days, credit),
        *_refunds(partner_ids, days),
    ]
    found.sort(key=lambda draft: (draft.on, draft.payment_id or 0, draft.transaction_id or 0))
    return [draft.taxed(percent) for draft in found if draft.kopecks]


def charges(partner_ids: Sequence[int], from_at: datetime, until_at: datetime) -> list[Traced]:
    """Charges of [from_at, until_at) with the payments behind them, in their order."""
    rows = list(_charged(partner_ids, from_at, until_at))
    paid = payments_of({row["lot_id"] for row in rows})
    return [
        Traced(
            row["transaction_id"],
            row["partner_id"],
            row["at"],
            row["verb"],
            row["subject"],
            row["memo"],
            row["lot_id"],
            row["source"],
            row["commodity"] == Commodity.CONSULTATIONS,
            row["units"],
            row["kopecks"],
            paid.get(row["lot_id"], ()),
        )
        for row in rows
    ]


def _charged(
    partner_ids: Sequence[int], from_at: datetime, until_at: datetime
) -> Iterable[dict[str, Any]]:
    """What was charged, by transaction and lot."""
    moved = Line.objects.filter(
        transaction__partner_id__in=partner_ids,
        transaction__at__gte=from_at,
        transaction__at__lt=until_at,
        account=Account.EARNED,
    )
    rows: Any = moved.values(
        "transaction_id",
        "partner_id",
        "lot_id",
        at=F("transaction__at"),
        verb=F("transaction__verb"),
        subject=F("transaction__subject"),
        memo=F("transaction__memo"),
        source=F("lot__source"),
        commodity=F("lot__commodity"),
    ).annotate(units=Sum("amount"), kopecks=Sum(_KOPECKS))
    found: Iterable[dict[str, Any]] = rows.order_by("at", "transaction_id", "lot_id")
    return found


def payments_of(lot_ids: Collection[int]) -> dict[int, tuple[PaidBy, ...]]:
    """Payments behind the lots: of the transactions that put units into them, and, where money of
    the deposit was converted, of those that brought the money."""
    bought = _issued_by(lot_ids)
    every = {posted for posted_ids in bought.values() for posted in posted_ids}
    spent = _converted(every)
    brought = _issued_by({lot for lots in spent.values() for lot in lots})
    for posted_ids in bought.values():
        money = [lot for posted in posted_ids for lot in spent.get(posted, ())]
        posted_ids.extend(posted for lot in money for posted in brought[lot])
    paid = _allocated({posted for posted_ids in bought.values() for posted in posted_ids})
    return {
        lot: tuple(paid[posted] for posted in dict.fromkeys(posted_ids) if posted in paid)
        for lot, posted_ids in bought.items()
    }


def _issued_by(lot_ids: Collection[int]) -> dict[int, list[int]]:
    """Transactions that issued units into the lots, the earliest first."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = Line.objects.filter(lot_id__in=lot_ids, account=Account.ISSUED, amount__lt=0)
    for lot_id, posted in rows.order_by("id").values_list("lot_id", "transaction_id"):
        found[lot_id].append(posted)
    return found


def _converted(posted: Collection[int]) -> dict[int, list[int]]:
    """Lots of money that the transactions took back to issue them as consultations."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = Line.objects.filter(transaction_id__in=posted, account=Account.ISSUED, amount__gt=0)
    for posted_id, lot_id in rows.order_by("id").values_list("transaction_id", "lot_id"):
        found[posted_id].append(lot_id)
    return found


def _allocated(posted: Collection[int]) -> dict[int, PaidBy]:
    rows = Allocation.objects.filter(transaction_id__in=posted)
    return {
        row.transaction_id: PaidBy(
            row.payment_id,
            row.payment.paid_on,
            row.payment.reference,
            row.invoice.paper.number if row.invoice else "",
        )
        for row in rows.select_related("payment", "invoice__paper")
    }


@dataclass(frozen=True, slots=True)
class _Draft:
    """An event before its VAT is known."""

    kind: EventKind
    on: date
    partner_id: int | None
    kopecks: int
    payment_id: int | None = None
    transaction_id: int | None = None
    reference: str = ""
    text: str = ""
    invoices: tuple[str, ...] = ()

    def taxed(self, percent: int) -> FirstEvent:
        return FirstEvent(
            self.kind,
            self.on,
            self.partner_id,
            self.kopecks,
            vat_in(self.kopecks, percent),
            self.payment_id,
            self.transaction_id,
            self.reference,
            self.text,
            self.invoices,
        )


class _Credit:
    """What was worked before it was paid, and how much of each purchase paid for such work.

    Of a lot lent on credit the event is whatever of work and payment is further."""

    def __init__(self, partner_ids: Sequence[int]) -> None:
        self.worked: dict[int, int] = Counter()
        self.paid_before: dict[int, int] = Counter()
        lent = Lot.objects.filter(partner_id__in=partner_ids, lent__gt=0)
        moved = Line.objects.filter(
            lot__in=lent, account__in=(Account.ISSUED, Account.EARNED, Account.REFUNDED)
        )
        rows = moved.order_by("transaction_id").values_list(
            "lot_id", "transaction_id", "account", "amount", "lot__unit_price_kopecks"
        )
        worked: dict[int, int] = Counter()
        paid: dict[int, int] = Counter()
        for lot, posted, account, amount, price in rows:
            reached = max(worked[lot], paid[lot])
            if account == Account.EARNED:
                worked[lot] += amount
                self.worked[posted] += (max(worked[lot], paid[lot]) - reached) * price
            elif account == Account.ISSUED:
                paid[lot] -= amount
                added = max(worked[lot], paid[lot]) - reached
                self.paid_before[posted] += (-amount - added) * price
            else:
                paid[lot] -= amount


def _payments(company_id: int, days: tuple[date, date], credit: _Credit) -> Iterator[_Draft]:
    rows = Payment.objects.filter(company_id=company_id, paid_on__range=days)
    known = list(rows.order_by("paid_on", "id"))
    booked: dict[int, list[Allocation]] = defaultdict(list)
    for row in Allocation.objects.filter(payment__in=known).select_related("invoice__paper"):
        booked[row.payment_id].append(row)
    for payment in known:
        own = booked[payment.pk]
        before = sum(credit.paid_before.get(one.transaction_id, 0) for one in own)
        numbers = (one.invoice.paper.number for one in own if one.invoice)
        yield _payment(
            EventKind.PAYMENT,
            payment.paid_on,
            payment,
            payment.amount_kopecks - before,
            tuple(dict.fromkeys(numbers)),
        )
    sent_back = Payment.objects.filter(company_id=company_id, returned_at__range=_moments(days))
    for payment in sent_back.order_by("returned_at", "id"):
        assert payment.returned_at is not None, "the choice is of those"
        on = local_day(payment.returned_at)
        yield _payment(EventKind.RETURNED, on, payment, -payment.left_kopecks)


def _payment(
    kind: EventKind,
    on: date,
    payment: Payment,
    kopecks: int,
    invoices: tuple[str, ...] = (),
) -> _Draft:
    return _Draft(
        kind,
        on,
        payment.partner_id,
        kopecks,
        payment.pk,
        None,
        payment.reference,
        payment.returned_why if kind is EventKind.RETURNED else payment.purpose,
        invoices,
    )


def _booked(
    partner_ids: Sequence[int], days: tuple[date, date], credit: _Credit
) -> Iterator[_Draft]:
    """Purchases that were written down without a payment: none may be lost from the list."""
    from_at, until_at = _moments(days)
    rows = (
        Transaction.objects.filter(
            partner_id__in=partner_ids,
            at__gte=from_at,
            at__lt=until_at,
            verb__in=("buy", "top_up"),
            allocation__isnull=True,
            lines__account=Account.ISSUED,
        )
        .annotate(kopecks=-Sum(F("lines__amount") * F("lines__lot__unit_price_kopecks")))
        .order_by("id")
    )
    for row in rows:
        kopecks = vars(row)["kopecks"] - credit.paid_before.get(row.pk, 0)
        yield _Draft(
            EventKind.BOOKED,
            local_day(row.at),
            row.partner_id,
            kopecks,
            transaction_id=row.pk,
            text=row.memo,
        )


def _worked(days: tuple[date, date], credit: _Credit) -> Iterator[_Draft]:
    from_at, until_at = _moments(days)
    posted = [posted for posted, kopecks in credit.worked.items() if kopecks]
    rows = Transaction.objects.filter(pk__in=posted, at__gte=from_at, at__lt=until_at)
    for row in rows.order_by("id"):
        kopecks = credit.worked[row.pk]
        yield _Draft(
            EventKind.WORK,
            local_day(row.at),
            row.partner_id,
            kopecks,
            transaction_id=row.pk,
            text=row.memo,
        )


def _refunds(partner_ids: Sequence[int], days: tuple[date, date]) -> Iterator[_Draft]:
    """What was sent back of a deposit; the event is the money's day, not the approval's."""
    rows = Refund.objects.filter(partner_id__in=partner_ids, payout__paid_on__range=days)
    for row in rows.select_related("payout").order_by("payout__paid_on", "pk"):
        yield _Draft(
            EventKind.REFUND,
            row.payout.paid_on,
            row.partner_id,
            -row.kopecks,
            transaction_id=row.transaction_id,
            reference=row.payout.reference,
            text=row.reason,
        )


def _moments(days: tuple[date, date]) -> tuple[datetime, datetime]:
    return bounds(*days)
