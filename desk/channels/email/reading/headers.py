"""Header lines: found in bytes, unfolded, and asked for by name. Nothing is decoded here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from desk.channels.email.reading.limits import (
    HEADER_BYTES_MAX,
    HEADER_VALUE_MAX,
    HEADERS_MAX,
    Problems,
)

_NAME = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_BLANK = re.compile(rb"(?:\A|\n)\r*(?:\n|\Z)")
_ENVELOPE = re.compile(rb"\A>?From (?!:)[^\n]*\n")
_FOLD = re.compile(rb"[\r\n]+[ \t]*|\t")


@dataclass(frozen=True, slots=True)
class Headers:
    """Fields in their order, names in lower case, values raw and unfolded."""

    fields: tuple[tuple[str, bytes], ...]

    def first(self, name: str) -> bytes | None:
        """The first field of that name that says something; else an empty one; else None."""
        found = self.all(name)
        return next((value for value in found if value.strip()), found[0] if found else None)

    def all(self, name: str) -> list[bytes]:
        """All fields of that name, from the top."""
        return [value for key, value in self.fields if key == name]

    def text(self, name: str) -> str:
        """A field that is ASCII by its grammar; other bytes are marked, "" when absent."""
        return (self.first(name) or b"").decode("ascii", "replace").strip()

    def has(self, name: str) -> bool:
        """Whether a field of that name is there, even an empty one."""
        return any(key == name for key, _ in self.fields)


def split(raw: bytes, problems: Problems) -> tuple[Headers, bytes]:
    """Divide a message or part into its headers and its body.

    A block of lines that holds no field at all is a body without headers. A line that is no
    field inside the block is left out; when nothing but such lines follows, the body began there.
    """
    if raw.startswith((b"\n", b"\r\n")):
        return Headers(()), raw[1:] if raw.startswith(b"\n") else raw[2:]
    blank = _BLANK.search(raw)
    end, start = (blank.start(), blank.end()) if blank else (len(raw), len(raw))
    if end > HEADER_BYTES_MAX:
        problems.note(
            f"The headers are longer than {HEADER_BYTES_MAX} bytes; the rest is left out."
        )
        end = HEADER_BYTES_MAX
    fields, rest = _fields(raw[:end], problems)
    if rest is None:
        return Headers(fields), raw[start:]
    problems.note("The body follows the headers without an empty line.")
    return Headers(fields), raw[rest:]


def without_envelope(raw: bytes) -> bytes:
    """Take off what is not of the message: a byte order mark, empty lines, an mbox From line."""
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    return _ENVELOPE.sub(b"", raw, count=1)


def _fields(block: bytes, problems: Problems) -> tuple[tuple[tuple[str, bytes], ...], int | None]:
    """The fields, and where a body without an empty line before it begins, if it does."""
    found: list[tuple[str, list[bytes]]] = []
    strays: int | None = None
    at = 0
    for line in block.split(b"\n"):
        name = _NAME.match(line)
        if line[:1] in (b" ", b"\t") and found:
            found[-1][1].append(line)
        elif name and len(found) < HEADERS_MAX:
            strays = None
            found.append((name.group(1).decode("ascii").lower(), [line[name.end() :]]))
        elif name:
            problems.note(f"More than {HEADERS_MAX} header fields; the rest is left out.")
            break
        elif line.strip():
            strays = at if strays is None else strays
        at += len(line) + 1
    return tuple((name, _unfolded(lines, problems)) for name, lines in found), strays


def _unfolded(lines: list[bytes], problems: Problems) -> bytes:
    value = b"\n".join(lines)
    if len(value) > HEADER_VALUE_MAX:
        problems.note(
            f"A header field is longer than {HEADER_VALUE_MAX} bytes; its end is left out."
        )
        value = value[:HEADER_VALUE_MAX]
    # Folding before a tab counts as the one space that it stands for.
    return _FOLD.sub(b" ", value).strip()
