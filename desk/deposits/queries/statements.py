"""A statement for any period, page by page, equal to the ledger to the unit (L9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from desk.deposits.queries import ledger
from desk.deposits.values import Balance, Movement

PAGE = 20
PAGE_MAX = 200
# More than this opens in no program that people have.
EXPORT_MAX = 50_000

Place = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class StatementPage:
    """A period [from_at, until_at) with a page of its movements, the latest first. `opening` and
    `closing` are the period's, not the page's. `place` opens the next page; None at the end."""

    opening: Balance
    closing: Balance
    movements: tuple[Movement, ...]
    place: Place | None


def page(
    partner_id: int,
    from_at: datetime,
    until_at: datetime,
    before: Place | None = None,
    most: int = PAGE,
) -> StatementPage:
    """A page of a statement. `before` is the `place` of the page above it."""
    assert 0 < most <= PAGE_MAX, "a page has a size"
    end = (until_at, 0)
    found = ledger.movements(partner_id, min(before, end) if before else end, most + 1, from_at)
    shown, opening = found[:most], ledger.balance_before(partner_id, from_at)
    # Of the first page it is what that very page ends with, whatever is booked meanwhile.
    top = shown[0].after if shown and before is None else None
    closing = top or ledger.balance_before(partner_id, until_at)
    last = shown[-1] if len(found) > most else None
    return StatementPage(opening, closing, shown, (last.at, last.id) if last else None)


def whole(
    partner_id: int, from_at: datetime, until_at: datetime, most: int = EXPORT_MAX
) -> Iterator[Movement]:
    """The movements of a period, the latest first, at most so many: for an export."""
    before: Place = (until_at, 0)
    while most > 0:
        found = ledger.movements(partner_id, before, min(PAGE_MAX, most), from_at)
        yield from found
        if len(found) < PAGE_MAX:
            return
        before, most = (found[-1].at, found[-1].id), most - len(found)
