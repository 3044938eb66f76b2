"""What the receiver asks of the database: whose address it is, and to keep a mail for good."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from desk.channels import actions
from desk.channels.actions import Incoming
from desk.channels.email import queries
from desk.channels.email.models import Mailbox
from desk.channels.models import Intake

SOURCE = "receiver"
ADDRESS_MAX = 320
HOST_MAX = 253
# SQLSTATE 53100: the disk of the database is full.
DISK_FULL = "53100"
Found = TypeVar("Found")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_TOLD_APART = re.compile(rb"^(?:received|message-id)[ \t]*:", re.IGNORECASE | re.MULTILINE)


class Full(Exception):
    """There is no room to keep a mail."""


class Away(Exception):
    """The database cannot be reached, or cannot answer now."""


class Whose(Enum):
    """Whose an address is. A mailbox of ours that is paused takes its mail later."""

    OURS = "ours"
    PAUSED = "paused"
    NOBODYS = "nobody's"


@dataclass(frozen=True, slots=True)
class Posted:
    """A mail as it was handed in. `sender` is "" for the null return path."""

    raw: bytes
    sender: str
    recipients: tuple[str, ...]
    peer: str
    helo: str
    transport: str


def whose(address: str) -> Whose:
    """Whose mail to this address is. Raises `Away`."""
    return _asked(lambda: _whose(address))


def keep(posted: Posted, at: datetime) -> int | None:
    """Keep a mail; once this returns, it is committed. None when it was kept before. Raises
    `Full`, `Away`."""
    facts = {
        "from": actions.clean(posted.sender, ADDRESS_MAX),
        "to": [actions.clean(one, ADDRESS_MAX) for one in posted.recipients],
        "peer": posted.peer,
        "helo": actions.clean(posted.helo, HOST_MAX),
        "transport": posted.transport,
    }
    incoming = Incoming(Intake.EMAIL, SOURCE, key(posted.raw), posted.raw, facts)
    kept = _asked(lambda: actions.keep(incoming, at))
    return None if kept is None else kept.pk


def key(raw: bytes) -> str:
    """What makes a mail the same when a sender hands it in again that heard no answer: its bytes.

    A mail that carries neither a trace nor an id cannot be told from another one that says the
    same: each counts by itself, so that none is lost.
    """
    head = _HEAD_END.split(raw, 1)[0]
    digest = hashlib.sha256(raw).hexdigest()
    return digest if _TOLD_APART.search(head) else f"{digest}:{secrets.token_hex(8)}"


def room(size: int, free_min: int) -> bool:
    """Whether the data folder has room for a mail of this size beside the reserve."""
    return shutil.disk_usage(settings.DATA_DIR).free >= size + free_min


def leave() -> None:
    """Close the connection of this thread."""
    connection.close()


def _whose(address: str) -> Whose:
    if queries.is_ours(address):
        return Whose.OURS
    paused = Mailbox.objects.filter(is_active=False, address__iexact=_plain(address))
    return Whose.PAUSED if paused.exists() else Whose.NOBODYS


def _plain(address: str) -> str:
    """The address without what stands behind a plus."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _asked(question: Callable[[], Found]) -> Found:
    """Ask on the connection of this thread, which may have been cut since the last time."""
    close_old_connections()
    try:
        return question()
    except (DatabaseError, InterfaceError) as error:
        connection.close()
        if getattr(error.__cause__, "sqlstate", None) == DISK_FULL:
            raise Full from error
        raise Away from error
