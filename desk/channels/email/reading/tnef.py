"""winmail.dat: the envelope in which Outlook hides attachments from everybody else."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from tnefparse import TNEF  # type: ignore[import-untyped]

from desk.channels.email.reading import charsets
from desk.channels.email.reading.limits import TNEF_BYTES_MAX, Problems

# It warns of every wrong checksum; whether a file can be used is decided here.
logging.getLogger("tnefparse").setLevel(logging.CRITICAL)


@dataclass(slots=True)
class Opened:
    """What was inside."""

    files: list[tuple[str, bytes]] = field(default_factory=list)
    text: str | None = None
    html: str | None = None


def read(content: bytes, problems: Problems) -> Opened:
    """Open it; what cannot be opened is noted, and the file stays an attachment as it is."""
    if len(content) > TNEF_BYTES_MAX:
        problems.note("A winmail.dat is too big to be opened.")
        return Opened()
    try:
        opened = _opened(TNEF(content), problems)
    except Exception as broken:  # noqa: BLE001 - the parser raises whatever comes on broken files
        problems.note(f"A winmail.dat cannot be opened ({type(broken).__name__}).")
        return Opened()
    if not opened.files and opened.text is None and opened.html is None:
        problems.note("A winmail.dat holds nothing that can be read.")
    return opened


def _opened(found: TNEF, problems: Problems) -> Opened:
    opened = Opened()
    for attachment in found.attachments:
        name, data = attachment.long_filename(), attachment.data
        if isinstance(name, bytes):
            name = charsets.decode(name, None, problems)
        if isinstance(data, bytes):
            opened.files.append((str(name or ""), data))
    opened.text = _text(found.body, problems)
    opened.html = _text(found.htmlbody, problems)
    return opened


def _text(body: object, problems: Problems) -> str | None:
    if isinstance(body, bytes):
        return charsets.decode(body, None, problems)
    return charsets.clean(body) if isinstance(body, str) else None
