"""Who stepped into a ticket: nobody rules on it or audits it who did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from django.db.models import Q

from desk.journal.models import Entry

# To excuse a breach, or to let bad work be done anew, is done from above: that is no part in it.
FROM_ABOVE = frozenset({"excuse", "redo"})
Since = dict[int, dict[int, datetime]]


def since(ticket_ids: Iterable[int], person_ids: Collection[int]) -> Since:
    """Of these people, since when each is part of each ticket: executed it, moved it, wrote in it
    or ruled on a dispute of it. One query; a ticket without any is not named."""
    subjects = [f"ticket:{number}" for number in sorted(set(ticket_ids))]
    if not subjects or not person_ids:
        return {}
    people = frozenset(person_ids)
    deeds = Entry.objects.filter(subject__in=subjects).filter(
        Q(by__in=[f"person:{one}" for one in people]) | Q(facts__executor__in=list(people))
    )
    found: Since = defaultdict(dict)
    for entry in deeds.order_by("id").only("subject", "by", "verb", "at", "facts"):
        for person_id in _parts(entry):
            if person_id in people:
                found[int(entry.subject.removeprefix("ticket:"))].setdefault(person_id, entry.at)
    return dict(found)


def of_tickets(ticket_ids: Iterable[int], person_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Of these people, who is part of each ticket; a ticket without any is not named."""
    return {ticket_id: frozenset(each) for ticket_id, each in since(ticket_ids, person_ids).items()}


def is_involved(person_id: int, ticket_id: int | None) -> bool:
    """Whether a person stepped into a ticket; nobody did into none."""
    return ticket_id is not None and bool(since([ticket_id], [person_id]))


def _parts(entry: Entry) -> Iterator[int]:
    kind, _, number = entry.by.partition(":")
    if kind == "person" and entry.verb not in FROM_ABOVE:
        yield int(number)
    executor = entry.facts.get("executor")
    if isinstance(executor, int):
        yield executor
