"""Reading refunds: what waits for a second person, what for its money, what may be given back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from desk.deposits.models import Lot, Refund
from desk.deposits.queries.ledger import LIST_MAX, balance
from desk.deposits.values import Balance
from desk.rules import ledger
from desk.rules.ledger import Commodity, Source


@dataclass(frozen=True, slots=True)
class RefundRow:
    """Units of a lot given back for `kopecks`, proposed or decided. People are "person:7".

    `paid_on` is the day on which the money was sent, None while it was not.
    """

    id: int
    partner_id: int
    lot_id: int
    commodity: Commodity
    quantity: int
    kopecks: int
    reason: str
    proposed_by: str
    proposed_at: datetime
    outcome: str | None
    decided_by: str
    decided_at: datetime | None
    transaction_id: int | None
    paid_on: date | None
    reference: str


@dataclass(frozen=True, slots=True)
class Refundable:
    """A lot of which `quantity` units may be given back for `kopecks`."""

    lot_id: int
    commodity: Commodity
    source: Source
    quantity: int
    kopecks: int
    unit_price_kopecks: int
    bought_at: datetime
    expires_on: date | None


def refundable(partner_id: int) -> list[Refundable]:
    """The lots that a refund may be proposed of, in the order they were bought."""
    left = _left_of(balance(partner_id))
    lots = Lot.objects.filter(partner_id=partner_id, available__gt=0).exclude(unit_price_kopecks=0)
    found = (
        _refundable(lot, left[Commodity(lot.commodity)])
        for lot in lots.exclude(source=Source.BONUS).order_by("bought_at", "id")[:LIST_MAX]
    )
    return [row for row in found if row.quantity]


def _left_of(found: Balance) -> dict[Commodity, int]:
    return {
        Commodity.CONSULTATIONS: found.consultations_available,
        Commodity.MONEY: found.money_available_kopecks,
    }


def _refundable(lot: Lot, available: int) -> Refundable:
    quantity = ledger.spare(lot.available, available)
    return Refundable(
        lot.pk,
        Commodity(lot.commodity),
        Source(lot.source),
        quantity,
        quantity * lot.unit_price_kopecks,
        lot.unit_price_kopecks,
        lot.bought_at,
        lot.expires_on,
    )


def pending_refunds() -> list[RefundRow]:
    """Refunds that wait for a second person, oldest first."""
    return rows(Refund.objects.filter(outcome=None).order_by("proposed_at", "id"))


def unpaid_refunds() -> list[RefundRow]:
    """Refunds that were approved and whose money has not been sent, oldest first."""
    approved = Refund.objects.filter(outcome=Refund.APPROVED, payout=None)
    return rows(approved.order_by("decided_at", "id"))


def refunds(partner_id: int) -> list[RefundRow]:
    """The partner's refunds, latest first."""
    return rows(Refund.objects.filter(partner_id=partner_id).order_by("-id"))


def refunds_between(
    from_on: date, until_on: date, partner_id: int | None = None
) -> list[RefundRow]:
    """Money sent back from one day to another, both included, for a reconciliation."""
    paid = Q(payout__paid_on__gte=from_on, payout__paid_on__lte=until_on)
    if partner_id is not None:
        paid &= Q(partner_id=partner_id)
    return [
        refund_row(row)
        for row in Refund.objects.filter(paid)
        .select_related("lot", "payout")
        .order_by("payout__paid_on", "id")
    ]


def refund(refund_id: int) -> RefundRow:
    """One refund; Refund.DoesNotExist (an ObjectDoesNotExist) for an unknown number."""
    return refund_row(Refund.objects.select_related("lot", "payout").get(pk=refund_id))


def rows(found: QuerySet[Refund]) -> list[RefundRow]:
    """The first of them as values."""
    return [refund_row(row) for row in found.select_related("lot", "payout")[:LIST_MAX]]


def refund_row(row: Refund) -> RefundRow:
    """One refund as a value, with its payout."""
    payout = getattr(row, "payout", None)
    return RefundRow(
        row.pk,
        row.partner_id,
        row.lot_id,
        Commodity(row.lot.commodity),
        row.quantity,
        row.kopecks,
        row.reason,
        row.proposed_by,
        row.proposed_at,
        row.outcome,
        row.decided_by,
        row.decided_at,
        row.transaction_id,
        payout.paid_on if payout else None,
        payout.reference if payout else "",
    )
