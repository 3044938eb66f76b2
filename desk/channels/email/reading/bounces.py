"""Mail that says that a mail of ours did not arrive (RFC 3464, and how servers say it)."""

from __future__ import annotations

from desk.channels.email.reading.parts import Part
from desk.channels.email.reading.shapes import Bounce


def read(root: Part, text: str) -> Bounce | None:
    """The bounce, or None when it is none."""
    del root, text
    return None
