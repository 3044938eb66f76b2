"""Who is let in: a valid token, that has calls left in its window; and for what: its scopes."""

from __future__ import annotations

import re
from datetime import datetime
from typing import ClassVar

from django.http import HttpRequest

from desk.channels.api import actions, calls
from desk.channels.api.actions import RATE_MAX, RATE_WINDOW_SECONDS, Admitted
from desk.channels.api.calls import Call
from desk.channels.api.problems import Problem
from desk.channels.api.scopes import Scope

JSON = "application/json"
FORM = "multipart/form-data"
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="desk"'}
REFUSED = {"WWW-Authenticate": 'Bearer realm="desk", error="invalid_token"'}
SECRET_MAX = 200
KEY_FORM = re.compile(r"[\x21-\x7e]{1,255}")
# With quotation marks, as the standard has it, or without, as many programs send it.
ETAG_FORM = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')


def admit(request: HttpRequest, at: datetime) -> Admitted:
    """The token of a request. Raises `Problem`."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise Problem("token-missing", headers=CHALLENGE)
    if len(secret) > SECRET_MAX:
        raise Problem("token-invalid", headers=REFUSED)
    found = actions.admit(secret.strip(), at)
    if found is None:
        raise Problem("token-invalid", headers=REFUSED)
    return found


def called(request: HttpRequest, admitted: Admitted, at: datetime) -> Call:
    """The call that a request is. Raises `Problem` for a key or version that is none."""
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST":
        key = None
    if key is not None and not KEY_FORM.fullmatch(key):
        raise Problem("malformed", "Idempotency-Key: 1–255 visible ASCII characters.")
    version = None
    expected = request.headers.get("If-Match", "*").strip()
    if expected != "*":
        read = ETAG_FORM.fullmatch(expected)
        if read is None:
            raise Problem("malformed", 'If-Match: the ETag of a ticket, as "7".')
        version = int(read[1])
    return Call(admitted, at, key, version)


def rate(admitted: Admitted, at: datetime) -> dict[str, str]:
    """The headers that tell how many calls are left: the draft standard's, and those that many
    clients know already."""
    left = max(RATE_MAX - admitted.count, 0)
    rest = RATE_WINDOW_SECONDS - int(at.timestamp()) % RATE_WINDOW_SECONDS
    return {
        "RateLimit-Policy": f'"token";q={RATE_MAX};w={RATE_WINDOW_SECONDS}',
        "RateLimit": f'"token";r={left};t={rest}',
        "X-RateLimit-Limit": str(RATE_MAX),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": str(int(at.timestamp()) + rest),
    }


def refuse_too_many(admitted: Admitted, at: datetime) -> None:
    """Raises `Problem` when the calls of this window are used up."""
    if admitted.count > RATE_MAX:
        rest = RATE_WINDOW_SECONDS - int(at.timestamp()) % RATE_WINDOW_SECONDS
        raise Problem("too-many-requests", headers={"Retry-After": str(rest)})


class Needs:
    """The framework asks this before it looks at a body: has the token the scope, and is the body
    of the right kind?"""

    openapi_security_schema: ClassVar[dict[str, str]] = {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of a person or of a partner's integration, as `desk_…`.",
    }

    def __init__(self, scope: Scope | None, media: str = JSON) -> None:
        self.scope, self.media = scope, media

    def __call__(self, request: HttpRequest) -> Call:
        call = calls.of(request)
        if self.scope is not None and self.scope not in call.admitted.scopes:
            raise Problem("scope-missing", more={"scope": self.scope.value})
        if self._has_body(request) and request.content_type != self.media:
            raise Problem("wrong-media-type", more={"accepted": self.media})
        return call

    @staticmethod
    def _has_body(request: HttpRequest) -> bool:
        if request.method not in ("POST", "PUT", "PATCH"):
            return False
        return bool(request.content_type) or request.headers.get("Content-Length", "0") != "0"
