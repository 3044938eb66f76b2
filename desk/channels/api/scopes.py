"""What a token may be used for. A token never has more rights than its person has at the moment
of the call: a scope opens a door of the API, the person's roles decide behind it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    """Names are part of the contract: they may be added, never changed."""

    TICKETS_READ = "tickets:read"
    TICKETS_WRITE = "tickets:write"
    TICKETS_APPROVE = "tickets:approve"
    PROJECTS_READ = "projects:read"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    DEPOSIT_READ = "deposit:read"
    DEPOSIT_WRITE = "deposit:write"
    NOTICES = "notices"
    WEBHOOKS = "webhooks"
    WORK = "work"


# What a partner's person or integration may be given; `work` is for the desk's own people.
FOR_PARTNERS = tuple(scope for scope in Scope if scope != Scope.WORK)
FOR_STAFF = tuple(Scope)


class UnknownScope(Exception):
    """A scope that there is not, or not for this holder."""

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope


def checked(wanted: Iterable[str], offered: Iterable[Scope]) -> list[str]:
    """The scopes in the order of their definition, each once. Raises `UnknownScope`."""
    chosen, possible = set(wanted), list(offered)
    for name in sorted(chosen - set(possible)):
        raise UnknownScope(name)
    return [scope.value for scope in possible if scope in chosen]
