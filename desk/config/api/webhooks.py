"""Webhooks by programs: channels do not know each other, so that these calls stand where they are
put together (settings.API_AREAS)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query
from pydantic import BaseModel, Field

from desk.channels.api import calls, paging, problems, whose
from desk.channels.api.paging import Page, Paging
from desk.channels.api.problems import Problem
from desk.channels.api.routing import CREATED, Area, Says
from desk.channels.api.scopes import Scope
from desk.channels.api.shapes import Given, Id, Maybe, Words
from desk.channels.api.whose import OfPartner
from desk.channels.webhooks import actions, names, queries
from desk.channels.webhooks.actions import NOTE_MAX, Wanted
from desk.channels.webhooks.models import URL_MAX, Endpoint, Event
from desk.channels.webhooks.queries import Line, Standing
from desk.lib import outside
from desk.partners.models import PartnerRole, StaffRole

webhooks = Area("webhooks", "Where events go: for owners of a partner, and of the desk.")

SCOPE = Scope.WEBHOOKS


class Webhook(BaseModel):
    """An address of yours that hears of every move."""

    id: int
    url: str
    note: Maybe
    events: list[str] = Field(description="Chosen events; empty: all of them.")
    created_at: datetime
    disabled_at: datetime | None
    disabled_why: Maybe = Field(description="`paused`, `given_up` or `gone`.")
    waiting: int = Field(description="Events on their way.")
    dead: int = Field(description="Events that were given up.")
    arrived_at: datetime | None = Field(description="When the last one arrived.")


class Webhooks(BaseModel):
    """The webhooks of a partner."""

    items: list[Webhook]


class FreshWebhook(BaseModel):
    """A webhook with its secret, which is shown this once: null when the call was repeated."""

    webhook: Webhook
    secret: str | None


class WebhookGiven(Given):
    """What a webhook is to be; no events: all of them."""

    url: Words = Field(min_length=1, max_length=URL_MAX)
    note: Words = Field("", max_length=NOTE_MAX)
    events: list[Annotated[str, Field(max_length=60)]] = Field(
        default_factory=list, max_length=len(names.ALL)
    )


class Rotating(Given):
    """`at_once`: the old secret signs no longer, because others know it."""

    at_once: bool = False


class Missed(BaseModel):
    """How many events are sent again."""

    count: int


class EventLine(BaseModel):
    """An event in a webhook's log; `state` is null when it was not sent (switched off then)."""

    id: int
    message_id: str
    name: str
    number: Maybe = Field(description="The ticket's.")
    sequence: int
    at: datetime
    state: str | None
    attempts: int
    status: int | None = Field(description="What the receiver answered last.")


class EventPage(Page[EventLine]):
    """A page of a webhook's log."""


class LogWanted(OfPartner):
    """A page of the log."""

    cursor: str = Field("", max_length=paging.CURSOR_LENGTH_MAX)


@webhooks.get("/webhooks", SCOPE, Webhooks)
def list_webhooks(request: HttpRequest, wanted: Query[OfPartner]) -> Webhooks:
    """List webhooks."""
    found = list(queries.endpoints(_partner_id(request, wanted)))
    known = queries.standings(found)
    return Webhooks(items=[_shown(one, known[one.pk]) for one in found])


# Answers with a secret are not kept: a secret lies nowhere but sealed.
@webhooks.post("/webhooks", SCOPE, FreshWebhook, Says(status=CREATED, kept=False))
def add_webhook(request: HttpRequest, body: WebhookGiven, wanted: Query[OfPartner]) -> FreshWebhook:
    """Add a webhook.

    The answer is the only one with its secret, which verifies the signatures.
    """
    partner_id = _partner_id(request, wanted)
    with _refusals():
        made, secret = actions.add(calls.of(request).cause(), partner_id, _given(body))
    return FreshWebhook(webhook=_shown(made, Standing()), secret=secret)


@webhooks.get("/webhooks/{int:webhook_id}", SCOPE, Webhook)
def read_webhook(request: HttpRequest, webhook_id: Id, wanted: Query[OfPartner]) -> Webhook:
    """Read a webhook, with how it does."""
    return _again(_found(request, wanted, webhook_id))


@webhooks.put("/webhooks/{int:webhook_id}", SCOPE, Webhook)
def change_webhook(
    request: HttpRequest, webhook_id: Id, body: WebhookGiven, wanted: Query[OfPartner]
) -> Webhook:
    """Change a webhook: another address, other events."""
    found = _found(request, wanted, webhook_id)
    with _refusals():
        return _again(actions.change(calls.of(request).cause(), found.pk, _given(body)))


@webhooks.delete("/webhooks/{int:webhook_id}", SCOPE)
def remove_webhook(request: HttpRequest, webhook_id: Id, wanted: Query[OfPartner]) -> None:
    """Remove a webhook."""
    actions.remove(calls.of(request).cause(), _found(request, wanted, webhook_id).pk)


@webhooks.post("/webhooks/{int:webhook_id}/rotate", SCOPE, FreshWebhook, Says(kept=False))
def rotate_webhook(
    request: HttpRequest, webhook_id: Id, body: Rotating, wanted: Query[OfPartner]
) -> FreshWebhook:
    """Make a new secret.

    The old one signs too for 24 hours, unless `at_once`.
    """
    found, cause = _found(request, wanted, webhook_id), calls.of(request).cause()
    made, secret = actions.rotate(cause, found.pk, at_once=body.at_once)
    return FreshWebhook(webhook=_again(made), secret=secret)


@webhooks.post("/webhooks/{int:webhook_id}/pause", SCOPE, Webhook)
def pause_webhook(request: HttpRequest, webhook_id: Id, wanted: Query[OfPartner]) -> Webhook:
    """Pause a webhook; what happens meanwhile stays in its log."""
    found = _found(request, wanted, webhook_id)
    return _again(actions.pause(calls.of(request).cause(), found.pk))


@webhooks.post("/webhooks/{int:webhook_id}/resume", SCOPE, Webhook)
def resume_webhook(request: HttpRequest, webhook_id: Id, wanted: Query[OfPartner]) -> Webhook:
    """Switch a webhook on again, from the next event on."""
    found = _found(request, wanted, webhook_id)
    return _again(actions.resume(calls.of(request).cause(), found.pk))


@webhooks.post("/webhooks/{int:webhook_id}/ping", SCOPE, Webhook)
def ping_webhook(request: HttpRequest, webhook_id: Id, wanted: Query[OfPartner]) -> Webhook:
    """Send a test event."""
    found = _found(request, wanted, webhook_id)
    with _refusals():
        actions.ping(calls.of(request).cause(), found.pk)
    return _again(found)


@webhooks.post("/webhooks/{int:webhook_id}/send_missed", SCOPE, Missed)
def send_missed_events(request: HttpRequest, webhook_id: Id, wanted: Query[OfPartner]) -> Missed:
    """Send every event of the last 30 days that did not arrive."""
    found = _found(request, wanted, webhook_id)
    with _refusals():
        return Missed(count=actions.send_missed(calls.of(request).cause(), found.pk))


@webhooks.get("/webhooks/{int:webhook_id}/events", SCOPE, EventPage)
def list_webhook_events(
    request: HttpRequest, webhook_id: Id, wanted: Query[LogWanted]
) -> EventPage:
    """Read the log of a webhook, the latest first."""
    found = _found(request, wanted, webhook_id)
    name, onward = f"webhook:{found.pk}", Paging(limit=paging.LIMIT_USUAL, cursor=wanted.cursor)
    place = paging.opened(name, onward)
    lines, before = queries.log(found, int(str(place[0])) if place else None)
    return EventPage(
        items=[_line(one) for one in lines],
        next_cursor=None if before is None else paging.sealed(name, onward, [before]),
    )


@webhooks.post("/webhooks/{int:webhook_id}/events/{int:event_id}/redeliver", SCOPE, Webhook)
def redeliver_event(
    request: HttpRequest, webhook_id: Id, event_id: Id, wanted: Query[OfPartner]
) -> Webhook:
    """Send an event once more, with the same webhook-id."""
    found = _found(request, wanted, webhook_id)
    with _refusals():
        actions.redeliver(calls.of(request).cause(), found.pk, event_id)
    return _again(found)


def _partner_id(request: HttpRequest, wanted: OfPartner) -> int:
    roles, ours = (PartnerRole.OWNER,), (StaffRole.VENDOR,)
    return whose.partner_id(calls.of(request), wanted.partner_id, roles, ours)


def _found(request: HttpRequest, wanted: OfPartner, webhook_id: int) -> Endpoint:
    found = queries.endpoints(_partner_id(request, wanted)).filter(pk=webhook_id).first()
    if found is None:
        raise ObjectDoesNotExist
    return found


def _given(body: WebhookGiven) -> Wanted:
    return Wanted(body.url, body.note, tuple(body.events))


def _again(found: Endpoint) -> Webhook:
    return _shown(found, queries.standings([found])[found.pk])


def _shown(found: Endpoint, standing: Standing) -> Webhook:
    return Webhook(
        id=found.pk,
        url=found.url,
        note=found.note,
        events=list(found.events),
        created_at=found.created_at,
        disabled_at=found.disabled_at,
        disabled_why=found.disabled_why,
        waiting=standing.waiting,
        dead=standing.dead,
        arrived_at=standing.arrived_at,
    )


def _line(found: Line) -> EventLine:
    event, delivery = found.event, found.delivery
    return EventLine(
        id=event.pk,
        message_id=event.message_id,
        name=event.name,
        number=found.number,
        sequence=event.sequence,
        at=event.at,
        state=delivery.state if delivery else None,
        attempts=delivery.attempts if delivery else 0,
        status=found.status,
    )


@contextmanager
def _refusals() -> Iterator[None]:
    """What the webhooks refuse, as problems."""
    try:
        yield
    except outside.Forbidden as error:
        said = _("Nothing is sent to this address.")
        raise problems.invalid([("url", f"forbidden_{error.code}", said)]) from error
    except actions.UnknownEvent as error:
        said = _("There is no such event.")
        raise problems.invalid([("events", "unknown", said)]) from error
    except (actions.TooMany, actions.SwitchedOff, actions.OnItsWay) as error:
        raise Problem("conflict", more={"reason": problems.word(error)}) from error
    except Event.DoesNotExist as error:
        raise Problem("not-found") from error
