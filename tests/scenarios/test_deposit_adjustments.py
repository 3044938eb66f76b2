"""A correction takes two persons, a reason, and never goes below zero (spec 3)."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from desk.deposits import actions, queries
from desk.deposits.checks import check
from desk.deposits.models import Adjustment
from desk.deposits.values import Balance
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


def test_a_correction_counts_when_a_second_person_approves(
    partner: int, accountant: str, other: str
) -> None:
    cause = keyed("form:a", by=accountant)
    proposed = actions.propose_adjustment(cause, partner, UNITS, 5, "Opening balance", PRICE)
    assert (
        actions.propose_adjustment(cause, partner, UNITS, 5, "Opening balance", PRICE) == proposed
    )
    assert queries.balance(partner) == Balance()
    assert queries.pending_adjustments() == [proposed]
    with pytest.raises(actions.SecondPersonNeeded):
        actions.approve_adjustment(keyed(by=accountant), proposed.id)
    approved = actions.approve_adjustment(keyed(by=other, at=day(1)), proposed.id)
    assert actions.approve_adjustment(keyed(by=other, at=day(2)), proposed.id) == approved
    assert (approved.outcome, approved.decided_by) == ("approved", other)
    assert queries.balance(partner) == Balance(5)
    assert queries.pending_adjustments() == []
    assert holds(partner, "ticket:1", at=day(3))[0].kopecks == PRICE
    connection.check_constraints()
    assert check() == []


def test_the_owner_approves_where_there_is_one_accountant(partner: int, accountant: str) -> None:
    owner = staff(StaffRole.VENDOR)
    proposed = actions.propose_adjustment(keyed(by=accountant), partner, MONEY, 100, "Goodwill")
    for stranger in (staff(StaffRole.SPECIALIST), "person:999999", "system"):
        with pytest.raises(actions.SecondPersonNeeded):
            actions.approve_adjustment(keyed(by=stranger), proposed.id)
    actions.approve_adjustment(keyed(by=owner), proposed.id)
    assert queries.balance(partner) == Balance(0, 0, 100, 0)


def test_the_owner_does_not_where_another_accountant_could(
    partner: int, accountant: str, other: str
) -> None:
    owner = staff(StaffRole.VENDOR)
    proposed = actions.propose_adjustment(keyed(by=accountant), partner, MONEY, 100, "Goodwill")
    with pytest.raises(actions.SecondPersonNeeded):
        actions.approve_adjustment(keyed(by=owner), proposed.id)
    actions.approve_adjustment(keyed(by=other), proposed.id)


def test_a_correction_never_goes_below_zero(partner: int, accountant: str, other: str) -> None:
    buys(partner, 2)
    actions.adjust(keyed(by=accountant), partner, UNITS, -2, "Counted twice", other)
    assert queries.balance(partner) == Balance()
    with pytest.raises(actions.DepositExhausted) as refused:
        actions.adjust(keyed("form:b", by=accountant), partner, UNITS, -1, "Once more", other)
    assert (refused.value.available, refused.value.needed) == (0, 1)
    assert queries.pending_adjustments() == []
    connection.check_constraints()
    assert check() == []


def test_l3_a_correction_with_one_key_is_made_once(
    partner: int, accountant: str, other: str
) -> None:
    for _ in range(2):
        actions.adjust(keyed("form:c", by=accountant), partner, MONEY, 500, "Goodwill", other)
    assert queries.balance(partner) == Balance(0, 0, 500, 0)
    with pytest.raises(actions.KeyReused):
        actions.adjust(keyed("form:c", by=accountant), partner, MONEY, 501, "Goodwill", other)
    assert len(queries.adjustments(partner)) == 1


def test_a_declined_correction_stays_declined(partner: int, accountant: str, other: str) -> None:
    proposed = actions.propose_adjustment(keyed(by=accountant), partner, MONEY, 100, "Goodwill")
    declined = actions.decline_adjustment(keyed(by=accountant), proposed.id, "a mistake")
    assert actions.decline_adjustment(keyed(by=other), proposed.id).outcome == declined.outcome
    with pytest.raises(actions.AdjustmentDecided):
        actions.approve_adjustment(keyed(by=other), proposed.id)
    second = actions.propose_adjustment(keyed(by=accountant), partner, MONEY, 100, "Goodwill")
    actions.approve_adjustment(keyed(by=other), second.id)
    with pytest.raises(actions.AdjustmentDecided):
        actions.decline_adjustment(keyed(by=other), second.id)


def test_a_correction_needs_a_reason_and_a_number(partner: int, accountant: str) -> None:
    with pytest.raises(actions.ReasonMissing):
        actions.propose_adjustment(keyed(by=accountant), partner, MONEY, 100, "  ")
    with pytest.raises(actions.AmountNotPositive):
        actions.propose_adjustment(keyed(by=accountant), partner, MONEY, 0, "Nothing")


@pytest.mark.parametrize(
    "change",
    [
        {"decided_by": "author", "outcome": "approved"},
        {"delta": 5_000},
        {"reason": "another"},
        {"outcome": "approved", "decided_by": "somebody"},
    ],
    ids=["approved by its author", "a larger sum", "another reason", "approved without moving"],
)
def test_the_database_keeps_the_second_person(
    partner: int, accountant: str, change: dict[str, object]
) -> None:
    proposed = actions.propose_adjustment(keyed(by=accountant), partner, MONEY, 100, "Goodwill")
    if change.get("decided_by") == "author":
        change = {**change, "decided_by": accountant}
    with pytest.raises(DatabaseError), transaction.atomic():
        Adjustment.objects.filter(pk=proposed.id).update(**change)
