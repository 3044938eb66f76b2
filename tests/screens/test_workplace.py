"""The specialist's pages: who may open them, and what they show (specification 7, "Workplace")."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from desk.partners.models import Person
from desk.rules.lifecycle import Type
from desk.tickets.models import Ticket
from desk.tickets.queries import number
from tests import cast
from tests.language import OPENED, Desk
from tests.scenarios.tickets import (
    accepted,
    asks,
    buys,
    delivers,
    in_work,
    is_away,
    resolved,
    submits,
)
from tests.screens.visits import Visit

SPECIALISTS = {"lead", "cover"}
STAFF = SPECIALISTS | {"administrator", "production", "accountant", "vendor"}
PAGES = {
    "/work/": SPECIALISTS,
    "/work/tickets/": STAFF,
    "/work/tickets/?show=done": STAFF,
    "/work/tickets/?show=all&mine=1": STAFF,
    "/work/tickets/?q=report": STAFF,
    "/work/tickets/new": SPECIALISTS | {"administrator"},
    "/work/partners/": SPECIALISTS | {"administrator", "production"},
    "/work/record/": SPECIALISTS,
    "/work/absences/": SPECIALISTS,
}
TICKET_QUERIES_MAX = 14
DAY_QUERIES_MAX = 29
Open = Callable[[Person], Visit]


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


@pytest.fixture
def visit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Open:
    return lambda person: Visit.of(person, desk, monkeypatch)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_for_its_roles_only(desk: Desk, visit: Open, path: str) -> None:
    buys(desk, 5)
    accepted(desk)
    for role in sorted(STAFF):
        status = visit(getattr(desk.house, role)).get(path).status_code
        assert status == (200 if role in PAGES[path] else 403), (role, path)
    assert visit(desk.owner).get(path).status_code == 403


def test_strangers_are_asked_to_sign_in(desk: Desk, visit: Open) -> None:
    nobody = visit(desk.lead)
    nobody.client.logout()
    assert nobody.get("/work/").headers["Location"].startswith("/account/login/")


def test_partners_never_see_the_staff_page_of_their_ticket(desk: Desk, visit: Open) -> None:
    ticket = submits(desk)
    for path in ("", "clock", "note"):
        assert visit(desk.member).get(f"/work/tickets/{number(ticket)}/{path}").status_code == 403


def test_all_staff_read_a_ticket_and_an_unknown_one_is_not_there(desk: Desk, visit: Open) -> None:
    buys(desk, 5)
    ticket = in_work(desk)
    for role in sorted(STAFF):
        page = visit(getattr(desk.house, role))
        assert page.get(f"/work/tickets/{number(ticket)}/").status_code == 200, role
        assert page.get(f"/work/tickets/{number(ticket)}/clock").status_code == 200, role
        assert page.get("/work/tickets/OLH-999/").status_code == 404


def test_who_does_not_execute_is_offered_only_their_moves(desk: Desk, visit: Open) -> None:
    buys(desk, 5)
    ticket = in_work(desk)
    assert "/ask" in visit(desk.lead).page(f"/work/tickets/{number(ticket)}/")
    accountant = visit(desk.house.accountant).page(f"/work/tickets/{number(ticket)}/")
    assert "/ask" not in accountant
    assert "/hand_over" not in accountant
    administrator = visit(desk.house.administrator).page(f"/work/tickets/{number(ticket)}/")
    assert "/hand_over" in administrator
    assert "/deliver" not in administrator


def test_my_day_says_what_to_do_first_and_why(desk: Desk, visit: Open) -> None:
    buys(desk, 5)
    accepted(desk)
    critical = submits(desk, "Nobody can sign in", critical=True)
    text = visit(desk.lead).page("/work/")
    first = text.index("Nobody can sign in")
    assert first < text.index("The report is empty")
    assert "First of all: a client" in text
    assert f"/work/tickets/{number(critical)}/" in text


def test_my_day_tells_of_absence_and_of_what_waits(desk: Desk, visit: Open) -> None:
    buys(desk, 5)
    asks(desk, in_work(desk))
    is_away(desk, desk.lead, hours=5)
    text = visit(desk.lead).page("/work/")
    assert "You are noted as absent" in text
    assert "Waits for the partner" in text


def test_my_day_of_an_empty_desk(desk: Desk, visit: Open) -> None:
    assert "Nothing waits for you" in visit(desk.cover).page("/work/")


@pytest.mark.parametrize(
    "make", [submits, accepted, in_work, lambda desk: delivers(desk, in_work(desk))]
)
def test_a_ticket_in_every_state_is_drawn(
    desk: Desk, visit: Open, make: Callable[[Desk], Ticket]
) -> None:
    buys(desk, 5)
    ticket = make(desk)
    assert "The report is empty" in visit(desk.lead).page(f"/work/tickets/{number(ticket)}/")


def test_the_live_fragment_is_the_page_part(desk: Desk, visit: Open) -> None:
    buys(desk, 5)
    url = f"/work/tickets/{number(in_work(desk, Type.COMPLEX, 'One', 'Two'))}/"
    page = visit(desk.lead)
    whole, part = page.page(url), page.get(url, HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in part
    assert plain(part) in plain(whole)
    day = page.get("/work/", HTTP_HX_REQUEST="true").content.decode()
    assert plain(day) in plain(page.page("/work/"))


def plain(html: str) -> str:
    """Without what is new in every answer: idempotency keys and tokens."""
    return re.sub(r'name="(key|csrfmiddlewaretoken)" value="[^"]*"', "", html).strip()


def test_internal_notes_look_different(desk: Desk, visit: Open) -> None:
    text = visit(desk.lead).page(f"/work/tickets/{number(submits(desk))}/")
    assert "composer note" in text
    assert "Only our own people read it" in text


def test_the_number_of_queries_does_not_grow(desk: Desk, visit: Open) -> None:
    buys(desk, 20)
    first = in_work(desk)
    page = visit(desk.lead)
    url = f"/work/tickets/{number(first)}/"
    assert page.queries(url) <= TICKET_QUERIES_MAX
    few = page.queries("/work/")
    assert few <= DAY_QUERIES_MAX
    for _ in range(4):
        resolved(desk, in_work(desk))
        submits(desk)
        accepted(desk)
    assert page.queries("/work/") == few


def test_dossiers_are_listed_with_own_projects_first(desk: Desk, visit: Open) -> None:
    cast.company(OPENED, desk.house, "AGR", "Agrolan Demo")
    text = visit(desk.lead).page("/work/partners/")
    assert "Agrolan Demo" in text
    project = desk.company.project.pk
    assert "Nothing is written" in visit(desk.lead).page(f"/work/projects/{project}/")
    assert visit(desk.lead).get("/work/projects/999999/").status_code == 404
