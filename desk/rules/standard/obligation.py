"""An obligation and what became of it.

A limit stands while something excuses: an absence, an outage of ours, a critical error being
served. What was done after the limit, but before the limit so lengthened, is excused; what was
not done by then is violated at that later instant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from desk.rules import clock
from desk.rules.clock import Pause
from desk.rules.worktime import SECOND, Calendar, instant, microseconds

AROUND_THE_CLOCK = Calendar.parse(
    {
        "timezone": "UTC",
        "week": {
            day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        },
    }
)
"""For limits that run whether or not the desk is open: a break lasts as long at any hour."""


class Excuse(StrEnum):
    """What excuses by itself. COVER: the ticket was taken over from
    somebody who is away, a short time ago."""

    ABSENCE = "absence"
    OUTAGE = "outage"
    BUG = "bug"
    COVER = "cover"


class Outcome(StrEnum):
    """OPEN: still owed and in time, or its limit stands. KEPT: done in time. LAPSED: not owed any
    more before its limit. EXCUSED: done late, for a reason that excuses. VIOLATED: neither."""

    OPEN = "open"
    KEPT = "kept"
    LAPSED = "lapsed"
    EXCUSED = "excused"
    VIOLATED = "violated"


ENDED = frozenset({Outcome.KEPT, Outcome.LAPSED, Outcome.EXCUSED, Outcome.VIOLATED})


@dataclass(frozen=True, slots=True)
class Obligation:
    """Somebody owes something until a limit.

    `key` tells it from every other one of its clause, for good: "ticket:42/accept:1". `met_at` is
    when it was done, `lapsed_at` when it was not owed any more; None as long as neither is known.
    `calendar` is the time in which the limit runs on after something excused. `evidence` names
    what happened: "entry:7", "interval:3".
    """

    person_id: int
    key: str
    since_at: datetime
    due_at: datetime
    met_at: datetime | None = None
    lapsed_at: datetime | None = None
    calendar: Calendar = AROUND_THE_CLOCK
    evidence: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.due_at < self.since_at:
            raise ValueError(f"{self.key} is due before it is owed")

    @property
    def ticket(self) -> str:
        """The ticket that it is about, "" for none."""
        thing = self.key.partition("/")[0]
        return thing if thing.startswith("ticket:") else ""


@dataclass(frozen=True, slots=True)
class Exempt:
    """A time in which something excuses; it goes on while `until_at` is None.

    `about` names the one ticket ("ticket:42") whose obligations it excuses, "" for all; `beside`
    the one whose obligations it does not: serving a critical error excuses everything but that.
    """

    excuse: Excuse
    since_at: datetime
    until_at: datetime | None = None
    evidence: str = ""
    about: str = ""
    beside: str = ""

    def concerns(self, owed: Obligation) -> bool:
        """Whether it can excuse this obligation at all."""
        return self.about in ("", owed.ticket) and (not self.beside or self.beside != owed.ticket)

    def pause(self) -> Pause:
        """The time as a pause of the limit."""
        return Pause(self.evidence or self.excuse, self.since_at, self.until_at)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of an obligation at an instant. `at` is when it came to that: a violation's is
    the instant of its limit, however late it is found. `limit_at` None means that it stands."""

    outcome: Outcome
    at: datetime | None = None
    limit_at: datetime | None = None
    excuse: Excuse | None = None
    evidence: tuple[str, ...] = ()


def judge(
    owed: Obligation, exempt: Iterable[Exempt], grace_seconds: int, at: datetime
) -> Judgement:
    """What is known at `at`, from what had happened by then.

    An act at the limit itself is in time; one that is owed a moment later is violated. The grace
    lengthens the limit for everybody alike.
    """
    spans = [one for one in exempt if one.since_at <= at and one.concerns(owed)]
    due_at = owed.due_at + timedelta(seconds=grace_seconds)
    limit_at = _limit(owed, due_at, spans, at)
    done_at, lapsed_at = _known(owed.met_at, at), _known(owed.lapsed_at, at)
    if lapsed_at is not None and (done_at is None or lapsed_at < done_at):
        # Whichever came first counts: what was not owed any more was neither kept nor violated.
        if limit_at is None or lapsed_at <= limit_at:
            return Judgement(Outcome.LAPSED, lapsed_at, limit_at)
    elif done_at is not None and done_at <= due_at:
        return Judgement(Outcome.KEPT, done_at, limit_at)
    elif done_at is not None and (limit_at is None or done_at <= limit_at):
        reason = _reason(owed, spans, done_at)
        return Judgement(Outcome.EXCUSED, due_at, limit_at, reason.excuse, (reason.evidence,))
    if limit_at is None or at <= limit_at:
        return Judgement(Outcome.OPEN, None, limit_at)
    return Judgement(Outcome.VIOLATED, limit_at, limit_at, evidence=owed.evidence)


def _known(moment: datetime | None, at: datetime) -> datetime | None:
    return moment if moment is not None and moment <= at else None


def _limit(
    owed: Obligation, due_at: datetime, spans: list[Exempt], at: datetime
) -> datetime | None:
    """The limit lengthened by what excused before it was reached; None while that lasts."""
    if not any(_touches(one, owed.since_at, due_at) for one in spans):
        return due_at
    since, until = microseconds(owed.since_at), microseconds(due_at)
    # Clocks count whole seconds; a limit keeps the fraction that it had.
    target, rest = divmod(owed.calendar.elapsed_microseconds(since, until), SECOND)
    pauses = [one.pause().seen_at(at) for one in spans]
    found = clock.due(owed.calendar, owed.since_at, target, pauses)
    if found is None:
        return None
    return max(instant(owed.calendar.add_microseconds(microseconds(found), rest)), due_at)


def _touches(one: Exempt, since_at: datetime, due_at: datetime) -> bool:
    """Whether it stops a limit on its way: what begins at the limit or later stops nothing."""
    begins_before = one.since_at < due_at or one.since_at == since_at == due_at
    return begins_before and (one.until_at is None or one.until_at > since_at)


def _reason(owed: Obligation, spans: list[Exempt], done_at: datetime) -> Exempt:
    """The first that stopped the limit."""
    stopping = [one for one in spans if _touches(one, owed.since_at, done_at)]
    return min(stopping, key=lambda one: (one.since_at, one.excuse, one.evidence))
