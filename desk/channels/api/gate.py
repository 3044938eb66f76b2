"""Everything below /api/ comes through here, past sessions, cookies and forms.

A token is the only thing that lets in. Whatever goes wrong is answered by a problem, never by a
page of HTML. The reference is a page like any other and goes its usual way.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation.trans_real import (
    get_supported_language_variant,
    parse_accept_lang_header,
)

from desk.channels.api import admission, calls, problems
from desk.channels.api.problems import Problem
from desk.lib import clock

PREFIX = "/api/"
REFERENCE = problems.REFERENCE
OPEN = ("/api/v1/openapi.json",)
LANGUAGE = "en"
BUSY_SECONDS = "2"
log = logging.getLogger(__name__)

View = Callable[[HttpRequest], HttpResponse]


class GateMiddleware:
    """Answers the API's addresses itself; everything else goes on."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if not path.startswith(PREFIX) or path == REFERENCE:
            return self.get_response(request)
        with translation.override(language(request.headers.get("Accept-Language", ""))):
            response = _answered(request)
            response["Content-Language"] = translation.get_language() or LANGUAGE
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response


def language(accepted: str) -> str:
    """The language of sentences: what the request asks for, else English."""
    for code, _ in parse_accept_lang_header(accepted):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return LANGUAGE


def refusal(status: int, accepted: str) -> bytes:
    """The body of a problem that is told before a request reaches anybody: too slow, too large,
    too many at once."""
    name = next(name for name, kind in problems.KINDS.items() if kind.status == status)
    with translation.override(language(accepted)):
        return json.dumps(problems.body(Problem(name)), ensure_ascii=False).encode()


def _answered(request: HttpRequest) -> HttpResponse:
    try:
        return _let_in(request)
    except OperationalError:
        log.exception("The database refused %s %s.", request.method, request.path_info)
        return problems.answer(Problem("busy", headers={"Retry-After": BUSY_SECONDS}))
    except Exception as error:
        known = problems.of(error)
        if known is None:
            log.exception("A fault in %s %s.", request.method, request.path_info)
            known = Problem("fault")
        return problems.answer(known)


def _let_in(request: HttpRequest) -> HttpResponse:
    view = _view(request)
    if request.path_info in OPEN:
        return view(request)
    at = clock.now()
    admitted = admission.admit(request, at)
    headers = admission.rate(admitted, at)
    try:
        admission.refuse_too_many(admitted, at)
        call = admission.called(request, admitted, at)
        calls.begin(request, call)
        response = _plain(view(request))
    except Problem as problem:
        problem.headers |= headers
        raise
    for name, value in headers.items():
        response[name] = value
    return response


def _view(request: HttpRequest) -> View:
    """What answers at this address. Raises `Problem`."""
    try:
        request.get_host()
    except DisallowedHost as error:
        raise Problem("malformed", "Host") from error
    if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path_info:
        raise Problem("malformed")
    if request.method == "HEAD":
        request.method = "GET"
    try:
        found = resolve(request.path_info, settings.ROOT_URLCONF)
    except Resolver404 as error:
        raise Problem("not-found") from error
    request.resolver_match = found

    def view(asked: HttpRequest) -> HttpResponse:
        response: HttpResponse = found.func(asked, *found.args, **found.kwargs)
        return response

    return view


def _plain(response: HttpResponse) -> HttpResponse:
    """The framework's own refusals know only the method."""
    if response.status_code == problems.KINDS["method-not-allowed"].status:
        allow = {"Allow": ", ".join(sorted(response.get("Allow", "").split(", ")))}
        return problems.answer(Problem("method-not-allowed", headers=allow))
    return response
