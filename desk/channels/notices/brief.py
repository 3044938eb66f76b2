"""What a push message or a Telegram message says of an entry: little, and nothing internal.

Number, what happened, why, and where to read on. The texts of a ticket stay on the desk: both
ways lead over machines of others and end on screens that anybody may see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from desk.channels import addresses, money_told, recipients, topics, words
from desk.channels.errors import Pointless
from desk.channels.models import Delivery
from desk.channels.notices.models import Notice
from desk.journal.models import Entry
from desk.partners.models import Person
from desk.tickets import queries as tickets
from desk.tickets.models import Ticket
from desk.web import formats


@dataclass(frozen=True, slots=True)
class Brief:
    """`number` is "" and `thread` the entry's own subject where there is no ticket. `path` opens
    the notice and leads on to `page`; both begin at the root of the desk."""

    number: str
    headline: str
    why: str
    path: str
    page: str
    thread: str


def of(delivery: Delivery) -> Brief:
    """The words of a delivery in the active language and zone. Raises `Pointless` when its reader
    may no longer know of it, or has read it on the desk meanwhile."""
    person, entry = delivery.person, delivery.entry
    if person is None:
        raise Pointless("nobody to tell")
    ticket = _ticket(entry)
    if not recipients.may_know(person, entry, ticket):
        raise Pointless("the reader may no longer see it")
    notice = Notice.objects.filter(person=person, entry=entry).first()
    # A notice that is read since it was written is one whose bell was not to ring.
    read_at = notice.read_at if notice is not None else None
    if read_at is not None and read_at > delivery.created_at:
        raise Pointless("it was read on the desk")
    page = _page(ticket, person)
    return Brief(
        number=tickets.number(ticket) if ticket else "",
        headline=_headline(entry),
        why=words.why(delivery.why),
        # Through the notice, so that it is read by opening it.
        path=addresses.notice(notice.pk) if notice else page,
        page=page,
        thread=ticket.key if ticket else entry.subject,
    )


def several(deliveries: Sequence[Delivery]) -> tuple[list[Brief], dict[int, str]]:
    """The words of deliveries to one person that go out as one, and those that are left out of
    it, by number, with why. Raises `Pointless` when nothing is left."""
    told, left_out = [], {}
    for delivery in deliveries:
        try:
            told.append(of(delivery))
        except Pointless as reason:
            left_out[delivery.pk] = str(reason)
    if not told:
        raise Pointless("there is nothing to tell any more")
    return told, left_out


def _ticket(entry: Entry) -> Ticket | None:
    number = None if entry.subject.startswith("deposit:") else topics.ticket_id(entry)
    rows = Ticket.objects.select_related("partner")
    return rows.get(pk=number) if number is not None else None


def _headline(entry: Entry) -> str:
    if entry.verb in money_told.VERBS:
        return money_told.sentence(entry) or words.headline(entry.verb)
    text = words.of_standard(entry.verb, entry.facts)
    due_at = entry.facts.get("due_at") if entry.verb == "warn" else None
    if isinstance(due_at, str):
        return f"{text}: {formats.moment(datetime.fromisoformat(due_at))}"
    return text


def _page(ticket: Ticket | None, person: Person) -> str:
    if ticket is None:
        return addresses.notices()
    return addresses.ticket(ticket, staff=tickets.access(person).is_staff)
