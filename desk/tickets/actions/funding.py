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
from desk.rules import promises
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
    """N: what the parts cost that the partner has agreed to; 0 for a customisation."""
    if ticket.type == Type.CUSTOMISATION:
        return 0
    agreed = ticket.parts.filter(approved=True).exclude(state=PartState.RELEASED).count()
    return promises.units(ticket.plan_version.value(), Type(ticket.type), agreed)


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
    agreed = [p for p in rows.parts(ticket) if p.approved and p.state != PartState.RELEASED]
    units = promises.units(ticket.plan_version.value(), Type(ticket.type), len(agreed))
    return {part.key: 1 for part in agreed[:units]}


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
            credit_limit=promises.credit_limit(case.terms, ticket.partner.credit_consultations),
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
    capture_finished(case, entry_id)
    return kopecks


def adapt(case: Case, entry_id: int) -> None:
    """After a change of type or parts: release what is no longer needed. What is newly needed is
    held when the move says so. A bug that waited uncovered must be paid once it is no bug (L2).
    A finished part that was charged, and costs nothing now, is given back."""
    standing = ledger.standing(case.ticket.key)
    needed = wanted(case.ticket)
    kept = set(needed) - _uncovered(case.ticket, standing)
    _release(case, entry_id, {*standing.held, *standing.uncovered} - kept)
    if case.ticket.cycle == 1:
        _reverse(case, entry_id, set(standing.charged) - set(needed))


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


def capture_finished(case: Case, entry_id: int) -> None:
    """Charge the finished parts of a complex ticket, where the plan does not wait for the
    confirmation of the whole."""
    if not case.terms.capture_parts_when_finished or case.ticket.type != Type.COMPLEX:
        return
    finished = {part.key for part in rows.parts(case.ticket) if part.state == PartState.FINISHED}
    charged = finished & set(ledger.held_subjects(case.ticket.key))
    if charged:
        deposits.capture(case.cause.follows(entry_id), sorted(charged, key=_order))


def release_all(case: Case, entry_id: int) -> None:
    """Give back everything: a declined or merged ticket costs nothing."""
    _release(case, entry_id, ledger.held_subjects(case.ticket.key))
    if case.ticket.cycle == 1:
        _reverse(case, entry_id, ledger.charged(case.ticket.key))


def settle_cancelled(case: Case, entry_id: int) -> None:
    """Cancelled: finished parts are charged (default), the rest is released; of a customisation
    the hours logged are charged. What a part had cost when it was finished is given back where
    the plan charges nothing of a cancelled ticket."""
    ticket, subjects = case.ticket, set(ledger.held_subjects(case.ticket.key))
    if not case.terms.capture_finished_parts_on_cancel and ticket.cycle == 1:
        _reverse(case, entry_id, ledger.charged(ticket.key))
    if not subjects:
        return
    if ticket.type == Type.CUSTOMISATION:
        capture(case, entry_id)
        return
    charged = _charged_when_cancelled(case, subjects)
    if charged:
        deposits.capture(case.cause.follows(entry_id), sorted(charged, key=_order))
    _release(case, entry_id, subjects - charged)


def return_all(case: Case, entry_id: int) -> None:
    """A confirmed defect: what is held is released, what was charged is reversed."""
    _release(case, entry_id, ledger.held_subjects(case.ticket.key))
    _reverse(case, entry_id, ledger.charged(case.ticket.key))


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


def _reverse(case: Case, entry_id: int, subjects: Collection[str]) -> None:
    charged = ledger.charged(case.ticket.key) if subjects else {}
    for subject in sorted(subjects, key=_order):
        cause = case.cause.follows(entry_id)
        deposits.reverse(cause, subject, charged[subject], _memo(case.ticket))


def _charged_when_cancelled(case: Case, held: set[str]) -> set[str]:
    """Of what is held, what was worked for. Where a complex ticket costs one consultation, one
    finished part is the work for it, whichever part it was held for."""
    finished = {part.key for part in rows.parts(case.ticket) if part.state == PartState.FINISHED}
    if not case.terms.capture_finished_parts_on_cancel or not finished:
        return set()
    return held & finished if case.terms.complex_costs_parts else held


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
