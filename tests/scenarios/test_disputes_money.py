"""A contested charge: left out of acts, and given back by the ruling itself (L5, L11)."""

from __future__ import annotations

import pytest

from desk.deposits import queries as ledger
from desk.deposits.checks import check as check_ledger
from desk.rules.lifecycle import Type
from desk.tickets import actions, checks, queries
from desk.tickets.actions import Incomplete, Objection, Ruling
from desk.tickets.models import Dispute, DisputeAbout, Ticket
from tests.language import Desk
from tests.scenarios.tickets import buys, entries, fresh, in_work, resolved

pytestmark = pytest.mark.django_db


def worked(desk: Desk, parts: int = 3) -> Ticket:
    """A complex ticket, charged with its parts."""
    ticket = in_work(desk, Type.COMPLEX, *(f"Part {number}" for number in range(parts)))
    for part in ticket.parts.order_by("number"):
        cause = desk.cause(desk.lead, "workplace")
        actions.finish_part(cause, ticket.pk, part.number, "Done.")
    return resolved(desk, fresh(ticket))


def contests(desk: Desk, ticket: Ticket, about: DisputeAbout = DisputeAbout.CHARGE) -> Dispute:
    cause = desk.cause(desk.company.finance, key=desk.key())
    return actions.contest(cause, ticket.pk, Objection(about, "Two of three were one thing."))


def rules(
    desk: Desk, dispute: Dispute, give_back: int | None = None, *, upheld: bool = True
) -> None:
    cause = desk.cause(desk.house.administrator, "control", desk.key())
    actions.rule(cause, dispute.pk, Ruling(upheld, "So it is.", "R2", give_back))


def charged(ticket: Ticket) -> int:
    return ledger.cost(ticket.key).units_charged


@pytest.mark.parametrize(("given", "left"), [(None, 0), (2, 1), (0, 3), (99, 0)])
def test_l5_an_upheld_contest_gives_back_what_the_ruling_says(
    desk: Desk, given: int | None, left: int
) -> None:
    buys(desk, 3)
    ticket = worked(desk)
    assert charged(ticket) == 3
    rules(desk, contests(desk, ticket), given)
    assert charged(ticket) == left
    assert ledger.balance(ticket.partner_id).consultations_available == 3 - left
    (ruled,) = entries(ticket, "rule")
    assert ruled.facts.get("given_back", 0) == 3 - left
    assert check_ledger() == []
    assert list(checks.check(desk.now)) == []


def test_l5_never_more_than_is_left(desk: Desk) -> None:
    buys(desk, 3)
    ticket = worked(desk)
    rules(desk, contests(desk, ticket), 2)
    rules(desk, contests(desk, ticket), 2)
    assert charged(ticket) == 0
    rules(desk, contests(desk, ticket))
    assert charged(ticket) == 0


def test_a_refused_contest_moves_nothing(desk: Desk) -> None:
    buys(desk, 3)
    ticket = worked(desk)
    rules(desk, contests(desk, ticket), upheld=False)
    assert charged(ticket) == 3


def test_a_ruling_on_something_else_moves_nothing(desk: Desk) -> None:
    buys(desk, 3)
    ticket = worked(desk)
    rules(desk, contests(desk, ticket, DisputeAbout.UNITS))
    assert charged(ticket) == 3


def test_less_than_nothing_is_refused_and_nothing_is_ruled(desk: Desk) -> None:
    buys(desk, 3)
    dispute = contests(desk, worked(desk))
    with pytest.raises(Incomplete):
        rules(desk, dispute, -1)
    dispute.refresh_from_db()
    assert dispute.ruled_at is None


def test_the_same_ruling_twice_gives_back_once(desk: Desk) -> None:
    buys(desk, 3)
    ticket = worked(desk)
    dispute = contests(desk, ticket)
    cause = desk.cause(desk.house.administrator, "control", "ruling")
    for _ in range(2):
        actions.rule(cause, dispute.pk, Ruling(upheld=True, text="So.", give_back=1))
    assert charged(ticket) == 2


def test_l11_what_is_contested_is_named_until_it_is_ruled(desk: Desk) -> None:
    buys(desk, 3)
    ticket = worked(desk)
    assert queries.contested_roots(ticket.partner_id) == frozenset()
    dispute = contests(desk, ticket)
    (found,) = queries.contested()
    assert (found.root, found.dispute_id) == (ticket.key, dispute.pk)
    assert queries.contested_roots(ticket.partner_id) == {ticket.key}
    assert queries.contested([ticket.partner_id + 1]) == []
    assert queries.chargeable([dispute.pk])[dispute.pk].left == 3
    rules(desk, dispute, upheld=False)
    assert queries.contested() == []
