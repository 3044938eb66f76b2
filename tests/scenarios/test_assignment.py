"""A personal manager: every partner has one specialist, every specialist a cap (promise 1)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from desk.journal import queries as journal
from desk.partners import actions as partners
from desk.partners import queries
from desk.partners.models import (
    Assignment,
    AssignmentRole,
    Person,
    Project,
    ProjectState,
    StaffRole,
)
from tests import cast
from tests.language import Desk

LEAD, COVER = AssignmentRole.LEAD, AssignmentRole.COVER


def project(desk: Desk, name: str) -> Project:
    """One more project of OLH, left to the desk to assign."""
    cause = desk.cause(desk.house.vendor)
    return partners.add_project(cause, desk.company.partner.pk, name, "", "")


def assign(desk: Desk, where: Project, who: Person, role: AssignmentRole = LEAD) -> Assignment:
    return partners.assign(desk.cause(desk.house.administrator), where.pk, who.pk, role)


def state(where: Project) -> str:
    return Project.objects.get(pk=where.pk).state


def holders(desk: Desk, where: Project) -> tuple[Person | None, Person | None]:
    return queries.lead_of(where.pk, desk.now), queries.cover_of(where.pk, desk.now)


def test_a_partner_has_its_own_specialist_and_a_cover(desk: Desk) -> None:
    assert holders(desk, desk.company.project) == (desk.lead, desk.cover)
    assert state(desk.company.project) == ProjectState.ACTIVE


def test_a_new_project_gets_the_partners_own_specialist(desk: Desk) -> None:
    new = project(desk, "Second CRM")
    assert holders(desk, new) == (desk.lead, desk.cover)
    assert new.state == ProjectState.ACTIVE


def test_the_first_project_waits_until_somebody_is_named(desk: Desk) -> None:
    enrolment = partners.Enrolment("Zirka Demo", desk.house.plan.pk)
    partner = partners.enrol_partner(desk.cause(None), "ZIR", enrolment)
    new = partners.add_project(desk.cause(None), partner.pk, "Zirka CRM", "", "")
    assert new.state == ProjectState.WAITING
    assert [held.project for held in queries.waiting_projects()] == [new]
    assign(desk, new, desk.lead)
    assert state(new) == ProjectState.ACTIVE
    assert queries.waiting_projects() == []


def test_handing_over_a_lead_ends_the_old_row_at_that_moment(desk: Desk) -> None:
    nina = cast.specialist(desk.now, "Nina Tretia")
    at = desk.at("fri 12:00")
    assign(desk, desk.company.project, nina)
    old, new = Assignment.objects.filter(project=desk.company.project, role=LEAD).order_by("id")
    assert (old.specialist.person, old.until_at) == (desk.lead, at)
    assert (new.specialist.person, new.since_at, new.until_at) == (nina, at, None)
    desk.later(seconds=-1)
    assert holders(desk, desk.company.project)[0] == desk.lead
    desk.later(seconds=1)
    assert holders(desk, desk.company.project)[0] == nina
    entry = journal.of(f"project:{desk.company.project.pk}").last()
    assert entry is not None
    assert entry.facts == {
        "project": desk.company.project.pk,
        "role": "lead",
        "person": nina.pk,
        "before": desk.lead.pk,
        "waited": False,
    }
    assert entry.partner_id == desk.company.partner.pk


def test_naming_the_present_lead_again_changes_nothing(desk: Desk) -> None:
    before = journal.of(f"project:{desk.company.project.pk}").count()
    row = assign(desk, desk.company.project, desk.lead)
    assert row.since_at < desk.now
    assert journal.of(f"project:{desk.company.project.pk}").count() == before


def test_the_lead_is_not_the_cover(desk: Desk) -> None:
    with pytest.raises(partners.LeadIsCover):
        assign(desk, desk.company.project, desk.lead, COVER)
    with pytest.raises(partners.LeadIsCover):
        assign(desk, desk.company.project, desk.cover, LEAD)
    assert holders(desk, desk.company.project) == (desk.lead, desk.cover)


@pytest.mark.parametrize("who", ["administrator", "production", "vendor"])
def test_only_specialists_lead_and_cover(desk: Desk, who: str) -> None:
    with pytest.raises(partners.NotSpecialist):
        assign(desk, desk.company.project, getattr(desk.house, who))
    with pytest.raises(partners.NotSpecialist):
        assign(desk, desk.company.project, desk.company.owner)


def test_who_is_no_specialist_any_more_leads_nothing_new(desk: Desk) -> None:
    nina = cast.specialist(desk.now, "Nina Tretia")
    partners.dismiss(desk.cause(None), nina.pk, StaffRole.SPECIALIST)
    with pytest.raises(partners.NotSpecialist):
        assign(desk, desk.company.project, nina)


def test_the_cap_cannot_be_exceeded(desk: Desk) -> None:
    nina = cast.specialist(desk.now, "Nina Tretia", projects_max=1)
    assign(desk, desk.company.project, nina)
    second = cast.led_project(desk.now, desk.company.partner, desk.house, "Second CRM")
    with pytest.raises(partners.CapExceeded) as refused:
        assign(desk, second, nina)
    assert (refused.value.person_id, refused.value.role, refused.value.max) == (nina.pk, LEAD, 1)
    assert holders(desk, second)[0] == desk.lead


def test_a_project_above_the_cap_waits_visibly(desk: Desk) -> None:
    partners.set_caps(desk.cause(None), desk.lead.pk, 1, 24)
    above = project(desk, "Second CRM")
    assert above.state == ProjectState.WAITING
    (held,) = queries.waiting_projects()
    assert (held.project, held.lead, held.cover) == (above, None, desk.cover)
    told = journal.of(f"project:{above.pk}").filter(verb="await_specialist").get()
    assert told.facts == {"project": above.pk, "role": "lead", "person": desk.lead.pk}
    partners.set_caps(desk.cause(None), desk.lead.pk, 2, 24)
    assign(desk, above, desk.lead)
    assert state(above) == ProjectState.ACTIVE


def test_the_cap_is_not_lowered_below_what_is_led(desk: Desk) -> None:
    project(desk, "Second CRM")
    with pytest.raises(partners.CapExceeded):
        partners.set_caps(desk.cause(None), desk.lead.pk, 1, 24)
    with pytest.raises(partners.CapExceeded):
        partners.set_caps(desk.cause(None), desk.cover.pk, 12, 1)
    partners.set_caps(desk.cause(None), desk.lead.pk, 2, 0)
    load = {row.person: (row.leads, row.projects_max) for row in queries.specialists()}
    assert load[desk.lead] == (2, 2)


def test_covers_have_a_limit_of_their_own(desk: Desk) -> None:
    nina = cast.specialist(desk.now, "Nina Tretia", projects_max=0, covers_max=1)
    assign(desk, desk.company.project, nina, COVER)
    second = cast.led_project(desk.now, desk.company.partner, desk.house, "Second CRM")
    with pytest.raises(partners.CapExceeded) as refused:
        assign(desk, second, nina, COVER)
    assert (refused.value.role, refused.value.max) == (COVER, 1)


def test_a_waiting_project_does_not_become_active_past_the_cap(desk: Desk) -> None:
    """The database refuses the flip of the state as well as the row."""
    partners.set_caps(desk.cause(None), desk.lead.pk, 1, 24)
    above = project(desk, "Second CRM")
    with pytest.raises(partners.CapExceeded):
        assign(desk, above, desk.lead)
    with pytest.raises(IntegrityError, match="does not fit its lead"), transaction.atomic():
        flipped = {"state": ProjectState.ACTIVE, "waits_since_at": None}
        Project.objects.filter(pk=above.pk).update(**flipped)
        connection.check_constraints()
    with pytest.raises(IntegrityError, match="cap of specialist"), transaction.atomic():
        specialist = Assignment.objects.get(role=LEAD).specialist
        Assignment.objects.create(
            project=above, specialist=specialist, role=LEAD, since_at=desk.now
        )


def test_archiving_ends_lead_and_cover_and_makes_room(desk: Desk) -> None:
    partners.set_caps(desk.cause(None), desk.lead.pk, 1, 24)
    above = project(desk, "Second CRM")
    at = desk.at("fri 12:00")
    partners.archive_project(desk.cause(desk.house.vendor), desk.company.project.pk)
    assert set(
        Assignment.objects.filter(project=desk.company.project).values_list("until_at", flat=True)
    ) == {at}
    assign(desk, above, desk.lead)
    with pytest.raises(partners.ProjectArchived):
        assign(desk, desk.company.project, desk.lead)
    connection.check_constraints()


def test_a_restored_project_gets_a_lead_or_waits(desk: Desk) -> None:
    second = project(desk, "Second CRM")
    partners.archive_project(desk.cause(None), second.pk)
    assert state(second) == ProjectState.ARCHIVED
    partners.restore_project(desk.cause(None), second.pk)
    assert (state(second), holders(desk, second)[0]) == (ProjectState.ACTIVE, desk.lead)
    partners.archive_project(desk.cause(None), second.pk)
    partners.set_caps(desk.cause(None), desk.lead.pk, 1, 24)
    partners.restore_project(desk.cause(None), second.pk)
    assert state(second) == ProjectState.WAITING


def test_without_a_lead_a_project_waits_again(desk: Desk) -> None:
    partners.unassign(desk.cause(desk.house.vendor), desk.company.project.pk, LEAD)
    assert state(desk.company.project) == ProjectState.WAITING
    partners.unassign(desk.cause(desk.house.vendor), desk.company.project.pk, COVER)
    assert holders(desk, desk.company.project) == (None, None)
    connection.check_constraints()


def test_all_projects_of_a_partner_are_handed_over_at_once(desk: Desk) -> None:
    second = project(desk, "Second CRM")
    away = project(desk, "Old CRM")
    partners.archive_project(desk.cause(None), away.pk)
    nina = cast.specialist(desk.now, "Nina Tretia")
    cause = desk.cause(desk.house.administrator, key="form-1")
    rows = partners.assign_partner(cause, desk.company.partner.pk, nina.pk, LEAD)
    assert [row.project for row in rows] == [desk.company.project, second]
    assert holders(desk, second) == (nina, desk.cover)
    assert queries.holder_throughout(desk.company.partner.pk, LEAD) == nina


def test_all_are_handed_over_or_none(desk: Desk) -> None:
    second = project(desk, "Second CRM")
    nina = cast.specialist(desk.now, "Nina Tretia", projects_max=1)
    with pytest.raises(partners.CapExceeded):
        partners.assign_partner(desk.cause(None), desk.company.partner.pk, nina.pk, LEAD)
    assert holders(desk, desk.company.project)[0] == holders(desk, second)[0] == desk.lead


def test_a_partner_larger_than_a_cap_is_divided_by_project(desk: Desk) -> None:
    nina = cast.specialist(desk.now, "Nina Tretia")
    second = project(desk, "Second CRM")
    assign(desk, second, nina)
    assert queries.holder_throughout(desk.company.partner.pk, LEAD) is None
    third = project(desk, "Third CRM")
    assert third.state == ProjectState.WAITING


def test_a_specialist_with_projects_is_not_dismissed(desk: Desk) -> None:
    for who in (desk.lead, desk.cover):
        with pytest.raises(partners.StillAssigned) as refused:
            partners.dismiss(desk.cause(None), who.pk, StaffRole.SPECIALIST)
        assert refused.value.project_ids == (desk.company.project.pk,)
        with pytest.raises(partners.StillAssigned):
            partners.deactivate(desk.cause(None), who.pk)
    assert Person.objects.get(pk=desk.lead.pk).is_active


def test_two_leads_of_one_project_are_impossible(desk: Desk) -> None:
    nina = cast.specialist(desk.now, "Nina Tretia")
    with pytest.raises(IntegrityError, match="assignment_one_at_a_time"), transaction.atomic():
        Assignment.objects.create(
            project=desk.company.project, specialist=nina.specialist, role=LEAD, since_at=desk.now
        )


def test_a_project_is_added_once_under_one_name(desk: Desk) -> None:
    cause = desk.cause(desk.company.owner, key="form-1")
    partner = desk.company.partner.pk
    first = partners.add_project(cause, partner, "New CRM", "Client", "https://crm.example/")
    assert (
        partners.add_project(cause, partner, "New CRM", "Client", "https://crm.example/") == first
    )
    with pytest.raises(partners.ProjectNameTaken):
        partners.add_project(desk.cause(None), partner, "New CRM", "", "")
    with pytest.raises(partners.Incomplete) as refused:
        partners.change_project(desk.cause(None), first.pk, "New CRM", "", "javascript:alert(1)")
    assert refused.value.field == "address"
    assert partners.change_project(desk.cause(None), first.pk, "N", "", "").name == "N"


def test_lists_of_projects_take_the_same_few_queries(
    desk: Desk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(4):
        project(desk, f"CRM {number}")
    with django_assert_num_queries(2):
        held = queries.projects_of(desk.company.partner.pk)
        names = [(row.project.partner.code, row.lead, row.cover) for row in held]
    assert names == [("OLH", desk.lead, desk.cover)] * 5
    with django_assert_num_queries(1):
        rows = [row.project.partner.name for row in queries.assignments_of(desk.lead.pk)]
    assert len(rows) == 5
    numbers = [row.project.pk for row in held]
    with django_assert_num_queries(1):
        found = queries.assigned(numbers, desk.now)
    assert set(found.values()) == {desk.lead, desk.cover}
