"""Proof of what came in: its bytes are still those that were stored."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from desk.lib.findings import Finding

# Of one arrival at a time, in the database: the bytes never travel.
CHANGED = """
    SELECT id FROM channels_arrival
    WHERE forgotten_at IS NULL AND encode(sha256(raw), 'hex') <> sha256 ORDER BY id
"""


def check() -> Iterator[Finding]:
    """Arrivals whose bytes are not those that came."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGED)
        for (number,) in cursor.fetchall():
            sentence = "its bytes are not those that came in"
            yield Finding("arrival_changed", f"arrival:{number}", sentence)
