"""What is read from a mail, as plain values that cannot change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

AUTO_REPLY = "auto-reply"
BULK = "bulk"
LIST = "list"
BOUNCE = "bounce"


@dataclass(frozen=True, slots=True)
class Party:
    """A name and an address in lower case; either may be empty."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """Who did not get a mail of ours ("" when it is not said), and whether that is final.

    `status` is the enhanced status (RFC 3463) such as "5.1.1", or "" when none is known.
    """

    recipient: str
    status: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class Attachment:
    """A leaf part that is not the body, decoded.

    `name` is never empty and holds no folder. `content_id` is without <>, or "". `inline` is
    true for what the HTML shows by its content id and for what says so itself. `unnamed` says
    that the mail gave no name, and that this one was made from the type.
    """

    name: str
    type: str
    size: int
    sha256: str
    inline: bool
    content: bytes
    content_id: str = ""
    unnamed: bool = False


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, read. No field holds a NUL or half a surrogate pair; ids are without <>.

    `date` is aware UTC. `text` is the whole readable body, `reply_text` the same without quotes
    and signature, `html` what may be shown, or None. `problems` are sentences about what could
    not be read as it was meant; an empty tuple is a clean mail.
    """

    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    sender: Party
    to: tuple[Party, ...]
    cc: tuple[Party, ...]
    subject: str
    date: datetime | None
    automatic: str | None
    bounce: Bounce | None
    text: str
    reply_text: str
    html: str | None
    attachments: tuple[Attachment, ...]
    raw_sha256: str
    return_path: str | None = None
    reply_to: tuple[Party, ...] = ()
    delivered_to: tuple[str, ...] = ()
    list_id: str | None = None
    auto_submitted: str | None = None
    authentication_results: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
