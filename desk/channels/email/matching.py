"""To which ticket a mail belongs: first what cannot be forged, then what only looks like it.

The order is the specification's: our reply token, a Message-ID that the same partner sent us, the
number in the subject from somebody who takes part in that ticket. Nothing else matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from desk.channels import topics
from desk.channels.email import replies, senders
from desk.channels.email.models import Received
from desk.channels.email.reading import Mail
from desk.channels.email.senders import Sender
from desk.channels.models import Arrival, Delivery
from desk.tickets import queries as tickets
from desk.tickets.models import Follower, Message, Ticket

NAMED_MAX = 40
NUMBERS_MAX = 3
_NUMBER = re.compile(r"(?<![A-Za-z0-9])([A-Za-z][A-Za-z0-9]{1,5}-\d{1,9})(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class Match:
    """A ticket, and how it was found. `proved`: by a token that only our mails carry; `delivery` is
    the very mail that is answered, `readers` whom our mails that the sender holds were sent to."""

    ticket: Ticket
    proved: bool = False
    delivery: Delivery | None = None
    readers: frozenset[int] = frozenset()


def by_token(mail: Mail, arrival: Arrival) -> Match | None:
    """The ticket of a mail of ours that this one answers; unforgeable, whoever sends it."""
    deliveries = list(_deliveries(mail, arrival))
    readers = frozenset(row.person_id for row in deliveries if row.person_id is not None)
    for row in deliveries:
        number = topics.ticket_id(row.entry)
        ticket = Ticket.objects.filter(pk=number).first() if number else None
        if ticket is not None:
            return Match(ticket, proved=True, delivery=row, readers=readers)
    for kind, thread in _named(mail):
        ticket = Ticket.objects.filter(pk=thread).first() if kind == "ticket" else None
        if ticket is not None:
            return Match(ticket, proved=True, readers=readers)
    return None


def by_claim(mail: Mail, sender: Sender) -> Match | None:
    """The ticket that a known partner's person means, by a Message-ID or a number; only one that
    this person may see."""
    found = _by_thread(mail, sender) or _by_number(mail, sender)
    return Match(found) if found is not None else None


def _by_thread(mail: Mail, sender: Sender) -> Ticket | None:
    ids = [one[:250] for one in _answered(mail)]
    rows = Received.objects.filter(mail_id__in=ids, partner__in=sender.partner_ids)
    rows = rows.exclude(ticket=None).select_related("ticket").order_by("-pk")
    visible = tickets.visible_to(sender.person, sender.access)
    known = rows.values_list("ticket_id", flat=True)[:NAMED_MAX]
    found = visible.in_bulk([number for number in known if number is not None])
    return next((found[number] for number in known if number in found), None)


def _by_number(mail: Mail, sender: Sender) -> Ticket | None:
    for text in _NUMBER.findall(mail.subject)[:NUMBERS_MAX]:
        try:
            found = tickets.by_number(sender.person, text, sender.access)
        except Ticket.DoesNotExist:
            continue
        if takes_part(sender.person.pk, found):
            return found
    return None


def takes_part(person_id: int, ticket: Ticket) -> bool:
    """Whether the person wrote or follows the ticket, said something on it, or was told of it."""
    if ticket.author_id == person_id:
        return True
    if Follower.objects.filter(ticket=ticket, person=person_id).exists():
        return True
    if Message.objects.filter(ticket=ticket, author=person_id).exists():
        return True
    return Delivery.objects.filter(entry__subject=ticket.key, person=person_id).exists()


def _deliveries(mail: Mail, arrival: Arrival) -> Iterator[Delivery]:
    """Our mails that this one answers, the surest first."""
    addresses = [*senders.recipients(arrival), *(party.address for party in (*mail.to, *mail.cc))]
    tokens = (replies.delivery_of_address(one) for one in addresses[:NAMED_MAX])
    numbers = [number for number in tokens if number is not None]
    numbers += [number for kind, number in _named(mail) if kind == "delivery"]
    rows = Delivery.objects.select_related("entry").in_bulk(list(dict.fromkeys(numbers)))
    yield from (rows[number] for number in dict.fromkeys(numbers) if number in rows)


def _named(mail: Mail) -> list[tuple[str, int]]:
    return replies.named(" ".join(_answered(mail)))


def _answered(mail: Mail) -> list[str]:
    """The Message-IDs that the mail answers, the nearest first."""
    ids = (mail.in_reply_to, *reversed(mail.references))
    return list(dict.fromkeys(one for one in ids if one))[:NAMED_MAX]
