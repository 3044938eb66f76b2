"""Reading the ledger: balances, costs of tickets, statements, what waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from desk.deposits.models import (
    Adjustment,
    BalanceAfter,
    Deposit,
    Hold,
    HoldEnd,
    Line,
    Lot,
    Transaction,
    Uncovered,
)
from desk.deposits.standing import Standing, cost, costs, standing
from desk.deposits.values import (
    AdjustmentRow,
    Balance,
    BugHold,
    Ended,
    Held,
    LotLeft,
    Movement,
    OpenHold,
    Statement,
    UncoveredBug,
)
from desk.partners.models import StaffMembership, StaffRole
from desk.rules import ledger
from desk.rules.ledger import Account, Commodity, Cover

__all__ = ["Standing", "cost", "costs", "standing"]  # how other areas reach them

PACE_DAYS = 30
LIST_MAX = 200

_KOPECKS = F("amount") * F("lot__unit_price_kopecks")


def balance(partner_id: int) -> Balance:
    """The partner's balance, read where it is asked: inside an action it is the one decided on."""
    return balances([partner_id])[partner_id]


def balances(partner_ids: Sequence[int]) -> dict[int, Balance]:
    """Balances of many partners, one query; a partner without a deposit has nothing."""
    found = dict.fromkeys(partner_ids, Balance())
    for row in Deposit.objects.filter(pk__in=partner_ids):
        found[row.partner_id] = Balance(
            row.consultations_available,
            row.consultations_held,
            row.money_available_kopecks,
            row.money_held_kopecks,
        )
    return found


def held_subjects(ticket: str) -> list[str]:
    """Subjects of the ticket that have an open hold or wait uncovered: what an end is about."""
    found = standing(ticket)
    return [*found.held, *found.uncovered]


def open_subjects() -> dict[str, int]:
    """Every subject with an open hold and what it holds: for checks against tickets (L4)."""
    return dict(Hold.objects.filter(is_open=True).values_list("subject", "quantity"))


def charged(ticket: str) -> dict[str, int]:
    """What is left of the ticket's charges, by subject, in units or kopiykas of its commodity."""
    rows = (
        Line.objects.filter(hold__root=ticket, account=Account.EARNED)
        .values_list("hold__subject")
        .annotate(left=Sum("amount"))
        .order_by("hold__subject")
    )
    return {subject: left for subject, left in rows if left}


def lots(partner_id: int, *, used_up: bool = False) -> list[LotLeft]:
    """The partner's lots in the order of use; those with nothing left only when asked for."""
    rows = Lot.objects.filter(partner_id=partner_id)
    if not used_up:
        rows = rows.exclude(available=0, held=0)
    ordered = rows.order_by(F("expires_on").asc(nulls_last=True), "bought_at", "id")
    return [
        LotLeft(
            row.pk,
            Commodity(row.commodity),
            row.source,
            row.quantity,
            row.unit_price_kopecks,
            row.available,
            row.held,
            row.bought_at,
            row.expires_on,
        )
        for row in ordered[:LIST_MAX]
    ]


def statement(partner_id: int, from_at: datetime, until_at: datetime) -> Statement:
    """Opening balance, every movement in [from_at, until_at), closing balance (L9)."""
    opening = balance_before(partner_id, from_at)
    inside = Transaction.objects.filter(
        partner_id=partner_id, at__gte=from_at, at__lt=until_at, balance_after__isnull=False
    )
    found = _movements(inside)[::-1]
    return Statement(opening, found, found[-1].after if found else opening)


def balance_before(partner_id: int, at: datetime) -> Balance:
    """The partner's balance just before a moment."""
    known = BalanceAfter.objects.filter(partner_id=partner_id, at__lt=at)
    last = known.order_by("-at", "-transaction_id").first()
    return _balance(vars(last)) if last else Balance()


def movements(
    partner_id: int,
    before: tuple[datetime, int] | None = None,
    most: int = LIST_MAX,
    since: datetime | None = None,
) -> tuple[Movement, ...]:
    """The partner's movements, the latest first, each with the balance after it. `before` names
    the last one that was seen, by moment and id; what is booked later moves nothing of the past.
    `since`: none that happened earlier."""
    wanted = BalanceAfter.objects.filter(partner_id=partner_id)
    if since is not None:
        wanted = wanted.filter(at__gte=since)
    if before is not None:
        at, pk = before
        # The first condition is the index's: the second alone would look at everything later.
        wanted = wanted.filter(Q(at__lte=at), Q(at__lt=at) | Q(transaction_id__lt=pk))
    page = wanted.order_by("-at", "-transaction_id").values_list("transaction_id", flat=True)
    # Named one by one, so that sums are made of this page and of nothing else.
    return _movements(Transaction.objects.filter(pk__in=list(page[:most])))


def pace(partner_id: int, at: datetime, working_days: Sequence[date]) -> Fraction | None:
    """Consultations used on a usual working day, over the given days (the last 30 days' working
    ones, in the desk's zone); None while there is too little to tell (L10).

    Used is what was held and not given back, on the day of its acceptance.
    """
    if not working_days:
        return None
    zone = timezone.get_default_timezone()
    kept = Line.objects.filter(hold=OuterRef("pk"), account=Account.AVAILABLE).order_by()
    # Hold by hold, so that the index of the lines serves it however many lines there are.
    used = Hold.objects.filter(
        partner_id=partner_id,
        commodity=Commodity.CONSULTATIONS,
        at__lte=at,
        at__gte=datetime.combine(min(working_days), datetime.min.time(), zone),
    ).values_list(
        TruncDate("at", tzinfo=zone),
        Subquery(kept.values("hold").values_list(-Sum("amount"))),
    )
    daily: Counter[date] = Counter()
    for day, quantity in used.order_by():
        daily[day] += quantity or 0
    return ledger.usual_use([daily[day] for day in working_days])


def uncovered(partner_id: int | None = None) -> list[UncoveredBug]:
    """Bugs accepted beyond the credit limit, oldest first: the accountant's list (L2)."""
    rows = Uncovered.objects.filter(outcome=None).order_by("id")
    if partner_id is not None:
        rows = rows.filter(partner_id=partner_id)
    return [
        UncoveredBug(
            row.pk,
            row.partner_id,
            row.subject,
            row.memo,
            row.quantity,
            row.unit_price_kopecks,
            row.at,
            row.resolved_at,
        )
        for row in rows[:LIST_MAX]
    ]


def open_holds_older_than(at: datetime, partner_id: int | None = None) -> list[OpenHold]:
    """Holds opened before `at` that have not ended, oldest first (L4)."""
    rows = Hold.objects.filter(is_open=True, at__lt=at).select_related("transaction")
    if partner_id is not None:
        rows = rows.filter(partner_id=partner_id)
    return [
        OpenHold(
            row.pk,
            row.partner_id,
            row.subject,
            Commodity(row.commodity),
            row.quantity,
            row.at,
            row.transaction.memo,
        )
        for row in rows.order_by("at", "id")[:LIST_MAX]
    ]


def pending_adjustments() -> list[AdjustmentRow]:
    """Corrections that wait for a second person, oldest first."""
    rows = Adjustment.objects.filter(outcome=None).order_by("proposed_at", "id")
    return [adjustment_row(row) for row in rows[:LIST_MAX]]


def adjustments(partner_id: int) -> list[AdjustmentRow]:
    """The partner's corrections, latest first."""
    rows = Adjustment.objects.filter(partner_id=partner_id).order_by("-id")
    return [adjustment_row(row) for row in rows[:LIST_MAX]]


def may_approve(person: str, proposed_by: str) -> bool:
    """Another accountant, or the owner where there is no other accountant (spec 3)."""
    if person == proposed_by:
        return False
    present = StaffMembership.objects.filter(until_at=None)
    accountants = {
        f"person:{person_id}"
        for person_id in present.filter(role=StaffRole.ACCOUNTANT).values_list(
            "person_id", flat=True
        )
    }
    if person in accountants:
        return True
    if accountants - {proposed_by}:
        return False
    kind, _, number = person.partition(":")
    return kind == "person" and present.filter(role=StaffRole.VENDOR, person_id=number).exists()


# For the actions: the same rows as values.


def latest_holds(subjects: Sequence[str]) -> dict[str, Hold | None]:
    """The latest hold of each subject, with its end and its transaction."""
    rows = (
        Hold.objects.filter(subject__in=subjects)
        .order_by("subject", "-id")
        .distinct("subject")
        .select_related("end", "transaction")
    )
    found: dict[str, Hold | None] = dict.fromkeys(subjects)
    found.update({row.subject: row for row in rows})
    return found


def ended(subjects: Sequence[str]) -> Ended:
    """How the latest holds of the subjects ended, all of them together."""
    holds = [hold for hold in latest_holds(subjects).values() if hold is not None]
    ends = HoldEnd.objects.filter(hold__in=holds).values("transaction")
    lines = Line.objects.filter(hold__in=holds, transaction__in=ends, amount__gt=0)
    sums = lines.aggregate(
        captured=_sum(Q(account=Account.EARNED)),
        released=_sum(Q(account=Account.AVAILABLE)),
        kopecks=_sum(Q(account=Account.EARNED), _KOPECKS),
    )
    return Ended(tuple(subjects), sums["captured"], sums["released"], sums["kopecks"])


def held_by(posted: Transaction) -> tuple[Held, ...]:
    """The holds that a transaction opened."""
    rows = posted.holds.order_by("id").annotate(
        kopecks=Coalesce(
            Sum(
                F("lines__amount") * F("lines__lot__unit_price_kopecks"),
                filter=Q(lines__transaction=posted, lines__account=Account.HELD),
            ),
            0,
        )
    )
    return tuple(
        Held(row.pk, row.subject, Commodity(row.commodity), row.quantity, row.kopecks, row.is_open)
        for row in rows
    )


def bug_hold_by(posted: Transaction) -> BugHold:
    """How the bug of a transaction was paid."""
    facts = posted.facts
    return BugHold(Cover(facts["cover"]), held_by(posted), facts.get("on_credit", 0))


def adjustment_row(row: Adjustment) -> AdjustmentRow:
    return AdjustmentRow(
        row.pk,
        row.partner_id,
        Commodity(row.commodity),
        row.delta,
        row.unit_price_kopecks,
        row.reason,
        row.proposed_by,
        row.proposed_at,
        row.outcome,
        row.decided_by,
        row.decided_at,
    )


def _sum(condition: Q, amount: Any = "amount") -> Any:
    return Coalesce(Sum(amount, filter=condition, output_field=BigIntegerField()), 0)


def _changes() -> dict[str, Any]:
    """Sums of a transaction's lines, one for each figure of a balance, and what was charged."""

    def total(commodity: Commodity, account: Account) -> Any:
        of = Q(lines__lot__commodity=commodity, lines__account=account)
        return _sum(of, "lines__amount")

    return {
        "consultations_available": total(Commodity.CONSULTATIONS, Account.AVAILABLE),
        "consultations_held": total(Commodity.CONSULTATIONS, Account.HELD),
        "money_available_kopecks": total(Commodity.MONEY, Account.AVAILABLE),
        "money_held_kopecks": total(Commodity.MONEY, Account.HELD),
        "kopecks": _sum(
            Q(lines__account=Account.EARNED),
            F("lines__amount") * F("lines__lot__unit_price_kopecks"),
        ),
    }


def _movements(posted: QuerySet[Transaction]) -> tuple[Movement, ...]:
    """Transactions with their sums as movements, the latest first."""
    rows = posted.annotate(**_changes()).select_related("balance_after").order_by("-at", "-id")
    return tuple(
        _movement(one, _balance(vars(one)), _balance(vars(one.balance_after))) for one in rows
    )


def _balance(figures: Mapping[str, int]) -> Balance:
    return Balance(
        figures["consultations_available"],
        figures["consultations_held"],
        figures["money_available_kopecks"],
        figures["money_held_kopecks"],
    )


def _movement(posted: Transaction, change: Balance, after: Balance) -> Movement:
    return Movement(
        posted.pk,
        posted.at,
        posted.verb,
        posted.subject,
        posted.memo,
        posted.by,
        posted.channel,
        change,
        after,
        vars(posted)["kopecks"],
        posted.facts,
    )
