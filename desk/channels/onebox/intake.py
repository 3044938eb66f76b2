"""Where boxes send their events: checked, stored raw, and only then answered with 200."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from django.core.cache import cache
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from desk.channels.errors import Unclear
from desk.channels.onebox import actions, reading
from desk.channels.onebox.models import Connection
from desk.web import edge

EVENT_BYTES_MAX = 256 * 1024
SECRET_MAX = 200
KEY_MAX = 200
# What one box may send, and how often one address may be wrong about the secret.
EVENTS_PER_MINUTE_MAX = 600
FORGED_PER_MINUTE_MAX = 30
MINUTE_SECONDS = 60


@csrf_exempt
@never_cache
@require_POST
def events(request: HttpRequest, connection_id: int) -> JsonResponse:
    """Take one event; 401 for whoever does not know the secret, and then nothing is stored."""
    at = edge.now()
    connection = Connection.objects.filter(pk=connection_id, removed_at=None).first()
    if connection is None or not _knows(request, connection):
        # The same for a connection that is not there: nobody finds out which there are.
        return _refused(request, connection_id, at)
    if _too_many(f"events:{connection_id}", EVENTS_PER_MINUTE_MAX, at):
        return _said(429, "too many events")
    if _announced(request) > EVENT_BYTES_MAX:
        return _said(413, "too big")
    raw = request.body
    if len(raw) > EVENT_BYTES_MAX:
        return _said(413, "too big")
    kind = request.headers.get("content-type", "")[:100]
    kept = actions.take_event(connection, raw, _name(raw, kind, connection), kind, at)
    return _said(200, "stored" if kept is not None else "known")


def _knows(request: HttpRequest, connection: Connection) -> bool:
    """Whether the secret came along: in a header, or in the address for boxes that send none."""
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    given = request.headers.get("x-desk-secret") or bearer or request.GET.get("secret", "")
    hashed = actions.hashed(given[:SECRET_MAX])
    return bool(given) and hmac.compare_digest(hashed, connection.secret_sha256)


def _name(raw: bytes, kind: str, connection: Connection) -> str:
    """The event's own id; what cannot be read is stored all the same."""
    try:
        return reading.event(raw, kind, connection.mapping).key[:KEY_MAX]
    except Unclear:
        return ""


def _announced(request: HttpRequest) -> int:
    text = request.headers.get("content-length", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _refused(request: HttpRequest, connection_id: int, at: datetime) -> JsonResponse:
    address = request.META.get("REMOTE_ADDR", "")
    if _too_many(f"forged:{connection_id}:{address}", FORGED_PER_MINUTE_MAX, at):
        return _said(429, "too many wrong secrets")
    return _said(401, "wrong secret")


def _too_many(name: str, most: int, at: datetime) -> bool:
    """Count one more in this minute, over all processes of the desk."""
    minute = int(at.timestamp()) // MINUTE_SECONDS
    digest = hashlib.sha256(name.encode()).hexdigest()[:32]
    key = f"onebox:{digest}:{minute}"
    cache.add(key, 0, 2 * MINUTE_SECONDS)
    try:
        return cache.incr(key) > most
    except ValueError:
        # It was swept away between the two: one more does not matter.
        return False


def _said(status: int, text: str) -> JsonResponse:
    answer = JsonResponse({"status": text}, status=status)
    if status == 429:
        answer["Retry-After"] = str(MINUTE_SECONDS)
    return answer
