"""Production's pages and moves: the queue by the promise behind it, answers, estimates, hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from desk.partners.models import Person
from desk.rules.lifecycle import State, Type
from desk.tickets import actions
from desk.tickets.actions import Offer
from desk.tickets.models import Ticket
from desk.tickets.queries import number
from tests.language import Desk
from tests.scenarios.tickets import (
    accepted,
    buys,
    fresh,
    in_work,
    state,
    submits,
    tops_up,
)
from tests.screens.visits import Visit

READERS = {"production", "administrator"}
Open = Callable[[Person], Visit]
OFFER = {"includes": "The screen", "hours_max": "8", "working_hours": "16"}


@pytest.fixture
def desk(db: None) -> Desk:
    made = Desk.open()
    buys(made, 10)
    tops_up(made, 100_000_00)
    return made


@pytest.fixture
def visit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Open:
    return lambda person: Visit.of(person, desk, monkeypatch)


@pytest.fixture
def page(desk: Desk, visit: Open) -> Visit:
    return visit(desk.house.production)


def url(ticket: Ticket, verb: str = "") -> str:
    return f"/production/tickets/{number(fresh(ticket))}/{verb}"


def does(page: Visit, ticket: Ticket, verb: str, **sent: Any) -> int:
    answer = page.post(url(ticket, verb), version=fresh(ticket).version, **sent)
    return answer.status_code


def consulted(desk: Desk) -> Ticket:
    ticket = in_work(desk)
    return actions.consult(desk.cause(desk.lead, "workplace"), ticket.pk, "Is it known?")


def built(desk: Desk) -> Ticket:
    """A customisation that is approved and in work."""
    ticket = accepted(desk, Type.CUSTOMISATION)
    offer = Offer(4, 8 * 3600, "The screen", desk.now + timedelta(days=10))
    actions.estimate(desk.cause(desk.house.production, "production"), ticket.pk, offer)
    actions.approve(desk.cause(desk.company.owner), ticket.pk)
    return actions.start(desk.cause(desk.lead, "workplace"), ticket.pk)


@pytest.mark.parametrize("path", ["/production/", "ticket"])
def test_a_page_opens_for_its_roles_only(desk: Desk, visit: Open, path: str) -> None:
    address = url(consulted(desk)) if path == "ticket" else path
    for role in ("production", "administrator", "lead"):
        status = visit(getattr(desk.house, role)).get(address).status_code
        assert status == (200 if role in READERS else 403), role
    assert visit(desk.owner).get(address).status_code == 403


def test_the_queue_shows_questions_with_both_deadlines(desk: Desk, page: Visit) -> None:
    ticket = consulted(desk)
    accepted(desk, Type.CUSTOMISATION)
    built(desk)
    text = page.page("/production/")
    assert "Is it known?" in text
    assert "The partner&#x27;s deadline" in text
    assert number(fresh(ticket)) in text
    part = page.get("/production/", HTTP_HX_REQUEST="true").content.decode()
    assert part.strip() in text


def test_the_queue_costs_the_same_however_long_it_is(desk: Desk, page: Visit) -> None:
    consulted(desk)
    built(desk)
    few = page.queries("/production/")
    for _ in range(3):
        consulted(desk)
        accepted(desk, Type.CUSTOMISATION)
    assert page.queries("/production/") == few


def test_an_answer_is_internal_and_its_released_part_is_not(
    desk: Desk, visit: Open, page: Visit
) -> None:
    ticket = consulted(desk)
    assert does(page, ticket, "reply", text="A bug of ours", released="We fix it.") == 303
    seen = visit(desk.member).page(f"/cabinet/tickets/{number(fresh(ticket))}/")
    assert "We fix it." in seen
    assert "A bug of ours" not in seen
    assert "A bug of ours" in page.page(url(ticket))


def test_an_estimate_is_offered_and_what_is_missing_told(desk: Desk, page: Visit) -> None:
    ticket = accepted(desk, Type.CUSTOMISATION)
    assert "900" in page.page(url(ticket, "estimate"))
    until = (desk.now + timedelta(days=5)).date().isoformat()
    assert does(page, ticket, "estimate", **{**OFFER, "includes": ""}, valid_until=until) == 422
    assert does(page, ticket, "estimate", **OFFER, valid_until="2026-01-01") == 422
    assert does(page, ticket, "estimate", **OFFER, valid_until=until, rate="850.50") == 303
    assert state(ticket) == State.AWAITING_APPROVAL
    assert ticket.estimates.get().hour_kopecks == 850_50


def test_declined_as_impossible(desk: Desk, page: Visit) -> None:
    ticket = accepted(desk, Type.CUSTOMISATION)
    assert does(page, ticket, "decline", text="The platform forbids it") == 303
    assert fresh(ticket).decline_reason == "impossible"


def test_hours_are_logged_up_to_the_approved_ones(desk: Desk, page: Visit) -> None:
    ticket = built(desk)
    day = desk.now.date().isoformat()
    assert does(page, ticket, "log", minutes="90", worked_on=day, note="The form") == 303
    refused = page.post(url(ticket, "log"), minutes="600", worked_on=day)
    assert refused.status_code == 422
    assert "more than the approved hours" in refused.content.decode()
    assert "The form" in page.page(url(ticket))


def test_built_and_more_hours_asked_for(desk: Desk, page: Visit) -> None:
    ticket = built(desk)
    assert does(page, ticket, "build", text="Look at the new screen") == 303
    until = (desk.now + timedelta(days=5)).date().isoformat()
    assert does(page, ticket, "supplement", **OFFER, valid_until=until) == 303
    assert state(ticket) == State.AWAITING_APPROVAL


def test_a_defect_costs_nothing(desk: Desk, page: Visit) -> None:
    ticket = in_work(desk)
    assert does(page, ticket, "confirm_defect", text="Ours") == 303
    assert not fresh(ticket).billable


def test_production_does_not_do_the_specialists_work(desk: Desk, visit: Open, page: Visit) -> None:
    ticket = submits(desk)
    assert does(page, ticket, "accept") == 404
    assert does(visit(desk.lead), consulted(desk), "reply", text="Me") == 403


def test_a_stale_form_and_one_sent_twice(desk: Desk, page: Visit) -> None:
    ticket = consulted(desk)
    seen = fresh(ticket).version
    for _ in range(2):
        answer = page.post(url(ticket, "reply"), key="same", text="Yes", version=seen)
        assert answer.status_code == 303
    assert page.post(url(ticket, "note"), text="Late", version=seen).status_code == 409
