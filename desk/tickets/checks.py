"""Proves what is stored about tickets from the events it was derived from (L5, R2, R8, T1, T2).

It reports, a person mends. Tickets are read in batches, a constant number of queries each, so
that a million of them need little memory; run it in one snapshot of the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, F, Max

from desk.lib.findings import Finding
from desk.partners.models import Partner
from desk.rules import clock as rules
from desk.rules.lifecycle import MOVES, STATES, ClockState, Move, State, Type
from desk.tickets.models import Clock, ClockKind, Outcome, Pause, Promise, Ticket
from desk.tickets.queries import evidence
from desk.tickets.queries.evidence import Case

NOTICED_WITHIN = timedelta(minutes=1)
GUARDED = ("tickets_promise",)
TAKE_IN, RULE = "take_in", "rule"
PAID_IN = frozenset(
    {
        State.ACCEPTED,
        State.IN_WORK,
        State.AWAITING_PARTNER,
        State.AWAITING_PRODUCTION,
        State.DELIVERED,
    }
)
FREE_ENDS = frozenset({State.DECLINED, State.MERGED})


def check(at: datetime) -> Iterator[Finding]:
    """Every fault of the stored tickets, as they are found; `at` is the present moment."""
    yield from _guards()
    yield from _numbers()
    for case in evidence.cases():
        for proof in _PROOFS:
            yield from proof(case)
        yield from _unnoticed(case, at)


def counts() -> dict[str, int]:
    """How much is proved, for the report."""
    return {
        "tickets": Ticket.objects.count(),
        "clocks": Clock.objects.count(),
        "pauses": Pause.objects.count(),
        "promises": Promise.objects.count(),
    }


def _guards() -> Iterator[Finding]:
    """What may never change is refused by the database itself (T2)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger"
            " WHERE tgname LIKE 'pgtrigger_append_only%' AND tgenabled <> 'D'"
        )
        guarded = {row[0].rpartition(".")[2] for row in cursor.fetchall()}
    for table in GUARDED:
        if table not in guarded:
            yield Finding("promise_guard", table, "Promises can be changed: the guard is off.")


def _numbers() -> Iterator[Finding]:
    """Numbers of a partner run from 1 without a gap."""
    told = Partner.objects.annotate(n=Count("tickets"), top=Max("tickets__number"))
    for partner in told.exclude(n=F("tickets_count"), top=F("tickets_count")):
        found, top = vars(partner)["n"], vars(partner)["top"] or 0
        if found == top == partner.tickets_count:
            continue
        yield Finding(
            "ticket_numbers",
            f"partner:{partner.pk}",
            f"{partner.code} has {found} tickets up to number {top}; it counted "
            f"{partner.tickets_count}.",
        )


def _journal(case: Case) -> Iterator[Finding]:
    """The journal, replayed through the table of moves, ends in the stored state (T1)."""
    state: State | None = None
    before: State | None = None
    for entry in case.entries:
        if "to" not in entry.facts:
            continue
        origin, target = entry.facts["from"], entry.facts["to"]
        if origin != state:
            yield case.finding(
                "ticket_history", f"entry {entry.pk} starts from {origin}, the one before {state}."
            )
        if not any(_allows(move, entry.verb, origin, target, before) for move in MOVES):
            yield case.finding(
                "ticket_move",
                f"entry {entry.pk} says {entry.verb} from {origin} to {target}, which no rule "
                "allows.",
            )
        if target != state:
            before, state = state, State(target)
    if state != case.ticket.state:
        yield case.finding(
            "ticket_state", f"the history ends in {state}, stored is {case.ticket.state}."
        )


def _allows(move: Move, verb: str, origin: str | None, target: str, before: State | None) -> bool:
    if move.verb != verb or (origin not in move.sources if origin else move.sources):
        return False
    if move.back:
        return target == before
    return target == (move.target or origin)


def _clocks(case: Case) -> Iterator[Finding]:
    """Due instants follow from start, target and pauses; outcomes and breaches from those."""
    for clock in case.clocks:
        due_at = _due(case, clock)
        name = f"the {clock.kind} clock {clock.pk}"
        if due_at != clock.due_at:
            yield case.finding(
                "clock_due", f"{name} is due {clock.due_at}; its events say {due_at}."
            )
        if clock.outcome == Outcome.MET and _was_broken(clock, due_at):
            yield case.finding("clock_outcome", f"{name} counts as met and was broken.")
        yield from _breach(case, clock, name)


def _due(case: Case, clock: Clock) -> datetime | None:
    """By its events; what stands since the due instant itself has none until it runs again."""
    if clock.target_seconds is None:
        return None
    events = case.events(clock)
    due_at = rules.due(case.calendar, clock.started_at, clock.target_seconds, events)
    if due_at is None:
        return None
    standing = (event for event in events if event.closed_at is None and not event.struck)
    return None if any(event.opened_at <= due_at for event in standing) else due_at


def _was_broken(clock: Clock, due_at: datetime | None) -> bool:
    too_late = clock.stopped_at is not None and due_at is not None and clock.stopped_at > due_at
    return too_late or clock.breached_at is not None


def _breach(case: Case, clock: Clock, name: str) -> Iterator[Finding]:
    """A breach is at the due instant as it then was, and noticed after it (R8)."""
    if clock.breached_at is None:
        return
    if clock.breach_noticed_at is None or clock.breach_noticed_at < clock.breached_at:
        yield case.finding("clock_breach", f"the breach of {name} was noticed before it was.")
    moved = any(
        entry.verb in (TAKE_IN, RULE) or "target_after" in entry.facts
        for entry in case.entries
        if entry.at >= clock.breached_at
    )
    if clock.breached_at != clock.due_at and not moved:
        yield case.finding(
            "clock_breach",
            f"{name} was broken at {clock.breached_at}, but due {clock.due_at} all the time.",
        )


def _unnoticed(case: Case, at: datetime) -> Iterator[Finding]:
    for clock in case.clocks:
        if clock.stopped_at is not None or clock.breached_at is not None:
            continue
        if clock.due_at is not None and clock.due_at + NOTICED_WITHIN < at:
            yield case.finding(
                "clock_unnoticed",
                f"the {clock.kind} clock {clock.pk} broke at {clock.due_at}, unnoticed.",
            )


def _pauses(case: Case) -> Iterator[Finding]:
    """Pauses pair with the states that made the clock stand, one after the other (R2)."""
    entries = {entry.pk: entry.facts for entry in case.entries}
    for clock in case.clocks:
        rows = case.pauses.get(clock.pk, ())
        for row, following in zip(rows, [*rows[1:], None], strict=False):
            opened = entries.get(row.opened_entry_id, {}).get("to")
            closed = entries.get(row.closed_entry_id or 0, {}).get("from", row.state)
            if opened != row.state or closed != row.state:
                yield case.finding(
                    "pause_state",
                    f"pause {row.pk} is of {row.state}; its entries say {opened} and {closed}.",
                )
            if following is not None and (
                row.closed_at is None or row.closed_at > following.opened_at
            ):
                yield case.finding(
                    "pause_order", f"pause {row.pk} ends after {following.pk} has begun."
                )


def _beside(case: Case) -> Iterator[Finding]:
    """What is kept beside the ticket is what the clocks of its cycle say (R10)."""
    ticket = case.ticket
    clock = _present(case, ClockKind.RESOLUTION)
    if clock is None:
        yield case.finding("ticket_clock", "it has no resolution clock in its cycle.")
        return
    expected = _expected(case, clock)
    for name, value in expected.items():
        if getattr(ticket, name) != value:
            yield case.finding(
                "ticket_deadline",
                f"{name} is {getattr(ticket, name)}; its clock says {value}.",
            )


def _expected(case: Case, clock: Clock) -> dict[str, object]:
    standing = [row for row in case.pauses.get(clock.pk, ()) if row.closed_at is None]
    pause = standing[0] if standing else None
    left = None
    if pause is not None and clock.due_at is None and clock.target_seconds is not None:
        events = case.events(clock)
        left = clock.target_seconds - rules.elapsed(
            case.calendar, clock.started_at, max(pause.opened_at, clock.started_at), events
        )
    acceptance = _present(case, ClockKind.ACCEPTANCE)
    waits = acceptance is not None and acceptance.stopped_at is None
    ended = STATES[State(case.ticket.state)].clock
    return {
        "clock": ended.value,
        "due_at": clock.due_at,
        "breached_at": clock.breached_at,
        "stands_since_at": pause.opened_at if pause else None,
        "left_seconds": left,
        "acceptance_due_at": acceptance.due_at if waits and acceptance else None,
    }


def _present(case: Case, kind: ClockKind) -> Clock | None:
    """The clock of the present cycle; the acceptance clock is of the first one."""
    found = [clock for clock in case.clocks if clock.kind == kind and not clock.subject]
    if kind == ClockKind.RESOLUTION:
        found = [clock for clock in found if clock.cycle == case.ticket.cycle]
    return found[-1] if found else None


def _stands(case: Case) -> Iterator[Finding]:
    """A clock stands exactly while its ticket waits for somebody else."""
    for clock in case.clocks:
        if clock.kind != ClockKind.RESOLUTION or clock.cycle != case.ticket.cycle:
            continue
        open_states = [row.state for row in case.pauses.get(clock.pk, ()) if not row.closed_at]
        paused = STATES[State(case.ticket.state)].clock == ClockState.PAUSED
        if open_states != ([case.ticket.state] if paused else []):
            yield case.finding(
                "pause_open", f"it is {case.ticket.state}, open pauses are {open_states}."
            )


def _promises(case: Case) -> Iterator[Finding]:
    """A promise names an entry of this ticket, and N is not above what was ever promised (T2)."""
    entries = {entry.pk for entry in case.entries}
    for promise in case.promises:
        if promise.entry_id not in entries:
            yield case.finding("promise_entry", f"promise {promise.pk} follows from no entry.")
        if promise.cycle > case.ticket.cycle:
            yield case.finding("promise_cycle", f"promise {promise.pk} is of a cycle to come.")
    if case.ticket.state in PAID_IN and not case.promises:
        yield case.finding("promise_missing", f"it is {case.ticket.state} without a promise.")


def _money(case: Case) -> Iterator[Finding]:
    """Holds and charges are what was promised, never more, and less only for a reason (L5, L6)."""
    ticket, cost = case.ticket, case.cost
    if ticket.type == Type.CUSTOMISATION:
        yield from _hours(case)
        return
    charged, waiting = cost.units_charged, cost.uncovered_units
    total = cost.units_held + charged + waiting
    state = State(ticket.state)
    if not STATES[state].open and cost.units_held:
        yield case.finding("ticket_held", f"it is {state} and still holds {cost.units_held}.")
    if total > ticket.promised:
        yield case.finding(
            "ticket_overcharged", f"it holds or was charged {total}, promised {ticket.promised}."
        )
    if state in FREE_ENDS or not ticket.billable:
        if total:
            yield case.finding("ticket_free", f"it costs nothing, yet {total} are held or charged.")
    elif ticket.cycle == 1 and total < ticket.promised and _must_pay(case, state):
        yield case.finding(
            "ticket_undercharged", f"{total} are held or charged of {ticket.promised} promised."
        )


def _must_pay(case: Case, state: State) -> bool:
    return state in PAID_IN or (state == State.RESOLVED and not case.ruled)


def _hours(case: Case) -> Iterator[Finding]:
    """A customisation holds or was charged at most the approved sum."""
    cost = case.cost
    total = cost.kopecks_held + cost.kopecks_charged
    if total > case.approved_kopecks:
        yield case.finding(
            "ticket_overcharged",
            f"{total} kopiykas are held or charged, approved were {case.approved_kopecks}.",
        )
    if not STATES[State(case.ticket.state)].open and cost.kopecks_held:
        yield case.finding(
            "ticket_held", f"it has ended and still holds {cost.kopecks_held} kopiykas."
        )


_PROOFS = (_journal, _clocks, _pauses, _beside, _stands, _promises, _money)
