"""Address fields (RFC 5322) as people and programs write them: groups, comments, bare names."""

from __future__ import annotations

import re

from desk.channels.email.reading import charsets, words
from desk.channels.email.reading.limits import PARTIES_MAX, Problems
from desk.channels.email.reading.shapes import Party

_PIECE = re.compile(
    r'"(?:[^"\\]|\\.)*"'  # quoted text
    r"|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)"  # a comment, with one more inside
    r"|<[^<>]*>?"  # an address in brackets
    r"|[,;:]"
    r'|[^",;:<(]+|.',
    re.DOTALL,
)
_BARE = re.compile(r"[^\s<>\"(),;:\[\]@]{1,128}@[^\s<>\"(),;:@]{1,255}")
_SPACE = re.compile(r"\s+")


def parties(value: bytes | None, problems: Problems, hint: str | None = None) -> tuple[Party, ...]:
    """Everybody named in a field, in its order; entries without name and address are left out."""
    if not value or not value.strip():
        return ()
    raw = _raw_text(value, problems, hint)
    found = [_party(entry, problems) for entry in _entries(raw)]
    named = [party for party in found if party.name or party.address]
    if not any("@" in party.address for party in named) and "=?" in raw:
        # The whole field sits in encoded words, brackets and all.
        whole = words.line(value, problems, hint)
        again = [_party(entry, problems) for entry in _entries(whole)]
        if any("@" in party.address for party in again):
            named = [party for party in again if party.name or party.address]
    if len(named) > PARTIES_MAX:
        problems.note(f"More than {PARTIES_MAX} addresses in a field; the rest is left out.")
    return tuple(named[:PARTIES_MAX])


def sender(found: tuple[Party, ...]) -> Party | None:
    """The first with an address, else the first."""
    return next((party for party in found if "@" in party.address), found[0] if found else None)


def _raw_text(value: bytes, problems: Problems, hint: str | None) -> str:
    """Text in which encoded words still stand, since they may hide commas and brackets."""
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii").replace("\0", "")
    return charsets.decode(value, None, problems, hint)


def _entries(raw: str) -> list[list[str]]:
    """Tokens of each address; a group's name is dropped, its members stay."""
    entries: list[list[str]] = [[]]
    for piece in _PIECE.findall(raw):
        if piece == ":" and not any(part.startswith("<") for part in entries[-1]):
            entries[-1] = []
        elif piece in {",", ";"}:
            entries.append([])
        else:
            entries[-1].append(piece)
    return [entry for entry in entries if "".join(entry).strip()]


def _party(tokens: list[str], problems: Problems) -> Party:
    brackets = [token for token in tokens if token.startswith("<")]
    comments = [token[1:-1] for token in tokens if token.startswith("(") and token.endswith(")")]
    address = _address(brackets[-1].strip("<>")) if brackets else ""
    rest = [t for t in tokens if t not in brackets and not (t.startswith("(") and t.endswith(")"))]
    name = "".join(_unquoted(token) for token in rest).strip()
    if not address and "@" in name:
        found = _BARE.search(name) or _BARE.search("".join(rest))
        if found:
            address = _address(found.group(0))
            name = name.replace(found.group(0), "").strip()
    elif not address and not comments and name and not brackets and " " not in name:
        # A local name such as MAILER-DAEMON.
        return (
            Party(name="", address=_address(name)) if "=?" not in name else _named(name, problems)
        )
    elif not address and comments and name and not brackets:
        address, name = _address(name), ""
    name = name or " ".join(comments)
    text = words.line(name.encode("utf-8", "replace"), problems)
    return Party(name=_SPACE.sub(" ", text).strip(" '\""), address=address)


def _named(name: str, problems: Problems) -> Party:
    return Party(name=words.line(name.encode("utf-8", "replace"), problems), address="")


def _unquoted(token: str) -> str:
    if len(token) > 1 and token.startswith('"') and token.endswith('"'):
        return re.sub(r"\\(.)", r"\1", token[1:-1])
    return token


def _address(text: str) -> str:
    plain = charsets.clean(_SPACE.sub("", text)).strip("<>'\"")
    plain = plain.removeprefix("mailto:")
    if plain.startswith("@") and ":" in plain:
        # A source route: @one,@two:name@host.
        plain = plain.split(":", 1)[1]
    return plain.rstrip(".,;").lower()
