"""LMTP and SMTP as the receiver speaks them, on top of aiosmtpd.

A mail ends with CR LF, a dot, CR LF and nothing else: with a lone LF one mail would hide in
another (SMTP smuggling). In LMTP each recipient has an answer of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import AnyStr

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, syntax

from desk.channels.email.receiver import limits
from desk.channels.email.receiver.hall import Hall

IDENT = "Partner Desk"
CLOSING = "421 4.3.2 The desk is being stopped, try again later"


class Door(SMTP):
    """A connection of a peer. `busy` while a mail is being handed in."""

    line_length_limit = limits.LINE_BYTES_MAX
    transport_name = "smtp"

    def __init__(self, hall: Hall, hostname: str) -> None:
        super().__init__(
            hall,
            data_size_limit=hall.limits.message_bytes_max,
            enable_SMTPUTF8=True,
            hostname=hostname,
            ident=IDENT,
            timeout=hall.limits.command_seconds_max,
            command_call_limit=dict(limits.CALLS_MAX),
            loop=asyncio.get_running_loop(),
        )
        self.hall = hall
        self.busy = False

    async def _handle_client(self) -> None:
        assert self.session is not None and self.transport is not None
        refusal = self.hall.refusal(self.session.peer)
        if refusal:
            await self.push(refusal)
            self.transport.close()
            return
        await super()._handle_client()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.hall.doors.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.hall.doors.discard(self)
        super().connection_lost(error)

    def _timeout_cb(self) -> None:
        """Let a peer go that dawdles; it may not even read what it would be told."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  aiosmtpd calls it so
        """Take a mail; one that has begun is answered before the desk stops."""
        self.busy = True
        self._reset_timeout(self.hall.limits.data_seconds_max)
        try:
            await super().smtp_DATA(arg)
        finally:
            self.busy = False
        self._reset_timeout()
        if self.hall.stopping:
            await self.dismiss()

    async def dismiss(self) -> None:
        """Tell the peer to come again later, and hang up."""
        assert self.transport is not None
        await self.push(CLOSING)
        self.transport.close()


class LmtpDoor(Door, LMTP):
    """LMTP (RFC 2033): after the mail there is one answer for each recipient."""

    transport_name = "lmtp"
    _owed = 0

    async def push(self, status: AnyStr) -> None:
        """Send an answer; the one to a mail as often as it has recipients."""
        text = status.decode() if isinstance(status, bytes) else str(status)
        if self._owed:
            text = "\r\n".join([text] * self._owed)
            self._owed = 0
        elif self.busy and text.startswith("354"):
            assert self.envelope is not None
            self._owed = len(self.envelope.rcpt_tos)
        await super().push(text)

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  aiosmtpd calls it so
        """Take a mail; whatever goes wrong in it, no later answer is taken for its own."""
        try:
            await super().smtp_DATA(arg)
        finally:
            self._owed = 0


DOORS: dict[str, Callable[[Hall, str], Door]] = {"lmtp": LmtpDoor, "smtp": Door}
