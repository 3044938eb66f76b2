"""Files: uploaded first, named in a ticket or a message after; downloaded inert."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

from django.conf import settings
from django.core import signing
from django.http import FileResponse, Http404, HttpRequest
from ninja import File as FilePart
from ninja.files import UploadedFile
from pydantic import BaseModel, Field

from desk.channels.api import calls
from desk.channels.api.admission import FORM
from desk.channels.api.calls import Call
from desk.channels.api.routing import CREATED, Area, Says
from desk.channels.api.scopes import Scope
from desk.lib import files as stored
from desk.lib.files import FILES_PER_MESSAGE_MAX, FileRefused, StoredFile
from desk.tickets import queries
from desk.tickets.actions import Incomplete
from desk.tickets.models import Attachment

files = Area("files", "Attachments: upload them first, then name their references.")

SALT = "api file"
# Bytes that belong to nothing are swept after two days: a reference must not outlive them.
KEPT = timedelta(hours=24)
REFERENCE_MAX = 600
TOKEN_MAX = 64
Reference = Annotated[str, Field(max_length=REFERENCE_MAX)]
References = Annotated[
    list[Reference],
    Field(max_length=FILES_PER_MESSAGE_MAX, description="References that `POST /files` gave."),
]


class Uploaded(BaseModel):
    """A file that is safely stored and waits to be named."""

    reference: str
    name: str
    size: int
    expires_at: datetime


class Uploads(BaseModel):
    """The files of one call, in their order."""

    items: list[Uploaded]


@files.post("/files", Scope.TICKETS_WRITE, Uploads, Says(status=CREATED, media=FORM))
def upload_files(request: HttpRequest, file: FilePart[list[UploadedFile]]) -> Uploads:
    """Upload files.

    At most 10 parts named `file`, 25 MB each. A reference is good for 24 hours, for the same
    person, as often as you like.
    """
    if len(file) > FILES_PER_MESSAGE_MAX:
        raise FileRefused(file[FILES_PER_MESSAGE_MAX].name or "", "too_many")
    call, folder = calls.of(request), settings.FILES_DIR
    kept = [stored.store(folder, one.name or "file", one.chunks()) for one in file]
    return Uploads(items=[_uploaded(call, one) for one in kept])


@files.get("/files/{token}", Scope.TICKETS_READ, None)
def download_file(
    request: HttpRequest, token: Annotated[str, Field(max_length=TOKEN_MAX)]
) -> FileResponse:
    """Download a file.

    Its address is the `url` of a ticket's file. It always comes as a download of plain bytes.
    """
    call = calls.of(request)
    seen = Attachment.objects.filter(ticket__in=queries.visible_to(call.person, call.access))
    found = seen.filter(token=token).first()
    if found is None or (found.internal and not call.access.is_staff):
        raise Http404
    path = stored.path(settings.FILES_DIR, found.sha256)
    response = FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=found.name,
        content_type="application/octet-stream",
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, max-age=3600"
    return response


def named(call: Call, references: list[str]) -> tuple[StoredFile, ...]:
    """The stored files that the references name. Raises `Incomplete`."""
    return tuple(_named(call, one) for one in references)


def _uploaded(call: Call, one: StoredFile) -> Uploaded:
    facts = [one.sha256, one.name, one.size, call.person.pk, int(call.at.timestamp())]
    return Uploaded(
        reference=signing.dumps(facts, salt=SALT),
        name=one.name,
        size=one.size,
        expires_at=call.at + KEPT,
    )


def _named(call: Call, reference: str) -> StoredFile:
    try:
        sha256, name, size, person_id, seconds = signing.loads(reference, salt=SALT)
    except signing.BadSignature as error:
        raise Incomplete("files", "unknown") from error
    expires_at = datetime.fromtimestamp(seconds, UTC) + KEPT
    lies = stored.path(Path(settings.FILES_DIR), sha256)
    if person_id != call.person.pk or call.at >= expires_at or not lies.exists():
        raise Incomplete("files", "unknown")
    return StoredFile(sha256, name, size, secrets.token_urlsafe(32))
