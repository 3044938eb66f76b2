"""Writing what happened, once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from django.db import connection

from desk.journal import queries
from desk.journal.cause import Cause
from desk.journal.models import Entry, Pending

_WRITE = """
    WITH written AS (
        INSERT INTO journal_entry
            (at, by, verb, subject, partner_id, channel, facts, key, digest, parent_id)
        VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s)
        RETURNING id, recorded_at),
    waiting AS (INSERT INTO journal_pending (entry_id) SELECT id FROM written)
    SELECT id, recorded_at FROM written
"""


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
    entry = Entry(
        at=cause.at,
        by=cause.by,
        verb=str(verb),
        subject=subject,
        partner_id=partner_id,
        channel=cause.channel,
        facts=dict(facts),
        key=cause.key,
        digest=digest(subject, content) if cause.key else "",
        parent_id=cause.parent,
    )
    _write(entry)
    return entry


def _write(entry: Entry) -> None:
    """Both rows in one statement: every action of the desk comes through here."""
    columns = (entry.at, entry.by, entry.verb, entry.subject, entry.partner_id, entry.channel)
    facts = json.dumps(entry.facts)
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [*columns, facts, entry.key, entry.digest, entry.parent_id])
        entry.pk, entry.recorded_at = cursor.fetchone()
    entry._state.adding, entry._state.db = False, connection.alias


def relayed(entry_ids: Iterable[int]) -> None:
    """The relay has passed these entries on."""
    Pending.objects.filter(entry__in=list(entry_ids)).delete()


def relay_again(entry: Entry) -> None:
    """Let the relay pass an entry on once more."""
    Pending.objects.get_or_create(entry=entry)
