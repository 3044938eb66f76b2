"""Somebody goes away: what is missing is said before it happens, whoever stands in gets a brief,
and who comes back is told what happened and takes the tickets back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.journal.models import Entry
from desk.knowledge import actions as knowledge
from desk.oversight.actions import returns
from desk.oversight.models import BriefNote
from desk.oversight.queries import absences, briefs
from desk.oversight.queries import returns as meanwhile
from desk.oversight.queries.absences import Lack
from desk.partners import actions as partners
from desk.partners.models import AssignmentRole, Person
from desk.rules.lifecycle import Type
from desk.tickets import actions
from desk.tickets import queries as tickets
from desk.tickets.actions import Incomplete, watch
from desk.workdays import actions as workdays
from desk.workdays.models import Absence, AbsenceKind
from tests import cast
from tests.language import Desk, moment
from tests.scenarios.tickets import (
    accepted,
    asks,
    buys,
    entries,
    fresh,
    in_work,
    is_away,
    submits,
)


def planned(desk: Desk, person: Person, since: str, **span: float) -> Absence:
    since_at = moment(since, desk.now)
    kind, until_at = AbsenceKind.VACATION, since_at + timedelta(**span)
    return workdays.note_absence(desk.cause(person), person.pk, kind, since_at, until_at, "")


def lacks(desk: Desk) -> list[tuple[str, Lack]]:
    return [
        (row.absence.person.name, one.lack)
        for row in absences.coming(desk.now)
        for one in row.findings
    ]


def test_a_preview_names_tickets_promises_and_who_stands_in(desk: Desk) -> None:
    buys(desk, 2)
    later, soon = accepted(desk), submits(desk)
    week = (moment("fri 15:00"), moment("fri 15:00") + timedelta(days=7))
    seen = absences.preview(desk.lead, week, desk.now)
    assert [line.id for line in seen.tickets] == [soon.pk, later.pk]
    assert [line.id for line in seen.due] == [later.pk]
    (led,) = seen.projects
    assert (led.project, led.cover, led.tickets) == (desk.company.project, desk.cover, 2)
    assert seen.findings == ()


def test_a_project_without_a_cover_is_found_before_anybody_goes(desk: Desk) -> None:
    partners.unassign(desk.cause(None), desk.company.project.pk, AssignmentRole.COVER)
    planned(desk, desk.lead, "mon 09:00", days=5)
    assert lacks(desk) == [("Olha Persha", Lack.NO_COVER)]
    assert absences.uncovered() == [desk.company.project]


def test_a_cover_who_is_away_as_well_is_found_with_the_days_of_both(desk: Desk) -> None:
    planned(desk, desk.lead, "mon 09:00", days=5)
    planned(desk, desk.cover, "wed 09:00", days=5)
    (found,) = absences.coming(desk.now)[0].findings
    assert (found.lack, found.cover) == (Lack.COVER_AWAY, desk.cover)
    begins = moment("wed 09:00", desk.now)
    assert (found.since_at, found.until_at) == (
        begins,
        moment("mon 09:00", desk.now) + timedelta(5),
    )


def test_who_would_stand_in_for_two_at_once_is_found(desk: Desk) -> None:
    nina = cast.specialist(desk.now, "Nina Tretia")
    other = cast.company(desk.now, desk.house, "AGR", "Agrolan Demo")
    partners.assign(desk.cause(None), other.project.pk, nina.pk, AssignmentRole.LEAD)
    planned(desk, desk.lead, "mon 09:00", days=5)
    planned(desk, nina, "tue 09:00", days=1)
    assert lacks(desk) == [("Olha Persha", Lack.TWO_AT_ONCE), ("Nina Tretia", Lack.TWO_AT_ONCE)]


def test_the_brief_has_dossier_threads_and_what_the_absent_one_adds(desk: Desk) -> None:
    buys(desk, 3)
    project = desk.company.project
    known = knowledge.Known("A factory", "Two servers", "Friday is a deploy day")
    knowledge.write_dossier(desk.cause(desk.lead), project.pk, known, 0)
    asked, parted = asks(desk, in_work(desk)), in_work(desk, Type.COMPLEX, "One", "Two")
    actions.finish_part(desk.cause(desk.lead), parted.pk, 1, "Done.")
    absence = planned(desk, desk.lead, "mon 09:00", days=5)
    for subject, text in ((asked.key, "He answers by phone only."), (f"project:{project.pk}", "!")):
        returns.write_brief(desk.cause(desk.lead), absence.pk, subject, text)
    brief = briefs.brief(absence, desk.now, desk.cover.pk)
    (of,) = brief.projects
    assert (of.project, of.cover, of.note) == (project, desk.cover, "!")
    assert of.dossier is not None and of.dossier.setup == "Two servers"
    first, second = sorted(of.tickets, key=lambda one: one.line.id)
    assert first.note == "He answers by phone only."
    assert first.said is not None and (first.said.text, first.said.is_question) == (
        "Which order?",
        True,
    )
    assert first.promised_due_at == moment("fri 18:00")
    assert (second.parts_done, second.parts, second.consulted) == (1, 2, False)


def test_only_the_absent_one_writes_and_of_the_own_projects(desk: Desk) -> None:
    absence = planned(desk, desk.lead, "mon 09:00", days=5)
    subject = f"project:{desk.company.project.pk}"
    with pytest.raises(Absence.DoesNotExist):
        returns.write_brief(desk.cause(desk.cover), absence.pk, subject, "Mine")
    for wrong in ("project:0", "ticket:0", "person:1", "project:x"):
        with pytest.raises(Incomplete):
            returns.write_brief(desk.cause(desk.lead), absence.pk, wrong, "Mine")
    returns.write_brief(desk.cause(desk.lead), absence.pk, subject, "First")
    returns.write_brief(desk.cause(desk.lead), absence.pk, subject, "Second")
    assert BriefNote.objects.get().text == "Second"


def test_a_brief_is_read_by_who_is_concerned(desk: Desk) -> None:
    stranger = cast.specialist(desk.now, "Nina Tretia")
    absence = planned(desk, desk.lead, "mon 09:00", days=5)
    readers = {
        desk.lead: True,
        desk.cover: True,
        desk.house.administrator: True,
        desk.house.vendor: True,
        stranger: False,
        desk.house.accountant: False,
        desk.owner: False,
    }
    for person, may in readers.items():
        assert briefs.visible_to(tickets.access(person)).contains(absence) is may, person
    other = cast.company(desk.now, desk.house, "AGR", "Agrolan Demo")
    partners.assign(desk.cause(None), other.project.pk, stranger.pk, AssignmentRole.COVER)
    seen = briefs.brief(absence, desk.now, stranger.pk)
    assert [one.project for one in seen.projects] == [other.project]


def test_sudden_sickness_needs_no_preparation(desk: Desk) -> None:
    ticket = submits(desk)
    absence = is_away(desk, desk.lead, days=2)
    watch.tick(desk.now)
    (handed,) = entries(ticket, "hand_over")
    assert (handed.facts["because"], handed.facts["absence"]) == ("absent", absence.pk)
    assert briefs.of_ticket(ticket.pk, desk.cover.pk, desk.now) == absence
    assert briefs.of_ticket(ticket.pk, desk.lead.pk, desk.now) is None
    brief = briefs.brief(absence, desk.now, desk.cover.pk)
    assert [one.line.id for one in brief.projects[0].tickets] == [ticket.pk]


def test_who_is_back_is_told_once_what_happened(desk: Desk) -> None:
    buys(desk, 3)
    old = in_work(desk)
    desk.later(minutes=1)
    absence = is_away(desk, desk.lead, days=3)
    watch.tick(desk.now)
    desk.at("fri 12:00")
    taras = desk.cause(desk.cover)
    actions.deliver(taras, old.pk, actions.Handover("Solved", "Nothing", "Look"))
    actions.confirm(desk.cause(desk.member), old.pk)
    new = submits(desk, "Another one")
    actions.accept(taras, new.pk, actions.Accepting(Type.SIMPLE, "Taken."))
    known = knowledge.Known("A factory", "Three servers", "")
    knowledge.write_dossier(taras, desk.company.project.pk, known, 0)
    assert returns.tick(desk.now) == 0
    desk.at("mon 09:01")
    assert (returns.tick(desk.now), returns.tick(desk.now)) == (1, 0)
    told = Entry.objects.get(verb="come_back")
    assert told.subject == f"person:{desk.lead.pk}"
    assert (told.facts["opened"], told.facts["resolved"], told.facts["promises"]) == (1, 1, 1)
    (of,) = meanwhile.digest(absence, desk.now).projects
    assert (of.opened, of.resolved) == (
        (("OLH-2", "Another one"),),
        (("OLH-1", "The report is empty"),),
    )
    assert [one.ticket for one in of.promises] == ["OLH-2"]
    assert of.dossier_by == "Taras Druhyi"


def test_tickets_come_back_by_the_click_of_who_is_back(desk: Desk) -> None:
    buys(desk, 3)
    first, second, third = in_work(desk), in_work(desk), in_work(desk)
    absence = is_away(desk, desk.lead, hours=2)
    watch.tick(desk.now)
    with pytest.raises(Incomplete):
        returns.take_back(desk.cause(desk.lead), absence.pk, [first.pk])
    desk.at("fri 12:00")
    actions.work_start(desk.cause(desk.cover), second.pk)
    assert {(one.line.id, one.at_hand) for one in meanwhile.back(absence, desk.now)} == {
        (first.pk, False),
        (second.pk, True),
        (third.pk, False),
    }
    by = desk.cause(desk.lead, key="click-1")
    chosen = [first.pk, second.pk]
    assert returns.take_back(by, absence.pk, chosen) == 1
    assert returns.take_back(by, absence.pk, chosen) == 0
    assert fresh(first).executor_id == desk.lead.pk
    assert fresh(second).executor_id == fresh(third).executor_id == desk.cover.pk
    *_, last = entries(first, "hand_over")
    assert last.facts["because"] == "back"
    with pytest.raises(Absence.DoesNotExist):
        returns.take_back(desk.cause(desk.cover), absence.pk, [third.pk])


def test_nobody_is_told_of_a_return_who_is_still_away_or_had_nothing_handed_over(
    desk: Desk,
) -> None:
    submits(desk)
    first = is_away(desk, desk.lead, hours=2)
    watch.tick(desk.now)
    until_at = first.until_at + timedelta(hours=1)
    kind = AbsenceKind.VACATION
    workdays.note_absence(desk.cause(desk.lead), desk.lead.pk, kind, first.until_at, until_at, "")
    assert returns.tick(desk.at("fri 11:30")) == 0
    watch.tick(desk.now)
    assert returns.tick(desk.at("fri 12:30")) == 2
    later = planned(desk, desk.cover, "mon 09:00", days=1)
    workdays.withdraw_absence(desk.cause(desk.cover), later.pk)
    assert returns.tick(desk.at("wed 09:00")) == 0


def test_who_comes_back_earlier_is_told_then(desk: Desk) -> None:
    ticket = submits(desk)
    absence = is_away(desk, desk.lead, days=3)
    watch.tick(desk.now)
    desk.at("fri 10:00")
    workdays.withdraw_absence(desk.cause(desk.lead), absence.pk)
    assert returns.tick(desk.now) == 1
    assert returns.take_back(desk.cause(desk.lead), absence.pk, [ticket.pk]) == 1
