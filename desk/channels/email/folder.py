"""Where mail goes while no mail server is set up: one .eml file a message, in the data folder.

The files may hold links that let somebody in, so only the owner of the installation reads them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage as Parsed
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

SHOWN_MAX = 100
NAME_MAX = 150
_NAME = re.compile(r"[\w.\-]+\.eml", re.ASCII)


class EmailBackend(BaseEmailBackend):
    """Django's mail backend that writes files. A message sent again replaces its own file."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            _write(message.message().as_bytes())
        return len(email_messages)


@dataclass(frozen=True, slots=True)
class Stored:
    """A mail in the folder: `name` is its file's, `text` its plain part."""

    name: str
    at: datetime
    to: str
    subject: str
    text: str = ""


def listing() -> list[Stored]:
    """The newest mails of the folder, at most `SHOWN_MAX`."""
    files = _folder().glob("*.eml") if _folder().is_dir() else ()
    newest = sorted(files, key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return [_stored(path) for path in newest[:SHOWN_MAX]]


def read(name: str) -> Stored:
    """One mail of the folder; `FileNotFoundError` for what is none."""
    if not _NAME.fullmatch(name):
        raise FileNotFoundError(name)
    return _stored(_folder() / name, with_text=True)


def _write(content: bytes) -> None:
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    parsed = message_from_bytes(content, policy=policy.default)
    name = re.sub(r"[^\w.\-]", "_", str(parsed["Message-ID"]).strip("<> \n").partition("@")[0])
    target = folder / f"{name[:NAME_MAX]}.eml"
    draft = target.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_bytes(content)
    draft.replace(target)


def _stored(path: Path, *, with_text: bool = False) -> Stored:
    parsed = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(parsed, Parsed)
    body = parsed.get_body(("plain",)) if with_text else None
    return Stored(
        name=path.name,
        at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        to=str(parsed["To"] or ""),
        subject=str(parsed["Subject"] or ""),
        text=str(body.get_content()) if body is not None else "",
    )


def _folder() -> Path:
    return Path(settings.EMAIL_FILE_PATH)
