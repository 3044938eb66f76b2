"""Sending a delivery by mail: text and HTML, in the reader's language, as part of its thread.

Mail goes by SMTP, or into the data folder where none is set up (folder.py). What the server
answers decides what becomes of the delivery: a refusal of the address is final, everything else
is tried again.
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from email.headerregistry import Address
from email.utils import formataddr, parseaddr
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation

from desk.channels.email import bounces, footer, letters, pacing, queries, replies
from desk.channels.email.letter import Letter
from desk.channels.errors import Pointless, Refused, Unreachable
from desk.channels.models import Delivery
from desk.partners.models import Invitation
from desk.web.reader import zone

PERMANENT = 500
# Refusals that say something about us, not about the reader: the set-up is mended, then it goes.
OURS = (smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused, smtplib.SMTPHeloError)


def send(delivery: Delivery, at: datetime) -> None:
    """Send one delivery. Raises `Pointless`, `Unreachable`, `Refused`."""
    if bounces.is_suppressed(delivery.address):
        raise Pointless("mails to this address came back; set-up can lift it")
    if delivery.entry.verb not in letters.ACCOUNT_VERBS and queries.is_ours(delivery.address):
        raise Pointless("the address is the desk's own: the desk writes no mail to itself")
    if delivery.person is not None:
        pacing.take(delivery, zone(delivery.person.timezone), at)
    transmit(compose(delivery, at), [delivery], at)


def transmit(message: EmailMultiAlternatives, deliveries: Sequence[Delivery], at: datetime) -> None:
    """Hand a mail, and with it these deliveries, to the mail server. Raises `Unreachable`,
    `Refused`."""
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        refusal = _by_code(code, answer)
        # The transaction of the caller goes on: the address is noted beside the refusal.
        if isinstance(refusal, Refused):
            for delivery in deliveries:
                bounces.refused(delivery, str(refusal), at)
        raise refusal from error
    except OURS as error:
        raise Unreachable(_text(error.smtp_code, error.smtp_error)) from error
    except smtplib.SMTPResponseException as error:
        raise _by_code(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(str(error) or type(error).__name__) from error


def compose(delivery: Delivery, at: datetime) -> EmailMultiAlternatives:
    """The message of a delivery, the same Message-ID whenever it is made."""
    with read_by(delivery):
        return written([delivery], letters.of(delivery, at))


@contextmanager
def read_by(delivery: Delivery) -> Iterator[None]:
    """The language and the time zone of the one who reads a delivery."""
    language, zone = _reader(delivery)
    with translation.override(language), timezone.override(zone):
        yield


def written(
    deliveries: Sequence[Delivery], letter: Letter, kind: str = "delivery"
) -> EmailMultiAlternatives:
    """A letter as a message, in the active language. It is known by the first of the deliveries
    that it tells of; answers to another `kind` than "delivery" are no part of a conversation."""
    delivery = deliveries[0]
    answered_at = replies.reply_to(delivery.pk, replies.answered_at())
    foot = footer.of(deliveries)
    context = {
        "letter": letter,
        "language": translation.get_language(),
        "answered": bool(answered_at and letter.answer),
        "footer": foot,
    }
    message = EmailMultiAlternatives(
        subject=" ".join(letter.subject.split()),
        body=render_to_string("email/letter.txt", context),
        to=[formataddr((delivery.person.name if delivery.person else "", delivery.address))],
        headers={**_headers(delivery, letter, answered_at, kind), **foot.headers},
    )
    message.attach_alternative(render_to_string("email/letter.html", context), "text/html")
    return message


def message_id(kind: str, number: object) -> str:
    """A Message-ID that only we can make: an answer that names it is to our own mail."""
    return replies.message_id(kind, number, _domain())


def _headers(delivery: Delivery, letter: Letter, answered_at: str, kind: str) -> dict[str, str]:
    headers = {
        "Message-ID": message_id(kind, delivery.pk),
        # Some servers write a Message-ID of their own: by this one we know our mail again.
        replies.MARK: message_id("delivery", delivery.pk),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if answered_at and letter.answer:
        headers["Reply-To"] = answered_at
    if letter.thread:
        # Mails of a ticket answer one and the same root, so mail programs show them together;
        # whose mail opened the ticket sees them under that mail as well.
        kind, _, number = letter.thread.partition(":")
        root = message_id(kind, number)
        first = queries.first_mail(int(number), delivery.person_id) if kind == "ticket" else ""
        headers |= {"In-Reply-To": root, "References": f"<{first}> {root}" if first else root}
    return headers


def _reader(delivery: Delivery) -> tuple[str, ZoneInfo]:
    person = delivery.person
    if person is not None:
        return person.language, zone(person.timezone)
    rows = Invitation.objects.select_related("partner")
    invitation = rows.get(pk=delivery.entry.subject.partition(":")[2])
    partner = invitation.partner
    return invitation.language, zone(partner.timezone if partner else settings.TIME_ZONE)


def sender() -> tuple[str, str]:
    """The address that our mails are from, and the domain of their Message-IDs."""
    return _from()[1], _domain()


def _domain() -> str:
    address = _from()[1]
    domain = Address(addr_spec=address).domain if "@" in address else ""
    return domain or urlsplit(settings.BASE_URL).hostname or "localhost"


def _from() -> tuple[str, str]:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)


def _by_code(code: int, answer: bytes | str) -> Exception:
    kind = Refused if code >= PERMANENT else Unreachable
    return kind(_text(code, answer))


def _text(code: int, answer: bytes | str) -> str:
    words = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return f"{code} {words}"
