"""One call of the API: who makes it, when, as what, under which key."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.http import HttpRequest

from desk.channels.api.actions import Admitted
from desk.journal.cause import Cause
from desk.partners.models import Person
from desk.tickets import queries
from desk.tickets.queries import Access

CHANNEL = "api"
ATTRIBUTE = "desk_call"


@dataclass
class Call:
    """What the gate found out about a request. `key` is its Idempotency-Key, `version` the one of
    its If-Match; None without."""

    admitted: Admitted
    at: datetime
    key: str | None = None
    version: int | None = None
    replies: dict[str, str] = field(default_factory=dict)

    @property
    def person(self) -> Person:
        return self.admitted.person

    @cached_property
    def access(self) -> Access:
        """What the person is at this moment: one query, asked once."""
        return queries.access(self.person)

    def cause(self, step: object = "") -> Cause:
        """Why something happens: by the token's person, now, once per key. A call that does
        several deeds names each by `step`."""
        return Cause(
            by=f"person:{self.person.pk}",
            at=self.at,
            channel=CHANNEL,
            key=self._key(step),
            seen=self.version,
        )

    def _key(self, step: object) -> str | None:
        if self.key is None:
            return None
        digest = hashlib.sha256(self.key.encode()).hexdigest()[:40]
        tail = f":{step}" if step != "" else ""
        return f"{CHANNEL}:{self.admitted.token_id}:{digest}{tail}"


def begin(request: HttpRequest, call: Call) -> None:
    """Keep the call on the request that it is of."""
    setattr(request, ATTRIBUTE, call)


def of(request: HttpRequest) -> Call:
    """The call that the gate let in."""
    found = getattr(request, ATTRIBUTE)
    assert isinstance(found, Call), "only the gate leads here"
    return found
