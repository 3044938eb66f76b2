"""What an upheld contest of a charge gives back: the money side of a ruling (L5, L11)."""

from __future__ import annotations

from collections.abc import Iterator

from desk.deposits import actions as deposits
from desk.deposits import queries as ledger
from desk.deposits.actions.posting import lock
from desk.tickets import queries
from desk.tickets.actions.engine import Case, Incomplete

Amounts = dict[str, int]


def amounts(case: Case, wanted: int | None) -> Amounts:
    """What goes back of each charge of the ticket, the last part first: `wanted` consultations,
    or kopiykas of a customisation, at most what is left; None is all of it."""
    if wanted is not None and wanted < 0:
        raise Incomplete("give_back", "negative")
    lock(case.ticket.partner_id)
    left = ledger.charged(case.ticket.key)
    return dict(_dealt(left, sum(left.values()) if wanted is None else wanted))


def give_back(case: Case, entry_id: int, returned: Amounts) -> None:
    """Reverse the charges, caused by the ruling's entry; the lots get their units back."""
    memo = f"{queries.number(case.ticket)} {case.ticket.subject}"
    for subject, quantity in returned.items():
        deposits.reverse(case.cause.follows(entry_id), subject, quantity, memo)


def _dealt(left: Amounts, wanted: int) -> Iterator[tuple[str, int]]:
    for subject in sorted(left, key=_order, reverse=True):
        quantity = min(wanted, left[subject])
        if quantity > 0:
            yield subject, quantity
            wanted -= quantity


def _order(subject: str) -> tuple[int, str]:
    _, _, tail = subject.rpartition(":")
    return (int(tail) if tail.isdigit() else 0, subject)
