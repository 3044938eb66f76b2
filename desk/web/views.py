"""Language and theme, the answer to health probes, and the pages of errors."""

from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import get_template
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from desk.web.context import THEME_COOKIE, THEMES, shell

YEAR_SECONDS = 365 * 24 * 3600


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in a cookie; the person's own setting is config's business."""
    response = _back(request)
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        keep(response, settings.LANGUAGE_COOKIE_NAME, chosen)
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme in a cookie."""
    response = _back(request)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        keep(response, THEME_COOKIE, chosen)
    return response


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 when pages can be served: this process runs and the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request is malformed, or asks for another host."""
    del exception  # Django checks that a handler takes it
    return malformed(request)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: signed in, but not for this."""
    del exception  # Django checks that a handler takes it
    return problem(request, HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or not for this reader."""
    del exception  # Django checks that a handler takes it
    return problem(request, HTTPStatus.NOT_FOUND)


def conflict(request: HttpRequest, sentence: str = "") -> HttpResponse:
    """409: somebody changed it meanwhile, or the move is refused; `sentence` tells what."""
    return problem(request, HTTPStatus.CONFLICT, sentence)


def too_large(request: HttpRequest, sentence: str = "") -> HttpResponse:
    """413: more bytes than the desk takes."""
    return problem(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, sentence)


def malformed(request: HttpRequest) -> HttpResponse:
    """400 for what no page of ours sends; drawn without looking at who is signed in."""
    return _bare(request, HTTPStatus.BAD_REQUEST)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault; drawn without who is signed in, since the database may be what broke."""
    return _bare(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def _bare(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    template = get_template(f"web/problem/{status.value}.html")
    return HttpResponse(template.render({"status": status.value, **shell(request)}), status=status)


def csrf_failure(request: HttpRequest, **_given: object) -> HttpResponse:
    """403 for a form that is too old; the text that was typed is given back."""
    return problem(request, HTTPStatus.FORBIDDEN, kind="expired", texts=typed(request))


def problem(
    request: HttpRequest,
    status: HTTPStatus,
    sentence: str = "",
    *,
    kind: str = "",
    texts: tuple[str, ...] = (),
) -> HttpResponse:
    """A page that says what happened and what to do."""
    context = {"sentence": sentence, "texts": texts, "status": status.value}
    return render(request, f"web/problem/{kind or status.value}.html", context, status=status)


def typed(request: HttpRequest) -> tuple[str, ...]:
    """The longer texts of a refused form, so that nobody types them again."""
    texts = (value for name, value in request.POST.items() if "password" not in name)
    return tuple(value for value in texts if isinstance(value, str) and " " in value.strip())


def _back(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next", "/")
    secure = request.is_secure()
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=secure):
        target = "/"
    return HttpResponseRedirect(target)


def keep(response: HttpResponse, name: str, value: str) -> None:
    """Remember a choice of the reader in this browser for a year."""
    response.set_cookie(
        name,
        value,
        max_age=YEAR_SECONDS,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=False,
    )
