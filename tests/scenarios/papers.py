"""Words for the scenarios of papers: drafts of invoices, charges of a month, a month's act."""

from __future__ import annotations

from datetime import date, datetime

from desk.deposits import actions, printing
from desk.deposits.actions import papering
from desk.deposits.actions.papering import Draft
from desk.deposits.queries.catalogue import parties
from desk.deposits.queries.papers import PaperRow
from desk.rules.billing import PaperKind
from tests.scenarios.deposits import MONDAY, PRICE, UNITS, keyed, unkeyed

TODAY = date(2026, 11, 23)
MONTH = date(2026, 11, 1)
NEXT_MONTH = date(2026, 12, 1)
MONTH_END = date(2026, 11, 30)


def an_invoice(partner_id: int, on: date = TODAY, quantity: int = 10) -> Draft:
    """An invoice about a pack, not issued yet."""
    sides = parties(partner_id)
    content = printing.invoice(sides, [printing.SoldLine("Консультації", quantity, PRICE)], on)
    return Draft(
        PaperKind.INVOICE, sides.company.id, partner_id, on, content, content["total_kopecks"]
    )


def charged(partner_id: int, subject: str, at: datetime = MONDAY, *, quantity: int = 1) -> None:
    """A ticket that was accepted and confirmed; its number and subject are known."""
    actions.hold(
        unkeyed(at),
        partner_id,
        [subject],
        commodity=UNITS,
        quantity_each=quantity,
        memo=f"OLH-{subject.partition(':')[2]} Ціни не оновлюються",
    )
    actions.capture(unkeyed(at), [subject])


def acted(
    partner_id: int, month: date = MONTH, at: datetime = MONDAY, left_out: tuple[str, ...] = ()
) -> PaperRow:
    """The month's act, issued at a moment."""
    return papering.issue_act(keyed(at=at), partner_id, month, left_out)


def said(row: PaperRow) -> list[tuple[str, int, int]]:
    """Ticket, quantity and sum of each line of an act."""
    lines = row.content["lines"]
    return [(line["number"], line["quantity"], line["kopecks"]) for line in lines]
