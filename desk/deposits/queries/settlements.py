"""Settlements with a partner as accounting sees them: payments against acts, for a reconciliation.

Charges count when an act settles them. What the ledger holds besides (opening balances, expired
units, purchases booked without a payment) is money between the two as well and stands beside them.
"""

from __future__ import annotations

from datetime import date

from desk.deposits.printing.content import Posting


def of(partner_id: int, from_on: date, until_on: date) -> tuple[int, list[Posting]]:
    """The opening balance in kopiykas (above zero: the partner owes) and the postings of the
    period, both days included, by day."""
    postings = _all(partner_id)
    opening = sum(one.debit_kopecks - one.credit_kopecks for one in postings if one.on < from_on)
    return opening, [one for one in postings if from_on <= one.on <= until_on]


def _all(partner_id: int) -> list[Posting]:
    return []
