"""How old debts are: unpaid invoices by their due date, credit by the day it was given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F
from django.utils import timezone

from desk.deposits.models import Invoice, Lot

# Days after the due date up to which a debt counts into a bucket; the last one is older.
EDGES = (0, 30, 60, 90)
BUCKETS = len(EDGES) + 1


@dataclass(frozen=True, slots=True)
class Aged:
    """A partner's debts by age, in kopiykas: not due yet, 1–30, 31–60, 61–90, over 90 days."""

    partner_id: int
    kopecks: tuple[int, ...] = field(default=(0,) * BUCKETS)

    @property
    def total_kopecks(self) -> int:
        return sum(self.kopecks)

    @property
    def overdue_kopecks(self) -> int:
        return sum(self.kopecks[1:])


def unpaid(company_id: int, on: date) -> list[Aged]:
    """What is left of the company's open invoices, by partner."""
    rows = Invoice.objects.filter(
        company_id=company_id, paid_at__isnull=True, cancelled_at__isnull=True
    ).annotate(left=F("total_kopecks") - F("paid_kopecks"))
    return _aged(
        (partner_id, (on - due_on).days, left)
        for partner_id, due_on, left in rows.values_list("partner_id", "due_on", "left")
    )


def credit(partner_ids: Sequence[int], on: date) -> list[Aged]:
    """Units worked on credit that no purchase has filled yet, from the day they were lent.

    Credit is never "not due": the first bucket stays empty after the day it was given."""
    # What is negative is lent; what of it is still held was not worked yet.
    rows = Lot.objects.filter(partner_id__in=partner_ids, available__lt=0)
    owed = rows.annotate(units=-F("available") - F("held")).filter(units__gt=0)
    zone = timezone.get_default_timezone()
    return _aged(
        (
            lot.partner_id,
            (on - timezone.localdate(lot.bought_at, zone)).days,
            vars(lot)["units"] * lot.unit_price_kopecks,
        )
        for lot in owed
    )


def _aged(debts: Iterable[tuple[int, int, int]]) -> list[Aged]:
    """Debts (partner, days, kopiykas) by partner, who owes most first."""
    found: dict[int, list[int]] = {}
    for partner_id, days, kopecks in debts:
        bucket = sum(days > edge for edge in EDGES)
        found.setdefault(partner_id, [0] * BUCKETS)[bucket] += kopecks
    aged = [Aged(partner_id, tuple(kopecks)) for partner_id, kopecks in found.items()]
    return sorted(aged, key=lambda one: (-one.total_kopecks, one.partner_id))
