"""What a move would promise and charge, before it is made; and how long a resolution took."""

from __future__ import annotations

from datetime import datetime

from desk.deposits import queries as deposits
from desk.rules import clock as rules
from desk.rules import ledger, promises
from desk.rules.ledger import Cover
from desk.rules.lifecycle import State, Type
from desk.rules.promises import Terms
from desk.tickets.models import Clock, ClockKind, Pause, Ticket
from desk.tickets.queries import deadlines, offers
from desk.tickets.queries.lines import AcceptancePreview, ResolutionTime


def preview_acceptance(ticket: Ticket, kind: Type, parts: int, at: datetime) -> AcceptancePreview:
    """What accepting the ticket as `kind` with so many parts would promise and charge.

    `parts` counts only for a complex ticket.
    """
    terms, count = ticket.plan_version.value(), parts if kind == Type.COMPLEX else 1
    units = promises.units(terms, kind, count)
    available = deposits.balance(ticket.partner_id).consultations_available
    credit_max = promises.credit_limit(terms, ticket.partner.credit_consultations)
    cover = ledger.cover(available, units, credit_max) if kind == Type.BUG else Cover.COVERED
    low = kind in (Type.SIMPLE, Type.COMPLEX) and available < units
    asks = promises.needs_approval(terms, kind, count)
    estimated = kind == Type.CUSTOMISATION
    target = None if estimated else promises.target(terms, kind, count)
    held = 0 if cover == Cover.UNCOVERED else units
    return AcceptancePreview(
        outcome=_outcome(asks=asks, low=low, estimated=estimated),
        target_seconds=target,
        due_at=None if target is None else _due(ticket, target),
        part_dues_at=_part_dues(ticket, terms, count) if kind == Type.COMPLEX else (),
        units=units,
        kopecks=offers.price(ticket.partner_id, units, terms.price_kopecks) if units else 0,
        available=available,
        available_after=available - held,
        needs_approval=asks,
        deposit_low=low,
        needs_estimate=estimated,
        on_credit=units - max(0, min(units, available)) if cover == Cover.CREDIT else 0,
        uncovered=units if cover == Cover.UNCOVERED else 0,
        windows=deadlines.hours(ticket.calendar_version.value(), at).windows,
    )


def resolution_seconds(ticket: Ticket) -> ResolutionTime | None:
    """Working time from submission to the last delivery, with and without pauses (R16); None
    before any. The time between a resolution and its reopening counts as a pause."""
    if ticket.delivered_at is None:
        return None
    calendar = ticket.calendar_version.value()
    clocks = Clock.objects.filter(ticket=ticket, kind=ClockKind.RESOLUTION)
    pauses = list(Pause.objects.filter(clock__in=clocks).order_by("pk"))
    counted = 0
    for clock in clocks:
        if clock.started_at > ticket.delivered_at:
            continue
        until_at = min(clock.stopped_at or ticket.delivered_at, ticket.delivered_at)
        own = deadlines.events(vars(pause) for pause in pauses if pause.clock_id == clock.pk)
        counted += rules.elapsed(calendar, clock.started_at, until_at, own)
    return ResolutionTime(calendar.elapsed(ticket.submitted_at, ticket.delivered_at), counted)


def _outcome(*, asks: bool, low: bool, estimated: bool) -> State:
    if estimated:
        return State.AWAITING_ESTIMATE
    if asks:
        return State.AWAITING_APPROVAL
    return State.AWAITING_DEPOSIT if low else State.ACCEPTED


def _due(ticket: Ticket, target: int) -> datetime:
    """The deadline counts from submission: before acceptance no pause is possible (R5)."""
    return ticket.calendar_version.value().add(ticket.submitted_at, target)


def _part_dues(ticket: Ticket, terms: Terms, parts: int) -> tuple[datetime, ...]:
    numbers = range(1, min(parts, promises.PARTS_MAX) + 1)
    return tuple(_due(ticket, promises.part_target(terms, number)) for number in numbers)
