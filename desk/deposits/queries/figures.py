"""What the deposits are worth to the books: owed to partners, earned, refunded, expired.

Everything is in kopiykas at the prices of the lots, per company, in the desk's zone. A lot that
was lent on credit and worked, but not paid yet, is a receivable; what is left of all others is a
liability. For every partner and period, to the kopiyka:

    opening + sold - earned - refunded - expired + adjusted = closing   (liability - receivable)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from desk.deposits.models import Company
from desk.partners.models import Partner
from desk.rules.ledger import Commodity

# From now backwards: a balance of a day is today's less what moved since, so that the present
# months, which are asked for, cost least. One statement sees one moment.
_FIGURES = """
    WITH moved AS (
        SELECT line.lot_id,
            SUM(amount) FILTER (WHERE own AND inside) AS inside,
            SUM(amount) FILTER (WHERE own AND NOT inside) AS later,
            -SUM(amount) FILTER (WHERE account = 'issued' AND inside) AS sold,
            SUM(amount) FILTER (WHERE account = 'earned' AND inside) AS earned,
            -SUM(amount) FILTER (WHERE account = 'earned' AND amount < 0 AND inside) AS reversed,
            SUM(amount) FILTER (WHERE account = 'refunded' AND inside) AS refunded,
            SUM(amount) FILTER (WHERE account = 'expired' AND inside) AS expired,
            -SUM(amount) FILTER (WHERE account = 'adjusted' AND inside) AS adjusted
        FROM (SELECT id, at < %(until_at)s AS inside FROM deposits_transaction
              WHERE partner_id = ANY(%(partners)s) AND at >= %(from_at)s) posted
        JOIN (SELECT *, account IN ('available', 'held') AS own FROM deposits_line) line
          ON line.transaction_id = posted.id
        GROUP BY line.lot_id),
    stood AS (
        SELECT lot.partner_id, commodity = 'consultations' AS unit, unit_price_kopecks AS price,
            available + held - COALESCE(later, 0) AS closing,
            available + held - COALESCE(later, 0) - COALESCE(inside, 0) AS opening,
            COALESCE(sold, 0) AS sold, COALESCE(earned, 0) AS earned,
            COALESCE(reversed, 0) AS reversed, COALESCE(refunded, 0) AS refunded,
            COALESCE(expired, 0) AS expired, COALESCE(adjusted, 0) AS adjusted
        FROM deposits_lot lot LEFT JOIN moved ON moved.lot_id = lot.id
        WHERE lot.partner_id = ANY(%(partners)s)
          AND (available <> 0 OR held <> 0 OR moved.lot_id IS NOT NULL))
    SELECT partner_id,
        SUM(GREATEST(opening, 0) * price), SUM(GREATEST(-opening, 0) * price),
        SUM(sold * price), SUM(earned * price), SUM(reversed * price),
        SUM(refunded * price), SUM(expired * price), SUM(adjusted * price),
        SUM(GREATEST(closing, 0) * price), SUM(GREATEST(-closing, 0) * price),
        SUM(CASE WHEN unit THEN closing ELSE 0 END), SUM(CASE WHEN unit THEN earned ELSE 0 END)
    FROM stood GROUP BY partner_id
"""
_REVENUE = """
    SELECT date_trunc('month', posted.at AT TIME ZONE %(zone)s)::date,
        COALESCE(SUM(amount) FILTER (WHERE account = 'earned' AND unit), 0),
        COALESCE(SUM(amount) FILTER (WHERE account = 'earned' AND unit AND price = 0), 0),
        COALESCE(SUM(amount * price) FILTER (WHERE account = 'earned' AND unit), 0),
        COALESCE(SUM(amount * price) FILTER (WHERE account = 'earned' AND NOT unit), 0),
        COALESCE(-SUM(amount * price) FILTER (WHERE account = 'earned' AND amount < 0), 0),
        COALESCE(-SUM(amount * price) FILTER (WHERE account = 'issued'), 0),
        COALESCE(SUM(amount * price) FILTER (WHERE account = 'refunded'), 0),
        COALESCE(SUM(amount * price) FILTER (WHERE account = 'expired'), 0)
    FROM deposits_transaction posted
    JOIN deposits_line line ON line.transaction_id = posted.id
    JOIN (SELECT id, commodity = 'consultations' AS unit, unit_price_kopecks AS price
          FROM deposits_lot) lot ON lot.id = line.lot_id
    WHERE posted.partner_id = ANY(%(partners)s)
      AND posted.at >= %(from_at)s AND posted.at < %(until_at)s
      AND account IN ('earned', 'issued', 'refunded', 'expired')
    GROUP BY 1 ORDER BY 1
"""
_LOTS = """
    WITH later AS (
        SELECT line.lot_id,
            SUM(amount) FILTER (WHERE account = 'available') AS available,
            SUM(amount) FILTER (WHERE account = 'held') AS held
        FROM deposits_transaction posted
        JOIN deposits_line line ON line.transaction_id = posted.id
        WHERE posted.partner_id = ANY(%(partners)s) AND posted.at >= %(at)s
          AND account IN ('available', 'held')
        GROUP BY line.lot_id)
    SELECT * FROM (
        SELECT lot.partner_id, lot.id, commodity, source, unit_price_kopecks, bought_at,
            expires_on, lot.available - COALESCE(later.available, 0) AS available,
            lot.held - COALESCE(later.held, 0) AS held
        FROM deposits_lot lot LEFT JOIN later ON later.lot_id = lot.id
        WHERE lot.partner_id = ANY(%(partners)s) AND lot.bought_at < %(at)s
          AND (lot.available <> 0 OR lot.held <> 0 OR later.lot_id IS NOT NULL)) stood
    WHERE available <> 0 OR held <> 0
    ORDER BY partner_id, id
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """The deposits over a period, in kopiykas but for the two figures of units.

    `earned_kopecks` is net of `reversed_kopecks`; `sold_kopecks` is what was paid in."""

    opening_liability_kopecks: int = 0
    opening_receivable_kopecks: int = 0
    sold_kopecks: int = 0
    earned_kopecks: int = 0
    reversed_kopecks: int = 0
    refunded_kopecks: int = 0
    expired_kopecks: int = 0
    adjusted_kopecks: int = 0
    closing_liability_kopecks: int = 0
    closing_receivable_kopecks: int = 0
    closing_units: int = 0
    earned_units: int = 0

    @property
    def opening_kopecks(self) -> int:
        return self.opening_liability_kopecks - self.opening_receivable_kopecks

    @property
    def closing_kopecks(self) -> int:
        return self.closing_liability_kopecks - self.closing_receivable_kopecks

    @property
    def moved_kopecks(self) -> int:
        """What the period added to the liability."""
        spent = self.earned_kopecks + self.refunded_kopecks + self.expired_kopecks
        return self.sold_kopecks - spent + self.adjusted_kopecks

    @property
    def agrees(self) -> bool:
        """Whether the two ends and what moved between them are one truth."""
        return self.opening_kopecks + self.moved_kopecks == self.closing_kopecks

    def plus(self, other: Figures) -> Figures:
        names = [field.name for field in fields(Figures)]
        return Figures(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True, slots=True)
class MonthRevenue:
    """What one month brought. `units` are consultations charged, net of reversals, `bonus_units`
    those of them that were given for nothing; kopiykas are net of `reversed_kopecks`."""

    first_on: date
    units: int
    bonus_units: int
    consultations_kopecks: int
    hours_kopecks: int
    reversed_kopecks: int
    sold_kopecks: int
    refunded_kopecks: int
    expired_kopecks: int

    @property
    def earned_kopecks(self) -> int:
        return self.consultations_kopecks + self.hours_kopecks


@dataclass(frozen=True, slots=True)
class LotOutstanding:
    """What was left of a lot at a moment; `kopecks` is negative for credit not paid yet."""

    partner_id: int
    lot_id: int
    commodity: Commodity
    source: str
    unit_price_kopecks: int
    bought_at: datetime
    expires_on: date | None
    available: int
    held: int

    @property
    def is_units(self) -> bool:
        """Whether it is counted in consultations, not in kopiykas."""
        return self.commodity is Commodity.CONSULTATIONS

    @property
    def kopecks(self) -> int:
        return (self.available + self.held) * self.unit_price_kopecks


def partners_of(company_id: int) -> list[int]:
    """Whose papers the company issues: by contract, and for the default company also those
    without a contract, or with one of a company that issues no more (as `catalogue.parties`)."""
    own = Q(contract__company=company_id, contract__company__is_active=True)
    if Company.objects.filter(pk=company_id, is_default=True).exists():
        own |= Q(contract__isnull=True) | Q(contract__company__is_active=False)
    return list(Partner.objects.filter(own).order_by("pk").values_list("pk", flat=True))


def bounds(from_on: date, until_on: date) -> tuple[datetime, datetime]:
    """The moments [from, until) of days, both included, in the desk's zone."""
    return midnight(from_on), midnight(until_on + timedelta(days=1))


def month_bounds(first_on: date) -> tuple[datetime, datetime]:
    """The moments [from, until) of the month that begins on `first_on`."""
    return midnight(first_on), midnight(next_month(first_on))


def next_month(first_on: date) -> date:
    return (first_on.replace(day=1) + timedelta(days=32)).replace(day=1)


def month_before(first_on: date) -> date:
    return (first_on.replace(day=1) - timedelta(days=1)).replace(day=1)


def midnight(on: date) -> datetime:
    """The beginning of a day in the desk's zone."""
    return datetime.combine(on, time.min, timezone.get_default_timezone())


def local_day(at: datetime) -> date:
    """The day of a moment in the desk's zone."""
    return timezone.localdate(at, timezone.get_default_timezone())


def figures(
    partner_ids: Sequence[int], from_at: datetime, until_at: datetime
) -> dict[int, Figures]:
    """Figures of [from_at, until_at) by partner, in one statement; without lots there are none."""
    rows = _rows(_FIGURES, partners=list(partner_ids), from_at=from_at, until_at=until_at)
    return {partner_id: Figures(*map(int, found)) for partner_id, *found in rows}


def total(found: Iterable[Figures]) -> Figures:
    """All of them together."""
    together = Figures()
    for one in found:
        together = together.plus(one)
    return together


def revenue(
    partner_ids: Sequence[int], from_at: datetime, until_at: datetime
) -> list[MonthRevenue]:
    """What the months of [from_at, until_at) brought, the earliest first; empty ones are absent."""
    zone = str(timezone.get_default_timezone())
    asked = {"partners": list(partner_ids), "from_at": from_at, "until_at": until_at}
    return [
        MonthRevenue(first_on, *map(int, found))
        for first_on, *found in _rows(_REVENUE, zone=zone, **asked)
    ]


def outstanding(partner_ids: Sequence[int], at: datetime) -> list[LotOutstanding]:
    """Every lot of which anything was left just before `at`, by partner and lot."""
    return [
        LotOutstanding(row[0], row[1], Commodity(row[2]), *row[3:])
        for row in _rows(_LOTS, partners=list(partner_ids), at=at)
    ]


def _rows(query: str, **asked: Any) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        yield from cursor.fetchall()
