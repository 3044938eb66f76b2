"""Getting in, staying in and being let out: forged forms, links, hosts, sessions."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import URLResolver, get_resolver

from desk.config import keys
from desk.journal.models import Entry
from desk.partners import actions as partners
from desk.partners.actions import Invited
from desk.partners.models import Invitation, Membership, PartnerRole, Person, StaffMembership
from desk.web import audience
from tests import cast
from tests.channels import post
from tests.screens import two_partners
from tests.screens.access_table import TABLE
from tests.screens.test_access_matrix import filled, things
from tests.screens.two_partners import TwoPartners
from tests.screens.visits import Visit

Open = Callable[[Person], Visit]
EVIL = ("https://evil.example/", "//evil.example", "\\\\evil.example", "/\\evil.example",
    "javascript:alert(1)", "http:///evil.example", "https:evil.example", " //evil.example",
    "/\tevil\r\nX: 1")  # fmt: skip


OURS = r"/($|[a-z%])"


@pytest.fixture
def world(db: None) -> TwoPartners:
    cache.clear()
    return two_partners.furnished()


@pytest.fixture
def visit(world: TwoPartners, monkeypatch: pytest.MonkeyPatch) -> Open:
    return lambda person: Visit.of(person, world.desk, monkeypatch)


# Forged forms


# What no cookie opens, so that no page elsewhere can send it for somebody: programs by a bearer
# token, the partner's box and the exchange by a secret, a mail program by the link of a mail.
BY_OTHER_MEANS = (
    *("api/v1/", "channels/onebox/", "channels/payments/", "channels/phone/"),
    "notices/unsubscribe/",
)


def test_no_view_that_a_cookie_opens_is_exempt_from_the_token() -> None:
    def exempt(found: Sequence[object], before: str = "") -> list[str]:
        names = []
        for one in found:
            here = f"{before}{one.pattern}"  # type: ignore[attr-defined]  # both kinds have it
            if isinstance(one, URLResolver):
                names += exempt(one.url_patterns, here)
            elif getattr(one.callback, "csrf_exempt", False):  # type: ignore[attr-defined]
                names.append(here)
        return names

    found = exempt(get_resolver().url_patterns)
    assert [name for name in found if not name.startswith(BY_OTHER_MEANS)] == []


@pytest.mark.parametrize("role", ["O", "L", "B", "A"])
def test_a_form_from_elsewhere_does_nothing(world: TwoPartners, role: str) -> None:
    client, person = Client(enforce_csrf_checks=True), world.people()[role]
    if person is not None:
        client.force_login(person)
    known, before = things(world), two_partners.counts()
    by_cookie = [line for line in TABLE if not line[0].startswith(BY_OTHER_MEANS)]
    for address, _got, _sent, fields in by_cookie:
        path = filled(world, address, known)
        for headers in ({}, {"origin": "https://evil.example"}):
            answer = client.post(path, {"key": "k", **fields}, headers=headers)
            assert answer.status_code in {403, 404, 405}, address
    assert two_partners.counts() == before


# Addresses to go on to


@pytest.mark.parametrize("target", EVIL)
def test_nobody_is_led_away_after_signing_in(world: TwoPartners, target: str) -> None:
    sent: dict[str, Any] = {
        "login": world.desk.member.email,
        "password": cast.PASSWORD,
        "next": target,
    }
    answer = Client().post("/account/login/", sent)
    assert answer.status_code == 302
    assert re.match(OURS, answer.headers["Location"])


@pytest.mark.parametrize("target", EVIL)
def test_nobody_is_led_away_by_a_form(world: TwoPartners, visit: Open, target: str) -> None:
    vendor = visit(world.desk.house.vendor)
    paths = (
        "/settings/language", "/settings/theme",
        f"/setup/invitations/{world.invitation.pk}/withdraw",
        f"/setup/partners/{world.desk.company.partner.pk}/assign",
    )  # fmt: skip
    for path in paths:
        sent: dict[str, Any] = {"next": target, "role": "lead", "person": str(world.desk.cover.pk)}
        answer = vendor.post(path, **sent)
        assert answer.status_code in {302, 303}
        assert re.match(OURS, answer.headers["Location"]), path


# The name of the host


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1:8000@evil.example", "localhost.evil"])
def test_a_foreign_host_is_refused(world: TwoPartners, name: str) -> None:
    answer = Client().post(
        "/account/password/reset/", {"email": world.desk.member.email}, headers={"host": name}
    )
    assert answer.status_code == 400
    assert not Entry.objects.filter(verb="reset_password").exists()


def test_links_lead_to_the_desk_whatever_was_asked(world: TwoPartners, visit: Open) -> None:
    headers = {"host": "localhost", "x-forwarded-host": "evil.example", "forwarded": "host=evil"}
    Client().post("/account/password/reset/", {"email": world.desk.member.email}, headers=headers)
    entry = Entry.objects.get(verb="reset_password")
    sent: dict[str, Any] = {"email": "two@olh.example", "role": "viewer", "key": "k"}
    visit(world.desk.owner).client.post("/cabinet/team/invite", sent, headers=headers)
    mail.outbox.clear()
    for at in (entry.at, world.desk.now):
        post.relayed(at)
        post.sent(at)
    links = [link for one in mail.outbox for link in re.findall(r"https?://\S+", str(one.body))]
    assert any("/reset/key/" in link for link in links)
    assert any("/account/invitation/" in link for link in links)
    assert all(link.startswith(settings.BASE_URL + "/") for link in links)
    page = visit(world.desk.owner).client.get("/cabinet/team/", headers=headers).content.decode()
    assert "evil" not in page


# Invitations


def test_a_link_lets_in_once(world: TwoPartners, visit: Open) -> None:
    visit(world.desk.owner).page("/cabinet/team/")
    assert two_partners.joins(world.token, "evil@evil.example") == 302
    made = Person.objects.get(email="new@olh.example")
    assert Membership.objects.get(person=made).role == "viewer"
    before = two_partners.counts()
    assert two_partners.joins(world.token) == 410
    assert two_partners.counts() == before


@pytest.mark.parametrize(
    "how", ["expired", "withdrawn", "other", "cut", "empty", "number", "reset"]
)
def test_a_link_that_is_not_right_lets_nobody_in(world: TwoPartners, visit: Open, how: str) -> None:
    desk = world.desk
    owner, token = visit(desk.owner), world.token
    other, foreign = partners.invite(
        desk.cause(world.other.owner),
        Invited("x@agr.example", PartnerRole.OWNER, world.other.partner.pk),
    )
    if how == "expired":
        desk.later(days=8)
    elif how == "withdrawn":
        owner.post(f"/cabinet/team/invitations/{world.invitation.pk}/withdraw")
    elif how == "other":
        token = f"{other.pk}.{token.partition('.')[2]}"
    elif how == "cut":
        token = token[:-1]
    elif how == "empty":
        token = f"{world.invitation.pk}."
    elif how == "number":
        token = str(world.invitation.pk)
    else:
        token = keys.first_run_token(settings.SECRET_KEY)
    before = two_partners.counts()
    owner.page("/cabinet/")
    assert two_partners.joins(token) == 410
    assert two_partners.counts() == before
    assert foreign != token


def test_a_link_does_not_take_an_account_over(world: TwoPartners, visit: Open) -> None:
    victim = world.other.owner
    made, token = partners.invite(
        world.desk.cause(world.desk.owner),
        Invited(victim.email, PartnerRole.VIEWER, world.desk.company.partner.pk),
    )
    visit(world.desk.owner).page("/cabinet/team/")
    page = Client().get(f"/account/invitation/{token}/").content.decode()
    assert victim.name not in page and "Agrolan" not in page
    assert two_partners.joins(token) == 200
    assert visit(world.desk.member).post(f"/account/invitation/{token}/").status_code == 200
    assert Invitation.objects.get(pk=made.pk).accepted_at is None
    assert Person.objects.get(pk=victim.pk).password == victim.password


def test_links_are_not_guessed_without_end(world: TwoPartners) -> None:
    client = Client()
    found = [
        client.get(
            f"/account/invitation/1.{number:043}/", headers={"x-forwarded-for": f"1.2.3.{number}"}
        )
        for number in range(25)
    ]
    assert [answer.status_code for answer in found][-3:] == [429, 429, 429]


# Being let out


def test_who_is_let_in_no_more_is_out_at_the_next_request(world: TwoPartners, visit: Open) -> None:
    member = visit(world.desk.member)
    member.page("/cabinet/")
    partners.deactivate(world.desk.cause(world.desk.house.vendor, "setup"), world.desk.member.pk)
    for path in ("/cabinet/", "/cabinet/tickets/OLH-1/", "/notices/"):
        assert member.get(path).headers["Location"].startswith("/account/login/")
    key = member.client.cookies["sessionid"].value
    assert audience._listener(key) is None
    assert member.post("/cabinet/tickets/OLH-1/message", text="x").status_code == 302
    sent: dict[str, Any] = {"login": world.desk.member.email, "password": cast.PASSWORD}
    again = Client()
    again.post("/account/login/", sent)
    assert again.get("/cabinet/").status_code == 302


def test_an_ended_membership_closes_the_cabinet(world: TwoPartners, visit: Open) -> None:
    member, person = visit(world.desk.member), world.desk.member
    member.page("/cabinet/tickets/OLH-1/")
    visit(world.desk.owner).post(f"/cabinet/team/{person.pk}/end")
    for path in ("/cabinet/", "/cabinet/tickets/OLH-1/", "/cabinet/deposit/"):
        assert member.get(path).status_code == 403
    heard = audience._listener(member.client.cookies["sessionid"].value)
    assert heard is not None and heard.topics == {f"person:{person.pk}"}


def test_an_ended_role_closes_our_pages(world: TwoPartners, visit: Open) -> None:
    accountant = visit(world.desk.house.accountant)
    accountant.page("/accounting/")
    StaffMembership.objects.filter(person=world.desk.house.accountant).update(
        until_at=world.desk.now
    )
    for path in ("/accounting/", "/work/tickets/", "/work/tickets/OLH-1/"):
        assert accountant.get(path).status_code == 403
