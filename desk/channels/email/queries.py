"""Which addresses are ours: what the receiver takes mail for, and what no mail of ours goes to."""

from __future__ import annotations

from collections.abc import Iterable

from desk.channels.email import replies
from desk.channels.email.replies import Own


def own_addresses() -> list[Own]:
    """Every address that mail for the desk comes in by: those of running mailboxes first, then
    those that only the built-in receiver takes. In small letters."""
    return replies.own()


def is_ours(address: str, known: Iterable[Own] | None = None) -> bool:
    """Whether mail to this address is for the desk: one of our addresses, or one with a plus part
    where the plus rule is on. `known` saves the look-up for many at once."""
    found = own_addresses() if known is None else known
    return replies.is_own(address, found) is not None
