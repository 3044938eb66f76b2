"""From bytes to a Mail, in one go that never raises."""

from __future__ import annotations

import hashlib
import re

from desk.channels.email.reading import (
    addresses,
    automatic,
    bodies,
    bounces,
    charsets,
    cyrillic,
    dates,
    headers,
    parts,
    replies,
    safe_html,
    words,
)
from desk.channels.email.reading.headers import Headers
from desk.channels.email.reading.limits import ID_MAX, REFERENCES_MAX, SUBJECT_MAX, Problems
from desk.channels.email.reading.parts import Part
from desk.channels.email.reading.shapes import BOUNCE, Mail, Party

_ID = re.compile(r"<([^<>]+)>")
_BARE_ID = re.compile(r"[^\s<>,;\"@]{1,250}@[^\s<>,;\"@]{1,250}")


def read(raw: bytes) -> Mail:
    """Read a mail, whatever the bytes; what could not be read is in `problems`."""
    problems = Problems()
    digest = hashlib.sha256(raw).hexdigest()
    try:
        return _read(raw, digest, problems)
    except Exception as broken:  # noqa: BLE001 - a mail must not stop those behind it
        problems.note(f"The mail cannot be read ({type(broken).__name__}); it is kept as it came.")
        return _unread(raw, digest, problems)


def _read(raw: bytes, digest: str, problems: Problems) -> Mail:
    message = _with_line_ends(headers.without_envelope(raw))
    if not message.strip():
        problems.note("The mail is empty.")
    root = parts.read(message, problems)
    hint = _hint(root)
    content = bodies.collect(root, problems, hint)
    found = root.headers
    sender = _sender(found, problems, hint)
    subject = words.line(found.first("subject"), problems, hint)[:SUBJECT_MAX]
    bounce = bounces.read(root, sender, subject)
    return Mail(
        message_id=_first_id(found, "message-id"),
        in_reply_to=_first_id(found, "in-reply-to"),
        references=_ids(b" ".join(found.all("references")))[-REFERENCES_MAX:],
        sender=sender,
        to=_parties(found, "to", problems, hint),
        cc=_parties(found, "cc", problems, hint),
        subject=subject,
        date=dates.of(found.text("date"), problems),
        automatic=BOUNCE if bounce else automatic.kind(root, sender, subject),
        bounce=bounce,
        text=content.text,
        reply_text=replies.reply(content.text),
        html=safe_html.safe(content.html, problems),
        attachments=tuple(content.attachments),
        raw_sha256=digest,
        return_path=_return_path(found, problems),
        reply_to=_parties(found, "reply-to", problems, hint),
        delivered_to=_delivered_to(found, problems),
        list_id=words.line(found.first("list-id"), problems) if found.has("list-id") else None,
        auto_submitted=charsets.clean(found.text("auto-submitted")) or None,
        authentication_results=tuple(
            words.line(value, problems) for value in found.all("authentication-results")
        ),
        problems=problems.all(),
    )


def _with_line_ends(raw: bytes) -> bytes:
    """Old Macs ended lines with CR alone; nothing else knows such lines."""
    if b"\r" in raw and b"\n" not in raw:
        return raw.replace(b"\r", b"\n")
    return raw


def _hint(root: Part) -> str | None:
    """The charset of the body, declared or guessed, for headers that name none."""
    for part in root.walk():
        if part.charset:
            return part.charset
        if part.type.startswith("text/") and not part.body.isascii():
            return cyrillic.guess(part.body)
    return None


def _sender(found: Headers, problems: Problems, hint: str | None) -> Party:
    """Who the mail claims to be from; a From without an address gets that of the next best."""
    fallback: Party | None = None
    for name in ("from", "reply-to", "sender", "return-path"):
        for value in found.all(name):
            party = addresses.sender(addresses.parties(value, problems, hint))
            if party is None:
                continue
            if "@" not in party.address:
                fallback = fallback or party
                continue
            if name == "from":
                return party
            problems.note(f"From holds no address; taken from {name.title()}.")
            return Party(fallback.name if fallback else party.name, party.address)
    if fallback is None:
        problems.note("The mail does not say who it is from.")
    return fallback or Party("", "")


def _parties(found: Headers, name: str, problems: Problems, hint: str | None) -> tuple[Party, ...]:
    return addresses.parties(b", ".join(found.all(name)), problems, hint)


def _first_id(found: Headers, name: str) -> str:
    ids = _ids(found.first(name) or b"")
    return ids[0] if ids else ""


def _ids(value: bytes) -> tuple[str, ...]:
    text = charsets.clean(value.decode("utf-8", "replace"))
    ids = [re.sub(r"\s+", "", i) for i in _ID.findall(text)] or _BARE_ID.findall(text)
    if not ids and text.strip("<> \t"):
        ids = [text.strip("<> \t").split()[0]]
    return tuple(dict.fromkeys(i for i in ids if i and len(i) <= ID_MAX))


def _return_path(found: Headers, problems: Problems) -> str | None:
    """The envelope's sender: None when unknown, "" for the null path of automatic mail."""
    value = found.first("return-path")
    if value is None:
        return None
    party = addresses.sender(addresses.parties(value, problems))
    return party.address if party else ""


def _delivered_to(found: Headers, problems: Problems) -> tuple[str, ...]:
    values = [
        v for name in ("delivered-to", "x-original-to", "envelope-to") for v in found.all(name)
    ]
    return tuple(
        dict.fromkeys(party.address for v in values for party in addresses.parties(v, problems))
    )


def _unread(raw: bytes, digest: str, problems: Problems) -> Mail:
    return Mail(
        message_id="",
        in_reply_to="",
        references=(),
        sender=Party("", ""),
        to=(),
        cc=(),
        subject="",
        date=None,
        automatic=None,
        bounce=None,
        text=charsets.clean(raw[:100_000].decode("utf-8", "replace")),
        reply_text="",
        html=None,
        attachments=(),
        raw_sha256=digest,
        problems=problems.all(),
    )
