"""The tree of parts of a mail, from bytes that may break every rule of MIME."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from desk.channels.email.reading import headers, parameters, transfer
from desk.channels.email.reading.headers import Headers
from desk.channels.email.reading.limits import DEPTH_MAX, MESSAGE_DEPTH, PARTS_MAX, Problems

_NEW_LINE, _RETURN = b"\n\r"
_LINE_END = re.compile(rb"(?:\r*\n)?")
_GUESSED = re.compile(rb"(?:\A|\n)--([^\s-][^\r\n]{0,200}?)[ \t]*\r?\nContent-", re.IGNORECASE)


@dataclass(slots=True)
class Part:
    """A part with its headers; `body` is still encoded, a multipart has `children` instead."""

    headers: Headers
    type: str
    parameters: dict[str, bytes]
    disposition: str
    disposition_parameters: dict[str, bytes]
    body: bytes
    children: list[Part] = field(default_factory=list)

    @property
    def charset(self) -> str | None:
        """The declared charset, or None."""
        found = self.parameters.get("charset") or self.parameters.get("charset*")
        return found.decode("ascii", "replace").rpartition("'")[2].strip() if found else None

    def content(self, problems: Problems) -> bytes:
        """The body without its transfer encoding."""
        encoding = self.headers.text("content-transfer-encoding")
        content = transfer.decode(self.body, encoding, problems)
        if self.type.startswith("text/") and content is self.body and encoding.lower() != "binary":
            # Text has CRLF on the way only; where it was written its lines ended as here.
            return content.replace(b"\r\n", b"\n")
        return content

    def walk(self) -> Iterator[Part]:
        """This part and all below it, in their order."""
        yield self
        for child in self.children:
            yield from child.walk()


class Reader:
    """Reads one message into parts, and counts them on the way."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.count = 0
        self.left_out = 0

    def read(self, raw: bytes, depth: int = 0, default: str = "text/plain") -> Part:
        """Read a message or part; `default` is the type of one that does not say."""
        self.count += 1
        found, body = headers.split(raw, self.problems)
        part = _part(found, body, default)
        if part.type.startswith("multipart/"):
            self._multipart(part, depth)
        elif part.type in {"message/rfc822", "message/global"} and depth < DEPTH_MAX:
            inner = part.content(self.problems)
            part.children = [self.read(headers.without_envelope(inner), depth + MESSAGE_DEPTH)]
        elif part.type.startswith("message/rfc822") or part.type == "message/global":
            self.problems.note(f"Parts lie deeper than {DEPTH_MAX}; the inner ones stay packed.")
        return part

    def _multipart(self, part: Part, depth: int) -> None:
        pieces = self._pieces(part)
        if not pieces:
            self.problems.note("A multipart has no parts; its body is read as text.")
            part.type = "text/plain"
            return
        if depth >= DEPTH_MAX:
            self.problems.note(f"Parts lie deeper than {DEPTH_MAX}; the inner ones are left out.")
            return
        default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        for piece in pieces:
            if self.count >= PARTS_MAX:
                self.left_out += 1
                continue
            part.children.append(self.read(piece, depth + 1, default))

    def _pieces(self, part: Part) -> list[bytes]:
        boundary = part.parameters.get("boundary", b"").strip()
        pieces = _split(part.body, boundary, self.problems) if boundary else []
        if pieces:
            return pieces
        guessed = _GUESSED.search(part.body)
        if not guessed:
            return []
        self.problems.note("The boundary of a multipart is missing or wrong; found in its body.")
        return _split(part.body, guessed.group(1), self.problems)


def read(raw: bytes, problems: Problems) -> Part:
    """Read a whole message."""
    reader = Reader(problems)
    part = reader.read(raw)
    if reader.left_out:
        problems.note(f"{reader.left_out} parts beyond the first {PARTS_MAX} are left out.")
    return part


def _part(found: Headers, body: bytes, default: str) -> Part:
    content_type = found.first("content-type")
    disposition = found.first("content-disposition")
    return Part(
        headers=found,
        type=parameters.media_type(content_type) or default,
        parameters=parameters.raw_parameters(content_type),
        disposition=parameters.value_of(disposition),
        disposition_parameters=parameters.raw_parameters(disposition),
        body=body,
    )


def _split(body: bytes, boundary: bytes, problems: Problems) -> list[bytes]:
    """The bodies between delimiter lines. What stands before the first and after the last is none.

    The line end before a delimiter belongs to the delimiter (RFC 2046, 5.1.1).
    """
    pieces = []
    start: int | None = None
    for mark in _delimiters(body, boundary):
        closes = bool(mark.group(1))
        if closes and _declared_inside(body[: mark.start()], boundary + b"--"):
            continue
        if start is not None:
            pieces.append(_piece(body, start, mark.start()))
        if closes:
            return pieces
        start = mark.end()
    if start is not None:
        problems.note("The last boundary of a multipart is missing; it may be cut off.")
        pieces.append(_piece(body, start, len(body)))
    return pieces


def _delimiters(body: bytes, boundary: bytes) -> Iterator[re.Match[bytes]]:
    """Lines of the boundary alone; `find` passes over a big attachment faster than a pattern."""
    line = re.compile(rb"--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r*\n|\r*\Z)")
    at = body.find(b"--" + boundary)
    while at >= 0:
        found = line.match(body, at) if at == 0 or body[at - 1] == _NEW_LINE else None
        if found:
            yield found
        at = body.find(b"--" + boundary, found.end() if found else at + 1)


def _piece(body: bytes, start: int, end: int) -> bytes:
    """Without the line end of the delimiter above, and that which belongs to the one below."""
    if end < len(body) and body[end - 1] == _NEW_LINE:
        end -= 2 if body[max(0, end - 2)] == _RETURN else 1
    start = _LINE_END.match(body, start).end()  # type: ignore[union-attr]
    return body[start : max(start, end)]


def _declared_inside(body: bytes, boundary: bytes) -> bool:
    """Whether what looks like the end is the delimiter of a part inside."""
    return bool(re.search(rb"boundary\s*=\s*\"?" + re.escape(boundary) + rb"[\"\s;]", body))
