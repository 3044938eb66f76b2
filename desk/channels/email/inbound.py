"""What a mail that came in does: a message, an answer, a new ticket, a bounce, or nothing.

The inbox calls `handle` in the transaction that notes it as done. What is not certain waits in
quarantine with a plain sentence (`Unclear`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from desk.channels.email import (
    actions,
    bounces,
    matching,
    opening,
    pulse,
    reading,
    replies,
    senders,
    wording,
)
from desk.channels.email.matching import Match
from desk.channels.email.models import Received
from desk.channels.email.reading import Mail
from desk.channels.email.senders import Sender
from desk.channels.errors import Unclear
from desk.channels.models import Arrival
from desk.journal import queries as journal
from desk.journal.cause import SYSTEM, Cause
from desk.journal.models import Entry
from desk.lib.files import StoredFile
from desk.partners import queries as partners
from desk.rules.lifecycle import NotAllowed, State
from desk.tickets import actions as tickets
from desk.tickets import queries
from desk.tickets.models import Message, Ticket

CHANNEL = "email"
MAIL_ID_MAX = 250


@dataclass(frozen=True, slots=True)
class Case:
    """A mail at the moment it is used. `at` is when it reached our server (R4), `used_at` now.
    `vouched`: one of our people said that it is genuine and to be used."""

    arrival: Arrival
    mail: Mail
    at: datetime
    used_at: datetime
    vouched: bool = False

    @property
    def key(self) -> str:
        """What makes its deed the same one whenever it is done."""
        return f"email:{self.arrival.pk}"

    def cause(self, by: str) -> Cause:
        return Cause(by, self.at, CHANNEL, self.key)


def handle(arrival: Arrival, at: datetime) -> str:
    """Use one mail; returns what was made of it. Raises `Unclear`, `Unreachable`."""
    organisation = partners.organisation()
    language = organisation.language if organisation else settings.LANGUAGE_CODE
    with translation.override(language):
        mail = _read(arrival)
        released = _released(arrival)
        vouched = any(entry.verb == "vouch" for entry in released)
        return _use(Case(arrival, mail, _reached_at(arrival, released, at), at, vouched))


def _read(arrival: Arrival) -> Mail:
    """The mail; one that was handed in with the null return path is of a program (RFC 3834)."""
    mail = reading.read(bytes(arrival.raw))
    if mail.automatic is None and arrival.facts.get("from") == "":
        return replace(mail, automatic="auto-reply")
    return mail


def _use(case: Case) -> str:
    mail = case.mail
    repeated = _repeated(case)
    if repeated is not None:
        return f"repeat of received:{repeated.pk}"
    if replies.is_from_us(bytes(case.arrival.raw), mail.message_id):
        _remember(case, None, None, kind=Received.OWN)
        return "our own mail, which came back"
    if mail.automatic == "bounce":
        outcome = bounces.take(mail, case.arrival, case.used_at)
        _remember(case, None, None)
        return outcome
    match = matching.by_token(mail, case.arrival)
    sender = senders.known(mail)
    if sender is None and senders.is_blocked(mail):
        _remember(case, None, None, kind=Received.BLOCKED)
        return "of a blocked sender"
    if mail.automatic and not case.vouched:
        return _overhear(case, sender, match)
    against = "" if case.vouched else senders.refuted(mail, case.arrival)
    if against:
        words = {"address": mail.sender.address, "result": against}
        text = _("The receiving server says that this mail is not from %(address)s (%(result)s).")
        raise Unclear(text % words)
    if sender is None:
        raise Unclear(_nobody(mail))
    if sender.access.is_staff:
        return _of_staff(case, sender, match)
    return _of_partner(case, sender, match or matching.by_claim(mail, sender))


def _nobody(mail: Mail) -> str:
    """Why the mail of an unknown sender waits."""
    if "@" not in mail.sender.address:
        return _("The mail does not say who it is from.")
    words = {"address": mail.sender.address}
    return _("Nobody with the address %(address)s is known to the desk.") % words


def _of_partner(case: Case, sender: Sender, match: Match | None) -> str:
    if match is None:
        return _open(case, sender)
    visible = queries.visible_to(sender.person, sender.access)
    if not visible.filter(pk=match.ticket.pk).exists():
        names = {"name": sender.person.name, "number": queries.number(match.ticket)}
        raise Unclear(_("%(name)s answers a mail about %(number)s, but may not see it.") % names)
    cause = case.cause(f"person:{sender.person.pk}")
    delivered = match.proved and match.ticket.state == State.DELIVERED
    if delivered and wording.confirms(case.mail):
        try:
            ticket = tickets.confirm(cause, match.ticket.pk)
        except NotAllowed:
            return _say(case, sender, match)
        _remember(case, sender, ticket)
        return ticket.key
    return _say(case, sender, match)


def _of_staff(case: Case, sender: Sender, match: Match | None) -> str:
    """Our people act only in answer to a mail that was sent to them, never by From alone."""
    name = {"name": sender.person.name}
    if match is None or sender.person.pk not in match.readers:
        text = _("%(name)s works at the desk; by mail our people only answer the desk's own mails.")
        raise Unclear(text % name)
    entry = match.delivery.entry if match.delivery is not None else None
    if entry is not None and replies.spoken(entry):
        return _say(case, sender, match)
    said = wording.of(case.mail)
    cause = case.cause(f"person:{sender.person.pk}")
    try:
        ticket = tickets.note(cause, match.ticket.pk, said.written, said.files)
    except NotAllowed as error:
        raise Unclear(_("%(name)s may not write on this ticket.") % name) from error
    _remember(case, sender, ticket, said.whole)
    return ticket.key


def _say(case: Case, sender: Sender, match: Match) -> str:
    """A message; while an answer is awaited it is the answer."""
    swift = pulse.is_swift(match, case.at)
    if not case.vouched:
        pulse.refuse_machine(sender, match.ticket, case.used_at, swift=swift)
    said = wording.of(case.mail)
    cause = case.cause(f"person:{sender.person.pk}")
    try:
        written = tickets.message(cause, match.ticket.pk, said.written, said.files)
    except NotAllowed as error:
        name = {"name": sender.person.name}
        raise Unclear(_("%(name)s may not write on this ticket.") % name) from error
    _remember(case, sender, written, said.whole, swift=swift)
    return written.key


def _open(case: Case, sender: Sender) -> str:
    if not case.vouched:
        opening.refuse_flood(sender, case.used_at)
    choice = opening.project(case.mail, case.arrival, sender)
    said = wording.of(case.mail)
    if choice.guessed:
        text = _("The mail names no project; the desk chose %(project)s.")
        said.remarks.append(text % {"project": choice.project.name})
    submission = tickets.Submission(
        partner_id=choice.project.partner_id,
        project_id=choice.project.pk,
        subject=wording.subject(case.mail),
        text=said.written,
        author_id=sender.person.pk,
        files=said.files,
        received_at=case.arrival.received_at,
    )
    ticket = tickets.submit(case.cause(f"person:{sender.person.pk}"), submission)
    message = _remember(case, sender, ticket, said.whole).message
    if message is not None and message.entry_id is not None and not case.mail.automatic:
        actions.acknowledge(message.entry_id, sender.person, case.used_at)
    return ticket.key


def _overhear(case: Case, sender: Sender | None, match: Match | None) -> str:
    """Automatic mail of any kind is kept where it belongs, and does nothing there (RFC 3834)."""
    if match is None and sender is not None:
        match = matching.by_claim(case.mail, sender)
    if match is None:
        _remember(case, sender, None)
        return "automatic mail, on no ticket"
    said = wording.of(case.mail)
    head = _("Automatic mail of %(address)s:") % {"address": case.mail.sender.address or "?"}
    files: tuple[StoredFile, ...] = said.files
    tickets.overhear(case.cause(SYSTEM), match.ticket.pk, f"{head}\n\n{said.written}", files)
    _remember(case, sender, match.ticket)
    return f"automatic mail on {match.ticket.key}"


def _remember(
    case: Case,
    sender: Sender | None,
    ticket: Ticket | None,
    whole: str = "",
    *,
    kind: str = "",
    swift: bool = False,
) -> Received:
    entry = journal.by_key(case.key)
    message = Message.objects.filter(entry_id=entry.pk).first() if entry else None
    return actions.received(
        Received(
            arrival=case.arrival,
            mail_id=case.mail.message_id[:MAIL_ID_MAX],
            fingerprint=_fingerprint(case),
            sender=case.mail.sender.address[:254],
            subject=case.mail.subject[:300],
            automatic=kind or case.mail.automatic or "",
            person=sender.person if sender else None,
            partner_id=ticket.partner_id if ticket else None,
            ticket=ticket,
            message=message,
            text=whole,
            swift=swift,
            at=case.used_at,
        )
    )


def _repeated(case: Case) -> Received | None:
    """The same mail, as it came another way before."""
    fingerprint = _fingerprint(case)
    return Received.objects.filter(fingerprint=fingerprint).first() if fingerprint else None


def _fingerprint(case: Case) -> str | None:
    """Message-ID and body together; without an id the mail is told from others by its transport."""
    if not case.mail.message_id:
        return None
    raw = bytes(case.arrival.raw).replace(b"\r\n", b"\n")
    body = raw.partition(b"\n\n")[2].rstrip(b"\n")
    return hashlib.sha256(case.mail.message_id.encode() + b"\0" + body).hexdigest()


def _released(arrival: Arrival) -> list[Entry]:
    """When our people let the mail be tried again, and how."""
    return list(journal.of(f"arrival:{arrival.pk}").filter(verb__in=("replay", "vouch")))


def _reached_at(arrival: Arrival, released: list[Entry], at: datetime) -> datetime:
    """When our server had it; for one released from quarantine the release (R4)."""
    if released:
        return released[-1].at
    said = arrival.facts.get("internal_at")
    reached = datetime.fromisoformat(said) if isinstance(said, str) else arrival.received_at
    return min(reached, at)
