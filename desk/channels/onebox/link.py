"""Talking with one box: alone, as its sessions are licensed, and remembering what was learnt."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection as database

from desk.channels.errors import Busy
from desk.channels.onebox import actions
from desk.channels.onebox.client import Complaint, Denied, Session, Unavailable
from desk.channels.onebox.models import Connection
from desk.lib import sealed

# How soon to come again when somebody else talks with the box.
TAKEN_SECONDS = 2
BREATH_SECONDS = 0.1
AWAY = "away:"
FAULTS = (Unavailable, Denied, Complaint, sealed.Unreadable)


@contextmanager
def opened(connection: Connection, patience_seconds: float = 0) -> Iterator[Session]:
    """A session that nobody else has at this moment, in no process. Raises `Busy` when somebody
    has one for longer than `patience_seconds`.

    The lock lives with the connection to the database: who is killed leaves nothing locked.
    """
    until = time.monotonic() + patience_seconds
    while not _taken(connection):
        if time.monotonic() >= until:
            raise Busy(TAKEN_SECONDS)
        time.sleep(BREATH_SECONDS)
    try:
        session = resumed(connection)
        before = (session.token, session.token_at, session.root)
        try:
            yield session
        finally:
            if before != (session.token, session.token_at, session.root):
                actions.learnt(connection.pk, session)
    finally:
        _given_back(connection)


def resumed(connection: Connection) -> Session:
    """A session with what is known of the box. Raises `sealed.Unreadable`."""
    return Session(
        base_url=connection.base_url,
        login=connection.login,
        password=sealed.unseal(connection.password),
        token=sealed.unseal(connection.token) if connection.token else "",
        token_at=connection.token_at,
        root=connection.root,
    )


def trouble(error: Exception) -> str:
    """What failed as a code with what the box said: "away:time", "denied", "refused:no name"."""
    match error:
        case sealed.Unreadable():
            return "secret"
        case Denied():
            return "denied"
        case Unavailable():
            return f"{AWAY}{error.code}"
        case Complaint():
            return f"refused:{error}"
    return f"fault:{type(error).__name__}"


def _taken(connection: Connection) -> bool:
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [_name(connection)])
        (alone,) = cursor.fetchone()
    return bool(alone)


def _given_back(connection: Connection) -> None:
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [_name(connection)])


def _name(connection: Connection) -> str:
    """One name for a box, however many of its workflows are connected."""
    return f"onebox:{connection.base_url}"
