"""Reading a mailbox by IMAP: raw bytes kept, committed, and only then marked as seen.

What was read is known by UIDVALIDITY and UID. Nothing is deleted. A connection that is cut in the
middle loses nothing: what was not kept has no mark, and is fetched again.
"""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from imap_tools import BaseMailBox, MailBox, MailboxLoginError, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from desk.channels.actions import Incoming
from desk.channels.email import actions
from desk.channels.email.models import Mailbox, Security
from desk.channels.models import Intake
from desk.lib import sealed

CONNECT_SECONDS = 20
MESSAGE_BYTES_MAX = 50 * 1024 * 1024
BATCH_MAX = 200
REST = timedelta(seconds=30)
REST_SECONDS_MAX = 900
# A mailbox that is read for the first time gives its unread mails of so many days.
FIRST_LOOK_DAYS = 7
FAILURES = (OSError, ssl.SSLError, imaplib.IMAP4.error, ImapToolsError)

log = logging.getLogger(__name__)


def tick(at: datetime) -> int:
    """Look into every mailbox that is due; one that fails holds up no other."""
    return sum(_looked(box, at) for box in Mailbox.objects.filter(is_active=True).order_by("pk"))


def _looked(box: Mailbox, at: datetime) -> int:
    if not _due(box, at):
        return 0
    try:
        taken = fetch(box, at)
    except sealed.Unreadable:
        actions.contact_failed(box.pk, at, "The password cannot be read: enter it anew.")
    except MailboxLoginError:
        actions.contact_failed(box.pk, at, "The server refuses login or password.")
    except FAILURES as error:
        log.warning("The mailbox %s cannot be read: %s", box.pk, error)
        actions.contact_failed(box.pk, at, str(error) or type(error).__name__)
    else:
        actions.contact(box.pk, at)
        return taken
    return 0


def _due(box: Mailbox, at: datetime) -> bool:
    if box.contact_at is None:
        return True
    rest = min(REST.total_seconds() * 2 ** min(box.failures, 10), REST_SECONDS_MAX)
    return at - box.contact_at >= timedelta(seconds=rest)


def fetch(box: Mailbox, at: datetime) -> int:
    """Keep what is new in one mailbox; returns how many mails were new here."""
    with _connected(box) as server:
        known = _reading(box, server, at)
        taken = 0
        for uid in known[:BATCH_MAX]:
            taken += _take(box, server, uid, at)
        return taken


@contextmanager
def _connected(box: Mailbox) -> Iterator[BaseMailBox]:
    server = opened(box, CONNECT_SECONDS)
    try:
        server.login(box.login, sealed.unseal(box.password), initial_folder=box.folder)
        yield server
    finally:
        server.client.shutdown()


def opened(box: Mailbox, seconds: int) -> BaseMailBox:
    """A connection to the server, encrypted as the mailbox says, before the sign-in."""
    context = ssl.create_default_context()
    match box.security:
        case Security.IMAPS:
            return MailBox(box.host, box.port, seconds, ssl_context=context)
        case Security.STARTTLS:
            return MailBoxStartTls(box.host, box.port, seconds, ssl_context=context)
        case _:
            return MailBoxUnencrypted(box.host, box.port, seconds)


def _reading(box: Mailbox, server: BaseMailBox, at: datetime) -> list[int]:
    """The UIDs to take. Under another UIDVALIDITY all UIDs are new: what is unread is taken, and
    what was used before is known by its Message-ID and body."""
    validity = server.folder.status(box.folder, ("UIDVALIDITY",))["UIDVALIDITY"]
    if box.uidvalidity == validity and box.uid_last is not None:
        found = map(int, server.uids(f"UID {box.uid_last + 1}:*"))
        return sorted(uid for uid in found if uid > box.uid_last)
    since = f" SINCE {at - timedelta(days=FIRST_LOOK_DAYS):%d-%b-%Y}"
    unread = sorted(map(int, server.uids(f"UNSEEN{since}")))
    every = max(map(int, server.uids("ALL")), default=0)
    actions.begin_reading(box.pk, validity, unread[0] - 1 if unread else every)
    box.uidvalidity = validity
    return unread


def _take(box: Mailbox, server: BaseMailBox, uid: int, at: datetime) -> int:
    status, answer = server.client.uid(
        "FETCH", str(uid), f"(INTERNALDATE BODY.PEEK[]<0.{MESSAGE_BYTES_MAX}>)"
    )
    parts = [one for one in answer if isinstance(one, tuple)]
    if status != "OK" or not parts:
        return 0
    head, raw = parts[0]
    facts = {"internal_at": _internal_at(bytes(head), at).isoformat()}
    key = f"{box.uidvalidity}:{uid}"
    kept = actions.take(box.pk, uid, Incoming(Intake.EMAIL, box.key, key, bytes(raw), facts), at)
    server.client.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Seen)")
    return int(kept is not None)


def _internal_at(head: bytes, at: datetime) -> datetime:
    found = re.search(rb'INTERNALDATE "([^"]+)"', head)
    if found is None:
        return at
    said = datetime.strptime(found[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z")
    return min(said.astimezone(UTC), at)
