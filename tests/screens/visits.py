"""Somebody in front of the desk's pages: a signed-in client at the present moment of the desk."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from desk.lib import clock
from desk.partners.models import Person
from tests.language import Desk

_keys = itertools.count()


@dataclass
class Visit:
    """One person's browser; every request happens at `desk.now`."""

    desk: Desk
    monkeypatch: pytest.MonkeyPatch
    client: Client

    @classmethod
    def of(cls, person: Person, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
        client = Client(headers={"accept-language": "en"})
        client.force_login(person)
        client.cookies["desk_language"] = "en"
        return cls(desk, monkeypatch, client)

    def get(self, path: str, **options: Any) -> HttpResponse:
        self._at_the_desks_time()
        return self.client.get(path, **options)  # type: ignore[return-value]  # a response is one

    def post(self, path: str, key: str = "", **sent: object) -> HttpResponse:
        """Send a form with its idempotency key, a fresh one unless `key` repeats an earlier."""
        self._at_the_desks_time()
        form = {"key": key or f"key-{next(_keys)}", **sent}
        return self.client.post(path, form)  # type: ignore[return-value]  # a response is one

    def page(self, path: str) -> str:
        """The text of a page that is there."""
        response = self.get(path)
        assert response.status_code == 200, (path, response.status_code)
        return response.content.decode()

    def queries(self, path: str) -> int:
        """How many queries a page costs, once everything that is kept is known."""
        self.page(path)
        with CaptureQueriesContext(connection) as caught:
            self.page(path)
        return len([q for q in caught if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))])

    def _at_the_desks_time(self) -> None:
        ahead = (self.desk.now - datetime.now(UTC)).total_seconds()  # the shift that the desk reads
        self.monkeypatch.setenv(clock.SHIFT_VARIABLE, str(ahead))
