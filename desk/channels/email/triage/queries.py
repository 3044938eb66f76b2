"""Mails that came in, as a person reads them: what waits, what was kept without a ticket, and what
may be done with each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import BinaryField, Func, Q, QuerySet, Value
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desk.channels.email import matching, reading, replies, senders
from desk.channels.email.models import Received
from desk.channels.email.reading import Mail
from desk.channels.email.senders import Sender
from desk.channels.models import Arrival, ArrivalState, Intake
from desk.partners.models import Membership, Person
from desk.tickets import queries as tickets
from desk.tickets.models import Ticket

LISTED_MAX = 50
HEAD_BYTES_MAX = 65_536
PEOPLE_MAX = 2000
WAITING, KEPT, ALL = "waiting", "kept", "all"
# What a mail was that is on no ticket, by `Received.automatic`.
KINDS: dict[str, str | Promise] = {
    "auto-reply": _("automatic reply"),
    "bulk": _("bulk mail"),
    "list": _("mailing list"),
    "bounce": _("mail that came back"),
    Received.OWN: _("our own mail, which came back"),
    Received.BLOCKED: _("of a blocked sender"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A mail in the list. `why` is the sentence of the quarantine, or what was made of it."""

    id: int
    sender: str
    subject: str
    at: datetime
    why: str
    kind: str | Promise
    ticket: Ticket | None


@dataclass(frozen=True, slots=True)
class Opened:
    """One mail, read, and what may be done with it. `follows` is the ticket that the sender
    answers, but may not see."""

    arrival: Arrival
    mail: Mail
    kind: str | Promise
    verdict: str
    sender: Sender | None
    ticket: Ticket | None
    follows: Ticket | None
    is_forgotten: bool

    @property
    def waits(self) -> bool:
        return self.arrival.state == ArrivalState.QUARANTINED

    @property
    def is_unknown(self) -> bool:
        """Nobody is known to write from this address."""
        return self.waits and self.sender is None and "@" in self.mail.sender.address

    @property
    def may_be_vouched(self) -> bool:
        """It waits for a reason that a person may know better, or was only kept."""
        kept = self.arrival.state == ArrivalState.DONE and self.ticket is None and bool(self.kind)
        return kept or (self.waits and self.sender is not None and self.follows is None)


def listed(show: str) -> list[Row]:
    """The newest mails of a kind, at most `LISTED_MAX`."""
    head = Func("raw", Value(1), Value(HEAD_BYTES_MAX), function="substring")
    head.output_field = BinaryField()
    rows = _shown(show).defer("raw").annotate(head=head).select_related("received__ticket__partner")
    return [_row(arrival) for arrival in rows.order_by("-id")[:LISTED_MAX]]


def counts() -> dict[str, int]:
    """How many mails wait for a person."""
    return {WAITING: _shown(WAITING).count()}


def _shown(show: str) -> QuerySet[Arrival]:
    mails = Arrival.objects.filter(channel=Intake.EMAIL)
    if show == WAITING:
        return mails.filter(state=ArrivalState.QUARANTINED)
    if show == KEPT:
        alone = Q(received__isnull=False, received__ticket=None)
        return mails.filter(Q(state=ArrivalState.DONE) & alone)
    return mails


def _row(arrival: Arrival) -> Row:
    received = getattr(arrival, "received", None)
    head: bytes = bytes(getattr(arrival, "head", b"") or b"")
    mail = reading.read(head) if received is None and head else None
    sender, subject = (received.sender, received.subject) if received else ("", "")
    return Row(
        id=arrival.pk,
        sender=mail.sender.address if mail else sender,
        subject=mail.subject if mail else subject,
        at=arrival.received_at,
        why=arrival.error or arrival.outcome,
        kind=KINDS.get(received.automatic, "") if received else "",
        ticket=received.ticket if received else None,
    )


def opened(arrival_id: int) -> Opened:
    """One mail. Raises `Arrival.DoesNotExist` for what is none."""
    rows = Arrival.objects.filter(channel=Intake.EMAIL).select_related("received__ticket__partner")
    arrival = rows.get(pk=arrival_id)
    raw = bytes(arrival.raw)
    mail = reading.read(raw)
    received = getattr(arrival, "received", None)
    sender = senders.known(mail)
    return Opened(
        arrival=arrival,
        mail=mail,
        kind=KINDS.get(received.automatic, "") if received else "",
        verdict=senders.verdict(mail, arrival),
        sender=sender,
        ticket=received.ticket if received else None,
        follows=_hidden(mail, arrival, sender),
        is_forgotten=not raw,
    )


def _hidden(mail: Mail, arrival: Arrival, sender: Sender | None) -> Ticket | None:
    """The ticket of the sender's own partner that the mail answers and the sender may not see."""
    match = matching.by_token(mail, arrival) if sender is not None else None
    if match is None or sender is None or match.ticket.partner_id not in sender.partner_ids:
        return None
    visible = tickets.visible_to(sender.person, sender.access)
    return None if visible.filter(pk=match.ticket.pk).exists() else match.ticket


def people() -> list[tuple[str, list[tuple[int, str]]]]:
    """People of partners to choose from, by partner: its name, then number and name of each."""
    present = Membership.objects.filter(until_at=None, person__is_active=True)
    rows = present.select_related("partner", "person").order_by("partner__name", "person__name")
    found: dict[str, list[tuple[int, str]]] = {}
    for row in rows[:PEOPLE_MAX]:
        name = f"{row.person.name} <{row.person.email}>"
        found.setdefault(row.partner.name, []).append((row.person_id, name))
    return list(found.items())


def is_person_of_partner(person_id: int) -> bool:
    """Whether an address may be given to this person: never one of our own people."""
    held = Membership.objects.filter(person=person_id, until_at=None).exists()
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    return held and person is not None and not tickets.access(person).is_staff


def is_ours(address: str) -> bool:
    """Whether the address is one of the desk's own."""
    return replies.is_own(address, replies.own()) is not None
