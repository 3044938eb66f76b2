"""What a person decides about a mail that nobody could use, and about who writes to the desk."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from desk.channels import actions as channels
from desk.channels.actions import NotQuarantined
from desk.channels.email.models import Alias, BlockedSender, Received
from desk.channels.models import Arrival, ArrivalState
from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.partners import queries as partners
from desk.tickets import actions as tickets

ALIASES_MAX = 1000
BLOCKED_MAX = 1000


class NoAddress(Exception):
    """The mail does not say who it is from."""


class Known(Exception):
    """The address is a person's, or somebody's other address, already."""


class TooMany(Exception):
    """There are as many as the desk looks after."""


def attribute(cause: Cause, arrival_id: int, address: str, person_id: int) -> Alias:
    """From now on mail of this address is this person's; the mail at hand is tried again.
    Raises `NoAddress`, `Known`, `TooMany`, `NotQuarantined`."""
    with transaction.atomic():
        made = _alias(cause, address, person_id)
        channels.replay(_beside(cause), arrival_id)
        return made


def _alias(cause: Cause, address: str, person_id: int) -> Alias:
    if "@" not in address:
        raise NoAddress
    if partners.by_email(address) is not None:
        raise Known
    if Alias.objects.count() >= ALIASES_MAX:
        raise TooMany
    made = Alias(address=address, person_id=person_id, created_at=cause.at)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            facts = {"address": address, "person": person_id}
            journal.record(cause, "add_alias", f"alias:{made.pk}", facts)
    except IntegrityError as error:
        raise Known from error
    return made


def remove_alias(cause: Cause, alias_id: int) -> None:
    """Mail of this address is nobody's again; a second click does nothing more."""
    with transaction.atomic():
        found = Alias.objects.select_for_update().filter(pk=alias_id).first()
        if found is not None:
            facts = {"address": found.address, "person": found.person_id}
            found.delete()
            journal.record(cause, "remove_alias", f"alias:{alias_id}", facts)


def block(cause: Cause, arrival_id: int, address: str) -> None:
    """Listen to this address no more: its mails are kept, and nothing is made of them. The mail
    at hand is put aside. Raises `NoAddress`, `Known`, `TooMany`, `NotQuarantined`."""
    if "@" not in address:
        raise NoAddress
    if partners.by_email(address) is not None:
        raise Known
    if BlockedSender.objects.count() >= BLOCKED_MAX:
        raise TooMany
    with transaction.atomic():
        made, fresh = BlockedSender.objects.get_or_create(
            address=address, defaults={"since_at": cause.at}
        )
        if fresh:
            facts = {"address": address}
            journal.record(cause, "block_sender", f"blocked_sender:{made.pk}", facts)
        channels.dismiss(_beside(cause) if fresh else cause, arrival_id)


def unblock(cause: Cause, blocked_id: int) -> None:
    """Listen to this address again; a second click does nothing more."""
    with transaction.atomic():
        found = BlockedSender.objects.select_for_update().filter(pk=blocked_id).first()
        if found is not None:
            facts = {"address": found.address}
            found.delete()
            journal.record(cause, "unblock_sender", f"blocked_sender:{blocked_id}", facts)


def vouch(cause: Cause, arrival_id: int) -> Arrival:
    """A person says that this mail is genuine and to be used: what a program wrote becomes a
    ticket, a sender whom the receiving server doubts is believed. Who may write where is decided
    as ever. Raises `NotQuarantined` for a mail of which something was made."""
    with transaction.atomic():
        rows = Arrival.objects.defer("raw").select_for_update()
        found = rows.get(pk=arrival_id)
        kept = Received.objects.filter(arrival=found, ticket=None)
        waits = found.state == ArrivalState.QUARANTINED
        if not waits and not (found.state == ArrivalState.DONE and kept.exists()):
            raise NotQuarantined
        kept.delete()
        found.state, found.attempts, found.outcome = ArrivalState.WAITING, 0, ""
        found.next_at, found.ended_at = cause.at, None
        found.save(update_fields=["state", "attempts", "outcome", "next_at", "ended_at"])
        journal.record(cause, "vouch", f"arrival:{found.pk}", {"channel": found.channel})
        return found


def let_follow(cause: Cause, arrival_id: int, ticket_id: int, person_id: int) -> None:
    """Make the sender a participant of the ticket and try the mail again. Raises
    `NotQuarantined`."""
    with transaction.atomic():
        tickets.follow(cause, ticket_id, person_id)
        channels.replay(_beside(cause), arrival_id)


def _beside(cause: Cause) -> Cause:
    """The same cause for the second deed of one click: a key stands for one entry."""
    return Cause(cause.by, cause.at, cause.channel)
