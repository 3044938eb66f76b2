"""Reading a mailbox by IMAP: raw bytes kept, committed, and only then marked as seen.

A mail is known by UIDVALIDITY and UID. Nothing is deleted. A connection that is cut in the middle
loses nothing: what was not kept is fetched again, what was kept is not.
"""

from __future__ import annotations

import hashlib
import imaplib
import re
import ssl
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxLoginError

from desk.channels import actions as channels
from desk.channels.actions import Incoming
from desk.channels.email import actions
from desk.channels.email.models import LOCAL_HOSTS, Mailbox, Security
from desk.channels.models import Arrival, Intake
from desk.lib import sealed

CONNECT_SECONDS = 20
MESSAGE_BYTES_MAX = 50 * 1024 * 1024
# How many mails one look takes; then the next look follows at once.
BATCH_MAX = 200
# A mailbox that is read for the first time gives its unread mails of so many days. One whose UIDs
# have become void gives all of so many days before it was last read: most of them are known.
FIRST_LOOK_DAYS = 7
# A mail at which the connection broke so often is left where it is; the others are read.
BROKEN_MAX = 3
FAILURES = (OSError, imaplib.IMAP4.error, ImapToolsError, sealed.Unreadable, actions.Unprotected)


@dataclass(slots=True)
class Looked:
    """What a look has found: how many mails were new here, whether there are more to take now, and
    UIDs that the server lists and does not give."""

    taken: int = 0
    more: bool = False
    refused: list[int] = field(default_factory=list)


def fetch(box: Mailbox, at: datetime) -> int:
    """Keep what is new in one mailbox, over a connection of its own; returns how many mails were
    new here. Raises one of `FAILURES`."""
    with connected(box) as server:
        taken, looked = 0, Looked(more=True)
        while looked.more:
            box.refresh_from_db()
            looked = look(box, server, at)
            taken += looked.taken
        actions.contact(box.pk, at)
        return taken


@contextmanager
def connected(box: Mailbox) -> Iterator[BaseMailBox]:
    """A connection that is signed in, with the folder open. Raises one of `FAILURES`."""
    server = opened(box, CONNECT_SECONDS)
    try:
        sign_in(server, box)
        server.folder.set(box.folder)
        yield server
    finally:
        server.client.shutdown()


def sign_in(server: BaseMailBox, box: Mailbox) -> None:
    """Sign in; what LOGIN cannot carry goes by AUTHENTICATE. Raises `MailboxLoginError`."""
    password = sealed.unseal(box.password)
    plain = f"{box.login}{password}"
    if plain.isascii() and plain.isprintable():
        server.login(box.login, password, initial_folder=None)
        return
    try:
        server.login_utf8(box.login, password, initial_folder=None)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise MailboxLoginError(("NO", [str(error).encode()]), "OK") from error


def opened(box: Mailbox, seconds: int) -> BaseMailBox:
    """A connection to the server, encrypted as the mailbox says, before the sign-in."""
    if box.security == Security.NONE:
        if box.host.lower() not in LOCAL_HOSTS:
            raise actions.Unprotected
        return MailBoxUnencrypted(box.host, box.port, seconds)
    context = ssl.create_default_context()
    if settings.MAIL_CA_FILE:
        context.load_verify_locations(settings.MAIL_CA_FILE)
    kind = MailBox if box.security == Security.IMAPS else MailBoxStartTls
    return kind(box.host, box.port, seconds, ssl_context=context)


def look(
    box: Mailbox, server: BaseMailBox, at: datetime, broken: Counter[int] | None = None
) -> Looked:
    """Keep what is new in a mailbox, at most `BATCH_MAX` mails. `box` says how far it was read,
    `broken` at which UID a connection ended and how often: these come last, and then no more."""
    broken = Counter() if broken is None else broken
    begin(box, server)
    found = _due(box, server, at)
    kept = _kept(box, found)
    unknown = [uid for uid in found if uid not in kept]
    looked = Looked(refused=[uid for uid in unknown if broken[uid] >= BROKEN_MAX])
    possible = [uid for uid in unknown if uid not in looked.refused]
    looked.more, batch = len(possible) > BATCH_MAX, possible[:BATCH_MAX]
    for uid in sorted(batch, key=lambda uid: (broken[uid], uid)):
        broken[uid] += 1
        _take(box, server, uid, at, looked)
        del broken[uid]
    _mark([uid for uid in [*kept, *batch] if uid not in looked.refused], server)
    last = batch[-1] if looked.more else max([*found[-1:], box.uid_before])
    if looked.refused:
        last = min(looked.refused) - 1
    assert box.uidvalidity is not None
    actions.read_up_to(box.pk, box.uidvalidity, last)
    return looked


def begin(box: Mailbox, server: BaseMailBox) -> None:
    """Open the folder anew, and begin anew with a mailbox whose UIDs have become void."""
    server.folder.set(box.folder)
    validity, following = (_said(server, code) for code in ("UIDVALIDITY", "UIDNEXT"))
    if validity is None:
        raise imaplib.IMAP4.error("The server gives its mails no lasting numbers (UIDVALIDITY).")
    if box.uidvalidity == validity:
        return
    if following is None:
        following = max(map(int, server.uids("UID *")), default=0) + 1
    actions.begin_reading(box.pk, validity, following - 1)
    box.uidvalidity, box.uid_last, box.uid_before = validity, 0, following - 1


def _said(server: BaseMailBox, code: str) -> int | None:
    """A number that the server gave when the folder was opened."""
    found = server.client.response(code)[1]
    return int(found[0]) if found and found[0] else None


def _due(box: Mailbox, server: BaseMailBox, at: datetime) -> list[int]:
    """The UIDs that may be new here, in their order."""
    last, before = box.uid_last or 0, box.uid_before
    found: set[int] = set()
    if last < before:
        found.update(map(int, server.uids(f"UID {last + 1}:{before} {_of_before(box, at)}")))
    # "9:*" is the last mail, too, when there is none after 8.
    rest = max(last, before)
    found.update(uid for uid in map(int, server.uids(f"UID {rest + 1}:*")) if uid > rest)
    return sorted(found)


def _of_before(box: Mailbox, at: datetime) -> str:
    """Which of the mails are taken that lay there when the mailbox was first read."""
    wanted = "UNSEEN SINCE" if box.reached_at is None else "SINCE"
    since = (box.reached_at or at) - timedelta(days=FIRST_LOOK_DAYS)
    return f"{wanted} {since:%d-%b-%Y}"


def _kept(box: Mailbox, uids: list[int]) -> set[int]:
    """Those that are here already: of a look that was cut before its end."""
    keys = {_key(box, uid): uid for uid in uids}
    own = Arrival.objects.filter(channel=Intake.EMAIL, source=box.key, key__in=keys)
    return {keys[key] for key in own.values_list("key", flat=True)}


def _take(box: Mailbox, server: BaseMailBox, uid: int, at: datetime, looked: Looked) -> None:
    wanted = f"(RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.{MESSAGE_BYTES_MAX}>)"
    status, answer = server.client.uid("FETCH", str(uid), wanted)
    if status != "OK":
        looked.refused.append(uid)
        return
    parts = [one for one in answer if isinstance(one, tuple)]
    if not parts:
        # Somebody removed it since the search.
        return
    raw = bytes(parts[0][1])
    said = b" ".join(one[0] if isinstance(one, tuple) else one for one in answer if one)
    facts: dict[str, object] = {"internal_at": _internal_at(said, at).isoformat()}
    size = re.search(rb"RFC822\.SIZE (\d+)", said)
    if size is not None and int(size[1]) > MESSAGE_BYTES_MAX:
        facts["cut_from_bytes"] = int(size[1])
    incoming = Incoming(Intake.EMAIL, box.key, _key(box, uid), raw, facts)
    if not _moved(box, uid, raw) and channels.keep(incoming, at) is not None:
        looked.taken += 1


def _moved(box: Mailbox, uid: int, raw: bytes) -> bool:
    """Whether a mail is here already under a UID that has become void."""
    if box.reached_at is None or uid > box.uid_before:
        return False
    own = Arrival.objects.filter(channel=Intake.EMAIL, source=box.key)
    return own.filter(sha256=hashlib.sha256(raw).hexdigest()).exists()


def _mark(uids: list[int], server: BaseMailBox) -> None:
    """Show to who looks into the mailbox what the desk has; all of it is committed by now. A
    server that does not want to is not asked twice: nothing depends on the mark."""
    if uids:
        among = ",".join(map(str, sorted(uids)))
        server.client.uid("STORE", among, "+FLAGS.SILENT", "(\\Seen)")


def _key(box: Mailbox, uid: int) -> str:
    return f"{box.uidvalidity}:{uid}"


def _internal_at(said: bytes, at: datetime) -> datetime:
    """When the server had the mail; now, where it does not say so in a way that can be read."""
    found = re.search(rb'INTERNALDATE "([^"]+)"', said)
    try:
        text = found[1].decode().strip() if found else ""
        return min(datetime.strptime(text, "%d-%b-%Y %H:%M:%S %z").astimezone(UTC), at)
    except (ValueError, OverflowError):
        return at
