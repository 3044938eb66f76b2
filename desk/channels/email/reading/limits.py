"""What a mail may take of us at most. Beyond it the rest is left out, and `problems` says so."""

from __future__ import annotations

PARTS_MAX = 1_000
DEPTH_MAX = 25
# A mail within a mail is held once more in memory, so that it counts as so many levels.
MESSAGE_DEPTH = 5
HEADER_BYTES_MAX = 512_000
HEADERS_MAX = 2_000
HEADER_VALUE_MAX = 64_000
PARTIES_MAX = 500
REFERENCES_MAX = 100
ID_MAX = 998
NAME_MAX = 255
SUBJECT_MAX = 2_000
TEXT_MAX = 1_000_000
HTML_MAX = 2_000_000
REPLY_LINES_MAX = 5_000
REPLY_LINE_MAX = 1_000
TNEF_BYTES_MAX = 30_000_000
PROBLEMS_MAX = 50


class Problems:
    """Collects sentences, each once, and no more than a reader would read."""

    def __init__(self) -> None:
        self._found: dict[str, None] = {}

    def note(self, sentence: str) -> None:
        """Add a sentence."""
        if len(self._found) < PROBLEMS_MAX:
            self._found[sentence] = None

    def all(self) -> tuple[str, ...]:
        """Return what was found, oldest first."""
        return tuple(self._found)
