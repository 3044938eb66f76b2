"""What clocks show: deadlines, promises, what moved them, breaches. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from desk.tickets.queries.persons import PersonRef, Window


class Phase(StrEnum):
    """How a deadline stands; the words of the four shapes of a deadline (specification 7)."""

    NONE = "none"
    CALM = "calm"
    SOON = "soon"
    LATE = "late"
    STANDING = "standing"
    KEPT = "kept"
    MISSED = "missed"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """One clock at the instant `at`.

    `due_at` is None while there is no target yet, or while it stands and would move (R10): then
    `since_at` and `waits_for` (a state) say why. `remaining_seconds` is below zero when late: the
    overrun, pauses ignored (R7). `windows` are the coming open intervals, clipped at `at`, for a
    count-down in the page. While the desk is closed `opens_at` is the next opening.
    """

    kind: str
    phase: Phase
    at: datetime
    started_at: datetime
    due_at: datetime | None
    target_seconds: int
    elapsed_seconds: int
    remaining_seconds: int
    soon_seconds: int
    since_at: datetime | None
    waits_for: str
    windows: tuple[Window, ...]
    is_open: bool
    opens_at: datetime | None
    ended_at: datetime | None
    breached_at: datetime | None
    by_ruling: bool
    excused_at: datetime | None
    excuse: str

    @property
    def overrun_seconds(self) -> int:
        """Working time since the due instant, pauses ignored."""
        return max(0, -self.remaining_seconds)


@dataclass(frozen=True, slots=True)
class CalendarView:
    """The calendar that the clocks of this ticket follow."""

    name: str
    timezone: str
    today: tuple[Window, ...]
    is_open: bool
    opens_at: datetime | None
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class PromiseView:
    """What was promised on entering accepted (T2); never changes."""

    id: int
    cycle: int
    made_at: datetime
    due_at: datetime | None
    target_seconds: int
    executor: PersonRef | None
    type: str
    units: int
    kopecks: int
    cause: str


class MoveKind(StrEnum):
    """What happened to the deadline."""

    PROMISE = "promise"
    PAUSE = "pause"
    RETARGET = "retarget"
    RE_PROMISE = "re_promise"


@dataclass(frozen=True, slots=True)
class DeadlineMove:
    """One recorded event that moved the deadline, or could have.

    A pause is one move from `at` until `until_at` (None while it is open); `state` is the waiting
    state, `struck` that a ruling let it count. `due_before_at`, `due_after_at` are the due as it
    was known then; `moved_seconds` the working time between them. `reason` is what was written to
    the partner. `pause_id` is what a contest names; `agreed` answers a re-promise.
    """

    kind: MoveKind
    cycle: int
    at: datetime
    until_at: datetime | None
    by: PersonRef | None
    verb: str
    state: str
    reason: str
    due_before_at: datetime | None
    due_after_at: datetime | None
    moved_seconds: int
    target_before_seconds: int | None
    target_after_seconds: int | None
    struck: bool
    agreed: bool | None
    pause_id: int | None
    entry_id: int | None


@dataclass(frozen=True, slots=True)
class WarningView:
    """A share of a clock's target: when it is reached (None while a pause hides it), and whether
    those concerned were warned."""

    percent: int
    at: datetime | None
    warned: bool


@dataclass(frozen=True, slots=True)
class ClockView:
    """One clock as our own people see it; `subject` tells consultations and disputes apart."""

    id: int
    cycle: int
    subject: str
    outcome: str
    deadline: DeadlineView
    warnings: tuple[WarningView, ...]


@dataclass(frozen=True, slots=True)
class BreachView:
    """A broken clock. `noticed_after_seconds` is real time from the breach to its record (R8)."""

    clock: str
    cycle: int
    subject: str
    breached_at: datetime
    noticed_after_seconds: int
    by_ruling: bool
    excused_at: datetime | None
    excused_by: PersonRef | None
    excuse: str
    clock_id: int


@dataclass(frozen=True, slots=True)
class WorkRule:
    """The one-hour rule for a part, or a simple ticket as a whole (T3). `level` is "within",
    "warning", "over" or "exempt"; seconds are real time worked in the present cycle."""

    worked_seconds: int
    warning_seconds: int
    max_seconds: int
    level: str
