"""Reading tokens and stored answers."""

from __future__ import annotations

import hashlib
import json

from django.db import connection
from django.db.models import QuerySet

from desk.channels.api.models import StoredAnswer, Token

# The lock ends with the transaction. The answer is looked up before the lock is known to be ours,
# in one round trip; `idempotency.Raced` closes the gap.
_CLAIM = """
    SELECT held.ours, answer.request_sha256, answer.status, answer.headers, answer.body
    FROM (SELECT pg_try_advisory_xact_lock(%s) AS ours) held
    LEFT JOIN api_storedanswer answer ON answer.token_id = %s AND answer.key = %s
"""


def claimed(token_id: int, key: str) -> tuple[bool, StoredAnswer | None]:
    """Try to be the one who carries out a key, until the end of the transaction; and the answer
    that was given under it before."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [_number(token_id, key), token_id, key])
        ours, sha256, status, headers, body = cursor.fetchone()
    if sha256 is None:
        return bool(ours), None
    known = StoredAnswer(
        token_id=token_id,
        key=key,
        request_sha256=sha256,
        status=status,
        headers=json.loads(headers) if isinstance(headers, str) else headers,
        body=body,
    )
    return bool(ours), known


def tokens_of(person_id: int) -> QuerySet[Token]:
    """A person's own tokens, the newest first, revoked ones too."""
    return Token.objects.filter(person=person_id, partner=None).order_by("-id")


def tokens_of_partner(partner_id: int) -> QuerySet[Token]:
    """The tokens of a partner's integrations, the newest first, revoked ones too."""
    return Token.objects.filter(partner=partner_id).select_related("person").order_by("-id")


def _number(token_id: int, key: str) -> int:
    """A key as PostgreSQL's locks know it: 64 bits with a sign."""
    digest = hashlib.sha256(f"api {token_id} {key}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
