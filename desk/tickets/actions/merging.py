"""Two tickets about one thing become one: `merge`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.rules.lifecycle import STATES, State, Verb
from desk.tickets.actions import breakdown, clocks, engine, funding, production, work
from desk.tickets.actions.engine import Case, Incomplete
from desk.tickets.models import Clock, ClockKind, Follower, Ticket

INHERITED = (ClockKind.ACCEPTANCE, ClockKind.RESOLUTION)


@transaction.atomic
def merge(cause: Cause, ticket_id: int, into_id: int) -> Ticket:
    """End a ticket in another open one of the same partner. Messages, files and followers move;
    the earlier due and any breach survive on the target; what is held here is released and the
    target's N stays; later replies follow. Returns the merged ticket.
    """
    target = _lock_both(ticket_id, into_id)
    case = engine.open_case(cause, ticket_id, Verb.MERGE, {"into": into_id})
    if case.replayed:
        return case.ticket
    _refuse(case, target)
    dues = _dues(case)
    work.stop_all_work(case)
    production.withdraw_open(case)
    case.ticket.merged_into = target
    entry = engine.carry_out(case, {"into": target.pk})
    funding.release_all(case, entry.pk)
    breakdown.release_unfinished(case.ticket)
    _move_talk(case.ticket, target)
    _receive(replace(case.cause, seen=None, key=None, parent=entry.pk), case, target, dues)
    return case.ticket


def _lock_both(ticket_id: int, into_id: int) -> Ticket:
    """Lock both tickets in the order of their ids, so that two merges never wait crosswise."""
    rows = (
        Ticket.objects.select_for_update(of=("self",))
        .select_related("partner", "plan_version", "calendar_version")
        .filter(pk__in=(ticket_id, into_id))
        .order_by("pk")
    )
    locked = {ticket.pk: ticket for ticket in rows}
    if into_id not in locked:
        raise Incomplete("into", "unknown")
    return locked[into_id]


def _refuse(case: Case, target: Ticket) -> None:
    case.decide()
    if target.pk == case.ticket.pk:
        raise Incomplete("into", "itself")
    if target.partner_id != case.ticket.partner_id:
        raise Incomplete("into", "unknown")
    state = State(target.state)
    if not STATES[state].open or state == State.DELIVERED:
        raise Incomplete("into", "not_open")


Dues = list[tuple[Clock, datetime | None]]


def _dues(case: Case) -> Dues:
    """The clocks whose promise survives, with the instants at which they would be due."""
    found = [case.clocks.get(kind) for kind in INHERITED]
    return [
        (clock, clocks.expected_due(case.clocks, clock, case.cause.at))
        for clock in found
        if clock is not None
    ]


def _receive(cause: Cause, case: Case, target: Ticket, dues: Dues) -> None:
    """Carry dues and breaches over, and note the merge in the history of the target."""
    at = max(cause.at, target.changed_at)
    own = clocks.load(target)
    resolution = own.get(ClockKind.RESOLUTION)
    assert resolution is not None, "an open ticket has a resolution clock"
    before = resolution.target_seconds
    clocks.notice(own, replace(cause, at=at))
    for merged, due_at in dues:
        clock = own.get(ClockKind(merged.kind))
        if clock is not None:
            clocks.inherit(own, clock, merged, due_at, at)
    acceptance = own.get(ClockKind.ACCEPTANCE)
    target.acceptance_due_at = acceptance.due_at if acceptance is not None else None
    target.version += 1
    target.changed_at = at
    target.save()
    journal.record(
        replace(cause, at=at),
        "take_in",
        target.key,
        {
            "merged": case.ticket.pk,
            "target_before": before,
            "target_after": resolution.target_seconds,
            "due_at": target.due_at.isoformat() if target.due_at else None,
            "breached_at": target.breached_at.isoformat() if target.breached_at else None,
        },
        target.partner_id,
    )


def _move_talk(source: Ticket, target: Ticket) -> None:
    """Messages keep the ticket they were first written on."""
    source.messages.filter(moved_from=None).update(moved_from=source)
    source.messages.update(ticket=target)
    source.attachments.update(ticket=target)
    known = set(target.followers.values_list("person_id", flat=True))
    moving = set(source.followers.values_list("person_id", flat=True)) - known
    Follower.objects.bulk_create(
        Follower(ticket=target, person_id=person_id) for person_id in sorted(moving)
    )
