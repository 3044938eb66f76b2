"""The control room sees trouble before it happens: by urgency, each line leading to an act."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.oversight.actions import audits, control, editions, offers
from desk.oversight.models import DayPlan, Offer, Violation
from desk.rules.lifecycle import Type
from desk.tickets import actions
from desk.workdays import actions as workdays
from desk.workdays.models import Activity
from tests.language import Desk
from tests.scenarios import standard
from tests.scenarios.tickets import buys, in_work, resolved, submits
from tests.screens.visits import Visit


@pytest.fixture
def desk(db: None) -> Desk:
    found = Desk.open()
    standard.publishes(found.now, content=editions.first_content())
    return found


@pytest.fixture
def board(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.house.administrator, desk, monkeypatch)


def order(page: str, *words: str) -> bool:
    """Whether the words stand on the page in this order."""
    places = [page.find(word) for word in words]
    return -1 not in places and places == sorted(places)


def test_what_is_critical_comes_first_with_its_limits(desk: Desk, board: Visit) -> None:
    submits(desk, "Colours are wrong")
    bug = submits(desk, "Nothing works", critical=True)
    page = board.page("/control/")
    assert order(page, "In the order of urgency", "Nothing works", "Colours are wrong")
    assert "a critical error must be accepted" in page
    actions.accept(
        desk.cause(desk.lead, "workplace"), bug.pk, actions.Accepting(Type.BUG, "I look at it.")
    )
    page = board.page("/control/")
    assert "work on a critical error must begin" in page
    assert "a critical error must go to production" in page


def test_a_plan_that_is_missing_or_does_not_fit_is_seen(desk: Desk, board: Visit) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    desk.later(minutes=5)
    page = board.page("/control/")
    assert "the day plan is not confirmed" in page and "no day plan" in page
    assert "edition 1 is not acknowledged" in page
    for person in (desk.lead, desk.cover):
        DayPlan.objects.create(
            person=person,
            since_at=desk.now - timedelta(minutes=5),
            until_at=desk.now + timedelta(hours=9),
            confirmed_at=desk.now,
            planned_at=desk.now,
            misfit=[
                {
                    "subject": f"{ticket.key}/part:1",
                    "due_at": (desk.now + timedelta(hours=3)).isoformat(),
                }
            ]
            if person == desk.lead
            else [],
        )
    page = board.page("/control/")
    assert "the day plan is not confirmed" not in page
    assert "does not fit into the day of Olha Persha" in page and "1 ticket does not fit" in page
    assert "What does not fit into the day" in board.page("/control/morning/")


def test_what_a_lead_is_forecast_to_miss_stands_there_until_a_cover_takes_it(
    desk: Desk, board: Visit
) -> None:
    ticket = submits(desk, "Where is the report?")
    workdays.start(desk.cause(desk.lead), desk.lead.pk, Activity.LUNCH)
    offers.tick(desk.at("09:50"))
    late = {"subject": ticket.key, "due_at": (desk.now + timedelta(hours=3)).isoformat()}
    DayPlan.objects.create(
        person=desk.lead,
        since_at=desk.now - timedelta(minutes=50),
        until_at=desk.now + timedelta(hours=8),
        confirmed_at=desk.now,
        planned_at=desk.now,
        misfit=[late],
    )
    link, offered = 'class="list-title" href="/control/capacity/"', f"offered to {desk.cover.name}"
    page = board.page("/control/")
    assert order(
        page, "In the order of urgency", link, "Olha Persha is forecast to miss it", offered
    )
    assert "does not fit into the day of" not in page, "the offer says it"
    assert "offered to the cover" in board.page("/control/wall")
    offers.take_offer(desk.cause(desk.cover, "workplace"), Offer.objects.get().pk)
    assert offered not in board.page("/control/")


def test_what_is_owed_today_stands_in_the_order_of_its_time(desk: Desk, board: Visit) -> None:
    buys(desk, 1)
    resolved(desk, in_work(desk))
    desk.at("mon 09:30")
    audits.draw_audits(desk.now)
    ticket = submits(desk, "Late one")
    desk.at("mon 11:00")
    control.tick(desk.now)
    assert Violation.objects.filter(clause="2.1", excuse="").exists()
    actions.doubt(desk.cause(desk.member), ticket.pk, "Is this right?")
    page = board.page("/control/morning/")
    assert order(page, "“Is this right?”", "A violation to rule on", "A ticket to audit")
    assert "Audits: 1" in page, "of a pair one half"
    assert "Found since yesterday" in page
    front = board.page("/control/")
    assert "Violations found today" in front and "yours" in front


def test_the_wall_is_dark_and_tells_nothing_of_partners(desk: Desk, board: Visit) -> None:
    submits(desk, "Salaries of the directors", critical=True)
    page = board.page("/control/wall")
    assert 'data-theme="dark"' in page and 'data-live-url="/control/wall"' in page
    assert "OLH-1" in page and "Olha Persha" in page
    assert "Salaries" not in page and "Olhivka" not in page


def test_the_board_costs_the_same_however_much_there_is(desk: Desk, board: Visit) -> None:
    bug = submits(desk, "Nothing works", critical=True)
    submits(desk, "First")
    desk.later(minutes=90)
    control.tick(desk.now)
    costs = {page: board.queries(page) for page in ("/control/", "/control/morning/")}
    assert bug.pk
    for number in range(6):
        submits(desk, f"More {number}", critical=number % 2 == 0)
    desk.later(minutes=45)
    assert offers.tick(desk.now)
    desk.later(minutes=45)
    control.tick(desk.now)
    assert {page: board.queries(page) for page in costs} == costs


def test_the_week_is_told_in_figures(desk: Desk, board: Visit) -> None:
    submits(desk, "Late one")
    desk.at("fri 12:00")
    control.tick(desk.now)
    desk.at("mon 09:30")
    page = board.page("/control/week/")
    assert "15 / 16" in page and "2.1" in page
    assert "too few to say" in page
    assert "None." in board.page("/control/week/?week=2026-11-01")
