"""Links in mails by which a partner's person confirms, returns or answers without signing in (T10).

A link proves that its holder reads that person's mail, and no more: it shows one ticket, allows
to confirm, to return and to write, and never approves money. It holds for the cycle of the mail
and for a named time; what the person may do is asked anew each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing

from desk.channels import addresses
from desk.partners.models import Person
from desk.rules.lifecycle import State, Verb
from desk.tickets import queries as tickets
from desk.tickets.models import Ticket

SALT = "desk.channels.email.link"
LASTS = timedelta(days=30)
ASKED = {State.DELIVERED: Verb.CONFIRM, State.AWAITING_PARTNER: Verb.MESSAGE}


class BadLink(Exception):
    """The link is not one of ours, is too old, or its reader may not see the ticket any more."""


@dataclass(frozen=True, slots=True)
class Link:
    """Who holds the link, and the ticket as it is now. `verbs` are what the link allows."""

    person: Person
    ticket: Ticket
    verbs: frozenset[Verb]


def path(ticket: Ticket, person: Person, at: datetime) -> str:
    """The page that asks this person about this ticket; "" when nothing is asked of them."""
    asked = ASKED.get(State(ticket.state))
    if asked is None or asked not in tickets.verbs(person.pk, ticket, at):
        return ""
    content = [person.pk, ticket.pk, ticket.cycle, int(at.timestamp())]
    return addresses.answer(signing.Signer(salt=SALT).sign_object(content, compress=True))


def opened(token: str, at: datetime) -> Link:
    """The link behind a token. Raises `BadLink`."""
    try:
        person_id, ticket_id, cycle, made = signing.Signer(salt=SALT).unsign_object(token)
    except signing.BadSignature as error:
        raise BadLink from error
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    if person is None or at.timestamp() > made + LASTS.total_seconds():
        raise BadLink
    seen = tickets.visible_to(person).select_related("partner", "project")
    ticket = seen.filter(pk=ticket_id, cycle=cycle).first()
    if ticket is None or tickets.access(person).is_staff:
        raise BadLink
    return Link(person, ticket, _allowed(person, ticket, at))


def _allowed(person: Person, ticket: Ticket, at: datetime) -> frozenset[Verb]:
    """Confirm and return where a result waits, an answer where a question does."""
    if ticket.state not in ASKED:
        return frozenset()
    offered = set(tickets.verbs(person.pk, ticket, at))
    asked = ASKED[State(ticket.state)]
    return frozenset(offered & {asked, *({Verb.RETURN} if asked == Verb.CONFIRM else ())})
