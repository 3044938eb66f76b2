"""Faults that the proof of the Standard has found in control (simulation/offences), each once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.knowledge import actions as knowledge
from desk.oversight.actions import control
from desk.oversight.models import Edition, Violation
from desk.rules.lifecycle import Type
from desk.tickets import actions
from tests.channels import post
from tests.language import Desk
from tests.scenarios import standard
from tests.scenarios.tickets import buys


@pytest.fixture(autouse=True)
def edition(desk: Desk) -> Edition:
    """The first edition, in force since the desk opened."""
    return standard.publishes(desk.now - timedelta(hours=1))


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


def test_a_result_without_a_word_in_the_dossier_is_found_whenever_one_looks(desk: Desk) -> None:
    """Also when it was recalled and delivered again, with the dossier written, before a look."""
    buys(desk, 5)
    ticket, lead = post.submitted(desk), desk.lead
    words = "I look at it at once."
    result = actions.Handover("Mended.", "A condition.", "Pay for an order.")
    actions.accept(desk.cause(lead), ticket.pk, actions.Accepting(Type.SIMPLE, words))
    actions.start(desk.cause(lead), ticket.pk)
    desk.later(minutes=5)
    actions.deliver(desk.cause(lead), ticket.pk, result)
    delivered_at = desk.now
    desk.later(minutes=1)
    actions.recall(desk.cause(lead), ticket.pk, "I forgot the dossier.")
    knowledge.write_dossier(
        desk.cause(lead), ticket.project_id, knowledge.Known(setup="A condition."), 0
    )
    actions.deliver(desk.cause(lead), ticket.pk, result)
    desk.later(minutes=1)
    control.look([lead.pk], desk.now)
    [row] = Violation.objects.filter(clause="6.1")
    assert row.at == delivered_at
    assert row.evidence[1:] == ["dossier"]


@pytest.mark.parametrize(
    ("news", "found"),
    [
        (knowledge.News("Stage 3 is shared."), set()),
        (knowledge.News(nothing=True), set()),
        (knowledge.News(), {"6.1"}),
    ],
)
def test_a_result_says_what_came_of_it_for_the_dossier(
    desk: Desk, news: knowledge.News, found: set[str]
) -> None:
    buys(desk, 5)
    ticket, lead = post.submitted(desk), desk.lead
    words = "I look at it at once."
    result = actions.Handover("Mended.", "A condition.", "Pay for an order.")
    actions.accept(desk.cause(lead), ticket.pk, actions.Accepting(Type.SIMPLE, words))
    actions.start(desk.cause(lead), ticket.pk)
    desk.later(minutes=5)
    knowledge.deliver(desk.cause(lead), ticket.pk, result, news)
    desk.later(minutes=1)
    control.look([lead.pk], desk.now)
    assert {clause for clause, _person in clauses(desk)} & {"6.1"} == found
