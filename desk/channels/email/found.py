"""The mails behind the messages of a ticket: what stands folded there, and who may see the rest.

What a partner's person sent is for whoever sees the message. What one of our people sent may quote
what only our people were told, so it is for them alone, as automatic mail is. The bytes and the
way of a mail are for our people and for who wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.db.models.functions import Left
from django.urls import reverse

from desk.channels.email import reading, senders
from desk.channels.email.models import Received
from desk.channels.email.reading import Mail
from desk.channels.models import Arrival
from desk.partners.models import Person
from desk.tickets import queries as tickets
from desk.tickets.models import Message, MessageKind
from desk.web.originals import Original

FOLDED_MAX = 20_000
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
PICTURES_MAX = 50
_CID = re.compile(r'src="cid:([^"]{1,250})"')


class Forgotten(Exception):
    """The bytes of the mail are no longer kept."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A mail that became a message. `knows` tells whether the reader may see how it came."""

    message: Message
    received: Received
    arrival: Arrival
    mail: Mail
    knows: bool


@dataclass(frozen=True, slots=True)
class Way:
    """How a mail came, in the words of its own header. `verdict` is what the receiving server
    said of the sender: "dmarc=pass, spf=pass", "" when it said nothing that we believe."""

    sender: str
    name: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    sent_at: datetime | None
    reached_at: datetime
    message_id: str
    verdict: str
    automatic: str
    size_bytes: int
    problems: tuple[str, ...]


def originals(numbers: Collection[int]) -> dict[int, Original]:
    """Where the mails of these messages are shown, and what of them is folded; one query."""
    rows = Received.objects.filter(message__in=numbers)
    some = rows.annotate(said=F("message__text"), head=Left("text", FOLDED_MAX))
    return {
        number: Original(reverse("mail:message", args=[number]), folded(said, head))
        for number, said, head in some.values_list("message_id", "said", "head")
        if number is not None
    }


def folded(said: str, whole: str) -> str:
    """What of the whole text is not shown as the message: quotes and signature; all of it where
    the answer stands between them."""
    shown = said.partition("\n\n— ")[0].strip()
    if whole.startswith(shown):
        return whole[len(shown) :].strip()
    return whole


def whole(message_id: int, person: Person) -> Whole:
    """The mail of a message for a reader. Raises `Received.DoesNotExist` for who may not see it,
    `Forgotten` when its bytes are gone."""
    known = tickets.access(person)
    rows = Received.objects.filter(message__ticket__in=tickets.visible_to(person, known))
    received = rows.select_related("message", "arrival").get(message=message_id)
    message = received.message
    assert message is not None, "it was looked up by its message"
    if message.kind != MessageKind.PARTNER and not known.is_staff:
        raise Received.DoesNotExist
    raw = bytes(received.arrival.raw)
    if not raw:
        raise Forgotten
    knows = known.is_staff or message.author_id == person.pk
    return Whole(message, received, received.arrival, reading.read(raw), knows)


def way(found: Whole) -> Way:
    """How the mail came."""
    mail = found.mail
    return Way(
        sender=mail.sender.address,
        name=mail.sender.name,
        to=tuple(party.address for party in mail.to),
        cc=tuple(party.address for party in mail.cc),
        subject=mail.subject,
        sent_at=mail.date,
        reached_at=found.arrival.received_at,
        message_id=mail.message_id,
        verdict=senders.verdict(mail, found.arrival),
        automatic=mail.automatic or "",
        size_bytes=len(found.arrival.raw),
        problems=mail.problems,
    )


def page(found: Whole) -> str | None:
    """The sanitised HTML with the mail's own pictures from our own address, None without any."""
    if found.mail.html is None:
        return None
    numbers = {one.content_id: number for number, one in _pictures(found.mail) if one.content_id}

    def own(match: re.Match[str]) -> str:
        number = numbers.get(match[1].replace("&amp;", "&"))
        if number is None:
            return 'src=""'
        return f'src="{reverse("mail:picture", args=[found.message.pk, number])}"'

    return _CID.sub(own, found.mail.html)


def picture(found: Whole, number: int) -> tuple[str, bytes] | None:
    """Type and bytes of a picture of the mail, None when there is no such one."""
    for known, one in _pictures(found.mail):
        if known == number:
            return one.type, one.content
    return None


def _pictures(mail: Mail) -> list[tuple[int, reading.Attachment]]:
    numbered = enumerate(mail.attachments[:PICTURES_MAX], 1)
    return [(number, one) for number, one in numbered if one.type in PICTURES]
