"""The life of a ticket as a table: who may make which move from where to where, and what it does.

Source: specification 2, "States" and "Moves". The engine, the buttons, the API and the printed
documentation read this table, and nothing else decides whether a move is allowed (T1). Which clock
runs follows from the state alone (`STATES`). Conditions that need data are names (`Condition`);
the caller finds out which of them hold and passes them in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    SUBMITTED = "submitted"
    AWAITING_DEPOSIT = "awaiting_deposit"
    AWAITING_ESTIMATE = "awaiting_estimate"
    AWAITING_APPROVAL = "awaiting_approval"
    ACCEPTED = "accepted"
    IN_WORK = "in_work"
    AWAITING_PARTNER = "awaiting_partner"
    AWAITING_PRODUCTION = "awaiting_production"
    DELIVERED = "delivered"
    RESOLVED = "resolved"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    MERGED = "merged"


class Type(StrEnum):
    SIMPLE = "simple"
    COMPLEX = "complex"
    BUG = "bug"
    CUSTOMISATION = "customisation"


class Step(StrEnum):
    """The step inside `in_work`; implementing may be skipped."""

    SOLVING = "solving"
    IMPLEMENTING = "implementing"


class Turn(StrEnum):
    SPECIALIST = "specialist"
    PARTNER = "partner"
    PRODUCTION = "production"
    NOBODY = "nobody"


class ClockState(StrEnum):
    """What the deadline's clock does; a database constraint binds it to the state."""

    RUNS = "runs"
    PAUSED = "paused"
    ENDED = "ended"


class Actor(StrEnum):
    """What a person is to one ticket; somebody may be several at once (executor and lead)."""

    OWNER = "owner"
    FINANCE = "finance"
    MEMBER = "member"
    VIEWER = "viewer"
    AUTHOR = "author"
    EXECUTOR = "executor"
    LEAD = "lead"
    COVER = "cover"
    SPECIALIST = "specialist"
    ADMINISTRATOR = "administrator"
    PRODUCTION = "production"
    ACCOUNTANT = "accountant"
    VENDOR = "vendor"
    SYSTEM = "system"


class Verb(StrEnum):
    SUBMIT = "submit"
    ACCEPT = "accept"
    DECLINE = "decline"
    ESTIMATE = "estimate"
    APPROVE = "approve"
    REFUSE = "refuse"
    EXPIRE = "expire"
    FUND = "fund"
    START = "start"
    STEP = "step"
    ASK = "ask"
    ANSWER = "answer"
    RESUME = "resume"
    CONSULT = "consult"
    ESCALATE = "escalate"
    REPLY = "reply"
    SUPPLEMENT = "supplement"
    LOG = "log"
    BUILD = "build"
    FINISH_PART = "finish_part"
    SPLIT = "split"
    ABSORB = "absorb"
    DELIVER = "deliver"
    RECALL = "recall"
    CONFIRM = "confirm"
    RETURN = "return"
    REOPEN = "reopen"
    RE_PROMISE = "re_promise"
    AGREE = "agree"
    DISAGREE = "disagree"
    RECLASSIFY = "reclassify"
    CONFIRM_DEFECT = "confirm_defect"
    CANCEL = "cancel"
    MERGE = "merge"
    HAND_OVER = "hand_over"
    MESSAGE = "message"
    NOTE = "note"
    CONTEST = "contest"
    DOUBT = "doubt"
    RULE = "rule"
    EXCUSE = "excuse"
    REDO = "redo"


class Reason(StrEnum):
    """The closed list of reasons to decline; "cannot answer" is not among them."""

    NOT_OUR_PRODUCT = "not_our_product"
    DUPLICATE = "duplicate"
    NOT_A_PARTNERS_PERSON = "not_a_partners_person"
    ABUSE = "abuse"
    IMPOSSIBLE = "impossible"


class Condition(StrEnum):
    """Facts that choose between rows of one verb; found out by the caller under the lock."""

    CUSTOMISATION = "customisation"
    OVER_LIMIT = "over_limit"
    DEPOSIT_LOW = "deposit_low"
    WORK_BEGUN = "work_begun"
    SUPPLEMENT = "supplement"
    PARTS_OFFERED = "parts_offered"
    ESTIMATE_OUT_OF_DATE = "estimate_out_of_date"
    PART_CAN_PROCEED = "part_can_proceed"
    CONSULT_PAUSES = "consult_pauses"
    CONSULTED = "consulted"
    RE_PROMISE_OPEN = "re_promise_open"
    DISPUTE_OPEN = "dispute_open"
    DEFECT = "defect"
    BUG = "bug"


class Acceptance(StrEnum):
    """What a move does to the acceptance clock (R4)."""

    KEEP = "keep"
    SATISFY = "satisfy"
    VOID = "void"


class Money(StrEnum):
    """What a move does on the deposit."""

    NONE = "none"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    SETTLE = "settle"  # what was finished is captured, the rest released
    RETURN = "return"  # released or reversed: a confirmed defect costs nothing
    ADAPT = "adapt"  # holds follow the new type and number of parts


@dataclass(frozen=True, slots=True)
class StateRow:
    """One line of the table of states."""

    turn: Turn
    clock: ClockState
    open: bool = True
    production_clock: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table of moves; `target` None means the ticket stays where it is and
    `back` that it goes where it was before the present waiting state."""

    verb: Verb
    sources: frozenset[State]
    target: State | None
    who: frozenset[Actor]
    when: frozenset[Condition] = field(default_factory=frozenset)
    acceptance: Acceptance = Acceptance.KEEP
    money: Money = Money.NONE
    promise: bool = False
    back: bool = False


class NotAllowed(Exception):
    """A move that the state does not allow or the person may not make (T1); nothing has changed.

    `by_state` tells whether the state forbids it; `allowed` names the moves that this person
    could make instead.
    """

    def __init__(
        self, verb: Verb, state: State, *, by_state: bool, allowed: tuple[Verb, ...]
    ) -> None:
        super().__init__(f"{verb} is not allowed in {state}")
        self.verb, self.state = verb, state
        self.by_state, self.allowed = by_state, allowed


S, V, A, C = State, Verb, Actor, Condition
SATISFY, VOID = Acceptance.SATISFY, Acceptance.VOID
HOLD, CAPTURE, RELEASE = Money.HOLD, Money.CAPTURE, Money.RELEASE
SETTLE, RETURN, ADAPT = Money.SETTLE, Money.RETURN, Money.ADAPT

STATES: dict[State, StateRow] = {
    S.SUBMITTED: StateRow(Turn.SPECIALIST, ClockState.RUNS),
    S.AWAITING_DEPOSIT: StateRow(Turn.PARTNER, ClockState.PAUSED),
    S.AWAITING_ESTIMATE: StateRow(Turn.PRODUCTION, ClockState.PAUSED, production_clock=True),
    S.AWAITING_APPROVAL: StateRow(Turn.PARTNER, ClockState.PAUSED),
    S.ACCEPTED: StateRow(Turn.SPECIALIST, ClockState.RUNS),
    S.IN_WORK: StateRow(Turn.SPECIALIST, ClockState.RUNS),
    S.AWAITING_PARTNER: StateRow(Turn.PARTNER, ClockState.PAUSED),
    S.AWAITING_PRODUCTION: StateRow(Turn.PRODUCTION, ClockState.PAUSED, production_clock=True),
    S.DELIVERED: StateRow(Turn.PARTNER, ClockState.PAUSED),
    S.RESOLVED: StateRow(Turn.NOBODY, ClockState.ENDED, open=False),
    S.DECLINED: StateRow(Turn.NOBODY, ClockState.ENDED, open=False),
    S.CANCELLED: StateRow(Turn.NOBODY, ClockState.ENDED, open=False),
    S.MERGED: StateRow(Turn.NOBODY, ClockState.ENDED, open=False),
}

EVERY = frozenset(State)
OPEN = frozenset(state for state, row in STATES.items() if row.open)
BEFORE_DELIVERED = OPEN - {S.DELIVERED}
WORKING = frozenset({S.ACCEPTED, S.IN_WORK})
AFTER_ACCEPT = (OPEN - {S.SUBMITTED}) | {S.RESOLVED}

PARTNER = frozenset({A.OWNER, A.FINANCE, A.MEMBER, A.AUTHOR})
PARTNER_PAYS = frozenset({A.OWNER, A.FINANCE})
PARTNER_DECIDES = frozenset({A.OWNER, A.AUTHOR})
ACCEPTS = frozenset({A.LEAD, A.COVER, A.EXECUTOR})
EXECUTOR = frozenset({A.EXECUTOR})
PRODUCTION = frozenset({A.PRODUCTION})
ADMINISTRATOR = frozenset({A.ADMINISTRATOR})
SYSTEM = frozenset({A.SYSTEM})
SUBMITS = frozenset({A.OWNER, A.MEMBER, A.LEAD, A.COVER, A.SPECIALIST, A.ADMINISTRATOR, A.SYSTEM})
DESK = frozenset({A.EXECUTOR, A.LEAD, A.COVER, A.ADMINISTRATOR})


def _move(
    verb: Verb,
    sources: Iterable[State] | State,
    target: State | None,
    who: frozenset[Actor],
    *when: Condition,
    **effects: object,
) -> Move:
    origins = frozenset({sources}) if isinstance(sources, State) else frozenset(sources)
    return Move(verb, origins, target, who, frozenset(when), **effects)  # type: ignore[arg-type]  # keyword effects are checked by the dataclass


# Rows of one verb are tried from the top: the first whose conditions all hold is the move. A row
# takes as few lines as it can, so that the table is read at one look.
# fmt: off
MOVES: tuple[Move, ...] = (
    _move(V.SUBMIT, (), S.SUBMITTED, SUBMITS),
    _move(V.ACCEPT, S.SUBMITTED, S.AWAITING_ESTIMATE, ACCEPTS, C.CUSTOMISATION, acceptance=SATISFY),
    _move(V.ACCEPT, S.SUBMITTED, S.AWAITING_APPROVAL, ACCEPTS, C.OVER_LIMIT, acceptance=SATISFY),
    _move(V.ACCEPT, S.SUBMITTED, S.AWAITING_DEPOSIT, ACCEPTS, C.DEPOSIT_LOW, acceptance=SATISFY),
    _move(V.ACCEPT, S.SUBMITTED, S.ACCEPTED, ACCEPTS, acceptance=SATISFY, money=HOLD, promise=True),
    _move(
        V.DECLINE, (S.SUBMITTED, S.AWAITING_ESTIMATE), S.DECLINED, ACCEPTS,
        acceptance=SATISFY, money=RELEASE,
    ),
    _move(V.DECLINE, S.AWAITING_ESTIMATE, S.DECLINED, PRODUCTION, money=RELEASE),
    _move(V.ESTIMATE, S.AWAITING_ESTIMATE, S.AWAITING_APPROVAL, PRODUCTION),
    _move(V.APPROVE, S.AWAITING_APPROVAL, S.AWAITING_DEPOSIT, PARTNER_PAYS, C.DEPOSIT_LOW),
    _move(
        V.APPROVE, S.AWAITING_APPROVAL, S.IN_WORK, PARTNER_PAYS, C.WORK_BEGUN,
        money=HOLD, promise=True,
    ),
    _move(V.APPROVE, S.AWAITING_APPROVAL, S.ACCEPTED, PARTNER_PAYS, money=HOLD, promise=True),
    _move(
        V.APPROVE, (S.ACCEPTED, S.IN_WORK, S.AWAITING_PARTNER, S.AWAITING_PRODUCTION), None,
        PARTNER_PAYS, C.PARTS_OFFERED, money=HOLD,
    ),
    _move(V.REFUSE, S.AWAITING_APPROVAL, S.IN_WORK, PARTNER_PAYS, C.SUPPLEMENT),
    _move(V.REFUSE, S.AWAITING_APPROVAL, S.CANCELLED, PARTNER_PAYS, money=SETTLE),
    _move(
        V.REFUSE, (S.ACCEPTED, S.IN_WORK, S.AWAITING_PARTNER, S.AWAITING_PRODUCTION), None,
        PARTNER_PAYS, C.PARTS_OFFERED,
    ),
    _move(
        V.EXPIRE, S.AWAITING_APPROVAL, S.AWAITING_ESTIMATE, PARTNER_PAYS | PARTNER_DECIDES,
        C.ESTIMATE_OUT_OF_DATE,
    ),
    _move(V.EXPIRE, (S.AWAITING_APPROVAL, S.AWAITING_DEPOSIT), S.CANCELLED, SYSTEM, money=SETTLE),
    _move(V.FUND, S.AWAITING_DEPOSIT, S.IN_WORK, SYSTEM, C.WORK_BEGUN, money=HOLD, promise=True),
    _move(V.FUND, S.AWAITING_DEPOSIT, S.ACCEPTED, SYSTEM, money=HOLD, promise=True),
    # A confirmed defect costs nothing: there is nothing left for the partner to approve.
    _move(V.FUND, S.AWAITING_APPROVAL, S.IN_WORK, SYSTEM, C.DEFECT, C.WORK_BEGUN, promise=True),
    _move(V.FUND, S.AWAITING_APPROVAL, S.ACCEPTED, SYSTEM, C.DEFECT, promise=True),
    _move(V.START, S.ACCEPTED, S.IN_WORK, EXECUTOR),
    _move(V.STEP, S.IN_WORK, None, EXECUTOR),
    _move(V.ASK, WORKING, None, EXECUTOR, C.PART_CAN_PROCEED),
    _move(V.ASK, WORKING, S.AWAITING_PARTNER, EXECUTOR),
    _move(V.ANSWER, S.AWAITING_PARTNER, None, PARTNER, back=True),
    _move(V.RESUME, S.AWAITING_PARTNER, None, EXECUTOR, back=True),
    _move(V.CONSULT, S.IN_WORK, S.AWAITING_PRODUCTION, EXECUTOR, C.CONSULT_PAUSES),
    _move(V.CONSULT, S.IN_WORK, None, EXECUTOR),
    _move(
        V.ESCALATE, (S.ACCEPTED, S.IN_WORK, S.AWAITING_PARTNER, S.AWAITING_PRODUCTION), None,
        EXECUTOR, C.BUG,
    ),
    _move(V.REPLY, S.AWAITING_PRODUCTION, S.IN_WORK, PRODUCTION),
    _move(V.REPLY, OPEN - {S.AWAITING_PRODUCTION}, None, PRODUCTION, C.CONSULTED),
    _move(V.SUPPLEMENT, (S.IN_WORK, S.AWAITING_PRODUCTION), S.AWAITING_APPROVAL, PRODUCTION,
          C.CUSTOMISATION),
    _move(V.LOG, (S.IN_WORK, S.AWAITING_PRODUCTION), None, PRODUCTION, C.CUSTOMISATION),
    _move(V.BUILD, S.IN_WORK, None, PRODUCTION, C.CUSTOMISATION),
    _move(V.FINISH_PART, S.IN_WORK, None, EXECUTOR),
    _move(V.SPLIT, S.IN_WORK, None, EXECUTOR),
    _move(V.ABSORB, S.IN_WORK, None, EXECUTOR),
    _move(V.DELIVER, S.IN_WORK, S.DELIVERED, EXECUTOR),
    _move(V.RECALL, S.DELIVERED, S.IN_WORK, EXECUTOR),
    _move(V.CONFIRM, S.DELIVERED, S.RESOLVED, PARTNER_DECIDES | SYSTEM, money=CAPTURE),
    _move(V.RETURN, S.DELIVERED, S.IN_WORK, PARTNER_DECIDES),
    _move(V.REOPEN, S.RESOLVED, S.ACCEPTED, PARTNER_DECIDES, promise=True),
    _move(V.RE_PROMISE, WORKING, None, EXECUTOR),
    _move(V.AGREE, OPEN, None, PARTNER_DECIDES, C.RE_PROMISE_OPEN),
    _move(V.DISAGREE, OPEN, None, PARTNER_DECIDES, C.RE_PROMISE_OPEN),
    _move(V.RECLASSIFY, WORKING, S.AWAITING_ESTIMATE, EXECUTOR | ADMINISTRATOR, C.CUSTOMISATION,
          money=ADAPT),
    _move(V.RECLASSIFY, WORKING, S.AWAITING_APPROVAL, EXECUTOR | ADMINISTRATOR, C.OVER_LIMIT,
          money=ADAPT),
    _move(V.RECLASSIFY, WORKING, S.AWAITING_DEPOSIT, EXECUTOR | ADMINISTRATOR, C.DEPOSIT_LOW,
          money=ADAPT),
    _move(V.RECLASSIFY, WORKING, None, EXECUTOR | ADMINISTRATOR, money=ADAPT),
    _move(V.CONFIRM_DEFECT, AFTER_ACCEPT, None, PRODUCTION, money=RETURN),
    _move(V.CANCEL, BEFORE_DELIVERED, S.CANCELLED, PARTNER_DECIDES, acceptance=VOID, money=SETTLE),
    _move(V.CANCEL, S.AWAITING_PARTNER, S.CANCELLED, SYSTEM, money=SETTLE),
    _move(V.MERGE, BEFORE_DELIVERED, S.MERGED, EXECUTOR, acceptance=VOID, money=RELEASE),
    _move(V.HAND_OVER, OPEN, None, EXECUTOR | ADMINISTRATOR | SYSTEM),
    _move(V.MESSAGE, EVERY - {S.MERGED}, None, PARTNER | DESK),
    _move(V.NOTE, EVERY, None, DESK | PRODUCTION | {A.SPECIALIST}),
    _move(V.CONTEST, EVERY, None, PARTNER_PAYS | {A.AUTHOR}),
    _move(V.DOUBT, OPEN, None, PARTNER),
    _move(V.RULE, EVERY, None, ADMINISTRATOR, C.DISPUTE_OPEN),
    _move(V.EXCUSE, EVERY, None, ADMINISTRATOR),
    _move(V.REDO, S.RESOLVED, S.ACCEPTED, ADMINISTRATOR, promise=True),
    _move(V.REDO, S.DELIVERED, S.IN_WORK, ADMINISTRATOR),
)
# fmt: on


def decide(
    verb: Verb,
    state: State | None,
    actors: frozenset[Actor],
    conditions: frozenset[Condition] = frozenset(),
) -> Move:
    """The row that `verb` means here and now, or `NotAllowed`.

    `state` is None before submission. `conditions` are those that hold.
    """
    in_state = [m for m in MOVES if m.verb == verb and _starts_in(m, state)]
    for move in in_state:
        if move.who & actors and move.when <= conditions:
            return move
    raise NotAllowed(
        verb,
        state or State.SUBMITTED,
        by_state=not in_state,
        allowed=allowed(state, actors) if state else (),
    )


def allowed(
    state: State, actors: frozenset[Actor], conditions: frozenset[Condition] | None = None
) -> tuple[Verb, ...]:
    """The verbs this person may use in `state`, in the table's order, each once.

    With `conditions` None every row counts as possible: what the buttons may offer depends on
    data the caller has not looked up.
    """
    verbs = [
        m.verb
        for m in MOVES
        if state in m.sources and m.who & actors and (conditions is None or m.when <= conditions)
    ]
    return tuple(dict.fromkeys(verbs))


def _starts_in(move: Move, state: State | None) -> bool:
    return state in move.sources if state is not None else not move.sources
