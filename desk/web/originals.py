"""What a message was before it became one: a channel may know more than the ticket shows.

A channel says at start how to find it (`found_by`); the conversation asks once for all its
messages and draws what it gets (components/message.html).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Original:
    """Where the whole is shown, and what of it stands folded under the message ("" for nothing)."""

    url: str
    whole: str = ""


Finder = Callable[[Collection[int]], Mapping[int, Original]]
_finders: dict[str, Finder] = {}


def found_by(channel: str, finder: Finder) -> None:
    """Let the messages of a channel be asked for by their numbers."""
    _finders[channel] = finder


def of(numbers: Mapping[str, Collection[int]]) -> dict[int, Original]:
    """The originals of messages, whose numbers are given by channel."""
    found: dict[int, Original] = {}
    for channel, some in numbers.items():
        if channel in _finders and some:
            found |= _finders[channel](some)
    return found
