"""The pages of tokens: a secret is shown once, everybody sees and revokes what is theirs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from desk.channels.api import actions
from desk.channels.api.models import Token
from desk.partners.models import PartnerRole
from tests import cast
from tests.channels.api_client import Program, refused, told
from tests.language import OPENED, Desk
from tests.screens.visits import Visit

SECRET = re.compile(r"desk_[A-Za-z0-9_-]{40,}")
CABINET, SETUP = "/cabinet/integrations/", "/setup/api/"


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


@pytest.fixture
def owner(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.owner, desk, monkeypatch)


@pytest.fixture
def vendor(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.house.vendor, desk, monkeypatch)


def made(visit: Visit, area: str = CABINET, **sent: Any) -> str:
    """Fill in the form of a new token; its secret."""
    response = sent_form(visit, area, **sent)
    assert response.status_code == 200
    (secret,) = {str(each) for each in SECRET.findall(response.content.decode())}
    assert "no-store" in response.headers["Cache-Control"]
    return secret


def sent_form(visit: Visit, area: str = CABINET, **sent: Any) -> HttpResponse:
    """Send the form, right but for what `sent` names."""
    form: dict[str, Any] = {"name": "1C", "scopes": ["tickets:read"], "days": "365", **sent}
    return visit.post(f"{area}issue", **form)


def test_a_secret_is_shown_once_and_calls_the_api(owner: Visit) -> None:
    secret = made(owner, key="once")
    assert not SECRET.search(owner.page(CABINET))
    again = sent_form(owner, key="once")
    assert "was shown already" in again.content.decode()
    assert not SECRET.search(again.content.decode())
    assert Token.objects.count() == 1
    assert told(Program(secret).get("/me"))["scopes"] == ["tickets:read"]


def test_an_owner_makes_an_integration_and_revokes_it(desk: Desk, owner: Visit) -> None:
    secret = made(owner, whose="viewer", name="Storehouse", days="30")
    me = told(Program(secret).get("/me"))
    assert me["is_integration"]
    assert [role["role"] for role in me["roles"]] == ["viewer"]
    listed = owner.page(CABINET)
    assert "Storehouse" in listed
    assert f"integration of {desk.company.partner.name}" in listed
    assert "Last used" in listed
    assert "Storehouse" not in owner.page("/cabinet/team/")
    token = Token.objects.get()
    response = owner.post(f"{CABINET}{token.pk}/revoke")
    assert (response.status_code, response.headers["Location"]) == (303, CABINET)
    assert "is revoked" in owner.page(CABINET)
    refused(Program(secret).get("/me"), 401, "token-invalid")


def test_a_member_has_own_tokens_only(
    desk: Desk, owner: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = Visit.of(desk.member, desk, monkeypatch)
    made(owner, whose="member", name="Storehouse")
    made(owner, name="The owner's own")
    assert "Who acts with it" not in member.page(CABINET)
    made(member, name="My script", whose="finance")
    listed = member.page(CABINET)
    assert "My script" in listed
    assert "Storehouse" not in listed
    assert "own tickets" not in listed
    mine = Token.objects.get(name="My script")
    assert (mine.person, mine.partner) == (desk.member, None)
    assert "My script" not in owner.page(CABINET)
    assert owner.post(f"{CABINET}{mine.pk}/revoke").status_code == 404
    for other in Token.objects.exclude(pk=mine.pk):
        assert member.post(f"{CABINET}{other.pk}/revoke").status_code == 404


def test_another_partners_token_is_not_there(
    desk: Desk, owner: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = cast.company(OPENED, desk.house, "AGR", "Agrolan Demo")
    stranger = Visit.of(other.owner, desk, monkeypatch)
    secret = made(owner, whose="member")
    token = Token.objects.get()
    assert token.name not in stranger.page(CABINET)
    assert stranger.post(f"{CABINET}{token.pk}/revoke").status_code == 404
    told(Program(secret).get("/me"))


def test_set_up_sees_every_token_and_our_people_their_own(
    desk: Desk, owner: Visit, vendor: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    specialist = Visit.of(desk.lead, desk, monkeypatch)
    theirs = made(owner, whose="member", name="Storehouse")
    made(specialist, SETUP, name="My script", scopes=["work"])
    listed = vendor.page(SETUP)
    assert "Storehouse" in listed
    assert "My script" in listed
    assert desk.lead.name in listed
    seen = specialist.page(SETUP)
    assert "My script" in seen
    assert "Storehouse" not in seen
    token = Token.objects.get(name="Storehouse")
    assert specialist.post(f"{SETUP}{token.pk}/revoke").status_code == 404
    assert vendor.post(f"{SETUP}{token.pk}/revoke").status_code == 303
    refused(Program(theirs).get("/me"), 401, "token-invalid")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": " "}, "Say what the token is for"),
        ({"scopes": []}, "at least one thing"),
        ({"scopes": ["work"]}, "Choose one of what is offered"),
        ({"days": "9999"}, "Choose one of what is offered"),
        ({"whose": "owner"}, "Choose one of what is offered"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_chosen_is_kept(
    owner: Visit, sent: dict[str, object], said: str
) -> None:
    form: dict[str, Any] = {"name": "Storehouse", "scopes": ["deposit:read"], "days": "30"}
    response = sent_form(owner, **{**form, "whose": "finance", **sent})
    assert response.status_code == 422
    text = response.content.decode()
    assert said in text
    assert "name" in sent or 'value="Storehouse"' in text
    assert "scopes" in sent or 'value="deposit:read" checked' in text
    assert "days" in sent or '<option value="30" selected' in text
    assert not Token.objects.exists()


def test_there_is_a_limit(owner: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "TOKENS_MAX", 1)
    made(owner)
    response = sent_form(owner, name="More")
    assert (response.status_code, Token.objects.count()) == (422, 1)


def test_forms_need_their_token(desk: Desk) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(desk.owner)
    form = {"name": "x", "scopes": ["tickets:read"], "days": "0", "key": "k"}
    assert client.post(f"{CABINET}issue", form).status_code == 403
    assert not Token.objects.exists()


def test_the_pages_cost_few_queries(desk: Desk, owner: Visit, vendor: Visit) -> None:
    for number in range(6):
        made(owner, whose="member", name=f"System {number}")
    assert owner.queries(CABINET) <= 12
    assert vendor.queries(SETUP) <= 12


def test_navigation_names_them(desk: Desk, owner: Visit, vendor: Visit) -> None:
    assert f'href="{CABINET}"' in owner.page("/cabinet/")
    assert f'href="{SETUP}"' in vendor.page("/setup/")


@pytest.mark.parametrize("language", ["uk", "ru"])
def test_the_pages_speak_the_readers_language(owner: Visit, language: str) -> None:
    owner.client.cookies["desk_language"] = language
    listed = owner.page(CABINET)
    assert "Токен" in listed or "токен" in listed
    for english in ("Make a token", "Valid for", "What it may be used for", "How to call"):
        assert english not in listed


def test_an_integration_never_signs_in(desk: Desk, owner: Visit) -> None:
    made(owner, whose="member")
    person = Token.objects.get().person
    assert not person.has_usable_password()
    roles = person.memberships.filter(until_at=None).values_list("role", flat=True)
    assert list(roles) == [PartnerRole.MEMBER]
