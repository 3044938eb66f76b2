"""Settlements with a partner as a company's books see them: payments against acts.

Charges count when an act settles them, refunds when the money is sent. What the ledger holds
besides (opening balances, expired units, purchases booked without a payment) is money between the
two as well; it stands with the company that the partner has its contract with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Q, Sum
from django.utils import timezone

from desk.deposits.models import Allocation, Paper, Payment, Payout, Transaction
from desk.rules.billing import PaidBy, PaperKind
from desk.rules.ledger import Account

# How a transaction without a payment reads on the paper, by its verb.
_OTHERWISE = {
    "buy": "Оплата",
    "top_up": "Оплата",
    "adjust": "Коригування розрахунків",
    "expire": "Закінчення строку дії передоплачених консультацій",
}
_GAVE = (Account.ISSUED, Account.ADJUSTED)


@dataclass(frozen=True, slots=True)
class Posting:
    """A line of the company's books: debit is what the partner owes, credit what it paid."""

    on: date
    text: str
    debit_kopecks: int = 0
    credit_kopecks: int = 0

    @property
    def owed_kopecks(self) -> int:
        """What the line adds to the partner's debt."""
        return self.debit_kopecks - self.credit_kopecks


def of(
    partner_id: int, company_id: int, from_on: date, until_on: date
) -> tuple[int, list[Posting]]:
    """The opening balance in kopiykas (above zero: the partner owes) and the postings of the
    period, both days included, in the order of days."""
    postings = sorted(_all(partner_id, company_id), key=lambda one: one.on)
    opening = sum(one.owed_kopecks for one in postings if one.on < from_on)
    return opening, [one for one in postings if from_on <= one.on <= until_on]


def _all(partner_id: int, company_id: int) -> Iterator[Posting]:
    yield from _payments(partner_id, company_id)
    yield from _without_payment(partner_id)
    yield from _payouts(partner_id)
    yield from _acts(partner_id, company_id)


def _payments(partner_id: int, company_id: int) -> Iterator[Posting]:
    """What came, as far as it is this partner's; what was sent back leaves again."""
    booked = dict(
        Allocation.objects.filter(partner_id=partner_id)
        .values_list("payment")
        .annotate(kopecks=Sum("amount_kopecks"))
        .order_by()
    )
    rows = Payment.objects.filter(
        Q(pk__in=booked.keys()) | Q(partner_id=partner_id), company_id=company_id
    )
    for row in rows.order_by("paid_on", "id"):
        left = row.left_kopecks if row.partner_id == partner_id else 0
        kopecks = booked.get(row.pk, 0) + left
        if kopecks:
            yield Posting(row.paid_on, _paid(row), credit_kopecks=kopecks)
        if left and row.returned_at:
            text = f"Повернення: {_paid(row).lower()}"
            yield Posting(_day(row.returned_at), text, debit_kopecks=left)


def _paid(row: Payment) -> str:
    how = "Оплата онлайн" if row.source == PaidBy.ONLINE else "Оплата"
    return f"{how} № {row.reference}" if row.reference else how


def _without_payment(partner_id: int) -> Iterator[Posting]:
    """Purchases, opening balances and expiry that the ledger alone knows of."""
    rows = (
        Transaction.objects.filter(
            partner_id=partner_id, verb__in=_OTHERWISE.keys(), allocation__isnull=True
        )
        .annotate(
            gave=Sum(
                -F("lines__amount") * F("lines__lot__unit_price_kopecks"),
                filter=Q(lines__account__in=_GAVE),
            ),
            lost=Sum(
                F("lines__amount") * F("lines__lot__unit_price_kopecks"),
                filter=Q(lines__account=Account.EXPIRED),
            ),
        )
        .order_by("at", "id")
    )
    for row in rows:
        gave, lost = vars(row)["gave"] or 0, vars(row)["lost"] or 0
        if gave or lost:
            text = ": ".join(part for part in (_OTHERWISE[row.verb], row.memo) if part)
            yield Posting(_day(row.at), text, debit_kopecks=lost, credit_kopecks=gave)


def _payouts(partner_id: int) -> Iterable[Posting]:
    rows = Payout.objects.filter(refund__partner_id=partner_id).select_related("refund")
    for row in rows.order_by("paid_on", "refund"):
        text = "Повернення коштів" + (f" № {row.reference}" if row.reference else "")
        yield Posting(row.paid_on, text, debit_kopecks=row.refund.kopecks)


def _acts(partner_id: int, company_id: int) -> Iterator[Posting]:
    """Acts, and what took them back, each on its own day."""
    of_acts = Q(kind=PaperKind.ACT) | Q(cancels__kind=PaperKind.ACT)
    rows = Paper.objects.filter(of_acts, partner_id=partner_id, company_id=company_id)
    for row in rows.select_related("cancels").order_by("id"):
        text = f"Акт наданих послуг № {row.number}"
        if row.cancels:
            text = f"Сторно № {row.number} акта № {row.cancels.number}"
        yield Posting(row.issued_on, text, debit_kopecks=row.total_kopecks)


def _day(at: datetime) -> date:
    return timezone.localdate(at, timezone.get_default_timezone())
