"""A program that calls the API with a token."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client

from desk.channels.api import actions
from desk.channels.api.actions import Wanted
from desk.channels.api.scopes import FOR_PARTNERS, FOR_STAFF, Scope
from desk.journal import cause as causes
from desk.partners.models import PartnerRole, Person
from tests.language import OPENED

Json = dict[str, Any]


@dataclass
class Program:
    """Calls with one token; `say` names the headers of one call."""

    secret: str
    token_id: int = 0
    client: Client = field(default_factory=Client)

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self._call("GET", path, None, headers)

    def post(self, path: str, body: object = None, **headers: str) -> HttpResponse:
        return self._call("POST", path, {} if body is None else body, headers)

    def put(self, path: str, body: object = None, **headers: str) -> HttpResponse:
        return self._call("PUT", path, {} if body is None else body, headers)

    def patch(self, path: str, body: object = None, **headers: str) -> HttpResponse:
        return self._call("PATCH", path, {} if body is None else body, headers)

    def delete(self, path: str, **headers: str) -> HttpResponse:
        return self._call("DELETE", path, None, headers)

    def upload(self, path: str, files: object, **headers: str) -> HttpResponse:
        """A multipart POST of what Django's client takes as files."""
        said: Any = {"file": files}
        return self.client.post(_address(path), said, headers=self._headers(headers))  # type: ignore[return-value]  # the test client's wrapper

    def _call(self, method: str, path: str, body: object, headers: dict[str, str]) -> HttpResponse:
        return self.client.generic(  # type: ignore[return-value]  # the test client's wrapper
            method,
            _address(path),
            b"" if body is None else json.dumps(body).encode(),
            content_type="application/json" if body is not None else "",
            headers=self._headers(headers),
        )

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"authorization": f"Bearer {self.secret}", **named}


def program(person: Person, *scopes: Scope) -> Program:
    """A program with a token of the person; without scopes it may use all there are."""
    staff = person.staff_roles.filter(until_at=None).exists()
    names = scopes or (FOR_STAFF if staff else FOR_PARTNERS)
    wanted = Wanted("tests", tuple(names))
    token, secret = actions.issue(causes.person(person.pk, OPENED, "setup"), person.pk, wanted)
    assert secret is not None
    return Program(secret, token.pk)


def integration(owner: Person, partner_id: int, role: PartnerRole = PartnerRole.MEMBER) -> Program:
    """A program of a partner's integration, made by its owner."""
    wanted = Wanted("1C", tuple(FOR_PARTNERS))
    cause = causes.person(owner.pk, OPENED, "setup")
    token, secret = actions.issue_to_partner(cause, partner_id, role, wanted)
    assert secret is not None
    return Program(secret, token.pk)


def told(response: HttpResponse, status: int = 200) -> Json:
    """The answer's body; whatever else it is shows itself when the status is another one."""
    assert response.status_code == status, (response.status_code, response.content[:2000])
    found: Json = json.loads(response.content)
    return found


def refused(response: HttpResponse, status: int, code: str) -> Json:
    """The problem that an answer is."""
    found = told(response, status)
    assert response["Content-Type"] == "application/problem+json"
    assert (found["code"], found["status"]) == (code, status), found
    assert found["type"].endswith(f"/api/v1/docs#problem-{code}")
    assert found["title"]
    assert found["detail"]
    return found


def _address(path: str) -> str:
    return path if path.startswith("/api/") else f"/api/v1{path}"
