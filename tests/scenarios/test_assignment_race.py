"""The cap holds when two people assign at the same moment: real transactions, real threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, connections, transaction

from desk.partners import actions as partners
from desk.partners import queries
from desk.partners.models import (
    Assignment,
    AssignmentRole,
    PartnerRole,
    Project,
    ProjectState,
    Specialist,
    StaffRole,
)
from tests import cast
from tests.language import Desk, at_once

LEAD = AssignmentRole.LEAD


@pytest.fixture
def live(committed: str) -> Desk:
    """A desk whose transactions are real."""
    return Desk.open()


def waiting(desk: Desk, code: str) -> Project:
    """A project of a partner of its own, so that no lock of a partner orders the two deeds."""
    enrolment = partners.Enrolment(f"{code} Demo", desk.house.plan.pk)
    partner = partners.enrol_partner(desk.cause(None), code, enrolment)
    return partners.add_project(desk.cause(None), partner.pk, "CRM", "", "")


def test_of_two_who_take_the_last_place_one_gets_it(live: Desk) -> None:
    nina = cast.specialist(live.now, "Nina Tretia", projects_max=1)
    projects = [waiting(live, code) for code in ("AAA", "BBB", "CCC")]

    def assign(project: Project) -> Callable[[], object]:
        by = live.cause(live.house.administrator)
        return lambda: partners.assign(by, project.pk, nina.pk, LEAD)

    outcome = at_once(*(assign(project) for project in projects))
    assert sum(isinstance(one, Assignment) for one in outcome) == 1, outcome
    assert sum(isinstance(one, partners.CapExceeded) for one in outcome) == 2, outcome
    assert len(queries.waiting_projects()) == 2
    assert Assignment.objects.filter(specialist__person=nina, until_at=None).count() == 1


def test_the_trigger_alone_holds_the_cap(live: Desk) -> None:
    """Rows written past the actions, as a careless script would: the second waits for the first
    to be committed, and then counts it."""
    nina = cast.specialist(live.now, "Nina Tretia", projects_max=1)
    specialist = Specialist.objects.get(person=nina)
    first, second = (waiting(live, code) for code in ("AAA", "BBB"))

    def insert(project: Project) -> None:
        flipped = {"state": ProjectState.ACTIVE, "waits_since_at": None}
        Project.objects.filter(pk=project.pk).update(**flipped)
        Assignment.objects.create(
            project=project, specialist=specialist, role=LEAD, since_at=live.now
        )

    def insert_alone() -> None:
        try:
            with transaction.atomic():
                insert(second)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            insert(first)
            other = pool.submit(insert_alone)
            while not other.done() and not somebody_waits():
                pass
            assert not other.done(), "the second did not wait for the first"
        with pytest.raises(IntegrityError, match="cap of specialist"):
            other.result(timeout=30)
    assert Assignment.objects.filter(specialist=specialist).count() == 1


def somebody_waits() -> bool:
    """Whether a connection of this database waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database())"
        )
        return bool(cursor.fetchone()[0])


def test_the_cap_is_lowered_or_the_project_assigned_but_not_both(live: Desk) -> None:
    nina = cast.specialist(live.now, "Nina Tretia", projects_max=1)
    project = waiting(live, "AAA")
    outcome = at_once(
        lambda: partners.set_caps(live.cause(None), nina.pk, 0, 0),
        lambda: partners.assign(live.cause(None), project.pk, nina.pk, LEAD),
    )
    assert sum(isinstance(one, partners.CapExceeded) for one in outcome) == 1, outcome
    led = Assignment.objects.filter(specialist__person=nina, until_at=None).count()
    assert led <= Specialist.objects.get(person=nina).projects_max


def test_a_specialist_is_dismissed_or_assigned_but_not_both(live: Desk) -> None:
    nina = cast.specialist(live.now, "Nina Tretia")
    project = waiting(live, "AAA")
    outcome = at_once(
        lambda: partners.dismiss(live.cause(None), nina.pk, StaffRole.SPECIALIST),
        lambda: partners.assign(live.cause(None), project.pk, nina.pk, LEAD),
    )
    refusals = (partners.StillAssigned, partners.NotSpecialist)
    assert sum(isinstance(one, refusals) for one in outcome) == 1, outcome


def test_of_two_last_owners_who_leave_one_stays(live: Desk) -> None:
    partner, first, second = live.company.partner.pk, live.company.owner, live.company.member
    partners.change_membership(live.cause(None), partner, second.pk, PartnerRole.OWNER)
    outcome = at_once(
        lambda: partners.end_membership(live.cause(first), partner, first.pk),
        lambda: partners.end_membership(live.cause(second), partner, second.pk),
    )
    assert sum(isinstance(one, partners.LastOwner) for one in outcome) == 1, outcome


def test_of_two_roles_on_both_sides_one_is_given(live: Desk) -> None:
    nova = cast.person(live.now, "Nova Liudyna")
    partner = live.company.partner.pk
    outcome = at_once(
        lambda: partners.add_membership(live.cause(None), partner, nova.pk, PartnerRole.MEMBER),
        lambda: partners.appoint(live.cause(None), nova.pk, StaffRole.PRODUCTION),
    )
    assert sum(isinstance(one, partners.OtherSide) for one in outcome) == 1, outcome


def test_a_link_opens_once_for_two_who_click_at_once(live: Desk) -> None:
    invited = partners.Invited("nova@olh.example", PartnerRole.MEMBER, live.company.partner.pk)
    _, token = partners.invite(live.cause(live.company.owner), invited)

    def accept() -> object:
        return partners.accept_invitation(live.cause(None), token, "Nova", cast.PASSWORD)

    outcome = at_once(accept, accept)
    assert sum(isinstance(one, partners.InvitationRefused) for one in outcome) == 1, outcome
