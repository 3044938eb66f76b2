"""One way in and one way out for every verb: lock, check, decide by the table, write, record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.journal.models import Entry
from desk.rules import lifecycle
from desk.rules.lifecycle import Acceptance, Actor, Condition, Move, State, Verb
from desk.rules.promises import Terms
from desk.tickets import queries
from desk.tickets.actions import alarms, clocks, rows
from desk.tickets.models import ClockKind, Ticket

TEXT_MAX = 20_000


class Stale(Exception):
    """The person looked at an older version of the ticket than the present one."""

    def __init__(self, current: int) -> None:
        super().__init__(f"the ticket is at version {current}")
        self.current = current


class Incomplete(Exception):
    """Something that the move needs is missing, too long or contradictory.

    `field` names it; `why` is one of a closed list of words that the screens translate.
    """

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field, self.why = field, why


@dataclass(slots=True)
class Case:
    """A locked ticket, who acts on it, and what was looked up. `replayed` means that this cause
    was carried out before: nothing more is to be done. `target_seconds` is the deadline's target
    as it was found: a move that changes it records both (R11). `stored` is the ticket's row as
    the database has it; `needed` what it must still hold, once that was found under the deposit's
    lock."""

    verb: Verb
    cause: Cause
    ticket: Ticket
    actors: frozenset[Actor]
    terms: Terms
    clocks: clocks.Clocks
    content: Mapping[str, object]
    replayed: bool = False
    conditions: set[Condition] = field(default_factory=set)
    target_seconds: int | None = None
    stored: rows.Columns = field(default_factory=dict)
    needed: dict[str, int] | None = None

    @property
    def state(self) -> State:
        return State(self.ticket.state)

    def decide(self) -> Move:
        """The row of the table for what is known so far; raises `NotAllowed` (T1)."""
        return lifecycle.decide(self.verb, self.state, self.actors, frozenset(self.conditions))


def open_case(
    cause: Cause, ticket_id: int, verb: Verb, content: Mapping[str, object] | None = None
) -> Case:
    """Lock the ticket and look up who acts. Raises `KeyReused`, `Stale`, `NotAllowed` (when no
    row of the table fits whatever the data say). `at` is never before the last event."""
    ticket = rows.locked(ticket_id)
    content = {"verb": verb, **(content or {})}
    cause = replace(cause, at=max(cause.at, ticket.changed_at))
    actors = queries.actors(cause.person_id, ticket, cause.at)
    case = Case(
        verb, cause, ticket, actors, ticket.plan_version.value(), clocks.load(ticket), content
    )
    case.target_seconds = _target_seconds(case)
    case.stored = rows.columns(ticket)
    if journal.earlier(cause, ticket.key, content) is not None:
        case.replayed = True
        return case
    if cause.seen is not None and cause.seen != ticket.version:
        raise Stale(ticket.version)
    _refuse_hopeless(case)
    clocks.notice(case.clocks, case.cause)
    return case


def carry_out(case: Case, facts: Mapping[str, object] | None = None) -> Entry:
    """Make the move that the table gives: state, clocks, alarms, version, one journal entry.

    The caller has set its own columns on `case.ticket`; everything is saved here.
    """
    move = case.decide()
    ticket, before = case.ticket, case.state
    after = _target(move, ticket)
    ticket.version += 1
    ticket.changed_at = case.cause.at
    entry = journal.record(
        case.cause,
        case.verb,
        ticket.key,
        {
            "from": before,
            "to": after,
            "cycle": ticket.cycle,
            **_retargeted(case),
            **(facts or {}),
        },
        ticket.partner_id,
        case.content,
    )
    _acceptance(case, move)
    if after != before:
        ticket.before = before
        ticket.state = after
        clocks.follow(case.clocks, before, after, case.cause.at, entry.pk)
        alarms.follow(case.ticket, case.clocks.calendar, case.terms, case.cause.at)
    rows.save_changed(ticket, case.stored)
    return entry


def text(field_name: str, value: str, *, required: bool = True, longest: int = TEXT_MAX) -> str:
    """A text that a person typed: stripped, without NUL, within its limit, or `Incomplete`."""
    cleaned = value.replace("\x00", "").replace("\r\n", "\n").strip()
    if required and not cleaned:
        raise Incomplete(field_name, "missing")
    if len(cleaned) > longest:
        raise Incomplete(field_name, "too_long")
    return cleaned


def _target(move: Move, ticket: Ticket) -> State:
    if move.back:
        return State(ticket.before)
    return move.target or State(ticket.state)


def _target_seconds(case: Case) -> int | None:
    clock = case.clocks.get(ClockKind.RESOLUTION)
    return None if clock is None else clock.target_seconds


def _retargeted(case: Case) -> dict[str, object]:
    """The targets before and after, where this move gives the deadline another one."""
    after = _target_seconds(case)
    if after == case.target_seconds:
        return {}
    return {"target_before": case.target_seconds, "target_after": after}


def _refuse_hopeless(case: Case) -> None:
    """Refuse at once what no condition could allow, before anything is looked up or tried."""
    possible = lifecycle.allowed(case.state, case.actors)
    if case.verb not in possible:
        lifecycle.decide(case.verb, case.state, case.actors, frozenset(Condition))


def _acceptance(case: Case, move: Move) -> None:
    clock = case.clocks.get(ClockKind.ACCEPTANCE)
    if clock is None or move.acceptance == Acceptance.KEEP:
        return
    clocks.stop(case.clocks, clock, case.cause.at, void=move.acceptance == Acceptance.VOID)
    case.ticket.acceptance_due_at = None
