"""What lists, boards and explanations show: frozen values, in no language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from desk.deposits.values import Balance, Cost
from desk.tickets.queries.clockwork import CalendarView, DeadlineView
from desk.tickets.queries.persons import PersonCard, PersonRef, Window
from desk.tickets.queries.values import DisputeView

PAGE_LINES = 50


@dataclass(frozen=True, slots=True)
class TicketLine:
    """A ticket in a list. `deadline` is the acceptance clock's while it waits for acceptance, the
    resolution's after; its windows reach two working days. `cost` None where not asked for."""

    id: int
    number: str
    subject: str
    partner_id: int
    partner_name: str
    project_id: int
    project_name: str
    state: str
    turn: str
    my_turn: bool
    type: str
    step: str
    critical_claim: bool
    executor: PersonRef | None
    author: PersonRef | None
    deadline: DeadlineView
    promised: int
    rating: int | None
    submitted_at: datetime
    changed_at: datetime
    delivered_at: datetime | None
    queue_rank: float
    version: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list; `cursor` fetches the next one, "" when there is none."""

    lines: tuple[TicketLine, ...]
    cursor: str


class Show(StrEnum):
    """Which tickets a list shows."""

    MY_TURN = "my_turn"
    IN_WORK = "in_work"
    OPEN = "open"
    DONE = "done"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; None and "" do not narrow. `show` "open" comes in the partner's
    own order, everything else newest first. `mine`: written by the reader. `limit`: lines of a
    page."""

    show: Show = Show.ALL
    partner_id: int | None = None
    project_id: int | None = None
    executor_id: int | None = None
    state: str = ""
    type: str = ""
    mine: bool = False
    external_id: str | None = None
    limit: int = PAGE_LINES


@dataclass(frozen=True, slots=True)
class Manager:
    """A personal manager: lead and cover of some of the partner's projects."""

    lead: PersonCard | None
    cover: PersonCard | None
    projects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deposit:
    """The deposit at a glance. `days_left`: working days it lasts at the usual pace, None while
    there is too little to tell."""

    balance: Balance
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Home:
    """The cabinet's first page. `deposit` None for who has no business with it."""

    at: datetime
    partner_id: int
    partner_name: str
    my_turn: tuple[TicketLine, ...]
    in_work: tuple[TicketLine, ...]
    done: tuple[TicketLine, ...]
    managers: tuple[Manager, ...]
    deposit: Deposit | None
    calendar: CalendarView


class Why(StrEnum):
    """Why a ticket stands where it stands in the queue, in the order of precedence."""

    CRITICAL = "critical"
    ACCEPTANCE = "acceptance"
    SOON = "soon"
    LATE = "late"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Queued:
    """A ticket with the reason for its place."""

    line: TicketLine
    why: Why


@dataclass(frozen=True, slots=True)
class Queue:
    """A specialist's open tickets. `work`: in the order in which they must be worked (acceptances
    among them), `acceptances`: these alone by their due, `at_risk`: promises that come near or are
    late, `waiting`: others' turn, longest first."""

    at: datetime
    work: tuple[Queued, ...]
    acceptances: tuple[TicketLine, ...]
    at_risk: tuple[TicketLine, ...]
    waiting: tuple[TicketLine, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """One specialist now. `activity` "" when nothing runs; `ticket` is the number it runs on.
    `next_promise` is the earliest due of the own running tickets."""

    person: PersonCard
    activity: str
    since_at: datetime | None
    ticket: str
    ticket_subject: str
    partner_name: str
    next_promise: TicketLine | None


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody absent, until when, and who covers which project meanwhile."""

    person: PersonCard
    kind: str
    since_at: datetime
    until_at: datetime
    covered_by: tuple[tuple[str, PersonRef | None], ...]


@dataclass(frozen=True, slots=True)
class BoardBreach:
    """A promise broken today. `clock` is the kind; `noticed_after_seconds` the detection lag."""

    ticket: str
    ticket_subject: str
    partner_name: str
    executor: PersonRef | None
    clock: str
    breached_at: datetime
    noticed_after_seconds: int
    excused: bool
    clock_id: int


@dataclass(frozen=True, slots=True)
class OpenDispute:
    """A contest or doubt that waits for a ruling, earliest due first."""

    dispute: DisputeView
    ticket: str
    ticket_subject: str
    partner_name: str
    executor_id: int | None
    late: bool


@dataclass(frozen=True, slots=True)
class Board:
    """The control room, live. Every list is cut at a named limit; nothing is counted."""

    at: datetime
    seats: tuple[Seat, ...]
    acceptances: tuple[TicketLine, ...]
    pool: tuple[TicketLine, ...]
    at_risk: tuple[TicketLine, ...]
    breaches: tuple[BoardBreach, ...]
    away: tuple[Away, ...]
    disputes: tuple[OpenDispute, ...]
    is_open: bool
    opens_at: datetime | None


@dataclass(frozen=True, slots=True)
class Question:
    """A consultation or estimate that waits for production. `own`: production's clock; `line`
    carries the promise behind it, which may stand. `age_seconds` is working time since asked."""

    id: int
    kind: str
    line: TicketLine
    part: int | None
    question: str
    asked_by: PersonRef | None
    asked_at: datetime
    age_seconds: int
    own: DeadlineView
    pauses: bool


@dataclass(frozen=True, slots=True)
class Building:
    """A customisation that is approved and not delivered: minutes logged of those approved."""

    line: TicketLine
    minutes_logged: int
    minutes_approved: int
    built_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProductionQueue:
    """What waits for production, by the promise behind it."""

    at: datetime
    consultations: tuple[Question, ...]
    estimates: tuple[Question, ...]
    building: tuple[Building, ...]


@dataclass(frozen=True, slots=True)
class AcceptancePreview:
    """What accepting would promise and charge, before it is done.

    `due_at` None for a customisation (production estimates first). `part_dues_at` as many as
    parts. `kopecks` is the price of the units in the lots they would come from; `available_after`
    consultations. `outcome` is the state the ticket would enter; `on_credit`, `uncovered`: units
    of a bug that the deposit does not cover (L2).
    """

    outcome: str
    target_seconds: int | None
    due_at: datetime | None
    part_dues_at: tuple[datetime, ...]
    units: int
    kopecks: int
    available: int
    available_after: int
    needs_approval: bool
    deposit_low: bool
    needs_estimate: bool
    on_credit: int
    uncovered: int
    windows: tuple[Window, ...]


class SpanWhat(StrEnum):
    """What a clock did in a span."""

    RUNNING = "running"
    PAUSED = "paused"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class SpanView:
    """A stretch of a clock's history, [from_at, until_at): `working_seconds` counted when running,
    spared when paused, none when closed. A paused one names who, why and the state it waits in;
    `sum_seconds` is the total counted at its end."""

    what: SpanWhat
    from_at: datetime
    until_at: datetime
    working_seconds: int
    sum_seconds: int
    pause_id: int | None
    state: str
    verb: str
    by: PersonRef | None
    channel: str
    reason: str
    ended_by: PersonRef | None
    ended_verb: str
    entry_id: int | None


@dataclass(frozen=True, slots=True)
class StruckView:
    """A pause that does not count, by a ruling or a recall: the clock ran meanwhile."""

    pause_id: int
    opened_at: datetime
    closed_at: datetime | None
    state: str
    by: PersonRef | None
    reason: str
    working_seconds: int


@dataclass(frozen=True, slots=True)
class RetargetView:
    """Another target from an instant on, and why: what the move was, and the due before and
    after as they were known then (None while it stood)."""

    at: datetime
    verb: str
    by: PersonRef | None
    reason: str
    target_before_seconds: int | None
    target_after_seconds: int | None
    due_before_at: datetime | None
    due_after_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClockAccount:
    """One clock of one cycle, accounted for (R11): spans add up to `elapsed_seconds` exactly.

    `spans` are short (nights and breaks folded into what they interrupt), `spans_full` show each
    closed stretch too."""

    kind: str
    cycle: int
    subject: str
    deadline: DeadlineView
    started_at: datetime
    read_until_at: datetime
    target_seconds: int | None
    elapsed_seconds: int
    paused_seconds: int
    spans: tuple[SpanView, ...]
    spans_full: tuple[SpanView, ...]
    struck: tuple[StruckView, ...]
    retargets: tuple[RetargetView, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """How the deadlines of a ticket came about (R11), resolution and acceptance clocks; for our
    own people production's and rulings' too."""

    at: datetime
    ticket_id: int
    number: str
    subject: str
    state: str
    calendar: CalendarView
    calendar_document: Mapping[str, object]
    clocks: tuple[ClockAccount, ...]


@dataclass(frozen=True, slots=True)
class ResolutionTime:
    """Submission to the last delivery in working seconds (R16); None before any delivery."""

    with_pauses_seconds: int
    without_pauses_seconds: int


CostByTicket = Mapping[int, Cost]
