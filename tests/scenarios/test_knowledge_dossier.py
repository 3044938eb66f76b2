"""The dossier: what is known of a project, beside every ticket of it."""

from __future__ import annotations

import pytest

from desk.journal import queries as journal
from desk.knowledge import actions as knowledge
from desk.knowledge import queries
from desk.knowledge.actions import Known
from desk.knowledge.models import Dossier
from desk.partners.models import Person
from tests.language import Desk


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
