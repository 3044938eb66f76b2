"""Header values as text: encoded words (RFC 2047) and raw eight-bit letters, mixed at will."""

from __future__ import annotations

import binascii
import re
import string
from binascii import a2b_base64

from desk.channels.email.reading import charsets
from desk.channels.email.reading.limits import Problems

_WORD = re.compile(rb"=\?([^?\s]{0,60})\?([BbQq])\?([^?]*(?:\?(?!=)[^?]*)*?)\?=")
_NOT_BASE64 = bytes(set(range(256)) - set(string.ascii_letters.encode() + b"0123456789+/="))
_PADDED = re.compile(rb"([^=]++)(=*+)")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# They turn the direction of what follows, far beyond the value that holds them.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")


def decode(value: bytes, problems: Problems, hint: str | None = None) -> str:
    """Decode a header value. `hint` is the charset of the body, for raw letters without a name."""
    if b"=?" not in value:
        return charsets.decode(value, None, problems, hint)
    pieces: list[str] = []
    waiting: list[bytes] = []
    charset = ""
    at = 0
    for found in _WORD.finditer(value):
        between = value[at : found.start()]
        name = found.group(1).split(b"*")[0].decode("ascii", "replace").lower()
        if waiting and (between.strip() or name != charset):
            pieces.append(charsets.decode(b"".join(waiting), charset, problems, hint))
            waiting = []
        if between.strip() or (not pieces and not waiting):
            pieces.append(charsets.decode(between, None, problems, hint))
        charset = name
        waiting.append(_payload(found.group(2), found.group(3)))
        at = found.end()
    if waiting:
        # Words of one charset are joined before decoding: some are cut within a character.
        pieces.append(charsets.decode(b"".join(waiting), charset, problems, hint))
    pieces.append(charsets.decode(value[at:], None, problems, hint))
    return "".join(pieces)


def line(value: bytes | None, problems: Problems, hint: str | None = None) -> str:
    """Decode a value that stands on one line: without control characters and outer spaces."""
    text = decode(value or b"", problems, hint)
    return (
        text.strip()
        if text.isprintable()
        else _TURNING.sub("", _CONTROLS.sub(_plain, text)).strip()
    )


def base64(data: bytes) -> bytes:
    """Decode what can be decoded; garbage between and a missing end do no harm.

    Some programs encode line by line, so that padding stands within; lists hang a footer behind
    the padding. What follows it counts as long as it comes in whole groups of four.
    """
    data = data.translate(None, _NOT_BASE64)
    if b"=" not in data.rstrip(b"="):
        return _decoded(data.rstrip(b"="))
    done: list[bytes] = []
    for piece in _PADDED.finditer(data):
        if done and len(piece.group(0)) % 4:
            break
        done.append(_decoded(piece.group(1)))
    return b"".join(done)


def _decoded(data: bytes) -> bytes:
    # A single letter over is half a byte, which says nothing.
    data = data[: len(data) - (len(data) % 4 == 1)]
    try:
        return a2b_base64(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return b""


def _payload(encoding: bytes, data: bytes) -> bytes:
    if encoding in b"Bb":
        return base64(data)
    return _HEX.sub(lambda m: bytes((int(m.group(1), 16),)), data.replace(b"_", b" "))


def _plain(found: re.Match[str]) -> str:
    # Line ends and tabs part words; other control characters part nothing.
    return " " if found.group(0) in "\t\n\v\f\r\x85\u2028\u2029" else ""
