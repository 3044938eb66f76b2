"""Where telephone exchanges tell of calls: proved, stored as it came, and only then answered."""

from __future__ import annotations

import hashlib
import re
from http import HTTPStatus
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from desk.channels import actions as channels
from desk.channels.actions import Incoming
from desk.channels.models import Intake
from desk.channels.phone import actions, proof
from desk.channels.phone.models import Line, Provider
from desk.channels.phone.proof import Sent
from desk.web import edge

BODY_BYTES_MAX = 64 * 1024
QUERY_MAX = 20
# What the address of a webhook may name beside its secret.
NAMED = ("kind", "outgoing")
ECHO = re.compile(r"[A-Za-z0-9_.-]{1,100}")
TAKEN = {"status": "success"}


@csrf_exempt
@require_http_methods(["GET", "POST"])
def events(request: HttpRequest, code: str) -> HttpResponse:
    """One event of a line. 2xx once it is stored, also when it was stored before; 403 for what
    does not prove where it comes from; Zadarma's check of the address is answered."""
    line = Line.objects.filter(code=code).first()
    if line is None:
        raise Http404
    if request.method == "GET" and line.provider != Provider.RINGOSTAT:
        return _checked(line, request)
    if len(request.body) > BODY_BYTES_MAX or len(request.GET) > QUERY_MAX:
        return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if line.paused_at is not None:
        return _answer(HTTPStatus.FORBIDDEN)
    at, sent = edge.now(), _sent(request)
    refusal = proof.refusal(line, sent, at)
    if refusal:
        actions.refused(line.pk, refusal, at)
        return _answer(HTTPStatus.FORBIDDEN)
    named = {name: sent.query[name] for name in NAMED if name in sent.query}
    raw = sent.body or _parameters(sent)
    key = hashlib.sha256(urlencode(named).encode() + b"\n" + raw).hexdigest()
    channels.keep(Incoming(Intake.PHONE, line.key, key, raw, {"query": named}), at)
    return JsonResponse(TAKEN)


def _sent(request: HttpRequest) -> Sent:
    headers = request.headers
    return Sent(
        body=request.body,
        address=request.META.get("REMOTE_ADDR", ""),
        signature=headers.get("X-Desk-Signature", "") or headers.get("Signature", ""),
        timestamp=headers.get("X-Desk-Timestamp", ""),
        query=request.GET.dict(),
    )


def _parameters(sent: Sent) -> bytes:
    """The parameters of an address as a form, without its secret."""
    told = {name: text for name, text in sent.query.items() if name != "secret"}
    return urlencode(told).encode()


def _checked(line: Line, request: HttpRequest) -> HttpResponse:
    """Zadarma asks whether the address is ours; everybody else posts."""
    echo = request.GET.get("zd_echo", "")
    if line.provider == Provider.ZADARMA and ECHO.fullmatch(echo):
        return HttpResponse(echo, content_type="text/plain")
    return _answer(HTTPStatus.METHOD_NOT_ALLOWED)


def _answer(status: HTTPStatus) -> HttpResponse:
    return JsonResponse({"status": "refused"}, status=status)
