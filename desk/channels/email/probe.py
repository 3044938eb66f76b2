"""Trying a mailbox step by step, so that a person sees at which one it fails, and what to do."""

from __future__ import annotations

import imaplib
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from imap_tools import BaseMailBox
from imap_tools.errors import ImapToolsError

from desk.channels.email import actions, imap, watch
from desk.channels.email.models import Mailbox, Security
from desk.lib import sealed

CONNECT_SECONDS = 10
ANSWER_MAX = 200
FAILURES = (*imap.FAILURES, sealed.Unreadable, UnicodeError)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the trial; `mend` says in plain words what to do when it failed, and `answer`
    what the other side said."""

    label: str
    ok: bool
    mend: str = ""
    answer: str = ""


def probe(box: Mailbox) -> list[Step]:
    """Try a mailbox; the list ends with the first step that fails. Reads and changes nothing."""
    return list(_steps(box))


def _steps(box: Mailbox) -> Iterator[Step]:
    for step in _reached(box):
        yield step
        if not step.ok:
            return
    opened: list[BaseMailBox] = []
    label = _("The connection is encrypted, and the certificate is good")
    if box.security == Security.NONE:
        label = _("The server answers; the connection is not encrypted")
    mend = _("Check port and encryption: 993 mostly is TLS from the start, 143 is STARTTLS.")
    step = _tried(label, mend, lambda: opened.append(imap.opened(box, CONNECT_SECONDS)))
    yield step
    if step.ok:
        try:
            yield from _signed_in(box, opened[0])
        finally:
            opened[0].client.shutdown()


def _reached(box: Mailbox) -> Iterator[Step]:
    yield _tried(
        _("The name %(host)s is found") % {"host": box.host},
        _("Check how the name of the server is written."),
        lambda: socket.getaddrinfo(box.host, box.port, type=socket.SOCK_STREAM),
    )
    yield _tried(
        _("Port %(port)s takes connections") % {"port": box.port},
        _("Check the port, and whether a firewall stands between."),
        lambda: socket.create_connection((box.host, box.port), CONNECT_SECONDS).close(),
    )


def _signed_in(box: Mailbox, server: BaseMailBox) -> Iterator[Step]:
    step = _tried(
        _("Login and password are right"),
        _("Check both. Many providers want a password made for programs, and IMAP switched on."),
        lambda: imap.sign_in(server, box),
    )
    yield step
    if not step.ok:
        return
    yield _tried(
        _("The folder %(folder)s is there") % {"folder": box.folder},
        _("Check the name of the folder; INBOX is in every mailbox."),
        lambda: server.folder.set(box.folder, readonly=True),
    )
    told = _("The server tells of new mail at once")
    yield Step(told if watch.can_idle(server) else _("The desk looks every half minute"), ok=True)


def _tried(label: str, mend: str, deed: Callable[[], object]) -> Step:
    try:
        deed()
    except FAILURES as error:
        return Step(label, ok=False, mend=mend, answer=_answer(error))
    return Step(label, ok=True)


def _answer(error: Exception) -> str:
    if isinstance(error, sealed.Unreadable):
        return _("The password cannot be read any more: enter it anew.")
    if isinstance(error, actions.Unprotected):
        return _("A password goes to another machine only encrypted.")
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message[:ANSWER_MAX]
    if isinstance(error, imaplib.IMAP4.error | ImapToolsError):
        return str(error)[:ANSWER_MAX]
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (said or type(error).__name__)[:ANSWER_MAX]
