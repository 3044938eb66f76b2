"""The reader's language and time zone for one request."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from desk.lib import clock
from desk.partners import actions as people


class ReaderMiddleware:
    """Dates in the reader's zone (specification 2); the language chosen in this browser, else
    the person's own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        people.seen(user, clock.now())
        with timezone.override(zone(user.timezone)):
            return self.get_response(request)


def zone(name: str) -> ZoneInfo:
    """A person's time zone by its name, the desk's where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)
