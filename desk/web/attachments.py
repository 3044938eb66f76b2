"""Serving what people attached: only to who may see the ticket, and inert.

The bytes come as a download that no browser runs: octet-stream unless it is a plain picture,
nosniff, and a sandbox without scripts.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from desk.lib import files
from desk.partners import queries as partners
from desk.tickets import queries
from desk.tickets.models import Attachment
from desk.web import edge

PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}


@login_required
@require_safe
def attachment(request: HttpRequest, token: str, name: str) -> FileResponse:
    """One attachment by its unguessable token; 404 for whoever may not see its ticket."""
    person = edge.person(request)
    found = Attachment.objects.filter(
        token=token, name=name, ticket__in=queries.visible_to(person)
    ).first()
    if found is None or (found.internal and not partners.staff_roles(person.pk)):
        raise Http404
    path = files.path(settings.FILES_DIR, found.sha256)
    picture = PICTURES.get(path_suffix(found.name))
    response = FileResponse(
        path.open("rb"),
        as_attachment=picture is None,
        filename=found.name,
        content_type=picture or "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, max-age=3600"
    return response


def path_suffix(name: str) -> str:
    _, dot, ending = name.rpartition(".")
    return f".{ending.lower()}" if dot else ""
