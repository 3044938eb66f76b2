"""Whether a request comes from the exchange that it names."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from ipaddress import ip_address, ip_network

from desk.channels.phone.payload import Payload

WINDOW_SECONDS = 300
_ZADARMA: dict[str, tuple[str, ...]] = {
    "NOTIFY_START": ("caller_id", "called_did", "call_start"),
    "NOTIFY_INTERNAL": ("caller_id", "called_did", "call_start"),
    "NOTIFY_END": ("caller_id", "called_did", "call_start"),
    "NOTIFY_ANSWER": ("caller_id", "destination", "call_start"),
    "NOTIFY_OUT_START": ("internal", "destination", "call_start"),
    "NOTIFY_OUT_END": ("internal", "destination", "call_start"),
    "NOTIFY_RECORD": ("pbx_call_id", "call_id_with_rec"),
}


def from_network(address: str, networks: Iterable[str]) -> bool:
    """Whether the connection's own address lies in an allowed network (Binotel does not sign).
    Never pass a header that a client can write."""
    try:
        return any(ip_address(address) in ip_network(each, strict=False) for each in networks)
    except ValueError:
        return False


def zadarma(payload: Payload, signature: str, secret: str) -> bool:
    """base64 of the hexadecimal HMAC-SHA1 over the fields that the event is signed by."""
    fields = _ZADARMA.get(str(payload.get("event", "")))
    if fields is None or not secret:
        return False
    text = "".join(str(payload.get(name, "")) for name in fields)
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha1).hexdigest()
    return _same(base64.b64encode(digest.encode()).decode(), signature)


def generic(body: bytes, signature: str, timestamp: str, secret: str, at: datetime) -> bool:
    """Hexadecimal HMAC-SHA256 over "<timestamp>.<body>", at most five minutes old or ahead. The
    same body within the window is stored once by the inbox: a replay does nothing."""
    if not secret or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(at.timestamp() - int(timestamp)) > WINDOW_SECONDS:
        return False
    text = timestamp.encode() + b"." + body
    return _same(hmac.new(secret.encode(), text, hashlib.sha256).hexdigest(), signature)


def shared(given: str, secret: str) -> bool:
    """The secret itself, in the address that only the exchange was told (Phonet and Ringostat
    sign nothing)."""
    return bool(secret) and _same(secret, given)


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
