"""Listening, guessing, being faster than oneself, and looking for secrets."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from psycopg import sql

from desk.config import keys
from desk.deposits import queries as deposits
from desk.journal.models import Entry
from desk.partners import actions as partners
from desk.partners import invitations
from desk.partners.actions import Invited
from desk.partners.models import Invitation, Membership, PartnerRole, Person
from desk.web import audience, live
from tests import cast
from tests.channels import post
from tests.language import Desk, at_once
from tests.scenarios.tickets import tops_up
from tests.screens import two_partners
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
    return two_partners.opened()


@pytest.fixture
def visit(world: TwoPartners, monkeypatch: pytest.MonkeyPatch) -> Open:
    return lambda person: Visit.of(person, world.desk, monkeypatch)


# Live events


def event(world: TwoPartners, verb: str = "deliver") -> dict[str, object]:
    ticket = world.ticket
    return {
        "topics": [ticket.key, f"partner:{ticket.partner_id}", "staff"],
        "entry": 9,
        "verb": verb,
    }


def test_another_partner_hears_nothing_whatever_it_asks_for(world: TwoPartners) -> None:
    reader = audience._listening(world.other.owner)
    for shows in (
        (),
        (world.ticket.key,),
        ("staff",),
        ("*",),
        (f"partner:{world.ticket.partner_id}",),
    ):
        page = live.Page(reader, frozenset(shows))
        page.hear(event(world))
        assert page.waiting.empty()


def test_who_sees_own_tickets_hears_what_of_those_only(world: TwoPartners) -> None:
    partner = f"partner:{world.ticket.partner_id}"
    page = live.Page(audience._listening(world.own_only), frozenset())
    page.hear(event(world))
    assert page.waiting.get_nowait() == {"topics": [partner]}
    type(world.ticket).objects.filter(pk=world.ticket.pk).update(author=world.own_only)
    page = live.Page(audience._listening(world.own_only), frozenset())
    page.hear(event(world))
    assert page.waiting.get_nowait()["topics"] == [world.ticket.key, partner]


def test_an_event_that_waits_is_not_told_after_the_right_ended(world: TwoPartners) -> None:
    page = live.Page(audience._listening(world.desk.member), frozenset())
    page.hear(event(world))
    Membership.objects.filter(person=world.desk.member).update(until_at=world.desk.now)
    page.reader = audience._listening(world.desk.member)
    assert page.told(page.waiting.get_nowait()) is None


def test_a_note_is_told_to_our_people_only(world: TwoPartners) -> None:
    from desk.channels import topics

    for entry in Entry.objects.filter(verb="note"):
        assert not [name for name in topics.of(entry) if name.startswith("partner:")]


# Guessing


def answers(path: str, field: str, addresses: tuple[str, str], **more: str) -> list[object]:
    found: list[object] = []
    for address in addresses:
        answer = Client(headers={"accept-language": "en"}).post(path, {field: address, **more})
        page = re.sub(r'value="[^"]*"', "", answer.content.decode()).replace(address, "")
        page = re.sub(r"[A-Za-z0-9_-]{20,}", "", page)
        found.append((answer.status_code, answer.headers.get("Location"), page))
    return found


def test_signing_in_does_not_tell_who_has_an_account(world: TwoPartners) -> None:
    both = (world.desk.member.email, "nobody@people.example")
    known, unknown = answers("/account/login/", "login", both, password="wrong wrong wrong")
    assert known == unknown
    known, unknown = answers("/account/password/reset/", "email", both)
    assert known == unknown


def test_a_password_is_not_guessed_without_end(world: TwoPartners) -> None:
    """Whatever address a client claims to come from."""
    member = world.desk.member
    codes = []
    for number in range(12):
        headers = {"x-forwarded-for": f"10.0.0.{number}", "x-real-ip": f"10.1.0.{number}",
            "forwarded": f"for=10.2.0.{number}", "x-client-ip": f"10.3.0.{number}"}  # fmt: skip
        sent: dict[str, Any] = {"login": member.email, "password": f"guess {number} guess"}
        codes.append(Client().post("/account/login/", sent, headers=headers))
    assert codes[-1].content != codes[0].content or codes[-1].status_code == 429
    right = {"login": member.email, "password": cast.PASSWORD}
    assert "sessionid" not in Client().post("/account/login/", right).cookies


def test_one_address_does_not_try_all_accounts(world: TwoPartners) -> None:
    answer = None
    for number in range(35):
        sent: dict[str, Any] = {
            "login": f"somebody{number}@people.example",
            "password": "a common one",
        }
        headers = {"x-forwarded-for": f"10.0.0.{number}", "accept-language": "en"}
        answer = Client().post("/account/login/", sent, headers=headers)
    assert answer is not None
    assert answer.status_code == 429 or "Too many" in answer.content.decode()


def test_headers_make_nobody_somebody(world: TwoPartners) -> None:
    headers = {
        "remote-user": world.desk.house.vendor.email,
        "x-remote-user": world.desk.house.vendor.email,
        "x-forwarded-user": world.desk.house.vendor.email,
        "x-forwarded-email": world.desk.house.vendor.email,
        "authorization": "Bearer x",
    }
    assert Client().get("/setup/", headers=headers).status_code == 302


# Twice at once


def test_money_is_not_spent_twice_at_once(committed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk.open()
    tops_up(desk, 180_00)
    finance = [Visit.of(desk.company.finance, desk, monkeypatch) for _ in range(4)]
    for one in finance:
        one._at_the_desks_time()
    deeds = [
        lambda one=one, number=number: (
            one.client.post(
                "/cabinet/deposit/convert", {"key": f"k{number}", "quantity": "1"}
            ).status_code
        )
        for number, one in enumerate(finance)
    ]
    assert sorted(map(str, at_once(*deeds))) == ["303", "409", "409", "409"]
    balance = deposits.balance(desk.company.partner.pk)
    assert (balance.consultations_available, balance.money_available_kopecks) == (1, 0)


def test_a_link_lets_one_in_at_once(committed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk.open()
    invited = Invited("new@olh.example", PartnerRole.VIEWER, desk.company.partner.pk)
    made, token = partners.invite(desk.cause(desk.owner), invited)
    Visit.of(desk.owner, desk, monkeypatch)._at_the_desks_time()
    found = at_once(*[lambda: two_partners.joins(token)] * 4)
    assert [str(one) for one in found].count("302") == 1
    assert Person.objects.filter(email="new@olh.example").count() == 1
    assert invitations.refusal(Invitation.objects.get(pk=made.pk), token, desk.now) == "used"


# Secrets


def test_no_secret_is_kept_or_logged(
    world: TwoPartners, visit: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    visit(world.desk.owner).page("/cabinet/team/")
    secrets = ["a long enough one", world.token, world.token.partition(".")[2], cast.PASSWORD]
    assert two_partners.joins(world.token) == 302
    Client().post("/account/login/", {"login": "new@olh.example", "password": secrets[0]})
    Client().post("/account/login/", {"login": "new@olh.example", "password": "planted wrong"})
    Client().post("/account/password/reset/", {"email": "new@olh.example"})
    mail.outbox.clear()
    at = Entry.objects.get(verb="reset_password").at
    post.relayed(at)
    post.sent(at + timedelta(seconds=1))
    letters = " ".join(str(one.body) for one in mail.outbox)
    key = re.search(r"/reset/key/(\S+)/", letters)
    assert key is not None
    secrets += [key[1], "planted wrong", settings.SECRET_KEY, settings.ENCRYPTION_KEY]
    lines = [line for line in caplog.text.splitlines() if "django.db.backends" not in line]
    for secret in secrets:
        assert secret not in "\n".join(lines), secret
        assert kept(secret) == [], secret


def kept(secret: str) -> list[str]:
    """The tables of the database, and so of a backup, that hold a text."""
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    found = []
    with connection.cursor() as cursor:
        for table in sorted(tables - {"django_session"}):
            query = sql.SQL("SELECT count(*) FROM {} AS row WHERE position(%s in row::text) > 0")
            cursor.execute(query.format(sql.Identifier(table)), [secret])
            if cursor.fetchone() != (0,):
                found.append(table)
    return found


def test_keys_are_their_owners_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DESK_SECRET_KEY", "DESK_ENCRYPTION_KEY"):
        monkeypatch.delenv(name, raising=False)
    first = keys.secret_key(tmp_path), keys.encryption_key(tmp_path)
    assert first == (keys.secret_key(tmp_path), keys.encryption_key(tmp_path))
    for name in ("secret.key", "encryption.key"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_a_desk_for_others_passes_djangos_checklist(tmp_path: Path) -> None:
    public = {
        "DESK_DATA": str(tmp_path),
        "DESK_BASE_URL": "https://desk.example",
        "DESK_HOSTS": "desk.example",
        "DESK_DEMO": "",
        "DESK_DEBUG": "",
        "DESK_SECRET_KEY": "",
        "DJANGO_SETTINGS_MODULE": "desk.config.settings",
    }
    environment = {**os.environ, **public}
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # the tests' own
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    ask = (
        "from django.conf import settings as s; print(s.SESSION_COOKIE_SECURE, "
        "s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.CSRF_COOKIE_SECURE, "
        "s.SECURE_HSTS_SECONDS > 0, s.DEBUG, '*' in s.ALLOWED_HOSTS, s.FIRST_RUN_NEEDS_TOKEN)"
    )
    told = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert told.stdout.split() == ["True", "True", "Lax", "True", "True", "False", "False", "True"]


def test_pages_of_people_are_kept_in_no_cache(world: TwoPartners, visit: Open) -> None:
    answer = visit(world.desk.member).get("/cabinet/tickets/OLH-1/")
    assert "Cookie" in answer.headers["Vary"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    with override_settings(SESSION_COOKIE_SECURE=True):
        sent: dict[str, Any] = {"login": world.desk.member.email, "password": cast.PASSWORD}
        cookie = Client().post("/account/login/", sent).cookies["sessionid"]
    assert cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax"
