"""Signing in, the second step, recovery codes, a new password, and signing out everywhere."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from desk.channels.email.account import reset_path
from tests import cast
from tests.language import Desk

LOGIN, SECOND = "/account/login/", "/account/2fa/authenticate/"
CODES = "/account/2fa/recovery-codes/"
STEP_SECONDS = 30


@pytest.fixture
def desk(db: None, settings: Any) -> Desk:
    # So that no test depends on whether half a minute ends in its midst.
    settings.MFA_TOTP_TOLERANCE = 1
    cache.clear()
    return Desk.open()


def digits(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    step = struct.pack(">Q", int(time.time()) // STEP_SECONDS)
    mac = hmac.digest(key, step, hashlib.sha1)
    start = mac[-1] & 15
    number = struct.unpack(">I", mac[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def sign_in(desk: Desk, password: str = cast.PASSWORD) -> tuple[Client, str]:
    """A browser after the first step, and where it was led."""
    client = Client()
    answer = client.post(LOGIN, {"login": desk.lead.email, "password": password})
    return client, answer.headers.get("Location", "")


def protected(desk: Desk) -> tuple[Client, str]:
    """A browser that has just switched the second step on, and the secret of the app."""
    client, _where = sign_in(desk)
    activate = "/account/2fa/totp/activate/"
    asked = client.get(activate).headers["Location"]
    assert asked.startswith("/account/reauthenticate/")
    client.post(asked, {"password": cast.PASSWORD})
    page = client.get(activate)
    secret = page.context["form"].secret
    answer = client.post(activate, {"code": digits(secret)})
    assert answer.headers["Location"] == CODES
    # The app's digits count once; the next ones come half a minute later.
    cache.clear()
    return client, secret


def test_the_right_password_lets_in(desk: Desk) -> None:
    assert sign_in(desk)[1] == "/"


def test_a_wrong_password_and_an_unknown_address_say_the_same(desk: Desk) -> None:
    wrong = Client().post(LOGIN, {"login": desk.lead.email, "password": "wrong password"})
    unknown = Client().post(LOGIN, {"login": "no@body.example", "password": "wrong password"})
    errors = [answer.context["form"].errors.as_text() for answer in (wrong, unknown)]
    assert errors[0] == errors[1] != ""


def test_who_cannot_sign_in_any_more_does_not(desk: Desk) -> None:
    type(desk.lead).objects.filter(pk=desk.lead.pk).update(is_active=False)
    client, _where = sign_in(desk)
    assert client.get("/account/2fa/").status_code == 302


def test_the_second_step_is_asked_for(desk: Desk) -> None:
    _client, secret = protected(desk)
    second, where = sign_in(desk)
    assert where.startswith(SECOND)
    assert second.get("/work/").status_code == 302
    assert second.post(SECOND, {"code": "000000"}).status_code == 200
    assert second.post(SECOND, {"code": digits(secret)}).headers["Location"] == "/"
    assert second.get("/account/2fa/").status_code == 200


def test_a_recovery_code_lets_in_once(desk: Desk) -> None:
    client, _secret = protected(desk)
    code = re.findall(r"\b[0-9a-f]{8}\b", client.get(CODES).content.decode())[0]
    first, _where = sign_in(desk)
    assert first.post(SECOND, {"code": code}).status_code == 302
    again, _where = sign_in(desk)
    assert again.post(SECOND, {"code": code}).status_code == 200


def test_signing_out_everywhere_leaves_this_browser_alone(desk: Desk) -> None:
    here, there = sign_in(desk)[0], sign_in(desk)[0]
    assert b"127.0.0.1" in here.get("/account/sessions/").content
    here.post("/account/sessions/")
    assert here.get("/account/2fa/").status_code == 200
    assert there.get("/account/2fa/").status_code == 302


def test_signing_out(desk: Desk) -> None:
    client, _where = sign_in(desk)
    assert client.post("/account/logout/").status_code == 302
    assert client.get("/account/2fa/").status_code == 302


def test_asking_for_a_password_never_tells_who_has_an_account(desk: Desk) -> None:
    known = Client().post("/account/password/reset/", {"email": desk.lead.email})
    unknown = Client().post("/account/password/reset/", {"email": "no@body.example"})
    assert known.headers["Location"] == unknown.headers["Location"]


def test_a_link_for_a_new_password_works_once(desk: Desk) -> None:
    path, client = reset_path(desk.lead), Client()
    page = client.get(path).headers["Location"]
    new = {"password1": "quite another password", "password2": "quite another password"}
    assert client.post(page, new).status_code == 302
    assert sign_in(desk, new["password1"])[1] == "/"
    assert sign_in(desk)[1] == ""
    assert Client().get(path).status_code == 200
