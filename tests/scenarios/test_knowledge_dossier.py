"""The dossier: what is known of a project, beside every ticket of it."""

from __future__ import annotations

import pytest

from desk.journal import queries as journal
from desk.journal.actions import KeyReused
from desk.journal.cause import Cause
from desk.knowledge import actions as knowledge
from desk.knowledge import queries
from desk.knowledge.actions import Known, News
from desk.knowledge.models import Dossier
from desk.partners.models import Person
from desk.rules.lifecycle import State, Verb
from desk.tickets.actions import Incomplete, Learnt, Stale
from desk.tickets.models import Ticket
from desk.tickets.queries import number
from tests.language import Desk
from tests.scenarios.tickets import RESULT, buys, fresh, in_work, state


def write(desk: Desk, who: Person, known: Known, version: int) -> Dossier:
    return knowledge.write_dossier(desk.cause(who), desk.company.project.pk, known, version)


def test_a_project_begins_without_a_dossier(desk: Desk) -> None:
    assert queries.dossier(desk.company.project.pk) is None


def test_a_dossier_grows_by_versions(desk: Desk) -> None:
    write(desk, desk.lead, Known("A shop with two stores."), 0)
    at = desk.at("fri 12:00")
    write(desk, desk.cover, Known("A shop with two stores.", setup="Two queues.\r\nOne bot."), 1)
    row = queries.dossier(desk.company.project.pk)
    assert row is not None
    assert (row.version, row.setup, row.updated_by, row.updated_at) == (
        2,
        "Two queues.\nOne bot.",
        desk.cover,
        at,
    )
    entry = journal.of(f"project:{desk.company.project.pk}").last()
    assert entry is not None
    assert entry.verb == "write_dossier"
    assert entry.facts == {
        "project": desk.company.project.pk,
        "version": 2,
        "changed": ["setup"],
    }


def test_of_two_who_write_at_once_the_second_is_told(desk: Desk) -> None:
    write(desk, desk.lead, Known("First"), 0)
    write(desk, desk.lead, Known("Second"), 1)
    with pytest.raises(knowledge.Stale) as refused:
        write(desk, desk.cover, Known("Also second"), 1)
    assert refused.value.current_version == 2
    with pytest.raises(knowledge.Stale):
        write(desk, desk.cover, Known("As if there were none"), 0)
    row = queries.dossier(desk.company.project.pk)
    assert row is not None
    assert row.summary == "Second"


def test_the_same_text_makes_no_new_version(desk: Desk) -> None:
    write(desk, desk.lead, Known("First"), 0)
    assert write(desk, desk.cover, Known(" First \n"), 1).version == 1
    assert queries.dossier(desk.company.project.pk) == write(desk, desk.lead, Known("First"), 1)


def test_a_text_has_a_limit(desk: Desk) -> None:
    write(desk, desk.lead, Known("x" * knowledge.TEXT_MAX), 0)
    with pytest.raises(knowledge.TextTooLong) as refused:
        write(desk, desk.lead, Known(agreements="x" * (knowledge.TEXT_MAX + 1)), 1)
    assert refused.value.field == "agreements"


def delivers(desk: Desk, ticket: Ticket, news: News, key: str | None = None) -> Ticket:
    cause = Cause(f"person:{desk.lead.pk}", desk.now, "workplace", key)
    return knowledge.deliver(cause, ticket.pk, RESULT, news)


def said(ticket: Ticket) -> list[object]:
    return [entry.facts["dossier"] for entry in journal.of(ticket.key).filter(verb=Verb.DELIVER)]


def test_a_result_brings_a_dated_note_of_its_ticket(desk: Desk) -> None:
    buys(desk, 5)
    write(desk, desk.cover, Known("A shop.", setup="Two queues."), 0)
    ticket = in_work(desk)
    desk.at("fri 15:00")
    delivers(desk, ticket, News(" The rule\r\nhas three stages. "))
    row = queries.dossier(desk.company.project.pk)
    assert row is not None
    note = f"27.11.2026, {number(fresh(ticket))}: The rule\nhas three stages."
    assert (row.summary, row.setup) == ("A shop.", f"Two queues.\n\n{note}")
    assert (row.version, row.updated_by, row.updated_at) == (2, desk.lead, desk.now)
    delivered = journal.of(ticket.key).get(verb=Verb.DELIVER)
    entry = journal.of(f"project:{desk.company.project.pk}").last()
    assert entry is not None
    assert (entry.verb, entry.parent_id, entry.at) == ("write_dossier", delivered.pk, delivered.at)
    assert said(ticket) == [Learnt.WRITTEN]


def test_nothing_new_is_said_and_nothing_is_written(desk: Desk) -> None:
    buys(desk, 5)
    ticket = in_work(desk)
    delivers(desk, ticket, News(nothing=True))
    assert said(ticket) == [Learnt.NOTHING_NEW]
    assert queries.dossier(ticket.project_id) is None


def test_who_says_nothing_of_the_dossier_delivers_as_before(desk: Desk) -> None:
    buys(desk, 5)
    ticket = in_work(desk)
    delivers(desk, ticket, News())
    assert said(ticket) == [Learnt.UNSAID]


def test_a_result_that_is_sent_twice_is_noted_once(desk: Desk) -> None:
    buys(desk, 5)
    ticket = in_work(desk)
    delivers(desk, ticket, News("Three stages."), "a key")
    write(desk, desk.cover, Known("A shop."), 1)
    delivers(desk, ticket, News("Three stages."), "a key")
    row = queries.dossier(ticket.project_id)
    assert row is not None
    assert (row.version, row.setup) == (2, "")
    for other in (News("Four stages."), News(nothing=True), News()):
        with pytest.raises(KeyReused):
            delivers(desk, ticket, other, "a key")


def test_a_refused_result_leaves_no_note(desk: Desk) -> None:
    buys(desk, 5)
    ticket = in_work(desk)
    stale = desk.cause(desk.lead).looking_at(ticket.version - 1)
    with pytest.raises(Stale):
        knowledge.deliver(stale, ticket.pk, RESULT, News("Three stages."))
    with pytest.raises(Incomplete) as both:
        delivers(desk, ticket, News("Three stages.", nothing=True))
    assert (both.value.field, both.value.why) == ("dossier", "one_of_two")
    assert queries.dossier(ticket.project_id) is None


def test_a_full_dossier_refuses_the_note_and_the_result(desk: Desk) -> None:
    buys(desk, 5)
    write(desk, desk.cover, Known(setup="x" * knowledge.TEXT_MAX), 0)
    ticket = in_work(desk)
    with pytest.raises(Incomplete) as full:
        delivers(desk, ticket, News("Three stages."))
    assert (full.value.field, full.value.why) == ("dossier", "full")
    assert state(ticket) == State.IN_WORK
