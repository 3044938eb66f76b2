"""Whether a company's month can be closed, and what it came to (L11)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Sum

from desk.deposits.models import ActLine, Adjustment, Paper, Payment, Period, Refund
from desk.deposits.queries import figures, first_events, papers
from desk.deposits.queries.catalogue import company as one_company
from desk.deposits.queries.figures import Figures
from desk.deposits.queries.papers import ActDue
from desk.rules.billing import PaperKind

PERIODS_MAX = 120


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of something there are, and their sum in kopiykas."""

    count: int = 0
    kopecks: int = 0


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A closed month, with its figures of that moment."""

    id: int
    company_id: int
    first_on: date
    closed_at: datetime
    closed_by: str
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Readiness:
    """A month as it stands now. `unmatched`: payments of it that nobody has booked; `acts_due`:
    partners with charges on no act, contested ones apart; `pending_…`: corrections and refunds
    of its time that wait for a second person. All of them have to be none.

    `contested`: tickets that acts leave out ("ticket:42"), with the kopiykas that wait so.
    `acted_kopecks`: of the charges of the month what acts in force carry."""

    company_id: int
    first_on: date
    unmatched: Counted
    acts_due: tuple[ActDue, ...]
    issued: Counted
    pending_adjustments: int
    pending_refunds: int
    contested: Mapping[str, int]
    figures: Figures
    acted_kopecks: int

    @property
    def left_kopecks(self) -> int:
        """Of the month's charges what is on no act."""
        return self.figures.earned_kopecks - self.acted_kopecks

    @property
    def open_points(self) -> tuple[str, ...]:
        """What stands against closing: "unmatched", "acts", "adjustments", "refunds", "figures"."""
        points = {
            "unmatched": self.unmatched.count,
            "acts": len(self.acts_due),
            "adjustments": self.pending_adjustments,
            "refunds": self.pending_refunds,
            "figures": not self.figures.agrees,
        }
        return tuple(name for name, wrong in points.items() if wrong)


def readiness(company_id: int, first_on: date, left_out: Collection[str] = ()) -> Readiness:
    """How the month stands; `left_out` are the tickets under contest ("ticket:42")."""
    partner_ids = figures.partners_of(company_id)
    from_at, until_at = figures.month_bounds(first_on)
    found = figures.figures(partner_ids, from_at, until_at)
    due = [one for one in papers.act_due(first_on) if one.partner_id in set(partner_ids)]
    waiting = {"partner__in": partner_ids, "outcome": None, "proposed_at__lt": until_at}
    return Readiness(
        company_id,
        first_on,
        _unmatched(company_id, first_on),
        tuple(one for one in due if not set(one.roots) <= set(left_out)),
        _issued(company_id, first_on),
        Adjustment.objects.filter(**waiting).count(),
        Refund.objects.filter(**waiting).count(),
        _contested(due, first_on, left_out),
        figures.total(found.values()),
        _acted(partner_ids, from_at, until_at),
    )


def period(company_id: int, first_on: date) -> PeriodRow | None:
    """The closed month, or None while it is open."""
    row = Period.objects.filter(company_id=company_id, first_on=first_on).first()
    return period_row(row) if row else None


def periods(company_id: int) -> list[PeriodRow]:
    """The company's closed months, the latest first."""
    rows = Period.objects.filter(company_id=company_id).order_by("-first_on")
    return [period_row(row) for row in rows[:PERIODS_MAX]]


def next_to_close(company_id: int) -> date | None:
    """The month after the last closed one; None before the first, which may be any."""
    last = Period.objects.filter(company_id=company_id).order_by("-first_on").first()
    return figures.next_month(last.first_on) if last else None


def snapshot(found: Readiness) -> dict[str, Any]:
    """The figures that a closed month keeps: all together, and by partner."""
    partner_ids = figures.partners_of(found.company_id)
    by_partner = figures.figures(partner_ids, *figures.month_bounds(found.first_on))
    return {
        "total": asdict(found.figures),
        "partners": {str(partner): asdict(one) for partner, one in by_partner.items()},
        "acts": asdict(found.issued),
        "acted_kopecks": found.acted_kopecks,
        "contested": dict(found.contested),
        "first_events": _taxed(found.company_id, found.first_on),
    }


def kept(content: Mapping[str, Any]) -> Figures:
    """Figures of a snapshot, as values."""
    names = {field.name for field in fields(Figures)}
    return Figures(**{name: content[name] for name in names & set(content)})


def period_row(row: Period) -> PeriodRow:
    return PeriodRow(
        row.pk, row.company_id, row.first_on, row.closed_at, row.closed_by, row.figures
    )


def _unmatched(company_id: int, first_on: date) -> Counted:
    # The words of the partial index, so that it serves them.
    rows = Payment.objects.filter(returned_at__isnull=True).exclude(left_kopecks=0)
    of_month = rows.filter(company_id=company_id, paid_on__lt=figures.next_month(first_on))
    return _counted(of_month.aggregate(count=Count("pk"), kopecks=Sum("left_kopecks")))


def _issued(company_id: int, first_on: date) -> Counted:
    """Acts of the month that are in force."""
    rows = Paper.objects.filter(
        company_id=company_id, kind=PaperKind.ACT, from_on=first_on, cancelled_by__isnull=True
    )
    return _counted(rows.aggregate(count=Count("pk"), kopecks=Sum("total_kopecks")))


def _counted(found: Mapping[str, Any]) -> Counted:
    return Counted(found["count"], found["kopecks"] or 0)


def _acted(partner_ids: Collection[int], from_at: datetime, until_at: datetime) -> int:
    """Of the charges of the month what acts in force carry, whenever they were issued."""
    rows = ActLine.objects.filter(
        in_force=True,
        transaction__partner_id__in=partner_ids,
        transaction__at__gte=from_at,
        transaction__at__lt=until_at,
    )
    return rows.aggregate(total=Sum("kopecks"))["total"] or 0


def _contested(due: Iterable[ActDue], first_on: date, left_out: Collection[str]) -> dict[str, int]:
    """Tickets under contest with charges that no act carries, and how much."""
    found: dict[str, int] = {}
    for one in due:
        if set(one.roots) & set(left_out):
            for charge in papers.charges_due(one.partner_id, first_on):
                if charge.root in left_out:
                    found[charge.root] = found.get(charge.root, 0) + charge.kopecks
    return found


def _taxed(company_id: int, first_on: date) -> dict[str, int] | None:
    """First events of the month together, for a VAT payer."""
    if not one_company(company_id).is_vat_payer:
        return None
    found = first_events.first_events(company_id, first_on, papers.month_end(first_on))
    return {
        "count": len(found),
        "kopecks": sum(one.kopecks for one in found),
        "vat_kopecks": sum(one.vat_kopecks for one in found),
    }
