"""Content-Type, Content-Disposition and their parameters, in every spelling (RFC 2045, 2231)."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from desk.channels.email.reading import charsets, words
from desk.channels.email.reading.limits import NAME_MAX, Problems

_PARAMETER = re.compile(
    rb""";\s*([^\s=;"]{1,100})\s*=\s*("(?:[^"\\]|\\.)*(?:"|$)|[^;]*)""",
    re.DOTALL,
)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_SECTION = re.compile(r"(.+?)\*(\d{1,4})(\*?)\Z")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>"|?*\u202a-\u202e\u2066-\u2069]')


def value_of(header: bytes | None) -> str:
    """What stands before the first parameter, in lower case and without comments."""
    plain = (header or b"").split(b";")[0].split(b"(")[0]
    return plain.decode("ascii", "replace").strip().strip("\"'").lower()


def media_type(header: bytes | None) -> str:
    """The type of a part such as "text/plain", or "" when it is absent or no type."""
    found = _TYPE.match(value_of(header).replace(" ", ""))
    return found.group(0) if found else ""


def raw_parameters(header: bytes | None) -> dict[str, bytes]:
    """Parameters by name in lower case, as they stand; the first of a name wins."""
    found: dict[str, bytes] = {}
    text = header or b""
    start = text.find(b";")
    for match in _PARAMETER.finditer(text, max(start, 0)) if start >= 0 else ():
        value = match.group(2).strip()
        if value.startswith(b'"'):
            value = _unquoted(value)
        found.setdefault(match.group(1).decode("ascii", "replace").lower(), value)
    return found


def text_of(
    raw: dict[str, bytes], name: str, problems: Problems, hint: str | None = None
) -> str | None:
    """A parameter as text: extended (RFC 2231), in sections, in encoded words, or raw; or None."""
    sections = _sections(raw, name)
    if sections:
        return _joined(sections, problems, hint)
    extended = raw.get(f"{name}*")
    if extended is not None:
        return _extended(extended, problems, hint)
    plain = raw.get(name)
    return None if plain is None else words.line(plain, problems, hint)


def file_name(text: str | None) -> str:
    """The last part of a path, without characters that files must not have; "" for none."""
    plain = re.split(r"[/\\]", text.strip())[-1] if text else ""
    plain = _UNSAFE.sub("", charsets.clean(plain)).strip().strip(".").strip() or ""
    if len(plain) <= NAME_MAX:
        return plain
    stem, dot, suffix = plain.rpartition(".")
    if not dot or len(suffix) > 20:
        return plain[:NAME_MAX]
    return f"{stem[: NAME_MAX - len(suffix) - 1]}.{suffix}"


def _unquoted(value: bytes) -> bytes:
    value = value[1:-1] if len(value) > 1 and value.endswith(b'"') else value[1:]
    return _ESCAPED.sub(rb"\1", value)


def _sections(raw: dict[str, bytes], name: str) -> list[tuple[int, bool, bytes]]:
    found = []
    for key, value in raw.items():
        match = _SECTION.match(key)
        if match and match.group(1) == name:
            found.append((int(match.group(2)), bool(match.group(3)), value))
    return sorted(found)


def _joined(sections: list[tuple[int, bool, bytes]], problems: Problems, hint: str | None) -> str:
    charset: str | None = None
    data = b""
    extended = False
    for index, (_, is_extended, value) in enumerate(sections):
        rest = value
        if is_extended and not index and value.count(b"'") >= 2:
            name, _, rest = value.split(b"'", 2)
            charset = name.decode("ascii", "replace")
        extended = extended or is_extended
        data += unquote_to_bytes(rest) if is_extended else rest
    if not extended or b"=?" in data:
        return words.line(data, problems, charset or hint)
    return charsets.decode(data, charset, problems, hint)


def _extended(value: bytes, problems: Problems, hint: str | None) -> str:
    charset = None
    if value.count(b"'") >= 2:
        name, _, value = value.split(b"'", 2)
        charset = name.decode("ascii", "replace")
    if b"=?" in value:
        return words.line(value, problems, hint)
    return charsets.decode(unquote_to_bytes(value), charset, problems, hint)
