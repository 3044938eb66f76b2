"""Many at once, over real connections: the deposit stays right in any interleaving (L1, L3)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.db import connection, transaction

from desk.deposits import actions, queries
from desk.deposits.actions import expiring
from desk.deposits.checks import check
from desk.deposits.models import ExpiryNotice, Transaction
from desk.deposits.values import Balance
from desk.journal.cause import Cause
from desk.journal.models import Entry
from desk.partners.models import StaffRole
from desk.tickets import actions as tickets
from tests.scenarios.deposits import (
    MONDAY,
    PRICE,
    UNITS,
    a_partner,
    buys,
    day,
    holds,
    keyed,
    on,
    staff,
    unkeyed,
)

THREADS = 10


def at_once(tasks: Sequence[Callable[[], object]]) -> Counter[str]:
    """Run the tasks in threads of their own connections; count results and refusals by name."""
    start = Barrier(THREADS)

    def worker(mine: Sequence[Callable[[], object]]) -> list[str]:
        start.wait()
        try:
            return [_name_of(task) for task in mine]
        finally:
            connection.close()

    shares = [tasks[number::THREADS] for number in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(name for names in pool.map(worker, shares) for name in names)


def _name_of(task: Callable[[], object]) -> str:
    try:
        task()
    except Exception as refused:  # noqa: BLE001  (any refusal is counted by its name)
        return type(refused).__name__
    return "done"


@pytest.fixture
def partner(committed: str) -> int:
    return a_partner()


def test_l2_fifty_at_once_want_the_last_unit_and_one_gets_it(partner: int) -> None:
    buys(partner, 1)
    outcome = at_once([_holds(partner, f"ticket:{number}") for number in range(50)])
    assert outcome == {"done": 1, "DepositExhausted": 49}
    assert queries.balance(partner) == Balance(0, 1)
    assert check() == []


def test_l3_twenty_copies_of_one_key_have_one_effect(partner: int) -> None:
    """Even the very first purchase, when there is no deposit to lock yet."""

    def buy() -> object:
        return actions.buy(keyed("pay:1"), partner, 10, PRICE, 10 * PRICE)

    assert at_once([buy] * 20) == {"done": 20}
    assert queries.balance(partner) == Balance(10)
    assert Transaction.objects.count() == 1
    cause = unkeyed()
    assert at_once([_holds(partner, "ticket:1", cause)] * 20) == {"done": 20}
    assert queries.balance(partner) == Balance(9, 1)
    assert check() == []


def test_l3_one_key_with_two_contents_is_one_of_them(partner: int) -> None:
    copies = [
        partial(actions.top_up, keyed("pay:2"), partner, number % 2 + 1, "") for number in range(20)
    ]
    assert at_once(copies) == {"done": 10, "KeyReused": 10}
    assert queries.balance(partner).money_available_kopecks in (1, 2)


def test_l4_captured_and_released_at_once_a_hold_ends_one_way(partner: int) -> None:
    buys(partner, 5)
    subjects = [f"ticket:{number}" for number in range(5)]
    for subject in subjects:
        holds(partner, subject)
    tasks: list[Callable[[], object]] = []
    for subject in subjects:
        tasks += [partial(actions.capture, unkeyed(), [subject])] * 3
        tasks += [partial(actions.release, unkeyed(), [subject])] * 3
    outcome = at_once(tasks)
    assert outcome == {"done": 15, "HoldEnded": 15}
    costs = queries.costs(subjects)
    charged = sum(cost.units_captured for cost in costs.values())
    assert queries.balance(partner) == Balance(5 - charged, 0)
    assert check() == []


def test_l2_bugs_at_once_stop_at_the_credit_limit(partner: int) -> None:
    def bug(number: int) -> Callable[[], object]:
        return lambda: actions.hold_for_bug(
            unkeyed(),
            partner,
            [f"ticket:{number}"],
            credit_limit=3,
            unit_price_kopecks=PRICE,
            memo="",
        )

    assert at_once([bug(number) for number in range(20)]) == {"done": 20}
    assert queries.balance(partner) == Balance(-3, 3)
    assert len(queries.uncovered(partner)) == 17
    buys(partner, 25)
    assert queries.balance(partner) == Balance(5, 20)
    assert check() == []


@pytest.mark.parametrize("seed", [1, 2])
def test_l1_a_storm_of_operations_keeps_the_sums(partner: int, seed: int) -> None:
    """The bank test: several partners, every verb, ten connections; no error but refusals."""
    dice = random.Random(seed)
    partners = [partner, a_partner("ELS"), a_partner("MID")]
    for each in partners:
        buys(each, 20)
    subjects = [(each, f"ticket:{each}{number}") for each in partners for number in range(12)]
    tasks = [_any_operation(dice, *dice.choice(subjects)) for _ in range(300)]
    outcome = at_once(tasks)
    refusals = {"DepositExhausted", "AlreadyHeld", "HoldEnded", "HoldMissing", "MoreThanLeft"}
    assert set(outcome) <= {"done", *refusals}, outcome
    assert outcome["done"] > 50
    assert check() == []


def _any_operation(dice: random.Random, partner_id: int, subject: str) -> Callable[[], object]:
    quantity = dice.randint(1, 3)
    operations: list[Callable[[], object]] = [
        lambda: buys(partner_id, quantity, price=dice.choice([15_000, PRICE])),
        lambda: actions.top_up(keyed(), partner_id, quantity * PRICE, ""),
        lambda: actions.convert(keyed(), partner_id, quantity, PRICE),
        _holds(partner_id, subject),
        _holds(partner_id, subject),
        lambda: actions.hold_for_bug(
            unkeyed(), partner_id, [subject], credit_limit=2, unit_price_kopecks=PRICE, memo=""
        ),
        lambda: actions.capture(unkeyed(), [subject]),
        lambda: actions.release(unkeyed(), [subject]),
        lambda: actions.reverse(keyed(), subject, quantity, ""),
    ]
    return dice.choice(operations)


def _holds(partner_id: int, subject: str, cause: Cause | None = None) -> Callable[[], object]:
    return lambda: actions.hold(
        cause or unkeyed(MONDAY),
        partner_id,
        [subject],
        commodity=UNITS,
        quantity_each=1,
        memo="OLH-1",
    )


def test_money_is_booked_while_somebody_goes_through_the_partners_tickets(partner: int) -> None:
    """Who holds the partner wants the deposit next; who books holds the deposit, and its rows name
    the partner: neither may wait for the other."""
    actions.top_up(keyed(), partner, 5 * PRICE, "Invoice 7")

    def convert() -> str:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '5s'")
            actions.convert(keyed(), partner, 1, PRICE)
            return "done"
        finally:
            connection.close()

    with transaction.atomic():
        tickets.fund_waiting(unkeyed(), partner)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(convert).result() == "done"
    assert queries.balance(partner).consultations_available == 1


def test_several_workers_at_once_expire_and_announce_a_lot_once(partner: int) -> None:
    for life in (1, 20):
        asked = {"expires_on": on(life)}
        actions.buy(keyed(), partner, 3, PRICE, 3 * PRICE, **asked)  # type: ignore[arg-type]
    assert at_once([lambda: expiring.tick(day(2))] * 8) == {"done": 8}
    assert queries.balance(partner) == Balance(3)
    assert ExpiryNotice.objects.count() == 1
    told = Entry.objects.filter(verb__in=["expire", "tell_expiry", "announce_expiry"])
    assert told.count() == 3
    assert check() == []


def test_one_refund_is_approved_by_many_at_once_and_moves_once(partner: int) -> None:
    accountant, other = staff(StaffRole.ACCOUNTANT), staff(StaffRole.ACCOUNTANT)
    buys(partner, 3)
    lot = queries.lots(partner)[0].id
    row = actions.propose_refund(keyed(by=accountant), lot, 2, "Leaves")
    approve = partial(actions.approve_refund, keyed(by=other), row.id)
    assert at_once([approve] * 8) == {"done": 8}
    assert queries.balance(partner) == Balance(1)
    assert check() == []
