"""Signatures by the Standard Webhooks specification (version 1, symmetric).

https://www.standardwebhooks.com: the text "id.timestamp.body" is signed with HMAC-SHA256; the
secret is shown as "whsec_" and Base64. During a rotation there is one signature for each secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """A secret as it is shown to the receiver."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(keys: Iterable[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a delivery at `at`; `keys` are the secrets that are valid then."""
    stamp = str(int(at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(sign(key, message_id, stamp, body) for key in keys),
    }


def sign(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """One signature, "v1,…"."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"
