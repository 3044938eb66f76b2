"""How long a deposit lasts at the partner's pace, and which episodes of a low one run (L10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.deposits.models import LowBalance
from desk.deposits.queries.ledger import PACE_DAYS, balance, pace
from desk.partners import queries as partners
from desk.partners.models import Partner
from desk.rules import ledger, lowness
from desk.rules.lowness import Kind, Mark, Reach

# Where a plan says nothing of days of usual use.
DAYS_BY_DEFAULT = (5,)


@dataclass(frozen=True, slots=True)
class Episode:
    """A low deposit, from the moment it became low until it rose clearly above the mark (None: it
    still is). `invoice_id` is the paper of the ready invoice, once somebody took it."""

    id: int
    partner_id: int
    mark: Mark
    since_at: datetime
    until_at: datetime | None
    invoice_id: int | None


def reach(partner_id: int, at: datetime) -> Reach:
    """What is available, and how many working days it lasts at the partner's pace."""
    plan_id = Partner.objects.values_list("plan_id", flat=True).get(pk=partner_id)
    calendar = partners.versions_in_force(plan_id, at)[1].value()
    today = calendar.date_of(at)
    first = today - timedelta(days=PACE_DAYS)
    days = calendar.working_dates(first, today - timedelta(days=1))
    available = balance(partner_id).consultations_available
    return Reach(available, ledger.lasts_days(available, pace(partner_id, at, days)))


def marks(partner_id: int, at: datetime) -> frozenset[Mark]:
    """The thresholds of the partner's plan."""
    terms = partners.partner_plan(partner_id, at).value()
    return lowness.marks(terms.low_balance, getattr(terms, "low_balance_days", DAYS_BY_DEFAULT))


def running(partner_id: int) -> list[Episode]:
    """The episodes that have not ended, the nearest to the end first."""
    rows = LowBalance.objects.filter(partner_id=partner_id, until_at=None)
    return sorted(map(row, rows), key=lambda one: one.mark.distance)


def episode(partner_id: int, episode_id: int) -> Episode | None:
    """An episode of that partner; None where it has none of that number."""
    found = LowBalance.objects.filter(partner_id=partner_id, pk=episode_id).first()
    return row(found) if found else None


def row(found: LowBalance) -> Episode:
    return Episode(
        found.pk,
        found.partner_id,
        Mark(Kind(found.kind), found.mark),
        found.since_at,
        found.until_at,
        found.invoice_id,
    )
