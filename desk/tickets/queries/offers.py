"""What waits for an answer on a ticket, and which moves are worth offering because of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from desk.deposits import queries as deposits
from desk.journal import queries as journal
from desk.rules import lifecycle, promises
from desk.rules.ledger import Commodity
from desk.rules.lifecycle import Actor, Condition, State, Type, Verb
from desk.rules.worktime import Calendar
from desk.tickets.models import AlarmKind, EstimateKind, PartState, Ticket
from desk.tickets.queries.thread import Row, Thread
from desk.tickets.queries.values import Approval, EstimateView

OFFERING = frozenset(
    {State.ACCEPTED, State.IN_WORK, State.AWAITING_PARTNER, State.AWAITING_PRODUCTION}
)


def estimates(rows: Sequence[Row], calendar: Calendar, at: datetime) -> tuple[EstimateView, ...]:
    """Production's offers, the first one first."""
    return tuple(_estimate(row, calendar, at) for row in rows)


def approval(ticket: Ticket, thread: Thread, offers: Sequence[EstimateView]) -> Approval | None:
    """What the partner is asked to approve now; None when nothing is."""
    if ticket.state == State.AWAITING_APPROVAL:
        offer = next((o for o in reversed(offers) if o.status in ("open", "outdated")), None)
        if offer is not None:
            return _of_estimate(offer, offers, thread)
        counted = [row for row in thread.parts if _counts(row)]
        return _of_parts("parts", ticket, counted, thread)
    extra = [part for part in thread.parts if is_offered(part)]
    if extra and ticket.state in OFFERING:
        return _of_parts("extra_parts", ticket, extra, thread)
    return None


def _counts(part: Row) -> bool:
    return part["state"] != PartState.RELEASED and not part["refused"]


def is_offered(part: Row) -> bool:
    """Whether a part was added and waits for the partner's consent (L6)."""
    return not part["approved"] and _counts(part)


def price(partner_id: int, units: int, unit_price_kopecks: int) -> int:
    """What `units` consultations cost in the lots they would come from, in the order of use; what
    the deposit does not hold yet is counted at the plan's price (L6)."""
    kopecks, missing = 0, units
    for lot in deposits.lots(partner_id):
        if lot.commodity == Commodity.CONSULTATIONS and lot.available > 0 and missing:
            taken = min(missing, lot.available)
            kopecks += taken * lot.unit_price_kopecks
            missing -= taken
    return kopecks + missing * unit_price_kopecks


def verbs(
    ticket: Ticket,
    actors: frozenset[Actor],
    thread: Thread,
    asked: Approval | None,
    at: datetime,
) -> tuple[Verb, ...]:
    """The moves worth offering: those that the table allows and the data do not refuse."""
    conditions = _conditions(ticket, thread, asked)
    allowed = lifecycle.allowed(State(ticket.state), actors, conditions)
    hopeless = _hopeless(ticket, thread, asked, at)
    return tuple(verb for verb in allowed if verb not in hopeless)


def _conditions(ticket: Ticket, thread: Thread, asked: Approval | None) -> frozenset[Condition]:
    holds = {
        Condition.CUSTOMISATION: ticket.type == Type.CUSTOMISATION,
        Condition.BUG: ticket.type == Type.BUG,
        Condition.PARTS_OFFERED: asked is not None and asked.kind == "extra_parts",
        Condition.ESTIMATE_OUT_OF_DATE: asked is not None and asked.renewable,
        Condition.CONSULTED: any(_waits(row) for row in thread.consultations),
        Condition.RE_PROMISE_OPEN: any(row["answered_at"] is None for row in thread.re_promises),
        Condition.DISPUTE_OPEN: any(row["ruled_at"] is None for row in thread.disputes),
    }
    return frozenset(condition for condition, does in holds.items() if does)


def _hopeless(
    ticket: Ticket, thread: Thread, asked: Approval | None, at: datetime
) -> frozenset[Verb]:
    """Moves that the data at hand refuse already."""
    limited = ticket.type in (Type.SIMPLE, Type.COMPLEX)
    refused = {
        Verb.REOPEN: _too_late_to_reopen(ticket, at),
        Verb.APPROVE: asked is not None
        and asked.estimate is not None
        and asked.estimate.status == "outdated",
        Verb.SPLIT: not limited,
        Verb.ABSORB: not limited,
        Verb.FINISH_PART: ticket.type != Type.COMPLEX,
        Verb.RE_PROMISE: any(row["answered_at"] is None for row in thread.re_promises),
        Verb.BUILD: ticket.built_at is not None,
        Verb.EXCUSE: not any(_inexcused(clock) for clock in thread.clocks),
        Verb.CONFIRM_DEFECT: defect_confirmed(ticket),
    }
    return frozenset(verb for verb, is_so in refused.items() if is_so)


def defect_confirmed(ticket: Ticket) -> bool:
    """Whether production has found a defect; it costs nothing, unless the plan charges defects."""
    if not ticket.billable:
        return True
    if not ticket.plan_version.value().charge_confirmed_defects:
        return False
    return journal.of(ticket.key).filter(verb=Verb.CONFIRM_DEFECT).exists()


def _too_late_to_reopen(ticket: Ticket, at: datetime) -> bool:
    until_at = reopen_until(ticket)
    return until_at is not None and at >= until_at


def reopen_until(ticket: Ticket) -> datetime | None:
    """Until when a resolved ticket may be reopened (R15)."""
    if ticket.state != State.RESOLVED or ticket.resolved_at is None:
        return None
    calendar, terms = ticket.calendar_version.value(), ticket.plan_version.value()
    return promises.reopen_until(calendar, terms, ticket.resolved_at)


def _inexcused(clock: Row) -> bool:
    return clock["breached_at"] is not None and clock["excused_at"] is None


def _waits(consultation: Row) -> bool:
    return consultation["answered_at"] is None and consultation["withdrawn_at"] is None


def _estimate(row: Row, calendar: Calendar, at: datetime) -> EstimateView:
    status = "open"
    for word in ("approved", "refused", "expired"):
        if row[f"{word}_at"] is not None:
            status = word
    if status == "open" and at > row["valid_at"]:
        status = "outdated"
    open_now = status == "open"
    return EstimateView(
        id=row["id"],
        kind=row["kind"],
        status=status,
        hours_max=row["hours_max"],
        hour_kopecks=row["hour_kopecks"],
        kopecks_max=promises.estimate_kopecks(row["hours_max"], row["hour_kopecks"]),
        working_seconds=row["working_seconds"],
        includes=row["includes"],
        made_at=row["made_at"],
        valid_until=row["valid_at"],
        answered_at=row["approved_at"] or row["refused_at"] or row["expired_at"],
        due_at=calendar.add(at, row["working_seconds"]) if open_now else None,
    )


def _of_estimate(offer: EstimateView, offers: Sequence[EstimateView], thread: Thread) -> Approval:
    first = not any(other.status == "expired" for other in offers)
    outdated = offer.status == "outdated"
    return Approval(
        kind=offer.kind,
        units=0,
        titles=(),
        kopecks=offer.kopecks_max,
        estimate=offer,
        expires_at=_expires_at(thread),
        renewable=outdated and first and offer.kind == EstimateKind.ESTIMATE,
    )


def _of_parts(kind: str, ticket: Ticket, asked: Sequence[Row], thread: Thread) -> Approval:
    """The price counts what is not held yet: of parts asked for anew, all; else those added."""
    terms = ticket.plan_version.value()
    added = [part for part in asked if not part["approved"]]
    return Approval(
        kind=kind,
        units=len(asked),
        titles=tuple(part["title"] for part in asked),
        kopecks=price(ticket.partner_id, len(added or asked), terms.price_kopecks),
        estimate=None,
        expires_at=_expires_at(thread),
        renewable=False,
    )


def _expires_at(thread: Thread) -> datetime | None:
    alarms = (alarm for alarm in thread.alarms if alarm["kind"] == AlarmKind.EXPIRE_WAITING)
    return next((alarm["at"] for alarm in alarms), None)
