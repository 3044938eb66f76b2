"""A refund gives units of one lot back for their money: two people, then the money is sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, transaction

from desk.deposits import actions, queries
from desk.deposits.checks import check
from desk.deposits.models import Payout, Refund
from desk.deposits.queries import refunds
from desk.deposits.values import Balance
from desk.journal.models import Entry
from desk.partners.models import StaffRole
from tests.scenarios.deposits import (
    MONEY,
    PRICE,
    UNITS,
    a_partner,
    buys,
    day,
    holds,
    keyed,
    on,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner() -> int:
    return a_partner()


@pytest.fixture
def accountant() -> str:
    return staff(StaffRole.ACCOUNTANT)


@pytest.fixture
def other() -> str:
    return staff(StaffRole.ACCOUNTANT)


@pytest.fixture(autouse=True)
def ledger_is_right(db: None) -> Iterator[None]:
    """Whatever a scenario did, the ledger can be proved."""
    yield
    connection.check_constraints()
    assert check() == []


def _lot(partner_id: int) -> int:
    return queries.lots(partner_id)[0].id


def test_a_refund_takes_two_people_and_then_the_money_is_sent(
    partner: int, accountant: str, other: str
) -> None:
    buys(partner, 5)
    proposed = actions.propose_refund(keyed("form:r", by=accountant), _lot(partner), 2, "Leaves")
    again = actions.propose_refund(keyed("form:r", by=accountant), _lot(partner), 2, "Leaves")
    assert again == proposed
    assert (proposed.kopecks, proposed.outcome) == (2 * PRICE, None)
    assert queries.balance(partner) == Balance(5)
    assert refunds.pending_refunds() == [proposed]
    with pytest.raises(actions.SecondPersonNeeded):
        actions.approve_refund(keyed(by=accountant), proposed.id)
    with pytest.raises(actions.RefundDecided):
        actions.pay_refund(keyed(by=other), proposed.id, on(1), "No. 8")
    approved = actions.approve_refund(keyed(by=other, at=day(1)), proposed.id)
    assert actions.approve_refund(keyed(by=accountant, at=day(2)), proposed.id) == approved
    assert (approved.outcome, approved.decided_by) == ("approved", other)
    assert queries.balance(partner) == Balance(3)
    assert refunds.unpaid_refunds() == [approved]
    paid = actions.pay_refund(keyed(by=accountant, at=day(2)), proposed.id, on(2), "No. 8")
    assert actions.pay_refund(keyed(by=accountant), proposed.id, on(2), "No. 8") == paid
    assert (paid.paid_on, paid.reference) == (on(2), "No. 8")
    assert refunds.unpaid_refunds() == []
    assert refunds.refunds_between(on(0), on(30), partner) == [paid]
    assert refunds.refunds_between(on(3), on(30), partner) == []
    with pytest.raises(actions.RefundPaid):
        actions.pay_refund(keyed(by=accountant), proposed.id, on(3), "No. 8")


def test_the_owner_approves_a_refund_where_there_is_one_accountant(
    partner: int, accountant: str
) -> None:
    owner = staff(StaffRole.VENDOR)
    buys(partner, 1)
    proposed = actions.propose_refund(keyed(by=accountant), _lot(partner), 1, "Leaves")
    with pytest.raises(actions.SecondPersonNeeded):
        actions.approve_refund(keyed(by=staff(StaffRole.SPECIALIST)), proposed.id)
    actions.approve_refund(keyed(by=owner), proposed.id)
    assert queries.balance(partner) == Balance()


def test_a_bonus_is_never_refunded(partner: int, accountant: str) -> None:
    actions.buy(keyed(), partner, 5, 0, 0, bonus=True)
    with pytest.raises(actions.NotRefundable):
        actions.propose_refund(keyed(by=accountant), _lot(partner), 1, "Leaves")
    assert refunds.refundable(partner) == []


def test_only_what_is_free_is_refunded_at_the_price_of_its_lot(
    partner: int, accountant: str, other: str
) -> None:
    buys(partner, 2, price=10_000)
    first = _lot(partner)
    buys(partner, 2, price=15_000, at=day(1))
    holds(partner, "ticket:1", at=day(2))
    with pytest.raises(actions.DepositExhausted) as refused:
        actions.propose_refund(keyed(by=accountant), first, 2, "Leaves")
    assert (refused.value.available, refused.value.needed) == (1, 2)
    made = actions.propose_refunds_of(keyed("form:all", by=accountant), partner, "Classic line")
    assert [(row.quantity, row.kopecks) for row in made] == [(1, 10_000), (2, 30_000)]
    assert actions.propose_refunds_of(keyed(by=accountant), partner, "Classic line") == []
    holds(partner, "ticket:2", at=day(3))
    with pytest.raises(actions.DepositExhausted):
        actions.approve_refund(keyed(by=other, at=day(4)), made[0].id)
    actions.decline_refund(keyed(by=other, at=day(4)), made[0].id, "used meanwhile")
    actions.approve_refund(keyed(by=other, at=day(4)), made[1].id)
    assert queries.balance(partner) == Balance(0, 2)


def test_l2_units_that_stand_for_credit_are_not_refunded(
    partner: int, accountant: str, other: str
) -> None:
    """One unit came back to a paid lot, one is lent: all in all there is nothing to give back."""
    buys(partner, 1)
    lot = _lot(partner)
    holds(partner, "ticket:1")
    for ticket in ("ticket:2", "ticket:3"):
        bug = {"credit_limit": 2, "unit_price_kopecks": PRICE, "memo": ticket}
        actions.hold_for_bug(keyed(), partner, [ticket], **bug)  # type: ignore[arg-type]
    actions.release(keyed(), ["ticket:1"])
    assert queries.balance(partner) == Balance(-1, 2)
    assert refunds.refundable(partner) == []
    with pytest.raises(actions.DepositExhausted):
        actions.propose_refund(keyed(by=accountant), lot, 1, "Leaves")
    buys(partner, 2, at=day(1))
    actions.release(keyed(at=day(1)), ["ticket:2"])
    # Paid by the purchase that filled the credit, so it has its money's worth.
    lent = [row for row in refunds.refundable(partner) if row.source == "credit"]
    assert [(row.quantity, row.kopecks) for row in lent] == [(1, PRICE)]
    proposed = actions.propose_refund(keyed(by=accountant), lent[0].lot_id, 1, "Leaves")
    actions.approve_refund(keyed(by=other, at=day(2)), proposed.id)


def test_money_is_refunded_in_kopecks_and_an_opening_balance_at_its_price(
    partner: int, accountant: str, other: str
) -> None:
    actions.top_up(keyed(), partner, 1_050, "No. 7")
    proposed = actions.propose_refund(keyed(by=accountant), _lot(partner), 1_000, "Overpaid")
    assert proposed.kopecks == 1_000
    actions.approve_refund(keyed(by=other), proposed.id)
    assert queries.balance(partner) == Balance(0, 0, 50, 0)
    opening = actions.propose_adjustment(keyed(by=accountant), partner, UNITS, 3, "Opening", PRICE)
    actions.approve_adjustment(keyed(by=other), opening.id)
    given = actions.propose_adjustment(keyed(by=accountant), partner, UNITS, 3, "Goodwill")
    actions.approve_adjustment(keyed(by=other), given.id)
    rows = {row.source: row for row in refunds.refundable(partner) if row.commodity != MONEY}
    assert [(row.quantity, row.kopecks) for row in rows.values()] == [(3, 3 * PRICE)]


def test_a_declined_refund_moves_nothing_and_stays_declined(
    partner: int, accountant: str, other: str
) -> None:
    buys(partner, 1)
    proposed = actions.propose_refund(keyed(by=accountant), _lot(partner), 1, "Leaves")
    declined = actions.decline_refund(keyed(by=accountant), proposed.id, "a mistake")
    assert actions.decline_refund(keyed(by=other), proposed.id) == declined
    with pytest.raises(actions.RefundDecided):
        actions.approve_refund(keyed(by=other), proposed.id)
    second = actions.propose_refund(keyed(by=accountant), _lot(partner), 1, "Leaves")
    actions.approve_refund(keyed(by=other), second.id)
    with pytest.raises(actions.RefundDecided):
        actions.decline_refund(keyed(by=other), second.id)
    assert queries.balance(partner) == Balance()


def test_l3_a_refund_needs_a_reason_a_number_and_a_key(partner: int, accountant: str) -> None:
    buys(partner, 1)
    with pytest.raises(actions.ReasonMissing):
        actions.propose_refund(keyed(by=accountant), _lot(partner), 1, " ")
    with pytest.raises(actions.AmountNotPositive):
        actions.propose_refund(keyed(by=accountant), _lot(partner), 0, "Leaves")
    actions.propose_refund(keyed("form:q", by=accountant), _lot(partner), 1, "Leaves")
    with pytest.raises(actions.KeyReused):
        actions.propose_refund(keyed("form:q", by=accountant), _lot(partner), 1, "Other words")


def test_the_journal_tells_of_each_step(partner: int, accountant: str, other: str) -> None:
    buys(partner, 1)
    proposed = actions.propose_refund(keyed(by=accountant), _lot(partner), 1, "Leaves")
    actions.approve_refund(keyed(by=other), proposed.id)
    actions.pay_refund(keyed(by=other), proposed.id, on(0))
    verbs = ["propose_refund", "refund", "pay_refund"]
    told = Entry.objects.filter(verb__in=verbs, partner_id=partner).order_by("id")
    assert [entry.verb for entry in told] == verbs
    assert told[1].facts["kopecks"] == PRICE


@pytest.mark.parametrize(
    "change",
    [
        {"decided_by": "author", "outcome": "approved"},
        {"decided_by": "other", "outcome": "approved"},
        {"quantity": 9},
        {"kopecks": 1},
    ],
)
def test_the_database_keeps_the_second_person_and_the_sum(
    partner: int, accountant: str, change: dict[str, object]
) -> None:
    buys(partner, 1)
    row = actions.propose_refund(keyed(by=accountant), _lot(partner), 1, "Leaves")
    wrong = {key: accountant if value == "author" else value for key, value in change.items()}
    with pytest.raises(DatabaseError), transaction.atomic():
        Refund.objects.filter(pk=row.id).update(**wrong)


def test_a_payout_is_never_changed(partner: int, accountant: str, other: str) -> None:
    buys(partner, 1)
    row = actions.propose_refund(keyed(by=accountant), _lot(partner), 1, "Leaves")
    actions.approve_refund(keyed(by=other), row.id)
    actions.pay_refund(keyed(by=other), row.id, on(0))
    with pytest.raises(DatabaseError), transaction.atomic():
        Payout.objects.update(reference="another")
