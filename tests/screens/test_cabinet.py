"""The partner's pages: who may open them, and what they show (specification 7, "Cabinet")."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from desk.partners import actions as partners
from desk.partners.models import PartnerRole, Person
from desk.rules.lifecycle import Type
from desk.tickets import actions, queries
from desk.workdays import actions as workdays
from desk.workdays.models import AbsenceKind
from tests import cast
from tests.language import OPENED, Desk
from tests.scenarios.tickets import accepted, buys, delivers, in_work, submits, tops_up
from tests.screens.visits import Visit

EVERYBODY = {"owner", "finance", "member", "viewer"}
PAGES = {
    "/cabinet/": EVERYBODY,
    "/cabinet/tickets/": EVERYBODY,
    "/cabinet/tickets/?show=done": EVERYBODY,
    "/cabinet/tickets/new": {"owner", "member"},
    "/cabinet/deposit/": {"owner", "finance"},
    "/cabinet/deposit/buy": EVERYBODY,
    "/cabinet/deposit/papers/": {"owner", "finance"},
    "/cabinet/deposit/rules": EVERYBODY,
    "/cabinet/deposit/statement.csv": {"owner", "finance"},
    "/cabinet/team/": {"owner"},
    "/cabinet/projects/": EVERYBODY,
    "/cabinet/hours/": EVERYBODY,
    "/cabinet/work/": EVERYBODY,
    "/profile/": EVERYBODY,
}
TICKET_QUERIES_MAX = 12
PAGE_QUERIES_MAX = 20
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
    for role in sorted(EVERYBODY):
        status = visit(getattr(desk.company, role)).get(path).status_code
        assert status == (200 if role in PAGES[path] else 403), (role, path)


def test_our_own_people_have_no_cabinet(desk: Desk, visit: Open) -> None:
    assert visit(desk.lead).get("/cabinet/").status_code == 403


def test_strangers_are_asked_to_sign_in(desk: Desk, visit: Open) -> None:
    nobody = visit(desk.owner)
    nobody.client.logout()
    assert nobody.get("/cabinet/").headers["Location"].startswith("/account/login/")


def test_another_partners_ticket_is_not_there(desk: Desk, visit: Open) -> None:
    ticket = submits(desk)
    other = cast.company(OPENED, desk.house, "AGR", "Agrolan Demo")
    stranger = visit(other.owner)
    for path in ("", "clock"):
        assert stranger.get(f"/cabinet/tickets/{number(ticket)}/{path}").status_code == 404
    assert stranger.post(f"/cabinet/tickets/{number(ticket)}/cancel").status_code == 404


def number(ticket: object) -> str:
    return queries.number(ticket)  # type: ignore[arg-type]  # a ticket of the scenarios


def test_the_first_page_says_whose_turn_it_is(desk: Desk, visit: Open) -> None:
    buys(desk, 5)
    delivers(desk, in_work(desk))
    submits(desk, "Prices are wrong")
    page = visit(desk.owner).page("/cabinet/")
    mine, theirs = page.index("The report is empty"), page.index("Prices are wrong")
    assert page.index('id="my-turn"') < mine < page.index('id="in-work"') < theirs
    assert "Olha Persha" in page
    assert "4 consultations" in page
    assert "1 consultation" in page


def test_a_ticket_shows_its_deadline_people_parts_and_cost(desk: Desk, visit: Open) -> None:
    buys(desk, 5)
    ticket = in_work(desk, Type.COMPLEX, "Find the cause", "Mend the rule")
    page = visit(desk.member).page(f"/cabinet/tickets/{number(ticket)}/")
    for words in ("Olha Persha", "Find the cause", "2 consultations", "In work", "Taras Druhyi"):
        assert words in page


def test_a_fragment_is_the_part_of_the_page_that_a_reload_shows(desk: Desk, visit: Open) -> None:
    buys(desk, 5)
    path = f"/cabinet/tickets/{number(in_work(desk))}/"
    reader = visit(desk.member)
    fragment = reader.get(path, headers={"HX-Request": "true"}).content.decode()
    assert fragment.strip().startswith('<div id="ticket-OLH-1"')
    assert without_keys(fragment.strip()) in without_keys(reader.page(path))


def without_keys(page: str) -> str:
    """The page without what is new in every rendering: tokens and idempotency keys."""
    lines = page.replace("<input", "\n<input").replace(">", ">\n").splitlines()
    varying = ('name="key"', 'name="csrfmiddlewaretoken"', "data-countdown")
    return "\n".join(line for line in lines if not any(word in line for word in varying))


def test_the_clock_is_explained(desk: Desk, visit: Open) -> None:
    buys(desk, 5)
    ticket = in_work(desk)
    desk.at("11:00")
    page = visit(desk.company.viewer).page(f"/cabinet/tickets/{number(ticket)}/clock")
    assert "How the deadline came about" in page
    assert "of the time promised" in page


def test_the_statement_names_tickets_and_people(desk: Desk, visit: Open) -> None:
    buys(desk, 5)
    tops_up(desk, 500_00)
    accepted(desk)
    page = visit(desk.company.finance).page("/cabinet/deposit/")
    assert "Consultations bought" in page
    assert "Alla Rakhunok" in page
    assert 'href="/cabinet/tickets/OLH-1/"' in page
    assert 'max="2"' in page
    before = visit(desk.company.finance).page(
        "/cabinet/deposit/?period=own&from=2026-10-01&until=2026-10-31"
    )
    assert "Nothing moved in this period." in before


def test_work_on_record_shows_only_visible_tickets(desk: Desk, visit: Open) -> None:
    buys(desk, 5)
    ticket = in_work(desk)
    actions.work_start(desk.cause(desk.lead, "workplace"), ticket.pk)
    desk.later(minutes=25)
    assert "25\N{NO-BREAK SPACE}min" in visit(desk.owner).page("/cabinet/work/")
    hidden = cast.person(OPENED, "Iryna Own")
    add_own_member(desk, hidden)
    assert "No work in this month" in visit(hidden).page("/cabinet/work/")


def add_own_member(desk: Desk, person: Person) -> None:
    partners.add_membership(
        cast.cause(OPENED), desk.company.partner.pk, person.pk, PartnerRole.MEMBER, sees_all=False
    )


def test_hours_tell_the_calendar_the_specialists_and_their_absences(
    desk: Desk, visit: Open
) -> None:
    short = {"timezone": "Europe/Kyiv", "week": {"mon": [["10:00", "14:30"]]}}
    lead, cover = desk.lead, desk.cover
    workdays.set_schedule(desk.cause(desk.house.vendor), lead.pk, desk.now.date(), short)
    until_at = desk.now + timedelta(days=3)
    workdays.note_absence(
        desk.cause(cover), cover.pk, AbsenceKind.VACATION, desk.now, until_at, "at sea"
    )
    page = visit(desk.member).page("/cabinet/hours/")
    for words in ("09:00–13:00, 14:00–18:00", "10:00–14:30", "Fri 25", "away", "Taras Druhyi"):
        assert words in page
    assert "at sea" not in page


def test_a_reader_in_another_zone_is_told_the_desks(desk: Desk, visit: Open) -> None:
    partners.change_person(
        cast.cause(OPENED), desk.member.pk, partners.Card("Marko", timezone="Europe/Lisbon")
    )
    assert "The desk works by Europe/Kyiv" in visit(desk.member).page("/cabinet/")
    assert "The desk works by" not in visit(desk.owner).page("/cabinet/")


def test_a_project_that_waits_says_so(desk: Desk, visit: Open) -> None:
    partners.add_project(cast.cause(OPENED), desk.company.partner.pk, "New shop", "", "")
    page = visit(desk.owner).page("/cabinet/projects/")
    assert "New shop" in page
    assert "/cabinet/tickets/new?project=" in page


def test_a_ticket_costs_few_queries_whatever_happened_on_it(desk: Desk, visit: Open) -> None:
    buys(desk, 9)
    tops_up(desk, 100_00)
    ticket = in_work(desk, Type.COMPLEX, "One", "Two", "Three")
    reader = visit(desk.owner)
    assert reader.queries(f"/cabinet/tickets/{number(ticket)}/") <= TICKET_QUERIES_MAX


def test_lists_cost_the_same_however_long_they_are(desk: Desk, visit: Open) -> None:
    buys(desk, 30)
    accepted(desk)
    reader = visit(desk.owner)
    paths = ("/cabinet/", "/cabinet/tickets/", "/cabinet/deposit/", "/cabinet/work/")
    before = {path: reader.queries(path) for path in paths}
    for _ in range(6):
        in_work(desk)
        desk.later(minutes=1)
    assert {path: reader.queries(path) for path in paths} == before
    assert max(before.values()) <= PAGE_QUERIES_MAX
