"""Where a form leads once it is done: a page that may be reloaded."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpResponseRedirect
from django.urls import reverse


def to(name: str, *arguments: object) -> HttpResponseRedirect:
    """See the page of this name, by a GET (303)."""
    response = HttpResponseRedirect(reverse(name, args=arguments))
    response.status_code = HTTPStatus.SEE_OTHER
    return response
