"""From a request to a cause: the edge where the clock is read and the person is known."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from desk.journal.cause import Cause
from desk.lib import clock, files
from desk.lib.files import FILES_PER_MESSAGE_MAX, FileRefused, StoredFile
from desk.partners.models import Person
from desk.web.forms import guard_of


def person(request: HttpRequest) -> Person:
    """Who is signed in; `PermissionDenied` for nobody (pages ask for sign-in before)."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user


def cause(request: HttpRequest, channel: str) -> Cause:
    """The cause of a form that was sent: who, now, by which page, once per key, for the version
    of the ticket that was shown. Raises `GuardMissing`."""
    guard = guard_of(request)
    who = person(request)
    return Cause(
        by=f"person:{who.pk}",
        at=now(),
        channel=channel,
        key=f"{channel}:{who.pk}:{guard.key}",
        seen=guard.version,
    )


def now() -> datetime:
    return clock.now()


def stored_files(request: HttpRequest, field: str = "files") -> tuple[StoredFile, ...]:
    """The files of a form, streamed into the data folder. Raises `FileRefused`."""
    uploads = [
        upload for upload in request.FILES.getlist(field) if isinstance(upload, UploadedFile)
    ]
    if len(uploads) > FILES_PER_MESSAGE_MAX:
        raise FileRefused(uploads[FILES_PER_MESSAGE_MAX].name or "", "too_many")
    folder = settings.FILES_DIR
    return tuple(files.store(folder, upload.name or "file", upload.chunks()) for upload in uploads)
