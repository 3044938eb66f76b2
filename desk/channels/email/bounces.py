"""A mail of ours came back: who did not get it, and what follows.

A bounce counts only when it names a mail of ours that was sent to that address: anybody can write
one, and would silence an address otherwise.
"""

from __future__ import annotations

import re
from datetime import datetime

from desk.channels import topics
from desk.channels.email import actions, replies, senders
from desk.channels.email.models import Suppression
from desk.channels.email.reading import Mail
from desk.channels.models import Arrival, Delivery
from desk.journal.cause import SYSTEM, Cause
from desk.tickets import actions as tickets

SEARCHED_BYTES_MAX = 262_144
# Permanent, but about the mail or the policy, not about the address (RFC 3463).
OF_THE_MAIL = re.compile(r"5\.(?:2\.3|3\.4|6\.|7\.)")
# What a server says of the address itself; a bare 550 may as well be about us.
OF_THE_ADDRESS = re.compile(r"55\d 5\.(?:1\.(?:1|2|3|6|10)|2\.1)\b")
STATUS_MAX = 200


def take(mail: Mail, arrival: Arrival, at: datetime) -> str:
    """Note a bounce; returns what was made of it."""
    bounce = mail.bounce
    delivery = _delivery(mail, arrival)
    if bounce is None or delivery is None:
        return "bounce of no mail of ours"
    named = bounce.recipient.lower()
    if named and named != delivery.address.lower():
        return "bounce of another address"
    if not bounce.permanent:
        return f"delay of delivery:{delivery.pk}"
    if not OF_THE_MAIL.match(bounce.status):
        actions.suppress(delivery.address, f"bounce {bounce.status}".strip(), delivery, at)
    _tell(Cause(SYSTEM, at, "email", f"email:{arrival.pk}"), delivery, bounce.status)
    return f"bounce of delivery:{delivery.pk}"


def refused(delivery: Delivery, answer: str, at: datetime) -> None:
    """The server took no mail for this recipient, for good; `answer` is its reply."""
    if OF_THE_ADDRESS.match(answer):
        actions.suppress(delivery.address, f"refused {answer}", delivery, at)
    key = f"refused:{delivery.pk}:{delivery.attempts}"
    _tell(Cause(SYSTEM, at, "email", key), delivery, answer[:STATUS_MAX])


def is_suppressed(address: str) -> bool:
    """Whether nothing is to be sent to this address."""
    return Suppression.objects.filter(address__iexact=address, lifted_at=None).exists()


def _tell(cause: Cause, delivery: Delivery, status: str) -> None:
    number = topics.ticket_id(delivery.entry)
    if number is not None and not delivery.entry.subject.startswith("deposit:"):
        facts = {"person": delivery.person_id, "delivery": delivery.pk, "status": status}
        tickets.undelivered(cause, number, delivery.entry.verb, facts)


def _delivery(mail: Mail, arrival: Arrival) -> Delivery | None:
    addresses = [*senders.recipients(arrival), *(party.address for party in mail.to)]
    numbers = [n for n in map(replies.delivery_of_address, addresses) if n is not None]
    text = bytes(arrival.raw)[:SEARCHED_BYTES_MAX].decode("latin-1")
    numbers += [number for kind, number in replies.named(text) if kind in replies.SENT]
    rows = Delivery.objects.select_related("entry")
    return rows.filter(pk=numbers[0]).first() if numbers else None
