"""What a plan lets expire: once its day has passed, never what is held, announced before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from desk.deposits import actions, queries
from desk.deposits.actions import expiring
from desk.deposits.checks import check
from desk.deposits.models import ExpiryNotice, Transaction
from desk.deposits.queries import expiries
from desk.deposits.values import Balance
from desk.journal.models import Entry
from tests.scenarios.deposits import PRICE, a_partner, buys, day, holds, keyed, on, unkeyed

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner() -> int:
    return a_partner()


@pytest.fixture(autouse=True)
def ledger_is_right(db: None) -> Iterator[None]:
    """Whatever a scenario did, the ledger can be proved."""
    yield
    connection.check_constraints()
    assert check() == []


def _buys(partner_id: int, quantity: int, expires: int, at: datetime | None = None) -> None:
    at = at or day(0)
    actions.buy(keyed(at=at), partner_id, quantity, PRICE, quantity * PRICE, expires_on=on(expires))


def _told(verb: str) -> list[dict[str, object]]:
    return [entry.facts for entry in Entry.objects.filter(verb=verb).order_by("id")]


def test_a_lot_expires_after_its_last_day_in_the_desks_zone(partner: int) -> None:
    _buys(partner, 3, expires=2)
    # 23:59 and 00:00 in Kyiv.
    last = datetime(2026, 11, 25, 21, 59, tzinfo=UTC)
    assert actions.expire_lots(last) == 0
    assert actions.expire_lots(last + timedelta(minutes=1)) == 1
    assert queries.balance(partner) == Balance()
    assert actions.expire_lots(last + timedelta(minutes=2)) == 0
    assert _told("tell_expiry") == [{"quantity": 3, "lots": [expired().facts["lot"]]}]
    assert expired().facts["kopecks"] == 3 * PRICE
    assert expired().by == "system"


def expired() -> Transaction:
    return Transaction.objects.filter(verb="expire").latest("id")


def test_what_is_held_never_expires_and_lives_thirty_days_once_it_is_back(partner: int) -> None:
    _buys(partner, 3, expires=2)
    holds(partner, "ticket:1")
    assert actions.expire_lots(day(3)) == 1
    assert queries.balance(partner) == Balance(0, 1)
    assert actions.expire_lots(day(4)) == 0
    actions.release(unkeyed(day(10)), ["ticket:1"])
    assert queries.balance(partner) == Balance(1)
    assert queries.lots(partner)[0].expires_on == on(40)
    assert actions.expire_lots(day(40)) == 0
    assert actions.expire_lots(day(41)) == 1
    assert queries.balance(partner) == Balance()


def test_a_charge_taken_back_after_expiry_lives_thirty_days_more(partner: int) -> None:
    _buys(partner, 1, expires=2)
    holds(partner, "ticket:1")
    actions.capture(unkeyed(day(5)), ["ticket:1"])
    actions.reverse(keyed(at=day(6)), "ticket:1", 1, "Wrong")
    assert actions.expire_lots(day(36)) == 0
    assert actions.expire_lots(day(37)) == 1


def test_l2_units_that_stand_for_credit_do_not_expire(partner: int) -> None:
    _buys(partner, 1, expires=2)
    holds(partner, "ticket:1")
    bug = {"credit_limit": 2, "unit_price_kopecks": PRICE, "memo": "Bug"}
    for ticket in ("ticket:2", "ticket:3"):
        actions.hold_for_bug(unkeyed(), partner, [ticket], **bug)  # type: ignore[arg-type]
    actions.release(unkeyed(), ["ticket:1"])
    assert queries.balance(partner) == Balance(-1, 2)
    assert actions.expire_lots(day(3)) == 0
    buys(partner, 2, at=day(4))
    assert queries.balance(partner) == Balance(1, 2)
    assert actions.expire_lots(day(5)) == 1
    assert queries.balance(partner) == Balance(0, 2)


def test_what_never_expires_stays(partner: int) -> None:
    buys(partner, 2)
    actions.buy(keyed(), partner, 1, PRICE, PRICE + 5, expires_on=on(1))
    assert actions.expire_lots(day(400)) == 1
    assert queries.balance(partner) == Balance(2, 0, 5, 0)


def test_a_bonus_and_a_conversion_expire_with_their_day(partner: int) -> None:
    actions.buy(keyed(), partner, 5, 0, 0, bonus=True, expires_on=on(1))
    actions.top_up(keyed(), partner, PRICE, "")
    actions.convert(keyed("form:c"), partner, 1, PRICE, on(3))
    actions.convert(keyed("form:c"), partner, 1, PRICE, on(3))
    with pytest.raises(actions.KeyReused):
        actions.convert(keyed("form:c"), partner, 1, PRICE, on(4))
    assert [lot.expires_on for lot in queries.lots(partner)] == [on(1), on(3)]
    assert actions.expire_lots(day(2)) == 1
    assert queries.balance(partner) == Balance(1)
    assert actions.expire_lots(day(4)) == 1


def test_an_expiry_is_announced_thirty_and_seven_days_before_once_each(partner: int) -> None:
    _buys(partner, 2, expires=60)
    _buys(partner, 1, expires=60)
    buys(partner, 1)
    for hours in range(0, 61 * 24, 6):
        actions.announce_expiry(day(0) + timedelta(hours=hours))
    told = [(facts["days"], facts["quantity"]) for facts in _told("announce_expiry")]
    assert told == [(30, 3), (7, 3)]
    assert ExpiryNotice.objects.count() == 4


def test_a_worker_that_slept_announces_late_and_once(partner: int) -> None:
    _buys(partner, 2, expires=60)
    assert actions.announce_expiry(day(58)) == 1
    assert actions.announce_expiry(day(59)) == 0
    assert [facts["days"] for facts in _told("announce_expiry")] == [2]


def test_a_short_life_is_announced_from_its_first_day(partner: int) -> None:
    _buys(partner, 2, expires=20)
    assert [actions.announce_expiry(day(each)) for each in (0, 1, 12, 13, 14)] == [1, 0, 0, 1, 0]


def test_a_life_made_longer_is_announced_anew(partner: int) -> None:
    _buys(partner, 1, expires=40)
    holds(partner, "ticket:1")
    actions.announce_expiry(day(35))
    assert _told("announce_expiry") == []
    actions.release(unkeyed(day(50)), ["ticket:1"])
    assert actions.announce_expiry(day(50)) == 1
    assert _told("announce_expiry")[0]["expires_on"] == on(80).isoformat()
    assert [row.quantity for row in expiries.expiring(partner, on(60))] == [1]


def test_nothing_is_announced_of_what_is_used_up_or_gone(partner: int) -> None:
    _buys(partner, 1, expires=10)
    holds(partner, "ticket:1")
    assert expiring.tick(day(5)) == 0
    assert expiring.tick(day(15)) == 0
    assert expiries.expiring(partner, on(5)) == []


def test_every_partner_is_looked_at_in_its_own_transaction(
    partner: int, django_assert_num_queries: object
) -> None:
    """With nothing due, however many lots there are, two looks suffice."""
    _buys(partner, 1, expires=200)
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert expiring.tick(day(5)) == 0
