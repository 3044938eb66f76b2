"""Who may call what: every call of the API × everybody who could hold a token, by hand.

A call that the table does not name fails the tests, and so does a line that no call has. Every
named thing belongs to OLH. Columns:

    A  no token   R  a revoked token of OLH's owner
    O F M W V  OLH's owner, finance, member, member of own tickets, viewer   I  its integration
    X J  the owner and the integration of another partner
    L S  lead of OLH, a specialist who has nothing to do with OLH
    D  administrator   P  production   C  accountant   B  owner of the desk

What a cell says:

    +  done, answered     -  403, not for this person   0  404, as if there were no such thing
    !  401, let in nobody ?  409 or 422: let through to the checks of the deed, and refused there
"""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse

from desk.channels.api.document import document
from desk.channels.api.scopes import FOR_PARTNERS, FOR_STAFF, Scope
from tests.channels import api_world
from tests.channels.api_client import Program, refused
from tests.channels.api_table import ROLES, TABLE
from tests.channels.api_world import filled, holder
from tests.screens import two_partners
from tests.screens.two_partners import TwoPartners

CODES = {200: "+", 201: "+", 204: "+", 401: "!", 403: "-", 404: "0", 409: "?", 422: "?"}
PREFIX = "/api/v1"
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n'
END = b"--b--\r\n"
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|TRUNCATE|MERGE)", re.IGNORECASE)


class Writes(list[str]):
    """The writing statements of a call."""

    def __call__(self, execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if isinstance(sql, str) and WRITES.match(sql):
            self.append(sql)
        return execute(sql, params, many, context)


class Undone(Exception):
    """Takes what a call did back."""


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> TwoPartners:
    return api_world.opened(monkeypatch)


def calls() -> dict[str, dict[str, Any]]:
    """Every call that the document names: "GET /me" and what it says of it."""
    return {
        f"{method.upper()} {path.removeprefix(PREFIX)}": operation
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    }


def made(world: TwoPartners, caller: Program, call: str, sent: str) -> HttpResponse:
    """The answer to one call of the table."""
    method, _, path = call.partition(" ")
    query, _, text = sent.partition(" ") if sent.startswith("?") else ("", "", sent)
    address = filled(world, path + query)
    if path == "/files":
        return caller.upload(address, SimpleUploadedFile("so.txt", b"So"))
    given = json.loads(filled(world, text)) if text else None
    if method in ("GET", "DELETE"):
        return caller.get(address) if method == "GET" else caller.delete(address)
    return caller.post(address, given) if method == "POST" else caller.put(address, given)


def answered(
    world: TwoPartners, caller: Program, call: str, sent: str
) -> tuple[str, dict[str, int] | None]:
    """What a call is answered, and how many rows there were then (None: it was done, or it sent
    nothing that writes); afterwards it has not happened."""
    writes, after = Writes(), None
    try:
        with transaction.atomic(), connection.execute_wrapper(writes):
            answer = made(world, caller, call, sent)
            found = CODES.get(answer.status_code, str(answer.status_code))
            two_partners.let_go(answer)
            if writes and found != "+":
                after = two_partners.counts()
            raise Undone
    except Undone:
        return found, after


def test_the_table_names_every_call_with_its_scope() -> None:
    named = {line[0]: line[1] for line in TABLE}
    assert len(named) == len(TABLE)
    assert named == {call: operation.get("x-scope", "") for call, operation in calls().items()}
    for call, _, line, _ in TABLE:
        assert len(line.replace(" ", "")) == len(ROLES), call


@pytest.mark.parametrize("roles", [ROLES[:6], ROLES[6:11], ROLES[11:]])
def test_who_may_call_what(world: TwoPartners, roles: str) -> None:
    callers = {role: holder(world, role) for role in roles}
    before, wrong = two_partners.counts(), []
    for role, (call, _, line, sent) in itertools.product(roles, TABLE):
        expected = line.replace(" ", "")[ROLES.index(role)]
        found, after = answered(world, callers[role], call, sent)
        if found != expected:
            wrong.append(f"{role} {call}: {found} instead of {expected}")
        if after not in (before, None):
            wrong.append(f"{role} {call} is refused and does something all the same")
    assert not wrong, "\n".join(wrong)
    assert two_partners.counts() == before


@pytest.mark.parametrize("role", "OLD")
def test_a_token_without_the_scope_is_for_nothing_of_it(world: TwoPartners, role: str) -> None:
    offered = FOR_PARTNERS if role == "O" else FOR_STAFF
    for missing in Scope:
        caller = holder(world, role, *(scope for scope in offered if scope != missing))
        for call, scope, _, sent in TABLE:
            if scope == missing:
                answer = made(world, caller, call, sent)
                assert refused(answer, 403, "scope-missing")["scope"] == missing


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (PART * 200 + END, 413, "too-large"),
        (b"--b\r\nno header", 422, "invalid"),
        (PART.replace(b"form-data", b"form-data; filename*=x''%ff") + END, 422, "invalid"),
    ],
)
def test_uploads_that_are_none(world: TwoPartners, body: bytes, status: int, code: str) -> None:
    caller = holder(world, "O")
    headers = {"authorization": f"Bearer {caller.secret}"}
    kind = "multipart/form-data; boundary=b"
    answer = caller.client.post(f"{PREFIX}/files", body, content_type=kind, headers=headers)
    assert answer.status_code == status, answer.content
    assert json.loads(answer.content)["code"] == code
