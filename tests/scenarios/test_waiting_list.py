"""A project above the cap waits, visibly: since when, at which place, and who is proposed; a place
that becomes free is announced once, and one click gives it to the first in line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from desk.config import relay
from desk.journal import queries as journal
from desk.journal.actions import KeyReused
from desk.oversight.queries import capacity
from desk.partners import actions as partners
from desk.partners.models import AssignmentRole, Partner, PartnerRole, Project, ProjectState
from desk.tickets import actions
from desk.tickets.actions import Submission
from tests import cast
from tests.language import Desk, at_once
from tests.scenarios.tickets import fresh

LEAD, COVER = AssignmentRole.LEAD, AssignmentRole.COVER


def other_partner(desk: Desk, code: str) -> Partner:
    enrolment = partners.Enrolment(f"{code} Demo", desk.house.plan.pk)
    return partners.enrol_partner(desk.cause(None), code, enrolment)


def waits(desk: Desk, code: str) -> Project:
    """A project of a partner of its own, which nobody leads yet."""
    partner = other_partner(desk, code)
    return partners.add_project(desk.cause(None), partner.pk, f"{code} CRM", "", "")


def everybody_is_full(desk: Desk) -> None:
    for person in (desk.lead, desk.cover):
        leads = 1 if person == desk.lead else 0
        partners.set_caps(desk.cause(None), person.pk, leads, 24)


def verbs(project: Project, verb: str) -> int:
    return journal.of(f"project:{project.pk}").filter(verb=verb).count()


def relayed(desk: Desk) -> None:
    while relay.tick(desk.now):
        pass


def line() -> list[tuple[int, str, datetime, str | None]]:
    return [
        (row.position, row.project.name, row.since_at, row.lead.name if row.lead else None)
        for row in capacity.waiting()
    ]


def test_who_waits_longest_comes_first_and_a_lead_is_proposed_while_there_is_room(
    desk: Desk,
) -> None:
    everybody_is_full(desk)
    first = waits(desk, "AAA")
    since_at = desk.now
    second = waits(desk, "BBB")
    desk.later(hours=1)
    partners.unassign(desk.cause(None), desk.company.project.pk, LEAD)
    assert line() == [
        (1, "AAA CRM", since_at, "Olha Persha"),
        (2, "BBB CRM", since_at, None),
        (3, "Olhivka Demo CRM", desk.now, None),
    ]
    assert capacity.position(second.pk) == (2, 3)
    partners.assign(desk.cause(None), first.pk, desk.lead.pk, LEAD)
    assert capacity.position(first.pk) is None
    assert [row[3] for row in line()] == [None, None]


def test_those_who_can_help_are_told_once_that_it_waits(desk: Desk) -> None:
    everybody_is_full(desk)
    project = waits(desk, "AAA")
    assert verbs(project, "await_specialist") == 1
    partners.change_project(desk.cause(None), project.pk, "Another name", "", "")
    relayed(desk)
    assert verbs(project, "await_specialist") == 1
    assert verbs(project, "place_free") == 0


@pytest.mark.parametrize("how", ["archive", "cap", "specialist"])
def test_a_free_place_is_announced_once_for_the_first_in_line(desk: Desk, how: str) -> None:
    everybody_is_full(desk)
    first, second = waits(desk, "AAA"), waits(desk, "BBB")
    relayed(desk)
    assert verbs(first, "place_free") == 0
    if how == "archive":
        partners.archive_project(desk.cause(None), desk.company.project.pk)
    elif how == "cap":
        partners.set_caps(desk.cause(None), desk.lead.pk, 2, 24)
    else:
        cast.specialist(desk.now, "Nina Tretia")
    relayed(desk)
    partners.set_caps(desk.cause(None), desk.lead.pk, 5, 24)
    relayed(desk)
    assert (verbs(first, "place_free"), verbs(second, "place_free")) == (1, 0)


def test_one_click_gives_it_lead_and_cover_and_is_on_record(desk: Desk) -> None:
    everybody_is_full(desk)
    project = waits(desk, "AAA")
    nina = cast.specialist(desk.now, "Nina Tretia")
    (row,) = capacity.waiting()
    assert (row.lead, row.cover) == (nina, desk.cover)
    by = desk.cause(desk.house.administrator, key="click-1")
    for _ in range(2):
        served = partners.serve_waiting(by, project.pk, nina.pk, desk.cover.pk)
    assert (served.state, served.waits_since_at) == (ProjectState.ACTIVE, None)
    assert journal.of(f"project:{project.pk}").filter(verb="assign").count() == 2
    with pytest.raises(KeyReused):
        partners.serve_waiting(by, project.pk, desk.lead.pk)
    with pytest.raises(partners.NotWaiting):
        partners.serve_waiting(desk.cause(None), project.pk, nina.pk)


def test_neither_is_named_when_one_of_them_has_no_place(desk: Desk) -> None:
    everybody_is_full(desk)
    project = waits(desk, "AAA")
    nina = cast.specialist(desk.now, "Nina Tretia")
    full = cast.specialist(desk.now, "Full Povnyi", covers_max=0)
    with pytest.raises(partners.CapExceeded):
        partners.serve_waiting(desk.cause(None), project.pk, nina.pk, full.pk)
    project.refresh_from_db()
    assert project.state == ProjectState.WAITING


def test_tickets_of_a_waiting_project_go_to_the_pool_and_then_to_its_lead(desk: Desk) -> None:
    everybody_is_full(desk)
    project = waits(desk, "AAA")
    author = cast.person(desk.now, "Ihor Aaa")
    partners.add_membership(desk.cause(None), project.partner_id, author.pk, PartnerRole.OWNER)
    asked = Submission(project.partner_id, project.pk, "It waits", "Since today.", author.pk)
    ticket = actions.submit(desk.cause(author), asked)
    assert ticket.executor is None and ticket.acceptance_due_at is not None
    nina = cast.specialist(desk.now, "Nina Tretia")
    partners.serve_waiting(desk.cause(desk.house.administrator), project.pk, nina.pk)
    relayed(desk)
    assert fresh(ticket).executor_id == nina.pk
    handed = journal.of(ticket.key).get(verb="hand_over")
    assert handed.facts["because"] == "assigned"


def test_a_partner_larger_than_a_cap_is_divided_by_project(desk: Desk) -> None:
    everybody_is_full(desk)
    partner = other_partner(desk, "BIG")
    projects = [
        partners.add_project(desk.cause(None), partner.pk, f"CRM {number}", "", "")
        for number in range(5)
    ]
    nina = cast.specialist(desk.now, "Nina Tretia", projects_max=3)
    stepan = cast.specialist(desk.now, "Stepan Pyatyi", projects_max=1)
    assert partner in capacity.larger_than_a_cap()
    shares = capacity.division(partner)
    assert [one.proposed for one in shares] == [nina, nina, nina, stepan, None]
    leads = {one.project.pk: one.proposed.pk for one in shares if one.proposed}
    by = desk.cause(desk.house.administrator, key="divide-1")
    assert len(partners.divide_partner(by, partner.pk, leads)) == 4
    assert len(partners.divide_partner(by, partner.pk, leads)) == 4
    assert [row[1] for row in line()] == ["CRM 4"]
    too_many = {projects[4].pk: nina.pk}
    with pytest.raises(partners.CapExceeded):
        partners.divide_partner(desk.cause(None), partner.pk, too_many)
    with pytest.raises(Project.DoesNotExist):
        partners.divide_partner(desk.cause(None), partner.pk, {desk.company.project.pk: nina.pk})


def test_everybody_sees_who_covers_whom_and_the_chain_is_only_a_proposal(desk: Desk) -> None:
    olha, taras = capacity.seats(desk.now)
    assert (olha.load.person, olha.leads_free, olha.covered_by) == (desk.lead, 11, (desk.cover,))
    assert (taras.covers, taras.covers_free) == ((desk.lead,), 23)
    assert (olha.would_cover, taras.would_cover) == (desk.cover, desk.lead)


def test_two_administrators_do_not_give_the_last_place_twice(committed: str) -> None:
    desk = Desk.open()
    everybody_is_full(desk)
    first, second = waits(desk, "AAA"), waits(desk, "BBB")
    nina = cast.specialist(desk.now, "Nina Tretia", projects_max=1)

    def gives(project: Project, by: int) -> Callable[[], object]:
        who = (desk.house.administrator, desk.house.second_administrator)[by]
        return lambda: partners.serve_waiting(desk.cause(who), project.pk, nina.pk)

    outcome = at_once(gives(first, 0), gives(first, 1), gives(second, 1))
    assert sum(isinstance(one, Project) for one in outcome) == 1, outcome
    refusals = (partners.NotWaiting, partners.CapExceeded)
    assert sum(isinstance(one, refusals) for one in outcome) == 2, outcome
    assert len(capacity.waiting()) == 1
