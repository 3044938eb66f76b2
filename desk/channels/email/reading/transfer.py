"""Content-Transfer-Encoding: what the bytes of a part were before they travelled."""

from __future__ import annotations

import binascii
import quopri
import re

from desk.channels.email.reading import words
from desk.channels.email.reading.limits import Problems

_PLAIN = {"", "7bit", "8bit", "binary", "none", "plain", "7-bit", "8-bit"}
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)
_UU_END = re.compile(rb"^end[ \t]*\r?$", re.MULTILINE)


def decode(body: bytes, encoding: str, problems: Problems) -> bytes:
    """Take the transfer encoding off; an unknown one is taken for none."""
    name = encoding.lower().split(";")[0].strip().strip("\"'").replace(" ", "")
    if name in _PLAIN:
        return body
    if name == "base64":
        return words.base64(body.split(b"\n--", 1)[0] if b"\n--" in body else body)
    if name == "quoted-printable":
        return quopri.decodestring(body)
    if name in {"x-uuencode", "uuencode", "x-uue", "uue"}:
        found = uuencoded(body)
        return found[0][1] if found else body
    problems.note(f"Unknown transfer encoding {name[:40]!r}; taken for none.")
    return body


def uuencoded(body: bytes) -> list[tuple[bytes, bytes]]:
    """Files uuencoded within a text: name and content."""
    found = []
    at = 0
    while begin := _UU_BEGIN.search(body, at):
        end = _UU_END.search(body, begin.end())
        until = end.start() if end else len(body)
        content = _uudecoded(body[begin.end() : until])
        at = end.end() if end else len(body)
        if content is not None:
            found.append((begin.group(1).strip(), content))
    return found


def _uudecoded(data: bytes) -> bytes | None:
    lines = []
    for line in data.splitlines():
        if not line or line in {b"`", b" "}:
            continue
        try:
            lines.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Some encoders count a last group too few; the length is in the first letter.
            size = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                lines.append(binascii.a2b_uu(line[:size]))
            except binascii.Error:
                return None
    return b"".join(lines)
