"""A POST with an Idempotency-Key is done once, however often it is sent.

The deed and its answer commit together. Whoever repeats the call gets the stored answer; another
content under the same key is refused; while the first one is still at work, a second one is told
to wait. Refusals are not stored: nothing was done, so the same key may be tried again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from desk.channels.api import actions, queries
from desk.channels.api.calls import Call
from desk.channels.api.models import StoredAnswer
from desk.channels.api.problems import Problem

REPLAYED = "Idempotency-Replayed"
# Headers of an answer that belong to it, and are given again.
KEPT = ("Content-Type", "ETag", "Location")
RETRY_SECONDS = "1"
RACES_MAX = 3

Run = Callable[[], HttpResponse]


class Raced(Exception):
    """Another call under this key committed in the very moment between our look and our lock."""


def once(request: HttpRequest, call: Call, run: Run, *, stepwise: bool = False) -> HttpResponse:
    """The answer of `run`, or the one it gave when it was called before.

    `stepwise`: many deeds, each of which commits by itself under a key of its own, so that a long
    call holds no lock; called again after a fault it goes on where it was.
    """
    if call.key is None:
        return run()
    fingerprint = _fingerprint(request)
    if stepwise:
        return _by_steps(call, call.key, fingerprint, run)
    for _attempt in range(RACES_MAX):
        try:
            with transaction.atomic():
                return _once(call, call.key, fingerprint, run)
        except Raced:
            continue
    raise Problem("in-flight", headers={"Retry-After": RETRY_SECONDS})


def _once(call: Call, key: str, fingerprint: str, run: Run) -> HttpResponse:
    token_id = call.admitted.token_id
    held, known = queries.claimed(token_id, key)
    if known is not None:
        return _given_again(known, fingerprint)
    if not held:
        raise Problem("in-flight", headers={"Retry-After": RETRY_SECONDS})
    response = run()
    if not _kept(call, key, fingerprint, response):
        raise Raced
    return response


def _by_steps(call: Call, key: str, fingerprint: str, run: Run) -> HttpResponse:
    _, known = queries.claimed(call.admitted.token_id, key)
    if known is not None:
        return _given_again(known, fingerprint)
    response = run()
    if not _kept(call, key, fingerprint, response):
        _, known = queries.claimed(call.admitted.token_id, key)
        assert known is not None, "an answer is only forgotten after days"
        return _given_again(known, fingerprint)
    return response


def _kept(call: Call, key: str, fingerprint: str, response: HttpResponse) -> bool:
    answer = StoredAnswer(
        token_id=call.admitted.token_id,
        key=key,
        request_sha256=fingerprint,
        status=response.status_code,
        headers={name: response[name] for name in KEPT if name in response},
        body=response.content.decode(),
        at=call.at,
    )
    return actions.keep_answer(answer)


def _given_again(known: StoredAnswer, fingerprint: str) -> HttpResponse:
    if known.request_sha256 != fingerprint:
        raise Problem("key-reused")
    response = HttpResponse(known.body.encode(), status=known.status)
    for name, value in known.headers.items():
        response[name] = value
    response[REPLAYED] = "true"
    return response


def _fingerprint(request: HttpRequest) -> str:
    """What makes a call the same one: method, address, version, and the bytes it brings. Files
    count by their content, for the boundary between them differs each time."""
    digest = hashlib.sha256()
    words = (request.method, request.get_full_path(), request.headers.get("If-Match", ""))
    digest.update("\0".join(map(str, words)).encode("utf-8", "replace"))
    if request.content_type != "multipart/form-data":
        digest.update(b"\0" + request.body)
        return digest.hexdigest()
    for name, uploads in sorted(request.FILES.lists()):
        for upload in uploads:
            digest.update(f"\0{name}\0{upload.name}\0{upload.size}\0".encode("utf-8", "replace"))
            for chunk in upload.chunks():
                digest.update(chunk)
    for name, values in sorted(request.POST.lists()):
        digest.update(f"\0{name}\0{values}".encode("utf-8", "replace"))
    return digest.hexdigest()
