"""What can be read without a token: the OpenAPI document, and the reference made from it."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from desk.channels.api import reference
from desk.channels.api.document import document

HOUR_SECONDS = 3600


def openapi(_request: HttpRequest) -> HttpResponse:
    """The document for programs."""
    text = json.dumps(document(), ensure_ascii=False)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={HOUR_SECONDS}"
    return response


@require_safe
def read_reference(request: HttpRequest) -> HttpResponse:
    """The document for people."""
    context = {
        "base": settings.BASE_URL,
        "chapters": reference.chapters(),
        "shapes": reference.shapes(),
        "problems": reference.problems(),
        "limits": reference.limits(),
    }
    return render(request, "api/reference.html", context)
