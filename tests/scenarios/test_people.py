"""Who is who: the vendor's people and the partners' people, by dated roles (specification 1, 4)."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from desk.journal import queries as journal
from desk.journal.models import Entry
from desk.partners import actions as partners
from desk.partners import queries
from desk.partners.models import Membership, PartnerRole, Person, StaffMembership, StaffRole
from tests import cast
from tests.language import Desk


def test_the_address_is_the_login_whatever_its_case(desk: Desk) -> None:
    made = cast.person(desk.now, "Nova Liudyna", "Nova@People.example")
    assert queries.by_email("nova@people.EXAMPLE") == made
    assert Person.objects.get_by_natural_key("NOVA@people.example") == made
    assert made.check_password(cast.PASSWORD)
    with pytest.raises(partners.EmailTaken):
        cast.person(desk.now, "Insha Liudyna", "nova@people.example")


def test_a_poor_password_is_refused(desk: Desk) -> None:
    with pytest.raises(ValidationError):
        partners.add_person(desk.cause(None), "p@p.example", partners.Card("P"), "password")
    assert queries.by_email("p@p.example") is None


@pytest.mark.parametrize(
    ("field", "card"),
    [
        ("name", partners.Card("  ")),
        ("name", partners.Card("x" * 121)),
        ("language", partners.Card("X", language="de")),
        ("timezone", partners.Card("X", timezone="Europe/Kyivv")),
        ("timezone", partners.Card("X", timezone="../etc/passwd")),
        ("theme", partners.Card("X", theme="pink")),
        ("phone", partners.Card("X", phone="1" * 41)),
    ],
)
def test_what_a_person_says_is_checked(desk: Desk, field: str, card: partners.Card) -> None:
    with pytest.raises(partners.Incomplete) as refused:
        partners.change_person(desk.cause(desk.lead), desk.lead.pk, card)
    assert refused.value.field == field


def test_the_journal_keeps_no_names_and_no_addresses(desk: Desk) -> None:
    card = partners.Card("Olha Nova", phone="+380 44 000 00 00", timezone="Europe/Warsaw")
    partners.change_person(desk.cause(desk.lead), desk.lead.pk, card)
    partners.change_email(desk.cause(desk.lead), desk.lead.pk, "nova@people.example")
    last = journal.of(f"person:{desk.lead.pk}").filter(verb="change_person").get()
    assert last.facts == {"changed": ["name", "phone", "timezone"]}
    told = " ".join(str(facts) for facts in Entry.objects.values_list("facts", flat=True))
    for word in ("Olha", "Oksana", "@", "+380"):
        assert word not in told


def test_nobody_is_specialist_and_administrator_at_once(desk: Desk) -> None:
    with pytest.raises(partners.SpecialistOrAdministrator):
        partners.appoint(desk.cause(None), desk.lead.pk, StaffRole.ADMINISTRATOR)
    with pytest.raises(partners.SpecialistOrAdministrator):
        partners.appoint(desk.cause(None), desk.house.administrator.pk, StaffRole.SPECIALIST)
    assert queries.staff_roles(desk.lead.pk) == {"specialist"}


def test_the_database_forbids_it_too(desk: Desk) -> None:
    with pytest.raises(IntegrityError, match="specialist_or_administrator"), transaction.atomic():
        StaffMembership.objects.create(
            person=desk.lead, role=StaffRole.ADMINISTRATOR, since_at=desk.now
        )
    with pytest.raises(IntegrityError, match="other side"), transaction.atomic():
        StaffMembership.objects.create(
            person=desk.company.owner, role=StaffRole.PRODUCTION, since_at=desk.now
        )


def test_a_specialist_may_become_administrator_afterwards(desk: Desk) -> None:
    olena = cast.specialist(desk.now, "Olena Tretia")
    partners.dismiss(desk.cause(None), olena.pk, StaffRole.SPECIALIST)
    partners.appoint(desk.cause(None), olena.pk, StaffRole.ADMINISTRATOR)
    assert queries.staff_roles(olena.pk) == {"administrator"}


def test_a_person_may_have_several_staff_roles(desk: Desk) -> None:
    vendor = desk.house.vendor.pk
    first = partners.appoint(desk.cause(None), vendor, StaffRole.ACCOUNTANT)
    again = partners.appoint(desk.cause(None), vendor, StaffRole.ACCOUNTANT)
    assert first == again
    assert queries.staff_roles(vendor) == {"vendor", "accountant"}


def test_the_vendors_people_are_not_a_partners_people(desk: Desk) -> None:
    with pytest.raises(partners.OtherSide):
        partners.add_membership(
            desk.cause(None), desk.company.partner.pk, desk.lead.pk, PartnerRole.MEMBER
        )
    with pytest.raises(partners.OtherSide):
        partners.appoint(desk.cause(None), desk.company.member.pk, StaffRole.PRODUCTION)


def test_a_changed_role_ends_the_row_and_begins_another(desk: Desk) -> None:
    partner, marko = desk.company.partner, desk.company.member
    at = desk.at("fri 12:00")
    cause = desk.cause(desk.company.owner)
    partners.change_membership(cause, partner.pk, marko.pk, PartnerRole.FINANCE)
    old, new = Membership.objects.filter(person=marko).order_by("id")
    assert (old.role, old.until_at) == ("member", at)
    assert (new.role, new.since_at, new.until_at) == ("finance", at, None)
    entry = journal.of(f"person:{marko.pk}").last()
    assert entry is not None
    assert entry.verb == "change_membership"
    assert entry.partner_id == partner.pk
    assert entry.facts == {"person": marko.pk, "role": "finance", "sees_all": True}


def test_moving_to_another_partner_moves_no_history(desk: Desk) -> None:
    """R15: the former membership stays, with its dates."""
    other = cast.company(desk.now, desk.house, "ZIR", "Zirka Demo")
    marko = desk.company.member
    at = desk.at("fri 15:00")
    partners.end_membership(desk.cause(None), desk.company.partner.pk, marko.pk)
    partners.add_membership(desk.cause(None), other.partner.pk, marko.pk, PartnerRole.MEMBER)
    rows = Membership.objects.filter(person=marko).order_by("id")
    assert [(row.partner_id, row.until_at) for row in rows] == [
        (desk.company.partner.pk, at),
        (other.partner.pk, None),
    ]
    assert [row.partner for row in queries.memberships(marko.pk)] == [other.partner]


def test_the_last_owner_of_a_partner_stays(desk: Desk) -> None:
    partner, owner = desk.company.partner.pk, desk.company.owner.pk
    with pytest.raises(partners.LastOwner) as refused:
        partners.change_membership(desk.cause(None), partner, owner, PartnerRole.MEMBER)
    assert refused.value.partner_id == partner
    with pytest.raises(partners.LastOwner):
        partners.end_membership(desk.cause(None), partner, owner)
    with pytest.raises(partners.LastOwner):
        partners.deactivate(desk.cause(None), owner)
    partners.change_membership(desk.cause(None), partner, desk.company.member.pk, PartnerRole.OWNER)
    partners.end_membership(desk.cause(None), partner, owner)
    assert queries.membership(owner, partner) is None


def test_the_vendors_last_owner_stays(desk: Desk) -> None:
    with pytest.raises(partners.LastOwner) as refused:
        partners.dismiss(desk.cause(None), desk.house.vendor.pk, StaffRole.VENDOR)
    assert refused.value.partner_id is None
    partners.appoint(desk.cause(None), desk.house.accountant.pk, StaffRole.VENDOR)
    partners.dismiss(desk.cause(None), desk.house.vendor.pk, StaffRole.VENDOR)
    assert queries.staff_roles(desk.house.vendor.pk) == frozenset()


def test_who_leaves_has_no_role_and_cannot_sign_in(desk: Desk) -> None:
    at = desk.at("fri 11:00")
    valia = desk.company.viewer
    partners.deactivate(desk.cause(desk.house.vendor, key="k1"), valia.pk)
    assert not Person.objects.get(pk=valia.pk).is_active
    assert Membership.objects.get(person=valia).until_at == at
    first, *rest = journal.of(f"person:{valia.pk}").order_by("-id")[:2][::-1]
    assert first.verb == "deactivate"
    assert [(entry.verb, entry.parent_id) for entry in rest] == [("end_membership", first.pk)]
    partners.reactivate(desk.cause(desk.house.vendor), valia.pk)
    assert Person.objects.get(pk=valia.pk).is_active
    assert not queries.memberships(valia.pk).exists()


def test_history_of_roles_cannot_be_deleted(desk: Desk) -> None:
    with pytest.raises(Exception, match="Cannot delete"), transaction.atomic():
        Membership.objects.filter(person=desk.company.viewer).delete()


def test_who_sees_which_partners(desk: Desk) -> None:
    other = cast.company(desk.now, desk.house, "ZIR", "Zirka Demo").partner
    olh = desk.company.partner
    idle = cast.specialist(desk.now, "Nina Vilna")
    for person in (desk.house.vendor, desk.house.administrator, desk.house.accountant, desk.lead):
        assert list(queries.visible_partners(person)) == [olh, other]
    assert list(queries.visible_partners(desk.company.viewer)) == [olh]
    assert list(queries.visible_partners(idle)) == []
    assert list(queries.visible_partners(desk.house.production)) == []


def test_who_manages_a_partners_people(desk: Desk) -> None:
    partner = desk.company.partner.pk
    assert queries.manages_people(desk.company.owner.pk, partner)
    assert queries.manages_people(desk.house.vendor.pk, partner)
    for person in (desk.company.member, desk.company.finance, desk.lead, desk.house.administrator):
        assert not queries.manages_people(person.pk, partner)
    other = cast.company(desk.now, desk.house, "ZIR", "Zirka Demo")
    assert not queries.manages_people(other.owner.pk, partner)


def test_team_pages_ask_the_same_few_questions_however_many_people(
    desk: Desk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        person = cast.person(desk.now, f"P{number} Nova", f"p{number}@olh.example")
        partners.add_membership(
            desk.cause(None), desk.company.partner.pk, person.pk, PartnerRole.MEMBER
        )
    with django_assert_num_queries(1):
        names = [row.person.name for row in queries.people_of(desk.company.partner.pk)]
    assert len(names) == 9
    with django_assert_num_queries(1):
        team = {row.person.name: row.roles for row in queries.staff()}
    assert team["Olha Persha"] == ("specialist",)
    with django_assert_num_queries(1):
        caps = {row.person.name: (row.leads, row.covers) for row in queries.specialists()}
    assert caps == {"Olha Persha": (1, 0), "Taras Druhyi": (0, 1)}


def test_there_is_one_organisation(desk: Desk) -> None:
    with pytest.raises(partners.AlreadyOrganised):
        partners.organise(desk.cause(None), "Another", "uk", "Europe/Kyiv")
    organisation = queries.organisation()
    assert organisation is not None
    assert organisation.calendar == desk.house.calendar


@pytest.mark.parametrize("code", ["O", "olh", "OLHOVKA", "1AB", "OL-H", "ОЛХ"])
def test_the_code_of_a_partner_is_short_and_plain(desk: Desk, code: str) -> None:
    with pytest.raises(partners.Incomplete) as refused:
        partners.enrol_partner(desk.cause(None), code, partners.Enrolment("X", desk.house.plan.pk))
    assert refused.value.field == "code"


def test_a_partner_is_enrolled_once(desk: Desk) -> None:
    enrolment = partners.Enrolment("Zirka Demo", desk.house.plan.pk)
    first = partners.enrol_partner(desk.cause(None, key="form-1"), "ZIR", enrolment)
    again = partners.enrol_partner(desk.cause(None, key="form-1"), "ZIR", enrolment)
    assert first == again
    with pytest.raises(partners.CodeTaken):
        partners.enrol_partner(desk.cause(None), "ZIR", enrolment)


def test_a_partner_may_change_its_plan(desk: Desk) -> None:
    plan = partners.add_plan(desk.cause(None), "Classic", desk.house.calendar.pk, {})
    enrolment = partners.Enrolment("Olhivka Demo", plan.pk, credit_consultations=2)
    partner = partners.change_partner(desk.cause(None), desk.company.partner.pk, enrolment)
    assert (partner.plan, partner.credit_consultations) == (plan, 2)
    entry = journal.of(f"partner:{partner.pk}").last()
    assert entry is not None
    assert entry.facts == {"changed": ["credit_consultations", "plan_id"], "plan": plan.pk}
