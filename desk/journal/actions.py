"""Writing what happened, once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from desk.journal import queries
from desk.journal.cause import Cause
from desk.journal.models import Entry, Pending


class KeyReused(Exception):
    """An idempotency key came again with another content (L3)."""


def digest(subject: str, content: Mapping[str, object]) -> str:
    """What a key stands for: repeated with another digest it is refused."""
    text = json.dumps([subject, content], sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def earlier(cause: Cause, subject: str, content: Mapping[str, object]) -> Entry | None:
    """The entry this cause already made, or None. Raises `KeyReused` for another content.

    `content` names the deed and its input ("verb" among them). Call it under the subject's lock:
    the unique key refuses the race that is left.
    """
    if cause.key is None:
        return None
    entry = queries.by_key(cause.key)
    if entry is not None and entry.digest != digest(subject, content):
        raise KeyReused(cause.key)
    return entry


def repeated(cause: Cause, content: Mapping[str, object]) -> Entry | None:
    """`earlier` for a deed that makes its own subject, which the caller cannot name yet."""
    entry = queries.by_key(cause.key) if cause.key else None
    return entry and earlier(cause, entry.subject, content)


def record(
    cause: Cause,
    verb: str,
    subject: str,
    facts: Mapping[str, object],
    partner_id: int | None = None,
    content: Mapping[str, object] | None = None,
) -> Entry:
    """Write one entry and the row that lets the relay find it, in the caller's transaction.

    `facts` is JSON: identifiers as numbers, instants as ISO strings, no personal names.
    `content` is what the idempotency key stands for (see `earlier`); without it, verb and facts.
    """
    content = {"verb": verb, **facts} if content is None else content
    entry = Entry.objects.create(
        at=cause.at,
        by=cause.by,
        verb=verb,
        subject=subject,
        partner_id=partner_id,
        channel=cause.channel,
        facts=dict(facts),
        key=cause.key,
        digest=digest(subject, content) if cause.key else "",
        parent_id=cause.parent,
    )
    Pending.objects.create(entry=entry)
    return entry


def relayed(entry_ids: Iterable[int]) -> None:
    """The relay has passed these entries on."""
    Pending.objects.filter(entry__in=list(entry_ids)).delete()


def relay_again(entry: Entry) -> None:
    """Let the relay pass an entry on once more."""
    Pending.objects.get_or_create(entry=entry)
