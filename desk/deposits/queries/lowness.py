"""How long a deposit lasts at the partner's pace, which episodes of a low one run, and what is
ready to be bought then (L10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil

from desk.deposits.models import Invoice, LowBalance
from desk.deposits.queries import catalogue
from desk.deposits.queries.catalogue import PackRow
from desk.deposits.queries.ledger import PACE_DAYS, balance, pace
from desk.partners import queries as partners
from desk.partners.models import Partner
from desk.rules import ledger, lowness
from desk.rules.billing import Purpose
from desk.rules.lowness import Kind, Mark, Reach

# Where a plan says nothing of days of usual use.
DAYS_BY_DEFAULT = (5,)
# What is ready to be bought lasts about so long, where the partner has no habit of its own.
READY_WEEKS = 4
READY_QUANTITY_MIN = 10
WEEK_DAYS = 7


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


@dataclass(frozen=True, slots=True)
class Use:
    """What the partner usually uses: consultations on a working day, and in a week."""

    daily: Fraction
    weekly: Fraction


@dataclass(frozen=True, slots=True)
class Ready:
    """What the ready invoice is of: a pack, or so many consultations at the price of the day."""

    pack: PackRow | None
    quantity: int


def use(partner_id: int, at: datetime) -> Use | None:
    """The partner's pace over the last 30 days; None while there is too little to tell."""
    plan_id = Partner.objects.values_list("plan_id", flat=True).get(pk=partner_id)
    calendar = partners.versions_in_force(plan_id, at)[1].value()
    today = calendar.date_of(at)
    first = today - timedelta(days=PACE_DAYS)
    days = calendar.working_dates(first, today - timedelta(days=1))
    daily = pace(partner_id, at, days)
    return Use(daily, daily * len(days) * WEEK_DAYS / PACE_DAYS) if daily else None


def reach(partner_id: int, at: datetime) -> Reach:
    """What is available, and how many working days it lasts at the partner's pace."""
    known, available = use(partner_id, at), balance(partner_id).consultations_available
    return Reach(available, ledger.lasts_days(available, known.daily if known else None))


def ready(partner_id: int, at: datetime) -> Ready:
    """What the partner would buy: what it bought last, if that is still offered; else the smallest
    pack that lasts four weeks; without packs so many consultations."""
    offered = {one.id: one for one in catalogue.packs_for(partner_id, partners.today(at))}
    bought = Invoice.objects.filter(
        partner_id=partner_id, purpose=Purpose.CONSULTATIONS, cancelled_at=None
    ).order_by("-paper")
    last = bought.values_list("pack_id", "quantity").first()
    if last is not None and (last[0] is None or last[0] in offered):
        return Ready(offered.get(last[0]), last[1])
    known = use(partner_id, at)
    needed = max(READY_QUANTITY_MIN, ceil(known.weekly * READY_WEEKS) if known else 0)
    packs = sorted(offered.values(), key=lambda one: one.quantity + one.bonus)
    enough = [one for one in packs if one.quantity + one.bonus >= needed]
    chosen = next(iter(enough or packs[-1:]), None)
    return Ready(chosen, chosen.quantity if chosen else needed)


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
