"""Every move of a partner through the forms of the cabinet (specification 2, "Moves")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from desk.deposits import queries as deposits
from desk.partners.models import Person
from desk.rules.lifecycle import State, Type
from desk.tickets import actions, queries
from desk.tickets.models import Dispute, Message, RePromise, Ticket
from tests.language import Desk
from tests.scenarios.tickets import (
    accepted,
    asks,
    buys,
    delivers,
    entries,
    estimates,
    fresh,
    in_work,
    resolved,
    state,
    submits,
    tops_up,
)
from tests.screens.visits import Visit

Open = Callable[[Person], Visit]


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


@pytest.fixture
def visit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Open:
    return lambda person: Visit.of(person, desk, monkeypatch)


def sends(visitor: Visit, ticket: Ticket, verb: str, **sent: object) -> int:
    """Send the form of a move as the present page shows it; returns the status."""
    seen: dict[str, Any] = {"version": fresh(ticket).version, **sent}
    return visitor.post(f"/cabinet/tickets/{queries.number(ticket)}/{verb}", **seen).status_code


def new_ticket(desk: Desk, **changes: object) -> dict[str, Any]:
    return {
        "project": desk.company.project.pk,
        "subject": "Prices are wrong",
        "text": "Since the update.",
        **changes,
    }


def test_a_ticket_is_submitted_with_files_once(desk: Desk, visit: Open) -> None:
    member = visit(desk.member)
    for _ in range(2):
        note = SimpleUploadedFile("prices.txt", b"5 is not 6")
        sent = new_ticket(desk, files=note, critical_claim="1", wanted_by_on="2026-12-04")
        response = member.post("/cabinet/tickets/new", key="once", **sent)
        assert response.status_code == 303
        assert response.headers["Location"] == "/cabinet/tickets/OLH-1/"
    ticket = Ticket.objects.get()
    assert (ticket.channel, ticket.critical_claim, ticket.author) == ("cabinet", True, desk.member)
    assert [file.name for file in ticket.attachments.all()] == ["prices.txt"]
    assert "Submitted as OLH-1." in member.page("/cabinet/tickets/OLH-1/")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"subject": " "}, "Fill in “Subject”."),
        ({"text": ""}, "Fill in “Text”."),
        ({"project": ""}, "Fill in “Project”."),
        ({"wanted_by_on": "2020-01-01"}, "must lie ahead"),
        ({"wanted_by_on": "soon"}, "must lie ahead"),
    ],
)
def test_an_incomplete_ticket_keeps_what_was_typed(
    desk: Desk, visit: Open, changes: dict[str, Any], said: str
) -> None:
    sent = new_ticket(desk, **changes)
    response = visit(desk.member).post("/cabinet/tickets/new", **sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert str(sent["subject"] or sent["text"]).strip() in page
    assert not Ticket.objects.exists()


def test_another_partners_project_is_refused(desk: Desk, visit: Open) -> None:
    sent = new_ticket(desk, project=999_999)
    assert visit(desk.member).post("/cabinet/tickets/new", **sent).status_code in {404, 422}


def test_a_message_answers_what_was_asked(desk: Desk, visit: Open) -> None:
    buys(desk, 5)
    ticket = asks(desk, accepted(desk))
    assert sends(visit(desk.member), ticket, "message", text="Order 15.") == 303
    assert state(ticket) == State.ACCEPTED
    assert Message.objects.filter(ticket=ticket, text="Order 15.").count() == 1


def test_an_empty_message_is_refused_in_a_sentence(desk: Desk, visit: Open) -> None:
    path = f"/cabinet/tickets/{queries.number(submits(desk))}/message"
    response = visit(desk.member).post(path, text="  ")
    assert response.status_code == 422
    assert "Fill in “Text”." in response.content.decode()


def test_a_result_is_confirmed_with_a_rating_once(desk: Desk, visit: Open) -> None:
    buys(desk, 5)
    ticket = delivers(desk, in_work(desk))
    version = ticket.version
    member = visit(desk.member)
    for _ in range(2):
        sent: dict[str, Any] = {
            "key": "once",
            "version": version,
            "rating": "5",
            "comment": "Quick",
        }
        path = f"/cabinet/tickets/{queries.number(ticket)}/confirm"
        assert member.post(path, **sent).status_code == 303
    assert state(ticket) == State.RESOLVED
    assert (fresh(ticket).rating, len(entries(ticket, "confirm"))) == (5, 1)
    assert deposits.balance(desk.company.partner.pk).consultations_available == 4


def test_a_rating_beyond_the_scale_is_refused(desk: Desk, visit: Open) -> None:
    buys(desk, 5)
    ticket = delivers(desk, in_work(desk))
    assert sends(visit(desk.member), ticket, "confirm", rating="6") == 422
    assert state(ticket) == State.DELIVERED


def test_a_result_is_returned_and_a_resolved_ticket_reopened(desk: Desk, visit: Open) -> None:
    buys(desk, 5)
    ticket = delivers(desk, in_work(desk))
    assert sends(visit(desk.member), ticket, "return", text="Still empty") == 303
    assert state(ticket) == State.IN_WORK
    resolved(desk, ticket)
    assert sends(visit(desk.owner), ticket, "reopen", text="It is back") == 303
    assert state(ticket) == State.ACCEPTED


def test_parts_are_approved_by_who_pays(desk: Desk, visit: Open) -> None:
    buys(desk, 9)
    ticket = accepted(desk, Type.COMPLEX, "One", "Two", "Three", "Four")
    assert state(ticket) == State.AWAITING_APPROVAL
    assert sends(visit(desk.member), ticket, "approve") == 409
    assert sends(visit(desk.company.finance), ticket, "approve") == 303
    assert state(ticket) == State.ACCEPTED


def test_an_estimate_is_refused_free_of_charge(desk: Desk, visit: Open) -> None:
    tops_up(desk, 5000_00)
    ticket = estimates(desk, accepted(desk, Type.CUSTOMISATION))
    page = visit(desk.owner).page(f"/cabinet/tickets/{queries.number(ticket)}/")
    assert "4 hours of a programmer" in page
    assert sends(visit(desk.owner), ticket, "refuse") == 303
    assert state(ticket) == State.CANCELLED


def test_an_estimate_out_of_date_is_asked_for_again(desk: Desk, visit: Open) -> None:
    tops_up(desk, 5000_00)
    ticket = estimates(desk, accepted(desk, Type.CUSTOMISATION))
    assert sends(visit(desk.owner), ticket, "expire") in {409, 422}
    desk.later(days=11)
    assert sends(visit(desk.owner), ticket, "expire") == 303
    assert state(ticket) == State.AWAITING_ESTIMATE


@pytest.mark.parametrize(("verb", "agreed"), [("agree", True), ("disagree", False)])
def test_another_date_is_agreed_or_not(desk: Desk, visit: Open, verb: str, agreed: bool) -> None:
    buys(desk, 5)
    ticket = in_work(desk)
    due_at = desk.now.replace(day=30)
    actions.re_promise(desk.cause(desk.lead, "workplace"), ticket.pk, due_at, "The vendor answers.")
    assert sends(visit(desk.member), ticket, verb) == 303
    assert RePromise.objects.get().agreed is agreed


def test_a_ticket_is_cancelled_and_nothing_is_charged(desk: Desk, visit: Open) -> None:
    buys(desk, 5)
    ticket = accepted(desk)
    assert sends(visit(desk.member), ticket, "cancel", text="Solved ourselves") == 303
    assert deposits.balance(desk.company.partner.pk).consultations_available == 5


def test_a_doubt_and_a_contest_reach_an_administrator(desk: Desk, visit: Open) -> None:
    buys(desk, 5)
    ticket = asks(desk, accepted(desk))
    member = visit(desk.member)
    assert sends(member, ticket, "doubt", text="Is it?") == 303
    page = member.page(f"/cabinet/tickets/{queries.number(ticket)}/")
    pause_id = page.partition('name="pause"')[2].split('option value="')[2].partition('"')[0]
    assert (
        sends(member, ticket, "contest", about="pause", pause=pause_id, text="Asked before") == 303
    )
    assert sends(member, ticket, "contest", about="weather", text="Rain") == 422
    assert sorted(Dispute.objects.values_list("kind", flat=True)) == ["contest", "doubt"]


def test_following_is_switched_on_and_off(desk: Desk, visit: Open) -> None:
    ticket = submits(desk)
    viewer = visit(desk.company.viewer)
    for follows, count in (("1", 1), ("1", 1), ("0", 0)):
        assert sends(viewer, ticket, "follow", follows=follows) == 303
        assert ticket.followers.filter(person=desk.company.viewer).count() == count


def test_a_stale_page_moves_nothing(desk: Desk, visit: Open) -> None:
    buys(desk, 5)
    ticket = delivers(desk, in_work(desk))
    old = ticket.version - 1
    response = visit(desk.member).post(
        f"/cabinet/tickets/{queries.number(ticket)}/confirm", version=old
    )
    assert response.status_code == 409
    assert "while you were looking at it" in response.content.decode()
    assert state(ticket) == State.DELIVERED


def test_a_move_that_the_state_forbids_says_what_is_allowed(desk: Desk, visit: Open) -> None:
    path = f"/cabinet/tickets/{queries.number(submits(desk))}/confirm"
    response = visit(desk.member).post(path)
    assert response.status_code == 409
    assert "What you can do" in response.content.decode()


def test_a_viewer_moves_nothing(desk: Desk, visit: Open) -> None:
    ticket = submits(desk)
    assert sends(visit(desk.company.viewer), ticket, "message", text="Hello") == 409
    assert sends(visit(desk.company.viewer), ticket, "cancel") == 409


def test_words_that_are_no_move_are_not_there(desk: Desk, visit: Open) -> None:
    ticket = submits(desk)
    assert sends(visit(desk.owner), ticket, "accept") == 404
    assert (
        visit(desk.owner).get(f"/cabinet/tickets/{queries.number(ticket)}/confirm").status_code
        == 405
    )


def test_the_owner_orders_the_own_queue(desk: Desk, visit: Open) -> None:
    first, second = submits(desk, "First"), submits(desk, "Second")
    owner = visit(desk.owner)
    for _ in range(2):
        sent = {"number": queries.number(second), "direction": "up"}
        assert owner.post("/cabinet/tickets/order", key="up", **sent).status_code == 303
    page = owner.page("/cabinet/tickets/")
    assert page.index("Second") < page.index("First")
    sent = {"number": queries.number(first), "direction": "up"}
    assert visit(desk.member).post("/cabinet/tickets/order", **sent).status_code == 403


def test_money_of_the_deposit_buys_consultations_once(desk: Desk, visit: Open) -> None:
    tops_up(desk, 400_00)
    finance = visit(desk.company.finance)
    for _ in range(2):
        assert finance.post("/cabinet/deposit/convert", key="c", quantity="2").status_code == 303
    balance = deposits.balance(desk.company.partner.pk)
    assert (balance.consultations_available, balance.money_available_kopecks) == (2, 40_00)


@pytest.mark.parametrize(("quantity", "status"), [("0", 422), ("-1", 422), ("x", 422), ("9", 409)])
def test_a_quantity_that_cannot_be_is_refused(
    desk: Desk, visit: Open, quantity: str, status: int
) -> None:
    tops_up(desk, 400_00)
    response = visit(desk.owner).post("/cabinet/deposit/convert", quantity=quantity)
    assert response.status_code == status
    assert deposits.balance(desk.company.partner.pk).consultations_available == 0
