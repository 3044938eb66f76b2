"""Writing what concerns mail: mailboxes, our addresses, what was received, dead addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, connection, transaction

from desk.channels import actions as channels
from desk.channels.email.models import (
    LOCAL_HOSTS,
    Mailbox,
    OwnAddress,
    Received,
    Security,
    Suppression,
    Turn,
    TurnKind,
)
from desk.channels.models import OPEN, Channel, Delivery, DeliveryState
from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.lib import sealed
from desk.partners.models import Person

ERROR_MAX = 500
WHY_MAX = 500
OWN_ADDRESSES_MAX = 50
MAILBOXES_MAX = 50
# One sender is told at most once in this time that a mail has come (specification 6).
ACKNOWLEDGED_EVERY = timedelta(hours=1)
# The reason that an acknowledgement is sent for, and that its reader is shown.
SENDER = "sender"
# Mails of one ticket to one address within a day of the reader (specification 6).
MAILS_PER_DAY_MAX = 10
# One statement, since every new ticket by mail asks: the row is taken, or its time is not yet.
_ACKNOWLEDGED = """
    INSERT INTO email_acknowledgement (address, at) VALUES (%s, %s)
    ON CONFLICT (lower(address)) DO UPDATE SET at = excluded.at
    WHERE email_acknowledgement.at <= %s
"""


class AddressTaken(Exception):
    """The address belongs to another mailbox, or is in the list already."""


class TooMany(Exception):
    """There are as many as the desk looks after."""


class Unprotected(Exception):
    """A password goes to another machine only encrypted."""


@dataclass(frozen=True, slots=True)
class MailboxCard:
    """What a person enters of a mailbox; `password` "" keeps the present one."""

    name: str
    address: str
    host: str
    port: int
    security: str
    login: str
    password: str
    folder: str = "INBOX"
    authserv_id: str = ""
    plus: bool = True


def add_mailbox(cause: Cause, card: MailboxCard) -> Mailbox:
    """Begin to read a mailbox. Raises `AddressTaken`, `TooMany`, `Unprotected`."""
    if Mailbox.objects.count() >= MAILBOXES_MAX:
        raise TooMany
    made = Mailbox(created_at=cause.at)
    return _write(cause, made, card, "add_mailbox")


def change_mailbox(cause: Cause, mailbox_id: int, card: MailboxCard) -> Mailbox:
    """Read it elsewhere, or otherwise. Another server, login or folder is read anew from the
    mails that are unread there. Raises `AddressTaken`, `Unprotected`."""
    with transaction.atomic():
        found = Mailbox.objects.select_for_update().get(pk=mailbox_id)
        place = (found.host, found.login, found.folder)
        if place != (card.host, card.login, card.folder):
            found.uidvalidity = found.uid_last = found.reached_at = None
        found.error, found.failures = "", 0
        return _write(cause, found, card, "change_mailbox")


def switch_mailbox(cause: Cause, mailbox_id: int, *, on: bool) -> Mailbox:
    """Read a mailbox, or leave it alone; how far it was read is remembered."""
    with transaction.atomic():
        found = Mailbox.objects.select_for_update().get(pk=mailbox_id)
        if found.is_active != on:
            found.is_active = on
            found.version += 1
            found.error, found.failures = "", 0
            found.save(update_fields=["is_active", "version", "error", "failures"])
            journal.record(cause, "switch_mailbox", found.key, {"on": on})
        return found


def _write(cause: Cause, mailbox: Mailbox, card: MailboxCard, verb: str) -> Mailbox:
    if card.security == Security.NONE and card.host.lower() not in LOCAL_HOSTS:
        raise Unprotected
    for name in ("name", "address", "host", "port", "security", "login", "folder"):
        setattr(mailbox, name, getattr(card, name))
    mailbox.authserv_id, mailbox.plus = card.authserv_id, card.plus
    mailbox.version += 1
    if card.password:
        mailbox.password = sealed.seal(card.password)
    try:
        with transaction.atomic():
            mailbox.save()
            facts = {"host": card.host, "password": bool(card.password)}
            journal.record(cause, verb, mailbox.key, facts)
    except IntegrityError as error:
        raise AddressTaken from error
    return mailbox


def contact(mailbox_id: int, at: datetime, remark: str = "") -> None:
    """The mailbox was read; `remark` says what was not well all the same."""
    rows = Mailbox.objects.filter(pk=mailbox_id)
    rows.update(contact_at=at, reached_at=at, error=remark[:ERROR_MAX], failures=0)


def contact_failed(mailbox_id: int, at: datetime, error: str) -> int:
    """The mailbox could not be read; `error` is a plain sentence without secrets. Returns how
    often in a row."""
    with transaction.atomic():
        found = Mailbox.objects.select_for_update().filter(pk=mailbox_id).first()
        if found is None:
            return 0
        found.error, found.failures = channels.clean(error, ERROR_MAX), found.failures + 1
        found.contact_at = at
        found.save(update_fields=["error", "failures", "contact_at"])
        return found.failures


def begin_reading(mailbox_id: int, uidvalidity: int, uid_before: int) -> None:
    """From now on UIDs count under this UIDVALIDITY; up to `uid_before` it lay there before."""
    rows = Mailbox.objects.filter(pk=mailbox_id)
    rows.update(uidvalidity=uidvalidity, uid_last=0, uid_before=uid_before)


def read_up_to(mailbox_id: int, uidvalidity: int, uid: int) -> None:
    """All mails up to this UID were kept, or need not be; nothing goes back."""
    rows = Mailbox.objects.filter(pk=mailbox_id, uidvalidity=uidvalidity, uid_last__lt=uid)
    rows.update(uid_last=uid)


def add_address(cause: Cause, address: str, authserv_id: str, *, plus: bool) -> OwnAddress:
    """Let the built-in receiver take mail for an address. Raises `AddressTaken`, `TooMany`."""
    if OwnAddress.objects.count() >= OWN_ADDRESSES_MAX:
        raise TooMany
    made = OwnAddress(address=address, authserv_id=authserv_id, plus=plus, created_at=cause.at)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            journal.record(cause, "add_address", f"own_address:{made.pk}", {})
    except IntegrityError as error:
        raise AddressTaken from error
    return made


def remove_address(cause: Cause, address_id: int) -> None:
    """Take no more mail for an address."""
    with transaction.atomic():
        if OwnAddress.objects.filter(pk=address_id).delete()[0]:
            journal.record(cause, "remove_address", f"own_address:{address_id}", {})


def received(row: Received) -> Received:
    """Remember what became of a mail; call it in the transaction of that deed."""
    row.save(force_insert=True)
    return row


def suppress(address: str, why: str, delivery: Delivery | None, at: datetime) -> bool:
    """Send nothing more to an address; False when it is in the list already."""
    row = Suppression(address=address, why=why[:WHY_MAX], delivery=delivery, since_at=at)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def lift(cause: Cause, suppression_id: int) -> None:
    """Send to the address again; a second click does nothing more."""
    with transaction.atomic():
        found = Suppression.objects.select_for_update().get(pk=suppression_id)
        if found.lifted_at is None:
            found.lifted_at = cause.at
            found.save(update_fields=["lifted_at"])
            journal.record(cause, "lift", f"suppression:{found.pk}", {})


def acknowledge(entry_id: int, person: Person, at: datetime) -> Delivery:
    """Tell a person that the mail has come and is a ticket, by the entry of its submission; within
    an hour of the last time it is only noted. Call it in the transaction that makes the ticket."""
    may = _may_acknowledge(person.email, at)
    row = Delivery(
        entry_id=entry_id,
        channel=Channel.EMAIL,
        address=person.email,
        person=person,
        why=SENDER,
        state=DeliveryState.WAITING if may else DeliveryState.DROPPED,
        error="" if may else "held: this sender was acknowledged within the hour",
        next_at=at if may else None,
        ended_at=None if may else at,
        created_at=at,
    )
    row.save(force_insert=True)
    return row


def _may_acknowledge(address: str, at: datetime) -> bool:
    """Whether the hour is over; two processes that ask at once get one yes."""
    with connection.cursor() as cursor:
        cursor.execute(_ACKNOWLEDGED, [address, at, at - ACKNOWLEDGED_EVERY])
        return bool(cursor.rowcount == 1)


def take_turn(delivery: Delivery, ticket_id: int, today: date, *, always: bool) -> Turn:
    """The turn of a mail among those of its ticket and address on a day; the same one whenever it
    is asked. `always`: it goes at once, whatever went before."""
    with transaction.atomic():
        address = delivery.address.lower()
        _one_at_a_time(f"mail:{ticket_id}:{address}")
        found = Turn.objects.filter(delivery=delivery).first()
        if found is not None:
            return _released(found, today)
        rows = Turn.objects.filter(ticket=ticket_id, address=address)
        went = rows.filter(on=today, kind__in=(TurnKind.SENT, TurnKind.SUMMARY)).count()
        made = Turn(delivery=delivery, ticket_id=ticket_id, address=address, on=today)
        made.kind = TurnKind.SENT
        if went >= MAILS_PER_DAY_MAX and not always:
            waits = rows.filter(held_on=today, kind=TurnKind.HELD)
            made.kind = TurnKind.FOLDED if waits.exists() else TurnKind.HELD
            made.held_on = today
        made.save(force_insert=True)
        return made


def _released(turn: Turn, today: date) -> Turn:
    """What was held goes on a later day, as the mail that tells of all of them."""
    if turn.kind == TurnKind.HELD and turn.on < today:
        turn.kind, turn.on = TurnKind.SUMMARY, today
        turn.save(update_fields=["kind", "on"])
    return turn


def _one_at_a_time(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def note_held(delivery: Delivery, why: str) -> None:
    """Write down why a mail waits, for whoever looks at the log."""
    rows = Delivery.objects.filter(pk=delivery.pk, state__in=OPEN)
    rows.update(error=why[:ERROR_MAX])
