"""A ticket and its deposit: what it must hold, whether that suffices, and how holds end.

Holds are named after what they pay for: "ticket:42/part:3" one consultation, and
"ticket:42/estimate:7" the kopiykas of an approved estimate. The ledger decides and keeps the
sums; this module only says which subjects a ticket needs.
"""

from __future__ import annotations

from collections.abc import Collection

from desk.deposits import actions as deposits
from desk.deposits import queries as ledger
from desk.deposits.actions.posting import lock
from desk.journal.cause import Cause
from desk.rules.ledger import Commodity, DepositExhausted
from desk.rules.lifecycle import Type
from desk.tickets import queries
from desk.tickets.actions import rows
from desk.tickets.actions.engine import Case
from desk.tickets.models import PartState, Ticket


def is_free(ticket: Ticket) -> bool:
    """A confirmed defect and a reopened cycle cost nothing (L5)."""
    return not ticket.billable or ticket.cycle > 1


def units_of_parts(ticket: Ticket) -> int:
    """N: the parts that the partner has agreed to; 0 for a customisation."""
    if ticket.type == Type.CUSTOMISATION:
        return 0
    return ticket.parts.filter(approved=True).exclude(state=PartState.RELEASED).count()


def wanted(ticket: Ticket) -> dict[str, int]:
    """What the ticket must hold: subject -> consultations, or kopiykas of a customisation."""
    if is_free(ticket):
        return {}
    if ticket.type == Type.CUSTOMISATION:
        return {
            f"{ticket.key}/estimate:{estimate.pk}": estimate.hours_max * estimate.hour_kopecks
            for estimate in ticket.estimates.filter(approved_at__isnull=False).order_by("id")
            if estimate.hours_max * estimate.hour_kopecks
        }
    parts = rows.parts(ticket)
    return {p.key: 1 for p in parts if p.approved and p.state != PartState.RELEASED}


def missing(ticket: Ticket) -> dict[str, int]:
    """What the ticket must still hold; what was captured counts as paid."""
    return _missing(ticket, ledger.standing(ticket.key))


def _missing(ticket: Ticket, standing: ledger.Standing) -> dict[str, int]:
    paid = {*standing.held, *standing.uncovered, *standing.charged}
    return {subject: n for subject, n in wanted(ticket).items() if subject not in paid}


def sufficient(case: Case) -> bool:
    """Whether the deposit covers what is missing, read under its lock (L8). A bug never waits
    for money (L2)."""
    if case.ticket.type == Type.BUG:
        return True
    return _shortfall(case) is None


def require(case: Case) -> None:
    """Raise `DepositExhausted` where `sufficient` would say no."""
    if case.ticket.type == Type.BUG:
        return
    shortfall = _shortfall(case)
    if shortfall is not None:
        raise shortfall


def hold(case: Case, entry_id: int) -> int:
    """Hold what is missing, caused by `entry_id`; the kopiykas these holds are worth (L6)."""
    ticket = case.ticket
    needed = missing(ticket) if case.needed is None else case.needed
    case.needed = None
    if not needed:
        return 0
    cause = case.cause.follows(entry_id)
    memo = _memo(ticket)
    if ticket.type == Type.BUG:
        held = deposits.hold_for_bug(
            cause,
            ticket.partner_id,
            tuple(needed),
            credit_limit=ticket.partner.credit_consultations,
            unit_price_kopecks=case.terms.price_kopecks,
            memo=memo,
        )
        return sum(one.kopecks for one in held.holds)
    kopecks = 0
    for subjects, quantity in _alike(needed):
        made = deposits.hold(
            cause,
            ticket.partner_id,
            subjects,
            commodity=commodity(ticket),
            quantity_each=quantity,
            memo=memo,
        )
        kopecks += sum(one.kopecks for one in made)
    return kopecks


def adapt(case: Case, entry_id: int) -> None:
    """After a change of type or parts: release what is no longer needed. What is newly needed is
    held when the move says so. A bug that waited uncovered must be paid once it is no bug (L2)."""
    standing = ledger.standing(case.ticket.key)
    kept = set(wanted(case.ticket)) - _uncovered(case.ticket, standing)
    _release(case, entry_id, {*standing.held, *standing.uncovered} - kept)


def capture(case: Case, entry_id: int) -> None:
    """Charge what is held, on confirmation: the parts, or the hours really logged (L5)."""
    subjects = ledger.held_subjects(case.ticket.key)
    if not subjects:
        return
    cause = case.cause.follows(entry_id)
    if case.ticket.type == Type.CUSTOMISATION:
        quantity = hours_kopecks(case.ticket)
        deposits.capture(cause, sorted(subjects, key=_order), quantity=quantity)
    else:
        deposits.capture(cause, sorted(subjects, key=_order))


def release_all(case: Case, entry_id: int) -> None:
    """Give back everything that is held: a declined or merged ticket costs nothing."""
    _release(case, entry_id, ledger.held_subjects(case.ticket.key))


def settle_cancelled(case: Case, entry_id: int) -> None:
    """Cancelled: finished parts are charged (default), the rest is released; of a customisation
    the hours logged are charged."""
    ticket, subjects = case.ticket, set(ledger.held_subjects(case.ticket.key))
    if not subjects:
        return
    if ticket.type == Type.CUSTOMISATION:
        capture(case, entry_id)
        return
    finished = {part.key for part in ticket.parts.filter(state=PartState.FINISHED)}
    charged = subjects & finished if case.terms.capture_finished_parts_on_cancel else set()
    if charged:
        deposits.capture(case.cause.follows(entry_id), sorted(charged, key=_order))
    _release(case, entry_id, subjects - charged)


def return_all(case: Case, entry_id: int) -> None:
    """A confirmed defect: what is held is released, what was charged is reversed."""
    release_all(case, entry_id)
    charged = ledger.charged(case.ticket.key)
    for subject, quantity in sorted(charged.items()):
        deposits.reverse(case.cause.follows(entry_id), subject, quantity, _memo(case.ticket))


def promised_kopecks(ticket: Ticket) -> int:
    """What is held for the ticket, in kopiykas: the sum of the lots it holds (L6)."""
    cost = ledger.cost(ticket.key)
    return cost.kopecks_held + cost.kopecks_charged


def hours_kopecks(ticket: Ticket) -> int:
    """The price of the programmer's minutes logged, at the rates approved in their order; a
    broken kopiyka is the partner's. At most the approved sum."""
    minutes = sum(ticket.hours.values_list("minutes", flat=True))
    kopecks = 0
    for estimate in ticket.estimates.filter(approved_at__isnull=False).order_by("id"):
        used = min(minutes, estimate.hours_max * 60)
        kopecks += used * estimate.hour_kopecks // 60
        minutes -= used
    return kopecks


def _shortfall(case: Case) -> DepositExhausted | None:
    standing = ledger.standing(case.ticket.key)
    case.needed = _missing(case.ticket, standing)
    needed = sum(case.needed.values()) + len(_uncovered(case.ticket, standing))
    if not needed:
        return None
    deposit = lock(case.ticket.partner_id)
    available = (
        deposit.money_available_kopecks
        if case.ticket.type == Type.CUSTOMISATION
        else deposit.consultations_available
    )
    return DepositExhausted(available, needed) if available < needed else None


def _uncovered(ticket: Ticket, standing: ledger.Standing) -> set[str]:
    """What was accepted uncovered as a bug and has to be held now that it is none."""
    if ticket.type in (Type.BUG, Type.CUSTOMISATION) or is_free(ticket):
        return set()
    return set(standing.uncovered) & set(wanted(ticket)) if standing.uncovered else set()


def _release(case: Case, entry_id: int, subjects: Collection[str]) -> None:
    if subjects:
        cause: Cause = case.cause.follows(entry_id)
        deposits.release(cause, sorted(subjects, key=_order))


def _alike(needed: dict[str, int]) -> list[tuple[tuple[str, ...], int]]:
    quantities = sorted(set(needed.values()))
    return [
        (tuple(s for s in sorted(needed, key=_order) if needed[s] == quantity), quantity)
        for quantity in quantities
    ]


def commodity(ticket: Ticket) -> Commodity:
    """What the ticket is paid with: a customisation with money, all else with consultations."""
    if ticket.type == Type.CUSTOMISATION:
        return Commodity.MONEY
    return Commodity.CONSULTATIONS


def _order(subject: str) -> int:
    return int(subject.rpartition(":")[2])


def _memo(ticket: Ticket) -> str:
    return f"{queries.number(ticket)} {ticket.subject}"
