"""Whether an event comes from the exchange of its line; why not, as one word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from desk.channels.phone import payload, signatures
from desk.channels.phone.events import Unreadable
from desk.channels.phone.models import Line, Provider
from desk.channels.phone.payload import Payload, part
from desk.lib import sealed

NETWORK, SIGNATURE, SECRET, ACCOUNT = "network", "signature", "secret", "account"
UNSEALED = "unsealed"


@dataclass(frozen=True, slots=True)
class Sent:
    """A request: its body, the connection's own address (no header that a client writes), the
    signature and timestamp of its headers, and the parameters of its address."""

    body: bytes
    address: str
    signature: str = ""
    timestamp: str = ""
    query: Mapping[str, str] = field(default_factory=dict)


def refusal(line: Line, sent: Sent, at: datetime) -> str:
    """Why the event is not taken, "" when it is the exchange's own."""
    if line.networks and not signatures.from_network(sent.address, line.networks):
        return NETWORK
    try:
        known = list(_secrets(line, at))
    except sealed.Unreadable:
        return UNSEALED
    if not _proves(line, sent, known, at):
        return SECRET if line.provider in (Provider.PHONET, Provider.RINGOSTAT) else SIGNATURE
    named = _account(line, sent.body)
    return ACCOUNT if line.account and named and named != line.account else ""


def _proves(line: Line, sent: Sent, known: list[str], at: datetime) -> bool:
    match line.provider:
        case Provider.BINOTEL:
            # It signs nothing: the address of the connection is all there is.
            return bool(line.networks)
        case Provider.ZADARMA:
            read = _payload(sent.body)
            return any(signatures.zadarma(read, sent.signature, one) for one in known)
        case Provider.GENERIC:
            facts = (sent.body, sent.signature, sent.timestamp)
            return any(signatures.generic(*facts, one, at) for one in known)
    return any(signatures.shared(sent.query.get("secret", ""), one) for one in known)


def _secrets(line: Line, at: datetime) -> Iterator[str]:
    if line.secret:
        yield sealed.unseal(line.secret)
    if line.previous_until_at is not None and line.previous_until_at > at:
        yield sealed.unseal(line.previous_secret)


def _account(line: Line, body: bytes) -> str:
    """Whose account of the exchange the event names: not every event names one."""
    read = _payload(body)
    if line.provider == Provider.PHONET:
        return str(read.get("accountDomain") or "")
    if line.provider == Provider.BINOTEL:
        return str((part(read, "callDetails") or read).get("companyID") or "")
    return ""


def _payload(body: bytes) -> Payload:
    """An unreadable body names nothing here; it is told in quarantine, if it is taken at all."""
    try:
        return payload.read(body)
    except Unreadable:
        return {}
