"""Faults that the proof of the Standard has found in control (simulation/offences), each once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.oversight.actions import control
from desk.oversight.models import Edition, EditionState, Violation
from desk.rules.lifecycle import Type
from desk.rules.standard import first_edition
from desk.tickets import actions
from tests.channels import post
from tests.language import OPENED, Desk
from tests.scenarios.tickets import buys


@pytest.fixture(autouse=True)
def edition(desk: Desk) -> Edition:
    """The first edition, in force since the desk opened."""
    return Edition.objects.create(
        number=1,
        title="First edition",
        content=first_edition.clauses({}).to_dict(),
        state=EditionState.PUBLISHED,
        drafted_at=OPENED,
        published_at=OPENED,
        effective_at=desk.now - timedelta(hours=1),
    )


def clauses(desk: Desk) -> set[tuple[str, str]]:
    """Clause and name of each violation."""
    return set(Violation.objects.values_list("clause", "person__name"))


def test_an_administrator_owes_no_plan_no_look_and_no_record(desk: Desk) -> None:
    """These are a specialist's: an administrator has no day under the Standard."""
    administrator = desk.house.administrator
    desk.at("tue 18:30")
    control.look([administrator.pk], desk.now)
    assert clauses(desk) == set()


def test_an_hour_that_was_decided_on_before_is_no_violation(desk: Desk) -> None:
    """Absorbed at 52 minutes, a look at what came in, and ten minutes more."""
    buys(desk, 5)
    ticket, lead = post.submitted(desk), desk.lead
    words = "I look at it at once."
    actions.accept(desk.cause(lead), ticket.pk, actions.Accepting(Type.SIMPLE, words))
    actions.work_start(desk.cause(lead), ticket.pk)
    desk.later(minutes=52)
    actions.absorb(desk.cause(lead), ticket.pk)
    actions.work_stop(desk.cause(lead), ticket.pk)
    desk.later(minutes=3)
    actions.work_start(desk.cause(lead), ticket.pk)
    desk.later(minutes=20)
    control.look([lead.pk], desk.now)
    assert not Violation.objects.filter(clause="2.3").exists()
