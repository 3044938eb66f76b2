"""By which address a mail of ours is answered, and which delivery an answer is to.

Each delivery has a token that only we can make: it stands in the Message-ID, and in the plus
address of Reply-To and of the envelope ("desk+d42.3f…@"). An answer or a bounce that names it is to
that very mail; numbers and From prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from desk.channels import topics
from desk.channels.email.models import Mailbox, OwnAddress
from desk.journal.models import Entry

SALT = "desk.channels.email.reply"
MESSAGE_ID_SALT = "desk.channels.email.message_id"
MAC_LENGTH = 24
# The header that holds our own Message-ID once more.
MARK = "X-Desk-Mail"
# What a Message-ID of ours names that was sent: one delivery, or the first of several.
SENT = ("delivery", "digest")
HEADERS_BYTES_MAX = 65_536
# From these our people are answered by the partner's side; an answer to anything else stays here.
SPOKEN = frozenset({"submit", "message", "answer", "return", "reopen", "disagree", "approve"})
# The part before the @ may have 64 characters; some programs turn it into small letters.
LOCAL_MAX = 64
_TOKEN = re.compile(rf"d(\d{{1,18}})\.([0-9a-f]{{{MAC_LENGTH}}})")
_MESSAGE_ID = re.compile(
    rf"(delivery|digest|ticket|deposit)\.(\d{{1,18}})\.([0-9a-f]{{{MAC_LENGTH}}})@", re.IGNORECASE
)
_MARKED = re.compile(rf"(?im)^{MARK}:(.{{1,500}})$".encode())


@dataclass(frozen=True, slots=True)
class Own:
    """An address that mail for the desk comes in by. `plus`: "name+anything@" reaches it too."""

    address: str
    authserv_id: str
    plus: bool


def spoken(entry: Entry) -> bool:
    """Whether what one of our people answers to the mail about this entry goes to the partner."""
    return entry.verb in SPOKEN and not topics.internal(entry)


def own() -> list[Own]:
    """Every address of ours, those of running mailboxes first."""
    boxes = Mailbox.objects.filter(is_active=True).order_by("pk")
    rows: Iterator[Mailbox | OwnAddress] = iter([*boxes, *OwnAddress.objects.order_by("pk")])
    return [Own(row.address.lower(), row.authserv_id, row.plus) for row in rows]


def is_own(address: str, known: Iterable[Own]) -> Own | None:
    """Which of our addresses this one is, with or without a plus part."""
    local, _, domain = address.strip().lower().rpartition("@")
    plain = f"{local.partition('+')[0]}@{domain}"
    for one in known:
        if address.lower() == one.address or (one.plus and plain == one.address):
            return one
    return None


def answered_at(known: Iterable[Own] | None = None) -> Own | None:
    """The address that answers come to: the sender's own where it is read, else the first."""
    found = list(own() if known is None else known)
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()
    return next((one for one in found if one.address == sender), found[0] if found else None)


def reply_to(delivery_id: int, to: Own | None) -> str:
    """The address that an answer to this delivery goes to; "" where mail is not read."""
    if to is None:
        return ""
    local, _, domain = to.address.rpartition("@")
    tagged = f"{local}+{token(delivery_id)}"
    return f"{tagged}@{domain}" if to.plus and len(tagged) <= LOCAL_MAX else to.address


def token(delivery_id: int) -> str:
    """What stands behind the plus: "d42.3f…"."""
    return f"d{delivery_id}.{_mac(SALT, str(delivery_id))}"


def message_id(kind: str, number: object, domain: str) -> str:
    """A Message-ID that only we can make."""
    name = f"{kind}.{number}"
    return f"<{name}.{_mac(MESSAGE_ID_SALT, name)}@{domain}>"


def delivery_of_address(address: str) -> int | None:
    """The delivery whose token the address carries, None when it has none of ours."""
    local = address.rpartition("@")[0]
    found = _TOKEN.fullmatch(local.partition("+")[2].lower())
    if found is None or not constant_time_compare(_mac(SALT, found[1]), found[2]):
        return None
    return int(found[1])


def named(text: str) -> list[tuple[str, int]]:
    """What our own Message-IDs in a text name, in their order: ("delivery", 42), ("ticket", 7)."""
    found = []
    for written, number, mac in _MESSAGE_ID.findall(text):
        kind = written.lower()
        genuine = _mac(MESSAGE_ID_SALT, f"{kind}.{number}")
        if constant_time_compare(genuine, mac.lower()):
            found.append((kind, int(number)))
    return found


def is_from_us(raw: bytes, message_id: str) -> bool:
    """Whether these are the bytes of a mail of ours that came back, whatever became of its
    Message-ID on the way. An answer or a bounce is not: it has headers of its own."""
    head = raw[:HEADERS_BYTES_MAX].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    marks = [found.decode("ascii", "replace") for found in _MARKED.findall(head)]
    return any(kind in SENT for one in (message_id, *marks) for kind, _ in named(one))


def _mac(salt: str, name: str) -> str:
    return salted_hmac(salt, name, algorithm="sha256").hexdigest()[:MAC_LENGTH]
