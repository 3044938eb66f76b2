"""The ruling's form on a contested charge: what goes back is said there, and goes back with it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from desk.deposits import queries as ledger
from desk.tickets import actions
from desk.tickets.models import Dispute, DisputeAbout, Ticket
from tests.language import Desk
from tests.scenarios.tickets import buys, in_work, resolved
from tests.screens.visits import Visit


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


@pytest.fixture
def judge(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.house.administrator, desk, monkeypatch)


def contested(desk: Desk, about: DisputeAbout = DisputeAbout.CHARGE) -> tuple[Ticket, Dispute]:
    buys(desk, 2)
    ticket = resolved(desk, in_work(desk))
    objection = actions.Objection(about, "It was a defect.")
    return ticket, actions.contest(desk.cause(desk.company.finance), ticket.pk, objection)


def rule(judge: Visit, dispute: Dispute, give_back: str) -> int:
    url = reverse("control:rule", args=[dispute.pk])
    return judge.post(url, upheld="1", text="So it is.", give_back=give_back).status_code


def charged(ticket: Ticket) -> int:
    return ledger.cost(ticket.key).units_charged


@pytest.mark.parametrize(("given", "left"), [("", 0), ("0", 1), ("1", 0), ("7", 0)])
def test_l5_what_the_form_says_goes_back(desk: Desk, judge: Visit, given: str, left: int) -> None:
    ticket, dispute = contested(desk)
    assert "Charged and left: 1 consultation." in judge.page(reverse("control:disputes"))
    assert rule(judge, dispute, given) == 302
    assert charged(ticket) == left


@pytest.mark.parametrize("given", ["-1", "1,5", "one", "١"])
def test_what_is_no_number_is_refused(desk: Desk, judge: Visit, given: str) -> None:
    ticket, dispute = contested(desk)
    assert rule(judge, dispute, given) == 422
    dispute.refresh_from_db()
    assert (dispute.ruled_at, charged(ticket)) == (None, 1)


def test_a_contest_of_something_else_has_no_such_field(desk: Desk, judge: Visit) -> None:
    contested(desk, DisputeAbout.UNITS)
    assert "give_back" not in judge.page(reverse("control:disputes"))
