"""Reading what expires: which lots are due, which partners have to be told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from desk.deposits.models import ExpiryNotice, Lot
from desk.deposits.queries.ledger import LIST_MAX
from desk.deposits.values import Expired
from desk.rules import ledger

SOON_DAYS = max(ledger.ANNOUNCED_DAYS)


def expiring(partner_id: int, on: date) -> list[Expired]:
    """What the partner's deposit loses within 30 days from that day, the nearest day first."""
    rows = _in_use().filter(partner_id=partner_id, expires_on__range=(on, _soon(on)))
    return [
        Expired(row.pk, row.available, row.expires_on or on)
        for row in rows.order_by("expires_on", "id")[:LIST_MAX]
    ]


def partners_with_expired(on: date) -> list[int]:
    """Partners of whom anything available has outlived its day."""
    return _partners(_in_use().filter(expires_on__lt=on))


def partners_to_tell(on: date) -> list[int]:
    """Partners with a lot of which an announcement is due and was not made."""
    due = Q()
    since = on
    for days in sorted(ledger.ANNOUNCED_DAYS):
        until = on + timedelta(days=days)
        notice = ExpiryNotice.objects.filter(
            lot=OuterRef("pk"), expires_on=OuterRef("expires_on"), days=days
        )
        due |= Q(expires_on__range=(since, until)) & ~Q(Exists(notice))
        since = until + timedelta(days=1)
    return _partners(_in_use().filter(due))


def expired_lots(partner_id: int, on: date) -> list[Lot]:
    """The partner's lots whose day has passed, in the order of use; for the action."""
    rows = _in_use().filter(partner_id=partner_id, expires_on__lt=on)
    return list(rows.order_by("expires_on", "bought_at", "id"))


def lots_to_tell(partner_id: int, on: date) -> Iterator[tuple[Lot, int]]:
    """Lots with the announcement that is due for each, by its days; for the action."""
    rows = _in_use().filter(partner_id=partner_id, expires_on__range=(on, _soon(on)))
    found = list(rows.order_by("expires_on", "bought_at", "id"))
    told = set(
        ExpiryNotice.objects.filter(lot__in=found).values_list("lot_id", "days", "expires_on")
    )
    for lot in found:
        assert lot.expires_on is not None, "it was asked for by its day"
        days = ledger.announced_days(lot.expires_on, on)
        if days is not None and (lot.pk, days, lot.expires_on) not in told:
            yield lot, days


def _in_use() -> QuerySet[Lot]:
    return Lot.objects.filter(available__gt=0)


def _soon(on: date) -> date:
    return on + timedelta(days=SOON_DAYS)


def _partners(rows: QuerySet[Lot]) -> list[int]:
    return list(rows.order_by("partner_id").values_list("partner_id", flat=True).distinct())
