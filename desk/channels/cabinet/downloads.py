"""Files that the cabinet makes or keeps: always a download, never shown as a page of the desk."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def answer(content: bytes, kind: str, name: str) -> HttpResponse:
    """A file to keep, inert and for its reader alone; other letters of its name are kept too."""
    response = HttpResponse(content, content_type=kind)
    named = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = named or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
