"""close_period: a company's month is over, and its figures are kept (L11)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.utils import timezone

from desk.deposits.actions.posting import KeyMissing, one_transaction, writing
from desk.deposits.models import Company, Period
from desk.deposits.queries import closing, figures
from desk.deposits.queries.closing import PeriodRow
from desk.journal import actions as journal
from desk.journal.cause import Cause


class PeriodNotOver(Exception):
    """The month goes on: more may be charged in it."""


class PeriodOutOfOrder(Exception):
    """Months are closed one after the other; `due_on` is the first day of the one to be closed."""

    def __init__(self, due_on: date) -> None:
        super().__init__(due_on.isoformat())
        self.due_on = due_on


class PeriodNotReady(Exception):
    """Something of the month is open; `points` as of `closing.Readiness.open_points`."""

    def __init__(self, points: tuple[str, ...]) -> None:
        super().__init__(", ".join(points))
        self.points = points


@one_transaction
def close_period(
    cause: Cause, company_id: int, first_on: date, left_out: Collection[str] = ()
) -> PeriodRow:
    """Close a company's month: papers are dated in it no more, corrections fall into the next.

    `left_out`: tickets under contest ("ticket:42"), whose charges wait for their ruling. A month
    that was closed stays so: repeated, it answers the first outcome. Raises PeriodNotOver,
    PeriodOutOfOrder, PeriodNotReady, KeyMissing.
    """
    if cause.key is None:
        raise KeyMissing("close_period")
    # Papers refer to their company, so that none comes in between.
    Company.objects.select_for_update().get(pk=company_id)
    if done := closing.period(company_id, first_on):
        return done
    _refuse_early(cause, company_id, first_on)
    found = closing.readiness(company_id, first_on, left_out)
    if found.open_points:
        raise PeriodNotReady(found.open_points)
    kept = closing.snapshot(found)
    with writing():
        facts = {"company": company_id, "month": first_on.isoformat(), "total": kept["total"]}
        journal.record(cause, "close_period", f"company:{company_id}", facts)
        row = Period.objects.create(
            company_id=company_id,
            first_on=first_on,
            closed_at=cause.at,
            closed_by=cause.by,
            figures=kept,
        )
    return closing.period_row(row)


def _refuse_early(cause: Cause, company_id: int, first_on: date) -> None:
    assert first_on.day == 1, "a month is named by its first day"
    today = timezone.localdate(cause.at, timezone.get_default_timezone())
    if today < figures.next_month(first_on):
        raise PeriodNotOver(first_on)
    due_on = closing.next_to_close(company_id)
    if due_on is not None and first_on != due_on:
        raise PeriodOutOfOrder(due_on)
