"""What the receiver answers: who may come in, whose mail is taken, and when it is safe."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from aiosmtpd.smtp import SMTP, Envelope, Session

from desk.channels.email.receiver import keeping, limits
from desk.channels.email.receiver.keeping import Posted, Whose
from desk.channels.email.receiver.limits import Limits
from desk.lib import clock

if TYPE_CHECKING:
    from desk.channels.email.receiver.protocol import Door

OK = "250 2.0.0 Kept"
AGAIN = "250 2.0.0 Kept before"
NO_ROOM = "452 4.3.1 There is no room to keep a mail now"
LATER = "451 4.3.0 The mail cannot be kept now, try again later"
TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients"
UNKNOWN = "550 5.1.1 Mail for this address is not taken here"
PAUSED = "450 4.2.1 Mail for this address is not taken now"
LOOKALIKE = "550 5.6.0 The end of the mail is imitated with a lone LF or CR (RFC 5321 2.3.8)"
STRANGER = "421 4.7.1 Mail from your address is not taken (DESK_MAIL_PEERS)"
TOO_MANY = "421 4.3.2 Too many connections"
NULL_SENDER = "<>"
# A dot between line ends of which one is no CR LF: servers that took it for the end of a mail let
# one mail be hidden in another. Other lone LFs are kept as they came.
_LOOKALIKE = re.compile(rb"(?<!\r)\n\.\r?\n|\r\.\r(?!\n)")
Found = TypeVar("Found")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

log = logging.getLogger(__name__)


class Hall:
    """What all connections of one receiver share; aiosmtpd calls its `handle_…`."""

    def __init__(self, peers: Iterable[str], narrowed: Limits | None = None) -> None:
        self.limits = narrowed or Limits()
        self.peers: tuple[Network, ...] = tuple(
            ipaddress.ip_network(one, strict=False) for one in peers
        )
        self.doors: set[Door] = set()
        self.stopping = False
        self._threads = ThreadPoolExecutor(limits.STORE_THREADS, "keep")

    def refusal(self, peer: object) -> str:
        """Why a peer may not come in, "" when it may. `peer` is what the socket says."""
        if len(self.doors) > self.limits.connections_max:
            return TOO_MANY
        if not any(_address(peer) in network for network in self.peers):
            log.warning("Mail of %s is refused: DESK_MAIL_PEERS does not name it.", _address(peer))
            return STRANGER
        return ""

    def close(self) -> None:
        """Let go of the threads and their connections, once nothing is being kept."""
        together = threading.Barrier(limits.STORE_THREADS)

        def leave() -> None:
            together.wait()
            keeping.leave()

        for _ in range(limits.STORE_THREADS):
            self._threads.submit(leave)
        self._threads.shutdown(wait=True)

    async def handle_MAIL(  # noqa: N802  aiosmtpd calls it so
        self,
        _door: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """The sender; without room for the size that is announced the mail stays there."""
        announced = next((one[5:] for one in options if one.startswith("SIZE=")), "0")
        if not keeping.room(int(announced), self.limits.free_bytes_min):
            return NO_ROOM
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802  aiosmtpd calls it so
        self,
        _door: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """A recipient: only addresses of ours; nothing is ever passed on."""
        if len(envelope.rcpt_tos) >= self.limits.recipients_max:
            return TOO_MANY_RECIPIENTS
        try:
            whose = await self._thread(lambda: keeping.whose(address))
        except (keeping.Away, keeping.Full):
            return LATER
        if whose is not Whose.OURS:
            return PAUSED if whose is Whose.PAUSED else UNKNOWN
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802  aiosmtpd calls it so
        self, door: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """The mail itself: 250 says that it is committed."""
        raw = envelope.original_content or b""
        if _LOOKALIKE.search(raw):
            return LOOKALIKE
        posted = Posted(
            raw,
            "" if envelope.mail_from in (None, NULL_SENDER) else str(envelope.mail_from),
            tuple(envelope.rcpt_tos),
            str(_address(session.peer)),
            session.host_name or "",
            str(getattr(door, "transport_name", "")),
        )
        try:
            kept = await self._thread(lambda: keeping.keep(posted, clock.now()))
        except keeping.Full:
            log.error("A mail was not taken: the disk of the database is full.")
            return NO_ROOM
        except keeping.Away as error:
            log.error("A mail was not taken: %s", error.__cause__)
            return LATER
        return AGAIN if kept is None else OK

    async def handle_exception(self, error: Exception) -> str:
        """A fault of ours loses no mail: it stays with who sends it."""
        log.error("The receiver stumbled.", exc_info=error)
        return LATER

    async def _thread(self, deed: Callable[[], Found]) -> Found:
        return await asyncio.get_running_loop().run_in_executor(self._threads, deed)


def _address(peer: Any) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address in what a socket says of its peer; an IPv4 one may be dressed as IPv6."""
    found = ipaddress.ip_address(str(peer[0]).partition("%")[0])
    return getattr(found, "ipv4_mapped", None) or found
