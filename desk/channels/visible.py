"""Bytes and texts from outside as text that is safe to show: nothing in it acts, nothing hides.

A terminal obeys control characters, and a page's text turns round at marks of direction; both are
shown as signs instead.
"""

from __future__ import annotations

import codecs
import unicodedata

_PICTURES = 0x2400
_DELETE, _DELETE_PICTURE = 0x7F, "\u2421"
# Controls, invisible marks (direction, zero width), halves of pairs, private use, line ends that
# are none everywhere.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def text(data: bytes, *, cut: bool = False) -> str:
    """Bytes as text of several lines; `cut` when they go on, perhaps inside a character."""
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
    found = decoder.decode(data, final=not cut).replace("\r\n", "\n")
    return "".join(sign if sign in "\n\t" else _shown(sign) for sign in found)


def line(found: str) -> str:
    """A text as one line."""
    return "".join(map(_shown, found))


def _shown(sign: str) -> str:
    number = ord(sign)
    if number < 0x20:
        return chr(_PICTURES + number)
    if number == _DELETE:
        return _DELETE_PICTURE
    if unicodedata.category(sign) in _HIDDEN:
        return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
    return sign
