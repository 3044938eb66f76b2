"""What is on record of tickets that people held, as stories."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Count, Q

from desk.journal import queries as journal
from desk.journal.models import Entry
from desk.oversight.queries import story as fold
from desk.partners.models import Assignment
from desk.rules.lifecycle import STATES, Verb
from desk.rules.standard.facts import Story
from desk.tickets.models import Clock, Message, Ticket
from desk.workdays.models import Activity, Interval

OPEN = [state for state, row in STATES.items() if row.open]
# What a story is made of; what else an entry has is not read for thousands of them.
READ = ("at", "by", "verb", "subject", "facts")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Told:
    """A story, and the entries by which it was handed over."""

    story: Story
    takeovers: tuple[Entry, ...]


def stories(person_ids: Collection[int], since_at: datetime, at: datetime) -> list[Told]:
    """Tickets that any of these people held since `since_at`, or hold, by id."""
    tickets = _held(person_ids, since_at)
    keys = [ticket.key for ticket in tickets]
    numbers = [ticket.pk for ticket in tickets]
    entries = _grouped(
        (entry for entry in journal.of_many(keys).only(*READ) if entry.at <= at),
        lambda row: row.subject,
    )
    clocks = _grouped(
        Clock.objects.filter(ticket__in=numbers).order_by("id"), lambda row: row.ticket_id
    )
    messages = _grouped(
        Message.objects.filter(ticket__in=numbers, at__lte=at).order_by("at", "id"),
        lambda row: row.ticket_id,
    )
    work = _work(tickets, at)
    written = _dossiers(tickets, at)
    return [
        Told(
            fold.story(
                fold.Records(
                    ticket,
                    tuple(entries[ticket.key]),
                    tuple(clocks[ticket.pk]),
                    tuple(messages[ticket.pk]),
                    tuple(work[ticket.key]),
                    tuple(written[f"project:{ticket.project_id}"]),
                )
            ),
            tuple(entry for entry in entries[ticket.key] if _is_takeover(entry)),
        )
        for ticket in tickets
    ]


def _held(person_ids: Collection[int], since_at: datetime) -> list[Ticket]:
    """By the present executor, by a handover since then, or by an acceptance since then of what
    came to their projects: a cover who accepts takes over what the lead owed."""
    moved = Entry.objects.filter(
        verb=Verb.HAND_OVER, at__gte=since_at, facts__executor_from__in=list(person_ids)
    )
    keys = moved.values_list("subject", flat=True).distinct()
    numbers = [int(key.removeprefix("ticket:")) for key in keys]
    now = Q(executor_id__in=person_ids) & (Q(state__in=OPEN) | Q(changed_at__gte=since_at))
    projects = Assignment.objects.filter(specialist__person_id__in=list(person_ids))
    theirs = projects.filter(Q(until_at=None) | Q(until_at__gt=since_at)).values("project")
    others = Q(project__in=theirs, accepted_at__gte=since_at) & ~Q(executor_id__in=person_ids)
    rows = Ticket.objects.filter(now | Q(pk__in=numbers) | others)
    return list(rows.annotate(part_count=Count("parts")).order_by("pk"))


def _work(tickets: Iterable[Ticket], at: datetime) -> defaultdict[str, list[Interval]]:
    """Work on tickets and their parts by the ticket's key, by beginning."""
    subjects = [
        subject
        for ticket in tickets
        for subject in fold.parts_of(getattr(ticket, "part_count", 0), ticket.key)
    ]
    rows = Interval.objects.filter(
        activity=Activity.WORK, subject__in=subjects, struck_at=None, since_at__lte=at
    )
    return _grouped(rows.order_by("since_at", "id"), lambda row: row.subject.partition("/")[0])


def _dossiers(tickets: Collection[Ticket], at: datetime) -> defaultdict[str, list[Entry]]:
    """What was written in the dossiers of their projects, by project, since the first of them."""
    if not tickets:
        return defaultdict(list)
    since_at = min(ticket.submitted_at for ticket in tickets)
    keys = {f"project:{ticket.project_id}" for ticket in tickets}
    rows = Entry.objects.filter(subject__in=keys, verb=fold.WRITE_DOSSIER, at__range=(since_at, at))
    return _grouped(rows.order_by("id"), lambda row: row.subject)


def _is_takeover(entry: Entry) -> bool:
    """Whoever is given a ticket needs a while to read it, whatever the reason."""
    return entry.verb == Verb.HAND_OVER


def _grouped(rows: Iterable[Row], key: Callable[[Row], object]) -> defaultdict[Any, list[Row]]:
    found: defaultdict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found
