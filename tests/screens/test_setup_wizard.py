"""An empty desk is founded, step by step, and people come in by their links."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from desk.partners import actions as partners
from desk.partners import invitations, queries
from desk.partners.models import (
    AssignmentRole,
    Invitation,
    Organisation,
    Partner,
    PartnerRole,
    Person,
    Project,
    StaffRole,
)
from tests import cast
from tests.language import Desk

OWNER = {
    "organisation": "Demo Desk",
    "language": "uk",
    "timezone": "Europe/Kyiv",
    "name": "Vira Vendorova",
    "email": "vira@desk.example",
    "password": cast.PASSWORD,
}
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "9-13, 14:00–18:00")
_keys = iter(range(1_000_000))


def send(client: Client, url: str, /, **fields: Any) -> Any:
    """Send a form as the page would: each with a key of its own."""
    return client.post(url, {"key": f"k{next(_keys)}", **fields})


def founded() -> Client:
    client = Client()
    answer = send(client, reverse("setup:first_run"), **OWNER)
    assert answer.status_code == 302
    return client


def step(name: str) -> str:
    return reverse("setup:step", args=[name])


def form_values(answer: Any) -> dict[str, Any]:
    """What a browser would send of the form that the page shows."""
    form = answer.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {
        name: "on"
        if value is True
        else ", ".join(map(str, value))
        if isinstance(value, tuple)
        else value
        for name, value in values.items()
        if value is not None and value is not False
    }


def test_an_empty_desk_leads_to_its_first_page(db: None) -> None:
    assert Client().get("/setup/").headers["Location"] == reverse("setup:first_run")
    assert Client().get(reverse("setup:first_run")).status_code == 200
    assert Client().get(step("calendar")).status_code == 302


def test_the_owner_founds_the_desk_and_is_signed_in(db: None) -> None:
    client = founded()
    owner = Person.objects.get(email="vira@desk.example")
    assert queries.staff_roles(owner.pk) == {StaffRole.VENDOR}
    assert client.get(step("calendar")).status_code == 200
    assert client.get(reverse("setup:first_run")).status_code == 404
    assert send(Client(), reverse("setup:first_run"), **OWNER).status_code == 404
    assert Organisation.objects.count() == 1


def test_a_poor_password_founds_nothing(db: None) -> None:
    answer = send(Client(), reverse("setup:first_run"), **{**OWNER, "password": "1234567890"})
    assert answer.status_code == 422
    assert "password" in answer.context["form"].errors
    assert not Organisation.objects.exists()
    assert not Person.objects.exists()


def test_a_desk_that_others_can_reach_wants_the_token(db: None, settings: Any) -> None:
    settings.FIRST_RUN_NEEDS_TOKEN = True
    client, url = Client(), reverse("setup:first_run")
    assert client.get(url).status_code == 403
    assert client.get(url, {"token": "guessed"}).status_code == 403
    assert send(client, url, **OWNER).status_code == 403
    opened = client.get(url, {"token": settings.FIRST_RUN_TOKEN})
    assert opened.headers["Location"] == url
    assert send(client, url, **OWNER).status_code == 302


def test_the_wizard_goes_to_its_end(db: None) -> None:
    client = founded()
    calendar = {"name": "Kyiv", "timezone": "Europe/Kyiv", "days_off": "25.12.2026", **WEEK}
    assert send(client, step("calendar"), **calendar).headers["Location"] == step("plan")
    stored = queries.calendars().get().versions.get()
    assert stored.value().to_dict()["week"] == cast.KYIV["week"]
    plan = form_values(client.get(step("plan")))
    plan |= {"calendar": queries.calendars().get().pk, "price_kopecks": "180,50"}
    assert send(client, step("plan"), **plan).headers["Location"] == step("people")
    terms = queries.plans().get().versions.get().value()
    assert (terms.price_kopecks, terms.acceptance_seconds) == (180_50, 3600)
    olha = {"email": "olha@d.example", "name": "Olha", "role": "specialist", "language": "uk"}
    assert send(client, step("people"), **olha, password=cast.PASSWORD).status_code == 302
    first = {
        "name": "Olhivka", "code": "olh", "plan": queries.plans().get().pk, "language": "uk",
        "timezone": "Europe/Kyiv", "credit": 0, "project": "CRM", "email": "oksana@olh.example",
    }  # fmt: skip
    assert send(client, step("partner"), **first).status_code == 302
    project = Project.objects.get(partner__code="OLH")
    who = Person.objects.get(email="olha@d.example").pk
    back = {"role": "lead", "person": who, "next": step("lead")}
    assert send(client, reverse("setup:assign", args=[project.pk]), **back).status_code == 302
    assert queries.assignments_of(who).get().role == AssignmentRole.LEAD
    assert client.get(step("done")).status_code == 200


def test_a_step_done_stays_done_when_somebody_goes_back(db: None) -> None:
    client = founded()
    calendar = {"name": "Kyiv", "timezone": "Europe/Kyiv", **WEEK}
    send(client, step("calendar"), **calendar)
    assert client.get(step("calendar")).context["found"] == "Kyiv"
    assert send(client, step("calendar"), **calendar).status_code == 200
    assert queries.calendars().count() == 1


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("mon", "9-13, 12-18"),
        ("mon", "18-9"),
        ("mon", "noon"),
        ("mon", "09:70-10:00"),
        ("days_off", "31.02.2026"),
        ("extra_days", "26.12.2026 whenever"),
        ("timezone", ""),
    ],
)
def test_hours_that_cannot_be_are_refused_beside_their_day(db: None, field: str, text: str) -> None:
    client = founded()
    calendar = {"name": "Kyiv", "timezone": "Europe/Kyiv", **WEEK, field: text}
    answer = send(client, step("calendar"), **calendar)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not queries.calendars().exists()


def test_a_zone_that_is_none_is_refused(db: None) -> None:
    calendar = {"name": "Kyiv", "timezone": "Nowhere/Else", **WEEK}
    answer = send(founded(), step("calendar"), **calendar)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["timezone"]


def test_a_partner_sent_twice_is_enrolled_once(db: None) -> None:
    desk = Desk.open()
    client = Client()
    client.force_login(desk.house.vendor)
    first = {
        "key": "the same", "name": "Nova", "code": "NOV", "plan": desk.house.plan.pk,
        "language": "uk", "timezone": "Europe/Kyiv", "credit": 0,
    }  # fmt: skip
    for _again in range(2):
        assert client.post(reverse("setup:enrol"), first).status_code == 302
    assert Partner.objects.filter(code="NOV").count() == 1


def invited(desk: Desk, email: str = "nova@olh.example") -> str:
    given = partners.Invited(email, PartnerRole.MEMBER, desk.company.partner.pk, "Nova", "en")
    _row, token = partners.invite(cast.cause(desk.now, desk.company.owner), given)
    return reverse("invitation:accept", args=[token])


@pytest.fixture
def desk(db: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    found = Desk.open()
    monkeypatch.setattr("desk.lib.clock.now", lambda: found.now)
    cache.clear()
    return found


def test_who_holds_the_link_comes_in_once(desk: Desk) -> None:
    url, client = invited(desk), Client()
    assert b"nova@olh.example" in client.get(url).content
    assert send(client, url, name="Nova", password="short").status_code == 422
    answer = send(client, url, name="Nova Liudyna", password=cast.PASSWORD)
    assert answer.headers["Location"] == "/"
    assert client.get("/").headers["Location"] == "/cabinet/"
    assert Client().get(url).status_code == 410


def test_an_old_or_withdrawn_link_says_so(desk: Desk) -> None:
    url = invited(desk)
    partners.withdraw_invitation(
        desk.cause(desk.owner, "setup"), Invitation.objects.latest("pk").pk
    )
    assert Client().get(url).status_code == 410
    other = invited(desk, "second@olh.example")
    desk.later(days=8)
    assert Client().get(other).status_code == 410


def test_guessing_links_is_slowed_down(desk: Desk) -> None:
    url = reverse("invitation:accept", args=["1.guess"])
    answers = [Client().get(url).status_code for _ in range(21)]
    assert answers == [410] * 20 + [429]
    assert Client().get(invited(desk)).status_code == 200


def test_a_known_address_signs_in_before_it_accepts(desk: Desk) -> None:
    row = partners.Invited(desk.house.production.email, StaffRole.ACCOUNTANT)
    made, token = partners.invite(cast.cause(desk.now, desk.house.vendor), row)
    url = reverse("invitation:accept", args=[token])
    assert b"/account/login/" in Client().get(url).content
    assert send(Client(), url, name="x", password=cast.PASSWORD).status_code == 200
    made.refresh_from_db()
    assert made.accepted_at is None
    client = Client()
    client.force_login(desk.house.production)
    assert send(client, url).status_code == 302
    assert StaffRole.ACCOUNTANT in queries.staff_roles(desk.house.production.pk)
    assert invitations.refusal(Invitation.objects.get(pk=made.pk), token, desk.now) == "used"
