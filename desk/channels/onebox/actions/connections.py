"""Connecting a partner's box: settings, secrets, pausing and removing."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from desk.channels.models import Channel, Delivery, DeliveryState
from desk.channels.onebox.models import Connection
from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.lib import outside, sealed

CONNECTIONS_MAX = 200
SECRET_BYTES = 32


class TooMany(Exception):
    """There are as many connections as the desk looks after."""


class Taken(Exception):
    """This workflow of this box is connected already."""


@dataclass(frozen=True, slots=True)
class Card:
    """Where a box is, and whose it is; `password` "" keeps the present one."""

    partner_id: int
    project_id: int
    person_id: int
    base_url: str
    login: str
    password: str
    workflow: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the box is read and written; fields as in `Connection`."""

    statuses: Mapping[str, str] = field(default_factory=dict)
    moves: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    mapping: Mapping[str, str] = field(default_factory=dict)
    native_deadline: str = ""
    comments: bool = False
    timezone: str = "Europe/Kyiv"
    polling_seconds: int = 60


def add(cause: Cause, card: Card) -> tuple[Connection, str | None]:
    """A new connection, not switched on yet, and the secret of its events, shown this once (None
    when the form came twice). Raises `outside.Forbidden`, `TooMany`, `Taken`, `KeyReused`."""
    outside.check(card.base_url)
    content = {"verb": "add_onebox", "partner": card.partner_id, "url": card.base_url}
    with transaction.atomic():
        if done := journal.repeated(cause, content):
            return Connection.objects.get(pk=done.subject.partition(":")[2]), None
        if Connection.objects.filter(removed_at=None).count() >= CONNECTIONS_MAX:
            raise TooMany
        secret = _new_secret()
        made = Connection(created_at=cause.at, secret_sha256=hashed(secret))
        _write(made, card)
        journal.record(cause, "add_onebox", _subject(made), {}, card.partner_id, content)
        return made, secret


def change(cause: Cause, connection_id: int, card: Card) -> Connection:
    """Another place, login or person. Another box or workflow is begun anew: what stands there
    already becomes no ticket. Raises `outside.Forbidden`, `Taken`."""
    outside.check(card.base_url)
    with transaction.atomic():
        found = _locked(connection_id)
        if (found.base_url, found.workflow) != (card.base_url, card.workflow):
            found.baseline = None
        found.token, found.token_at, found.error, found.failures = "", None, "", 0
        _write(found, card)
        return _noted(cause, found, "change_onebox", {"password": bool(card.password)})


def arrange(cause: Cause, connection_id: int, wanted: Settings) -> Connection:
    """Other statuses, fields, names in events, or another interval."""
    with transaction.atomic():
        found = _locked(connection_id)
        found.statuses, found.moves = dict(wanted.statuses), dict(wanted.moves)
        found.fields, found.mapping = dict(wanted.fields), dict(wanted.mapping)
        found.native_deadline, found.comments = wanted.native_deadline, wanted.comments
        found.timezone, found.polling_seconds = wanted.timezone, wanted.polling_seconds
        found.save()
        return _noted(cause, found, "arrange_onebox", {})


def resume(cause: Cause, connection_id: int) -> Connection:
    """Switch on, or go on after a pause: what came meanwhile is used, and the box is looked at."""
    with transaction.atomic():
        found = _locked(connection_id)
        if found.is_active:
            return found
        found.is_active, found.poll_next_at = True, cause.at
        found.error, found.failures = "", 0
        found.save(update_fields=["is_active", "poll_next_at", "error", "failures"])
        return _noted(cause, found, "resume_onebox", {})


def pause(cause: Cause, connection_id: int) -> Connection:
    """Neither read nor write the box; events are kept, and wait."""
    with transaction.atomic():
        found = _locked(connection_id)
        if not found.is_active:
            return found
        found.is_active, found.poll_next_at = False, None
        found.save(update_fields=["is_active", "poll_next_at"])
        return _noted(cause, found, "pause_onebox", {})


def look_now(cause: Cause, connection_id: int) -> Connection:
    """Look at the box at once."""
    with transaction.atomic():
        found = _locked(connection_id)
        if found.is_active:
            found.poll_next_at = cause.at
            found.save(update_fields=["poll_next_at"])
        return found


def rotate(cause: Cause, connection_id: int) -> tuple[Connection, str | None]:
    """A new secret of events, shown this once (None when the form came twice); the old one ends."""
    with transaction.atomic():
        found = _locked(connection_id)
        content = {"verb": "rotate_onebox"}
        if journal.earlier(cause, _subject(found), content):
            return found, None
        secret = _new_secret()
        found.secret_sha256 = hashed(secret)
        found.save(update_fields=["secret_sha256"])
        journal.record(cause, "rotate_onebox", _subject(found), {}, found.partner_id, content)
        return found, secret


def remove(cause: Cause, connection_id: int) -> None:
    """Take a connection away for good; its secrets are forgotten, its tickets stay."""
    with transaction.atomic():
        found = _locked(connection_id)
        found.removed_at, found.is_active, found.poll_next_at = cause.at, False, None
        found.password = found.token = found.secret_sha256 = ""
        found.save()
        # Nobody is to look at them any more; those that wait end at their next attempt.
        dead = Delivery.objects.filter(channel=Channel.ONEBOX, address=found.address)
        dead.filter(state=DeliveryState.DEAD).update(state=DeliveryState.DROPPED)
        _noted(cause, found, "remove_onebox", {})


def hashed(secret: str) -> str:
    """What is kept of a secret of events."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _new_secret() -> str:
    return f"obx_{secrets.token_urlsafe(SECRET_BYTES)}"


def _write(connection: Connection, card: Card) -> None:
    connection.partner_id, connection.project_id = card.partner_id, card.project_id
    connection.person_id, connection.login = card.person_id, card.login
    connection.base_url, connection.workflow = card.base_url, card.workflow
    if card.password:
        connection.password = sealed.seal(card.password)
    try:
        with transaction.atomic():
            connection.save()
    except IntegrityError as error:
        raise Taken from error


def _locked(connection_id: int) -> Connection:
    return Connection.objects.select_for_update().get(pk=connection_id, removed_at=None)


def _subject(connection: Connection) -> str:
    return f"onebox:{connection.pk}"


def _noted(
    cause: Cause, connection: Connection, verb: str, facts: Mapping[str, object]
) -> Connection:
    journal.record(cause, verb, _subject(connection), facts, connection.partner_id)
    return connection
