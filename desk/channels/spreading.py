"""From who is told to what is sent: deliveries by the ways that each person has chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from desk.channels import routing, themes, topics
from desk.channels.models import Channel, Delivery
from desk.channels.notices import choices, ways
from desk.channels.notices.models import Held
from desk.channels.reasons import Told, Why
from desk.channels.routing import Sending, Way
from desk.channels.themes import News
from desk.journal.models import Entry
from desk.partners.models import Invitation, Person

FRESH = timedelta(days=2)


@dataclass(slots=True)
class Spread:
    """What is to be written down; `silent` are the persons, by entry, whose bell does not ring."""

    deliveries: list[Delivery] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    silent: set[tuple[int, int]] = field(default_factory=set)


def of(told: Mapping[Entry, Sequence[Told]], at: datetime) -> Spread:
    """The deliveries of a batch of entries. One query for all choices, and one for each way."""
    spread = Spread([row for entry in told for row in _of_account(entry, at)])
    people = {each.person.pk: each.person for row in told.values() for each in row}
    if not people:
        return spread
    chosen, reach = choices.of_all(people.values()), ways.addresses(people.values())
    for entry, row in told.items():
        ticket = ticket_of(entry)
        for each in row:
            news = themes.of(entry, each, ticket)
            own = chosen[each.person.pk]
            if not is_news(entry, at) or not own.on(news.theme, Way.APP):
                spread.silent.add((entry.pk, each.person.pk))
            if is_news(entry, at):
                known = reach[each.person.pk]
                for sending in routing.sendings(news, own, known, at):
                    _add(spread, entry, each, news, (sending, known.get(sending.way, ())), at)
    return spread


def is_news(entry: Entry, at: datetime) -> bool:
    """News of long ago (an imported or simulated past) stand in the list, but disturb nobody."""
    return at - entry.at <= FRESH


def ticket_of(entry: Entry) -> int | None:
    """The ticket that a notice of the entry is about; what a deposit tells is about none."""
    return None if entry.subject.startswith("deposit:") else topics.ticket_id(entry)


def _add(
    spread: Spread,
    entry: Entry,
    told: Told,
    news: News,
    planned: tuple[Sending, Iterable[str]],
    at: datetime,
) -> None:
    sending, addresses = planned
    channel = Channel(sending.way.value)
    for address in addresses:
        row = _delivery(entry, told.person, address, told.why, at)
        row.channel, row.next_at = channel, sending.due_at
        spread.deliveries.append(row)
    if sending.hold:
        spread.held.append(
            Held(
                entry=entry,
                person=told.person,
                channel=channel,
                theme=news.theme,
                hold=sending.hold,
                ticket_id=news.ticket,
                promised=news.promised,
            )
        )


def _of_account(entry: Entry, at: datetime) -> Iterable[Delivery]:
    """A mail about an account asks for no choice: it is the person's own, or their security."""
    single = _address_only(entry)
    if single is not None:
        address, person, why = single
        yield _delivery(entry, person, address, why, at)


def _delivery(
    entry: Entry, person: Person | None, address: str, why: str, at: datetime
) -> Delivery:
    return Delivery(
        entry=entry,
        channel=Channel.EMAIL,
        address=address,
        person=person,
        why=why,
        next_at=at,
        created_at=at,
    )


def _address_only(entry: Entry) -> tuple[str, Person | None, Why] | None:
    """The one address of a mail about an account: an invitation, or a new password."""
    number = entry.subject.partition(":")[2]
    if entry.verb == "invite":
        return Invitation.objects.get(pk=number).email, None, Why.INVITED
    if entry.verb == "reset_password":
        person = Person.objects.get(pk=number)
        return person.email, person, Why.ACCOUNT
    return None
