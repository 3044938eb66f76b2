"""People, partners, plans and the records, as the owner changes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from desk.partners import actions as partners
from desk.partners import queries
from desk.partners.models import AssignmentRole, Invitation, PartnerRole, Person, StaffRole
from tests import cast
from tests.language import Desk

_keys = iter(range(1_000_000))
QUERIES_MAX = 26


@pytest.fixture
def desk(db: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    found = Desk.open()
    monkeypatch.setattr("desk.lib.clock.now", lambda: found.now)
    return found


@pytest.fixture
def owner(desk: Desk) -> Client:
    client = Client()
    client.force_login(desk.house.vendor)
    return client


def send(client: Client, page: str, /, *names: int, **fields: Any) -> Any:
    """Send a form; follows to the page after it."""
    url = reverse(f"setup:{page}", args=names)
    return client.post(url, {"key": f"k{next(_keys)}", **fields}, follow=True)


def said(answer: Any) -> list[str]:
    return [str(message.level_tag) for message in answer.context["messages"]]


def test_somebody_is_invited_and_the_link_is_on_the_page(desk: Desk, owner: Client) -> None:
    new = {"email": "nova@desk.example", "name": "", "role": "specialist", "language": "uk"}
    answer = send(owner, "people", **new)
    row = Invitation.objects.get()
    assert f"/account/invitation/{row.pk}." in answer.content.decode()
    again = send(owner, "resend", row.pk)
    assert said(again) == ["success"]
    row.refresh_from_db()
    assert row.withdrawn_at == desk.now
    fresh = queries.invitations_open(None).get()
    send(owner, "withdraw", fresh.pk)
    assert not queries.invitations_open(None).exists()


def test_somebody_with_a_password_comes_in_at_once(desk: Desk, owner: Client) -> None:
    new = {"email": "nova@desk.example", "name": "Nova", "role": "specialist", "language": "uk"}
    send(owner, "people", **new, password=cast.PASSWORD)
    nova = Person.objects.get(email="nova@desk.example")
    assert nova.check_password(cast.PASSWORD)
    assert queries.staff_roles(nova.pk) == {StaffRole.SPECIALIST}
    taken = send(owner, "people", **new, password=cast.PASSWORD)
    assert taken.status_code == 409


def test_roles_are_given_and_ended(desk: Desk, owner: Client) -> None:
    who = desk.house.production.pk
    send(owner, "role", who, role="accountant")
    assert StaffRole.ACCOUNTANT in queries.staff_roles(who)
    send(owner, "role", who, role="accountant", end="1")
    assert StaffRole.ACCOUNTANT not in queries.staff_roles(who)
    assert said(send(owner, "role", desk.house.vendor.pk, role="vendor", end="1")) == ["error"]
    assert said(send(owner, "role", desk.lead.pk, role="administrator")) == ["error"]
    assert said(send(owner, "leave", desk.lead.pk)) == ["error"]
    assert said(send(owner, "leave", who)) == ["success"]
    assert not Person.objects.get(pk=who).is_active
    assert said(send(owner, "let_back", who)) == ["success"]


def test_a_cap_that_is_reached_is_said_with_its_number(desk: Desk, owner: Client) -> None:
    assert said(send(owner, "caps", desk.cover.pk, projects_max=0, covers_max=24)) == ["success"]
    project = desk.company.project
    answer = send(owner, "assign", project.pk, role="lead", person=desk.cover.pk)
    assert said(answer) == ["error"]
    assert queries.lead_of(project.pk, desk.now) == desk.lead
    assert said(send(owner, "caps", desk.lead.pk, projects_max=0, covers_max=0)) == ["error"]


def test_a_form_of_caps_sent_twice_counts_once(desk: Desk, owner: Client) -> None:
    caps = {"key": "the same", "projects_max": 3, "covers_max": 4}
    url = reverse("setup:caps", args=[desk.cover.pk])
    assert [owner.post(url, caps).status_code for _again in range(2)] == [302, 302]


def test_a_whole_partner_is_assigned_or_nothing(desk: Desk, owner: Client) -> None:
    cast.led_project(desk.now, desk.company.partner, desk.house, "Second")
    new = cast.specialist(desk.now, "Nina Nova", projects_max=1)
    answer = send(owner, "assign_all", desk.company.partner.pk, role="lead", person=new.pk)
    assert said(answer) == ["error"]
    assert not queries.assignments_of(new.pk).exists()
    partners.set_caps(cast.cause(desk.now), new.pk, 2, 2)
    answer = send(owner, "assign_all", desk.company.partner.pk, role="lead", person=new.pk)
    assert said(answer) == ["success"]
    assert queries.assignments_of(new.pk).filter(role=AssignmentRole.LEAD).count() == 2


def test_projects_are_added_and_archived(desk: Desk, owner: Client) -> None:
    partner = desk.company.partner.pk
    send(owner, "add_project", partner, **{"project-name": "Second"})
    second = queries.projects_of(partner)[-1].project
    assert (second.name, queries.lead_of(second.pk, desk.now)) == ("Second", desk.lead)
    taken = send(owner, "add_project", partner, **{"project-name": "Second"})
    assert taken.status_code == 409
    send(owner, "put_away", second.pk)
    assert queries.lead_of(second.pk, desk.now) is None


def test_a_partner_is_changed_and_its_people_too(desk: Desk, owner: Client) -> None:
    partner = desk.company.partner
    given = {
        "name": "Olhivka Plus", "plan": desk.house.plan.pk, "language": "ru",
        "timezone": "Europe/Kyiv", "credit": 7,
    }  # fmt: skip
    send(owner, "change_partner", partner.pk, **given)
    partner.refresh_from_db()
    assert (partner.name, partner.code, partner.credit_consultations) == ("Olhivka Plus", "OLH", 7)
    send(owner, "member", partner.pk, desk.member.pk, role="viewer")
    found = queries.membership(desk.member.pk, partner.pk)
    assert found is not None
    assert found.role == PartnerRole.VIEWER
    assert said(send(owner, "member", partner.pk, desk.owner.pk, end="1")) == ["error"]


def values(answer: Any) -> dict[str, Any]:
    """What a browser would send of the form that the page shows."""
    form = answer.context["form"]
    shown = {name: form[name].value() for name in form.fields}
    return {
        name: ", ".join(map(str, value)) if isinstance(value, tuple) else value
        for name, value in shown.items()
        if value is not None and value is not False
    }


def test_new_terms_begin_on_a_day_to_come(desk: Desk, owner: Client) -> None:
    plan = desk.house.plan.pk
    form = values(owner.get(reverse("setup:plan", args=[plan])))
    tomorrow = queries.today(desk.now) + timedelta(days=1)
    assert form["effective_on"] == tomorrow
    form |= {"price_kopecks": "200,50", "acceptance_seconds": "30"}
    mark = send(owner, "plan", plan, **form).context["effect"].mark
    assert said(send(owner, "plan", plan, **form, seen=mark)) == ["success"]
    later = queries.plan_version(plan, desk.now + timedelta(days=1)).value()
    assert (later.price_kopecks, later.acceptance_seconds) == (200_50, 1800)
    assert queries.plan_version(plan, desk.now).value().price_kopecks == 180_00
    past = send(owner, "plan", plan, **{**form, "effective_on": "2020-01-01"})
    assert past.status_code == 409


def test_terms_that_contradict_themselves_are_refused(desk: Desk, owner: Client) -> None:
    plan = desk.house.plan.pk
    form = values(owner.get(reverse("setup:plan", args=[plan])))
    answer = send(owner, "plan", plan, **{**form, "remind_delivered_seconds": "99"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["remind_delivered_seconds"]


def test_a_calendar_gets_a_version_and_another_becomes_the_service(
    desk: Desk, owner: Client
) -> None:
    calendar = desk.house.calendar.pk
    form = values(owner.get(reverse("setup:calendar", args=[calendar])))
    assert said(send(owner, "calendar", calendar, **form, sat="10-12")) == ["success"]
    later = queries.calendar_version(calendar, desk.now + timedelta(days=1))
    assert later.content["week"]["sat"] == [["10:00", "12:00"]]
    second = {"name": "Nights", "timezone": "Europe/Kyiv", "sun": "22-24"}
    send(owner, "new_calendar", **second)
    nights = queries.calendars().get(name="Nights")
    assert said(send(owner, "choose_calendar", nights.pk)) == ["success"]
    organisation = queries.organisation()
    assert organisation is not None
    assert organisation.calendar_id == nights.pk


def test_the_records_are_proved_from_the_page(desk: Desk, owner: Client) -> None:
    answer = send(owner, "check")
    assert answer.context["check"]["faults"] == 0


def test_the_log_is_read_page_by_page(desk: Desk, owner: Client) -> None:
    for count in range(60):
        partners.set_caps(desk.cause(desk.house.vendor, "setup"), desk.lead.pk, 20 + count, 20)
    first = owner.get(reverse("setup:audit"), {"verb": "set_caps"})
    assert len(first.context["entries"]) == 50
    older = owner.get(first.context["older_url"])
    shown = {row["id"] for row in first.context["entries"]}
    rest = {row["id"] for row in older.context["entries"]}
    assert not shown & rest
    assert len(rest) >= 10
    mine = owner.get(reverse("setup:audit"), {"person": str(desk.house.vendor.pk)})
    assert {row["by"] for row in mine.context["entries"]} == {desk.house.vendor.name}
    assert owner.get(reverse("setup:audit"), {"before": "x", "person": "y"}).status_code == 200


@pytest.mark.parametrize("name", ["home", "people", "partners", "plans", "health", "audit"])
def test_pages_ask_the_database_a_constant_number_of_times(
    desk: Desk, owner: Client, name: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    url = reverse(f"setup:{name}")
    owner.get(url)
    with django_assert_max_num_queries(QUERIES_MAX):
        assert owner.get(url).status_code == 200
