"""Reading the bell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from desk.channels import money_told, standing, words
from desk.channels.notices.models import Notice
from desk.channels.troubles import words as troubles
from desk.partners.models import Person, StaffMembership, StaffRole
from desk.tickets import queries as tickets
from desk.tickets.queries import Access

PAGE = 50
COUNT_MAX = 99
# What the desk tells by itself; whose move was the last drop does not matter.
OF_THE_DESK = frozenset({"hold"})


@dataclass(frozen=True, slots=True)
class Row:
    """A notice as it is shown: what, on which ticket, by whom, when, and why the reader has it.

    `due_at` is of a warning: the deadline that comes near.
    """

    id: int
    verb: str
    headline: str
    number: str
    subject: str
    by: str
    why: str
    at: datetime
    read: bool
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, the newest first; `before` leads to the next page, None at the end."""

    rows: tuple[Row, ...]
    before: int | None


def unread_count(person: Person, known: Access | None = None) -> int:
    """How many notices the person has not read, at most `COUNT_MAX`: the bell says no more."""
    unread = of(person, known).filter(read_at=None).order_by()
    return unread.values("pk")[:COUNT_MAX].count()


def page(person: Person, before: int | None = None) -> Page:
    """The person's notices of what he or she may still see."""
    known = tickets.access(person)
    found = of(person, known).select_related("entry", "ticket__partner")
    if before is not None:
        found = found.filter(pk__lt=before)
    notices = list(found[: PAGE + 1])
    shown, more = notices[:PAGE], len(notices) > PAGE
    doers = _doers(known, shown)
    rows = tuple(_row(notice, doers.get(notice.entry.by, "")) for notice in shown)
    return Page(rows, shown[-1].pk if more else None)


def of(person: Person, known: Access | None = None) -> QuerySet[Notice]:
    """Notices whose ticket, or partner, the person may know of at this moment; `known` spares
    the query for the roles."""
    seen_by = known or tickets.access(person)
    mine = Notice.objects.filter(person=person).order_by("-id")
    if seen_by.is_staff:
        return mine
    own = [role.partner_id for role in seen_by.roles]
    seen = tickets.visible_to(person, seen_by).values("pk")
    theirs = Q(ticket__in=seen) | Q(ticket=None, entry__partner_id__in=own)
    return mine.filter(theirs | Q(entry__subject=f"person:{person.pk}"))


def _row(notice: Notice, by: str) -> Row:
    ticket = notice.ticket
    return Row(
        id=notice.pk,
        verb=notice.verb,
        headline=_headline(notice),
        number=tickets.number(ticket) if ticket else "",
        subject=ticket.subject if ticket else "",
        by="" if notice.verb in OF_THE_DESK else by,
        why=words.why(notice.why),
        at=notice.at,
        read=notice.read_at is not None,
        due_at=_due(notice),
    )


def _headline(notice: Notice) -> str:
    """What happened; of a channel's trouble also where and what."""
    headline, entry = words.headline(notice.verb), notice.entry
    if notice.verb == "lose_way":
        return words.lost_way(entry.facts) or headline
    if notice.verb in words.STANDARD:
        return words.of_standard(notice.verb, entry.facts)
    if notice.verb in standing.TELLS:
        return standing.sentence(entry)
    if notice.verb in money_told.VERBS:
        return money_told.sentence(entry) or headline
    if notice.verb not in troubles.VERBS:
        return headline
    return f"{headline}. {troubles.sentence(entry.subject, entry.facts)}"


def _due(notice: Notice) -> datetime | None:
    due_at = notice.entry.facts.get("due_at") if notice.verb == "warn" else None
    return datetime.fromisoformat(due_at) if isinstance(due_at, str) else None


def _doers(reader: Access, notices: Iterable[Notice]) -> dict[str, str]:
    """Names by "person:7". Production's people stay unnamed towards partners."""
    numbers = {notice.entry.by.partition(":")[2] for notice in notices} - {""}
    people = Person.objects.filter(pk__in=numbers)
    if not reader.is_staff:
        production = StaffMembership.objects.filter(role=StaffRole.PRODUCTION)
        people = people.exclude(pk__in=production.values("person"))
    return {f"person:{person.pk}": person.name for person in people}
