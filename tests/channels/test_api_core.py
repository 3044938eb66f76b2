"""The API's door: tokens, scopes, rights of the moment, rate limits, problems."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from desk.channels.api import actions, gate
from desk.channels.api.actions import RATE_MAX, Wanted
from desk.channels.api.models import Token
from desk.channels.api.scopes import Scope, UnknownScope
from desk.channels.notices import ways
from desk.config.bridge import Bridge, Limits
from desk.journal.models import Entry
from desk.partners import actions as partners
from desk.partners.models import Membership, PartnerRole
from tests.channels.api_client import Program, integration, program, refused, told
from tests.language import Desk

SECRET_LENGTH = 48


@pytest.fixture
def desk(db: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Friday 09:00; the API's clock is the desk's."""
    found = Desk.open()
    monkeypatch.setattr("desk.lib.clock.now", lambda: found.now)
    return found


def test_a_token_says_whose_it_is(desk: Desk) -> None:
    found = told(program(desk.owner).get("/me"))
    assert found["name"] == desk.owner.name
    assert [(role["code"], role["role"]) for role in found["roles"]] == [("OLH", "owner")]
    assert found["now"] == "2026-11-27T07:00:00Z"
    assert found["staff_roles"] == []
    assert told(program(desk.lead).get("/me"))["staff_roles"] == ["specialist"]


def test_only_the_hash_of_a_secret_is_kept(desk: Desk) -> None:
    caller = program(desk.owner)
    row = Token.objects.values().get(pk=caller.token_id)
    assert len(caller.secret) == SECRET_LENGTH
    assert caller.secret not in json.dumps(row, default=str)
    assert caller.secret.startswith(row["prefix"])
    assert row["sha256"] == actions.digest(caller.secret)
    assert not Entry.objects.filter(facts__icontains=caller.secret).exists()


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "token-missing"),
        ("Bearer", "token-missing"),
        ("Basic b3duZXI6cGFzcw==", "token-missing"),
        ("Bearer desk_nobody", "token-invalid"),
        ("Bearer " + "x" * 5000, "token-invalid"),
        ("Bearer \u0456", "token-invalid"),
    ],
)
def test_without_a_valid_token_nobody_is_let_in(desk: Desk, header: str, code: str) -> None:
    response = Client().get("/api/v1/me", headers={"authorization": header})
    refused(response, 401, code)  # type: ignore[arg-type]  # the test client's wrapper
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_session_opens_nothing(desk: Desk) -> None:
    client = Client()
    client.force_login(desk.owner)
    refused(client.get("/api/v1/me"), 401, "token-missing")  # type: ignore[arg-type]  # as above


def test_a_revoked_or_old_token_is_none(desk: Desk) -> None:
    caller = program(desk.owner)
    actions.revoke(desk.cause(desk.owner), caller.token_id)
    refused(caller.get("/me"), 401, "token-invalid")
    wanted = Wanted("short", (Scope.TICKETS_READ,), desk.now + timedelta(hours=1))
    _, secret = actions.issue(desk.cause(desk.owner), desk.owner.pk, wanted)
    other = Program(secret or "")
    told(other.get("/me"))
    desk.later(hours=1)
    refused(other.get("/me"), 401, "token-invalid")


def test_a_token_ends_with_its_person(desk: Desk) -> None:
    caller = program(desk.member)
    partners.deactivate(desk.cause(desk.house.vendor), desk.member.pk)
    refused(caller.get("/me"), 401, "token-invalid")


def test_a_token_has_the_rights_of_the_moment(desk: Desk) -> None:
    caller, partner_id = program(desk.member), desk.company.partner.pk
    wanted = {"project_id": desk.company.project.pk, "subject": "A", "text": "B"}
    number = told(caller.post("/tickets", wanted), 201)["number"]
    partners.change_membership(
        desk.cause(desk.owner), partner_id, desk.member.pk, PartnerRole.VIEWER
    )
    told(caller.get(f"/tickets/{number}"))
    refused(caller.post("/tickets", wanted), 403, "not-permitted")
    partners.end_membership(desk.cause(desk.owner), partner_id, desk.member.pk)
    refused(caller.get(f"/tickets/{number}"), 404, "not-found")
    assert told(caller.get("/tickets"))["items"] == []


def test_a_scope_opens_one_door(desk: Desk) -> None:
    reader = program(desk.owner, Scope.TICKETS_READ)
    told(reader.get("/tickets"))
    found = refused(reader.post("/tickets", {}), 403, "scope-missing")
    assert found["scope"] == "tickets:write"
    refused(reader.post("/tickets/OLH-1/approve"), 403, "scope-missing")
    refused(program(desk.owner, Scope.TICKETS_WRITE).get("/tickets"), 403, "scope-missing")


def test_partners_get_no_scope_of_our_people(desk: Desk) -> None:
    with pytest.raises(UnknownScope):
        program(desk.owner, Scope.WORK)
    with pytest.raises(UnknownScope):
        program(desk.lead, "everything")  # type: ignore[arg-type]  # as a form may send


def test_an_integration_outlives_who_made_it(desk: Desk) -> None:
    caller = integration(desk.owner, desk.company.partner.pk)
    other = partners.add_person(
        desk.cause(None), "second@olh.example", partners.Card(name="Second Owner")
    )
    partners.add_membership(desk.cause(None), desk.company.partner.pk, other.pk, PartnerRole.OWNER)
    partners.deactivate(desk.cause(desk.house.vendor), desk.owner.pk)
    found = told(caller.get("/me"))
    assert found["is_integration"]
    assert [role["role"] for role in found["roles"]] == ["member"]
    actions.revoke(desk.cause(other), caller.token_id)
    refused(caller.get("/me"), 401, "token-invalid")
    assert not Membership.objects.filter(person=found["id"], until_at=None).exists()


def test_an_integration_is_never_an_owner(desk: Desk) -> None:
    partner_id = desk.company.partner.pk
    with pytest.raises(actions.NoRole):
        integration(desk.owner, partner_id, PartnerRole.OWNER)
    caller = integration(desk.owner, partner_id)
    found = Token.objects.get(pk=caller.token_id).person
    assert found.is_machine
    with pytest.raises(partners.Incomplete):
        partners.change_membership(desk.cause(desk.owner), partner_id, found.pk, PartnerRole.OWNER)
    told(caller.get("/me"))


def test_a_form_that_comes_twice_makes_one_token(desk: Desk) -> None:
    cause, wanted = desk.cause(desk.owner, key="form"), Wanted("one", (Scope.TICKETS_READ,))
    first, secret = actions.issue(cause, desk.owner.pk, wanted)
    second, again = actions.issue(cause, desk.owner.pk, wanted)
    assert first == second
    assert secret
    assert again is None


def test_calls_are_counted_in_each_window(desk: Desk) -> None:
    caller = program(desk.owner)
    response = caller.get("/me")
    assert response["RateLimit"] == f'"token";r={RATE_MAX - 1};t=60'
    assert response["RateLimit-Policy"] == f'"token";q={RATE_MAX};w=60'
    assert response["X-RateLimit-Remaining"] == str(RATE_MAX - 1)
    Token.objects.filter(pk=caller.token_id).update(window_count=RATE_MAX)
    desk.later(seconds=25)
    response = caller.get("/me")
    refused(response, 429, "too-many-requests")
    assert response["Retry-After"] == "35"
    assert response["X-RateLimit-Remaining"] == "0"
    desk.later(seconds=35)
    told(caller.get("/me"))
    assert Token.objects.get(pk=caller.token_id).used_at == desk.now


def test_one_statement_admits(desk: Desk) -> None:
    caller = program(desk.owner)
    caller.get("/me")
    with CaptureQueriesContext(connection) as caught:
        caller.get("/tickets/search?q=zzz")
    assert len([q for q in caught if "api_token" in q["sql"]]) == 1
    # Admission, roles, and three of the search: its number, its subject, its place.
    assert len(caught) <= 7


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not-found"),
        ("GET", "/", 404, "not-found"),
        ("GET", "/tickets/", 404, "not-found"),
        ("GET", "/tickets/OLH-1", 404, "not-found"),
        ("GET", "/tickets/%00", 400, "malformed"),
        ("GET", "/tickets?state=%00", 400, "malformed"),
        ("GET", "/tickets?state=nowhere", 422, "invalid"),
        ("GET", "/tickets?limit=1000", 422, "invalid"),
        ("GET", "/tickets?cursor=bm8", 422, "invalid"),
        ("GET", "/tickets?statee=open", 422, "invalid"),
        ("GET", "/tickets?project_id=999999999999999999999999", 422, "invalid"),
        ("DELETE", "/me", 405, "method-not-allowed"),
        ("OPTIONS", "/tickets", 405, "method-not-allowed"),
        ("POST", "/tickets", 422, "invalid"),
    ],
)
def test_every_refusal_is_a_problem(
    desk: Desk, method: str, path: str, status: int, code: str
) -> None:
    caller = program(desk.owner)
    response: Any = caller.client.generic(
        method,
        f"/api/v1{path}",
        b"{}" if method == "POST" else b"",
        content_type="application/json" if method == "POST" else "",
        headers={"authorization": f"Bearer {caller.secret}"},
    )
    refused(response, status, code)
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("body", "media", "status", "code"),
    [
        (b"{", "application/json", 400, "malformed"),
        (b"\xff\xfe", "application/json", 400, "malformed"),
        (b"[" * 100_000, "application/json", 400, "malformed"),
        (b"[]", "application/json", 422, "invalid"),
        (b"null", "application/json", 422, "invalid"),
        (b'{"subject": "\\ud800"}', "application/json", 422, "invalid"),
        (b'{"project_id": 1e999}', "application/json", 422, "invalid"),
        (b"subject=a", "application/x-www-form-urlencoded", 415, "wrong-media-type"),
        (b"subject", "text/plain", 415, "wrong-media-type"),
        (b'"' + b"x" * (5 * 1024 * 1024) + b'"', "application/json", 413, "too-large"),
    ],
)
def test_every_body_is_answered(
    desk: Desk, body: bytes, media: str, status: int, code: str
) -> None:
    caller = program(desk.owner)
    response: Any = caller.client.generic(
        "POST",
        "/api/v1/tickets",
        body,
        content_type=media,
        headers={"authorization": f"Bearer {caller.secret}"},
    )
    refused(response, status, code)


def test_each_field_is_named(desk: Desk) -> None:
    wanted = {"project_id": "x", "text": "y" * 20_001, "files": [1], "colour": "red"}
    found = refused(program(desk.owner).post("/tickets", wanted), 422, "invalid")
    codes = {error["field"]: error["code"] for error in found["errors"]}
    assert codes["subject"] == "missing"
    assert codes["text"] == "too_long"
    assert codes["files.0"] == "string_type"
    assert codes["colour"] == "extra_forbidden"
    assert codes["project_id"].startswith("int")


def test_sentences_come_in_the_readers_language(desk: Desk) -> None:
    caller = program(desk.owner)
    english = caller.get("/tickets/OLH-9")
    assert english["Content-Language"] == "en"
    ukrainian = caller.get("/tickets/OLH-9", accept_language="uk, en;q=0.5")
    assert ukrainian["Content-Language"] == "uk"
    assert told(ukrainian, 404)["code"] == told(english, 404)["code"]
    errors = told(caller.post("/tickets", {"project_id": "x"}, accept_language="uk"), 422)["errors"]
    assert all(error["detail"].isascii() is False for error in errors)


def test_another_host_is_refused_without_a_page(desk: Desk) -> None:
    response = program(desk.owner).get("/me", host="evil.example")
    refused(response, 400, "malformed")


def test_a_fault_is_a_problem_and_tells_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_given: object) -> None:
        raise ZeroDivisionError("secret details")

    monkeypatch.setattr("desk.tickets.queries.search", broken)
    response = program(desk.owner).get("/tickets/search?q=abc")
    refused(response, 500, "fault")
    assert b"secret" not in response.content
    assert "secret details" in caplog.text


def test_a_database_that_is_away_asks_to_come_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_given: object) -> None:
        raise OperationalError("deadlock detected")

    monkeypatch.setattr("desk.tickets.queries.search", away)
    response = program(desk.owner).get("/tickets/search?q=abc")
    refused(response, 503, "busy")
    assert response["Retry-After"] == "2"


def test_what_never_reaches_the_desk_is_a_problem_too() -> None:
    """Too large for the bridge in front: the rest of the body is not even read."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"x" * 100, "more_body": True}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(dict(message))

    def never(*_given: object) -> list[bytes]:
        raise AssertionError

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/tickets",
        "headers": [(b"accept-language", b"uk")],
    }
    bridge = Bridge(never, Limits(body_bytes_max=10), lambda _status, _language: b"", gate.refusal)
    with ThreadPoolExecutor(1) as thread:
        # A thread of its own: a browser of another test may keep a loop running in this one.
        thread.submit(asyncio.run, bridge(scope, receive, send)).result()
    bridge.close()
    assert sent[0]["status"] == 413
    assert (b"content-type", b"application/problem+json") in sent[0]["headers"]
    assert json.loads(sent[1]["body"])["code"] == "too-large"


def test_nothing_is_mailed_to_an_integration(desk: Desk) -> None:
    caller = integration(desk.owner, desk.company.partner.pk)
    person = Token.objects.get(pk=caller.token_id).person
    assert ways.addresses([person]) == {person.pk: {}}


def test_a_head_is_a_get(desk: Desk) -> None:
    caller = program(desk.owner)
    headers = {"authorization": f"Bearer {caller.secret}"}
    assert caller.client.head("/api/v1/me", headers=headers).status_code == 200


def test_an_upload_is_no_json(desk: Desk) -> None:
    caller = program(desk.owner)
    refused(caller.post("/files", {"file": "x"}), 415, "wrong-media-type")
    refused(caller.upload("/tickets", SimpleUploadedFile("a.txt", b"a")), 415, "wrong-media-type")
