"""The bell for programs: what a person is told, and that they have read it."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Query
from pydantic import BaseModel, ConfigDict, Field

from desk.channels.api import calls, paging
from desk.channels.api.paging import Page, Paging
from desk.channels.api.routing import Area
from desk.channels.api.scopes import Scope
from desk.channels.api.shapes import Given, Id, Maybe
from desk.channels.notices import actions, queries

notices = Area("notices", "What the token's person is told of.")

NAME = "notices"


class Notice(BaseModel):
    """A notice; `headline` and `why` are in the language of the request."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    verb: str
    headline: str
    number: Maybe = Field(description="The ticket's.")
    subject: Maybe
    by: Maybe
    why: str
    at: datetime
    read: bool
    due_at: datetime | None


class NoticePage(Page[Notice]):
    """A page of notices."""

    unread: int = Field(description="How many are not read; 99 stands for 99 or more.")


class NoticesWanted(BaseModel):
    """Which page."""

    model_config = ConfigDict(extra="forbid")

    cursor: str = Field("", max_length=paging.CURSOR_LENGTH_MAX)


class ReadUpTo(Given):
    """Up to which notice everything has been read."""

    up_to: Id


class MarkedRead(BaseModel):
    """How many were not read before."""

    count: int


@notices.get("/notices", Scope.NOTICES, NoticePage)
def list_notices(request: HttpRequest, wanted: Query[NoticesWanted]) -> NoticePage:
    """List notices, the newest first."""
    person, onward = (
        calls.of(request).person,
        Paging(limit=paging.LIMIT_USUAL, cursor=wanted.cursor),
    )
    place = paging.opened(NAME, onward)
    found = queries.page(person, int(str(place[0])) if place else None)
    return NoticePage(
        items=[Notice.model_validate(row) for row in found.rows],
        next_cursor=paging.sealed(NAME, onward, [found.before]) if found.before else None,
        unread=queries.unread_count(person, calls.of(request).access),
    )


@notices.post("/notices/read", Scope.NOTICES, MarkedRead)
def read_notices(request: HttpRequest, body: ReadUpTo) -> MarkedRead:
    """Mark notices as read, up to one of them; what came later stays unread."""
    call = calls.of(request)
    return MarkedRead(count=actions.read_all(call.person.pk, body.up_to, call.at))
