"""A low deposit: one alert for each episode, to those who pay, with a ready invoice (L10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.channels.notices.models import Notice
from desk.deposits import actions as deposits
from desk.deposits.actions import lowness
from desk.deposits.models import LowBalance
from desk.deposits.queries import lowness as queries
from desk.journal.models import Entry
from desk.rules.ledger import Commodity
from desk.rules.lowness import Kind, Mark
from tests.channels import post
from tests.language import Desk, at_once
from tests.scenarios.tickets import accepted, buys


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open(low_balance=[3, 0])


def alerts(desk: Desk) -> list[tuple[str, int, int]]:
    """What was told of: kind, mark, and what was available then."""
    post.relayed(desk.now)
    facts = [entry.facts for entry in Entry.objects.filter(verb="low_balance").order_by("id")]
    return [(one["kind"], one["mark"], one["available"]) for one in facts]


def uses(desk: Desk, count: int) -> None:
    """So many simple tickets are accepted."""
    for _ in range(count):
        accepted(desk)
        post.relayed(desk.now)
        desk.later(minutes=1)


def test_each_mark_is_told_once_to_those_who_pay(desk: Desk) -> None:
    """L10"""
    buys(desk, 5)
    uses(desk, 1)
    assert alerts(desk) == []
    uses(desk, 4)
    assert alerts(desk) == [("consultations", 3, 3), ("consultations", 0, 0)]
    told = Notice.objects.filter(verb="low_balance").select_related("person")
    assert {row.person.name.split()[0] for row in told} == {"Oksana", "Fedir"}
    assert {row.why for row in told} == {"pays"}
    assert "low_balance" in post.mailed(desk.company.finance)


def test_a_balance_that_swings_around_the_mark_is_told_once(desk: Desk) -> None:
    """L10"""
    buys(desk, 4)
    uses(desk, 1)
    for _ in range(4):
        buys(desk, 1)
        uses(desk, 1)
    assert alerts(desk) == [("consultations", 3, 3)]


def test_clearly_above_the_mark_is_armed_again(desk: Desk) -> None:
    """L10"""
    buys(desk, 4)
    uses(desk, 1)
    assert len(alerts(desk)) == 1
    buys(desk, 2)
    post.relayed(desk.now)
    assert LowBalance.objects.filter(until_at=None).count() == 0
    uses(desk, 2)
    assert alerts(desk) == [("consultations", 3, 3)] * 2


def test_tickets_that_wait_take_their_part_of_a_rise_first(desk: Desk) -> None:
    """L10: what is spent at once on tickets that waited has armed nothing."""
    buys(desk, 1)
    uses(desk, 7)
    assert alerts(desk)[-1] == ("consultations", 0, 0)
    before = len(alerts(desk))
    buys(desk, 6)
    assert len(alerts(desk)) == before
    assert queries.reach(desk.company.partner.pk, desk.now).available == 0


def test_days_of_usual_use_warn_who_uses_much(desk: Desk) -> None:
    """L10: at four a day twelve consultations last three days, though twelve are many."""
    buys(desk, 100)
    desk.at("2026-11-30 10:00")
    partner = desk.company.partner.pk
    for day in range(30):
        at = desk.now + timedelta(days=day)
        if at.weekday() < 5:
            hold(desk, partner, f"ticket:9{day:02}", 4, at)
    desk.now += timedelta(days=30)
    # Twelve are left, which is three days at that pace.
    told = alerts(desk)
    assert {kind for kind, _, _ in told} == {"days"}
    assert len(told) == 1
    found = Entry.objects.get(verb="low_balance").facts
    assert found["days"] <= found["mark"] == 5


def hold(desk: Desk, partner: int, root: str, count: int, at: object) -> None:
    desk.now, before = at, desk.now  # type: ignore[assignment]  # a moment
    subjects = [f"{root}/part:{number}" for number in range(count)]
    cause = desk.cause(desk.lead, key=f"hold-{root}")
    deposits.hold(
        cause,
        partner,
        subjects,
        commodity=Commodity.CONSULTATIONS,
        quantity_each=1,
        memo="OLH-9 Many",
    )
    post.relayed(desk.now)
    desk.now = before


def test_looking_again_changes_nothing(desk: Desk) -> None:
    """L10: the relay may repeat an entry."""
    buys(desk, 4)
    uses(desk, 1)
    told = alerts(desk)
    partner = desk.company.partner.pk
    again = lowness.look_at_balance(desk.cause(None), partner, rose=False)
    assert again is None
    assert alerts(desk) == told


def test_the_first_invoice_of_an_episode_stays(desk: Desk) -> None:
    """L10: each alert has one ready invoice; who opens the link twice finds the same."""
    buys(desk, 4)
    uses(desk, 1)
    alerts(desk)
    partner = desk.company.partner.pk
    (episode,) = queries.running(partner)
    assert episode.mark == Mark(Kind.CONSULTATIONS, 3)
    assert episode.invoice_id is None
    assert queries.episode(partner + 1, episode.id) is None


def test_a_partner_before_its_first_plan_has_no_marks(desk: Desk) -> None:
    """L10"""
    partner = desk.company.partner.pk
    desk.now = desk.now.replace(year=2025)
    assert lowness.look_at_balance(desk.cause(None), partner, rose=False) is None


@pytest.mark.usefixtures("committed")
def test_movements_at_once_are_one_alert() -> None:
    """L10: two looks at the same moment begin one episode and tell once."""
    desk = Desk.open(low_balance=[3])
    buys(desk, 4)
    accepted(desk)
    partner = desk.company.partner.pk
    looks = [
        lambda: lowness.look_at_balance(desk.cause(None), partner, rose=False) for _ in range(6)
    ]
    found = at_once(*looks)
    assert sum(isinstance(one, int) for one in found) == 1
    assert LowBalance.objects.count() >= 1
    assert Entry.objects.filter(verb="low_balance").count() == 1
