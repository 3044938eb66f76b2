"""Who stepped into a ticket: nobody rules on it or audits it who did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from desk.journal.models import Entry
from desk.tickets.models import Dispute, Promise, Ticket

# Answering a complaint of a ticket is done from above: to let its work be done anew is no part.
FROM_ABOVE = ("redo",)


def of_tickets(
    ticket_ids: Collection[int], person_ids: Collection[int]
) -> dict[int, frozenset[int]]:
    """Of these people, who executed each ticket at any time, moved it, wrote in it, or ruled on
    a dispute of it; five queries, however many tickets. A ticket without any is not named."""
    if not ticket_ids or not person_ids:
        return {}
    found: dict[int, set[int]] = defaultdict(set)
    for ticket_id, person_id in _pairs(ticket_ids, frozenset(person_ids)):
        found[ticket_id].add(person_id)
    return {ticket_id: frozenset(people) for ticket_id, people in found.items()}


def is_involved(person_id: int, ticket_id: int | None) -> bool:
    """Whether a person stepped into a ticket; nobody did into none."""
    return ticket_id is not None and bool(of_tickets([ticket_id], [person_id]))


def _pairs(ticket_ids: Collection[int], people: frozenset[int]) -> Iterator[tuple[int, int]]:
    executed = Promise.objects.filter(ticket__in=ticket_ids, executor__in=people)
    for ticket_id, person_id in executed.values_list("ticket_id", "executor_id"):
        yield ticket_id, int(person_id or 0)
    executing = Ticket.objects.filter(pk__in=ticket_ids, executor__in=people)
    for ticket_id, person_id in executing.values_list("pk", "executor_id"):
        yield ticket_id, int(person_id or 0)
    ruled = Dispute.objects.filter(ticket__in=ticket_ids, ruled_by__in=people)
    for ticket_id, person_id in ruled.values_list("ticket_id", "ruled_by_id"):
        yield ticket_id, int(person_id or 0)
    deeds = Entry.objects.filter(subject__in=[f"ticket:{number}" for number in ticket_ids])
    deeds = deeds.exclude(verb__in=FROM_ABOVE).filter(by__in=[f"person:{one}" for one in people])
    for subject, by in deeds.order_by().values_list("subject", "by").distinct():
        yield int(subject.removeprefix("ticket:")), int(by.removeprefix("person:"))
    handed = Entry.objects.filter(
        verb="hand_over", subject__in=[f"ticket:{number}" for number in ticket_ids]
    )
    for subject, facts in handed.values_list("subject", "facts"):
        for name in ("executor", "executor_from"):
            if facts.get(name) in people:
                yield int(subject.removeprefix("ticket:")), int(facts[name])
