"""A real SMTP server of the tests, which can answer whatever a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.test import override_settings

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
DROP = "drop"
TAKE_AND_DROP = "take and drop"


@dataclass
class MailServer:
    """What came in, and what to answer: to RCPT, then to DATA ("drop" cuts the line)."""

    to_recipient: str = "250 OK"
    to_data: str = "250 OK"
    messages: list[EmailMessage] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(  # noqa: N802  aiosmtpd calls it so
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(  # noqa: N802  aiosmtpd calls it so
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.to_data != DROP and (self.to_data.startswith("250") or self._takes()):
            content = envelope.content
            assert isinstance(content, bytes)
            found = message_from_bytes(content, policy=policy.default)
            assert isinstance(found, EmailMessage)
            self.messages.append(found)
        if self.to_data in (DROP, TAKE_AND_DROP):
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            await asyncio.sleep(0)
        return self.to_data

    def _takes(self) -> bool:
        return self.to_data == TAKE_AND_DROP


class AnyPort(Controller):
    """Takes a free port, and finds out which before anybody asks for it."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd has no types there


@contextmanager
def running() -> Iterator[MailServer]:
    """A mail server on a free port of this machine; Django sends to it while the block runs."""
    server = MailServer()
    controller = AnyPort(server, hostname="127.0.0.1", port=0)
    controller.start()
    server.port = controller.port
    try:
        with sending_to(server.port):
            yield server
    finally:
        controller.stop()


def sending_to(port: int) -> override_settings:
    """Let Django send by SMTP to a port of this machine."""
    return override_settings(
        EMAIL_BACKEND=SMTP_BACKEND,
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        EMAIL_USE_TLS=False,
        EMAIL_USE_SSL=False,
        EMAIL_HOST_USER="",
        EMAIL_HOST_PASSWORD="",
        EMAIL_TIMEOUT=5,
    )
