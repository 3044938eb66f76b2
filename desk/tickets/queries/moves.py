"""How a deadline came to stand where it stands: every promise, pause, new target and re-promise.

Nothing is stored for this: it is derived from the promises, the pauses and the journal. What was
known at an entry is what the entries before it had done, so that an old due reads as it read then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from desk.rules import clock as rules
from desk.rules.lifecycle import Verb
from desk.rules.worktime import Calendar
from desk.tickets.models import ClockKind
from desk.tickets.queries.clockwork import DeadlineMove, MoveKind
from desk.tickets.queries.people import Names
from desk.tickets.queries.thread import Row, Thread

BEFORE_ALL = 0


@dataclass(frozen=True, slots=True)
class Story:
    """One resolution clock with all that happened to it, by journal entry."""

    calendar: Calendar
    clock: Row
    pauses: tuple[Row, ...]
    retargets: tuple[Row, ...]
    promises: tuple[Row, ...]

    def target_at(self, entry_id: int, *, included: bool) -> int | None:
        """The target after, or just before, an entry."""
        if not self.retargets:
            return as_seconds(self.clock["target_seconds"])
        reached = [
            entry
            for entry in self.retargets
            if entry["id"] < entry_id or (included and entry["id"] == entry_id)
        ]
        facts = reached[-1]["facts"] if reached else self.retargets[0]["facts"]
        return as_seconds(facts["target_after"] if reached else facts["target_before"])

    def due_at(self, target: int | None, opened: int, closed: int) -> datetime | None:
        """The due by that target and the pauses opened before the entry `opened`, as far as they
        were closed up to the entry `closed`."""
        if target is None:
            return None
        known = [
            rules.Pause(
                str(pause["id"]),
                pause["opened_at"],
                pause["closed_at"] if _closed_by(pause, closed) else None,
                pause["struck"],
            )
            for pause in self.pauses
            if pause["opened_entry_id"] < opened
        ]
        return rules.due(self.calendar, self.clock["started_at"], target, known)


def stories(thread: Thread, calendar: Calendar) -> tuple[Story, ...]:
    """The resolution clocks of all cycles, the first cycle first."""
    clocks = [clock for clock in thread.clocks if clock["kind"] == ClockKind.RESOLUTION]
    return tuple(
        Story(
            calendar,
            clock,
            tuple(pause for pause in thread.pauses if pause["clock_id"] == clock["id"]),
            tuple(
                entry
                for entry in thread.entries
                if _retargets(entry) and _cycle(entry, clocks) == clock["cycle"]
            ),
            tuple(p for p in thread.promises if p["cycle"] == clock["cycle"]),
        )
        for clock in sorted(clocks, key=lambda clock: clock["cycle"])
    )


def of(thread: Thread, told: Sequence[Story], names: Names) -> tuple[DeadlineMove, ...]:
    """All that moved the deadline, or could have, in the order of time."""
    entries = {entry["id"]: entry for entry in thread.entries}
    reasons = reasons_by_entry(thread)
    found: list[DeadlineMove] = []
    for story in told:
        teller = _Teller(story, entries, reasons, names)
        found.extend(teller.promise(row) for row in story.promises)
        found.extend(teller.pause(row) for row in story.pauses)
        found.extend(teller.retarget(row) for row in retargets(story))
    found.extend(_re_promise(row, told, thread.entries, names) for row in thread.re_promises)
    return tuple(sorted(found, key=lambda move: (move.at, move.entry_id or BEFORE_ALL)))


def retargets(story: Story) -> tuple[Row, ...]:
    """Entries that gave a promised ticket another target; those that made a promise are told as
    the promise, agreed re-promises as what they are."""
    promised = {promise["entry_id"] for promise in story.promises}
    return tuple(
        entry
        for entry in story.retargets
        if entry["id"] not in promised
        and entry["verb"] != Verb.AGREE
        and entry["facts"]["target_before"] is not None
    )


def reasons_by_entry(thread: Thread) -> Mapping[int, str]:
    """What was written with a move; of a move without words what its facts say."""
    said = {
        message["entry_id"]: message["text"] for message in thread.messages if message["entry_id"]
    }
    for entry in thread.entries:
        reason = entry["facts"].get("reason")
        if isinstance(reason, str) and reason:
            said.setdefault(entry["id"], reason)
    return said


class _Teller:
    """Turns the rows of one story into moves."""

    def __init__(
        self,
        story: Story,
        entries: Mapping[int, Row],
        reasons: Mapping[int, str],
        names: Names,
    ) -> None:
        self.story, self.entries = story, entries
        self.reasons, self.names = reasons, names

    def promise(self, row: Row) -> DeadlineMove:
        entry_id = row["entry_id"] or BEFORE_ALL
        before = self.story.target_at(entry_id, included=False)
        due_before = self.story.due_at(before, entry_id, entry_id) if before else None
        return self._move(
            MoveKind.PROMISE,
            row["made_at"],
            entry_id,
            (due_before, row["due_at"]),
            (before, row["target_seconds"]),
        )

    def retarget(self, entry: Row) -> DeadlineMove:
        entry_id, facts = entry["id"], entry["facts"]
        targets = facts["target_before"], facts["target_after"]
        before, after = (self.story.due_at(target, entry_id, entry_id) for target in targets)
        return self._move(MoveKind.RETARGET, entry["at"], entry_id, (before, after), targets)

    def pause(self, row: Row) -> DeadlineMove:
        opened, closed = row["opened_entry_id"], row["closed_entry_id"]
        before_target = self.story.target_at(opened, included=False)
        before = self.story.due_at(before_target, opened, opened)
        after_target = before_target
        after = None
        if closed is not None:
            after_target = self.story.target_at(closed, included=False)
            after = self.story.due_at(after_target, closed, closed)
        move = self._move(
            MoveKind.PAUSE, row["opened_at"], opened, (before, after), (before_target, after_target)
        )
        return replace(
            move,
            until_at=row["closed_at"],
            state=row["state"],
            struck=row["struck"],
            pause_id=row["id"],
        )

    def _move(
        self,
        kind: MoveKind,
        at: datetime,
        entry_id: int,
        dues: tuple[datetime | None, datetime | None],
        targets: tuple[int | None, int | None],
    ) -> DeadlineMove:
        entry = self.entries.get(entry_id)
        return DeadlineMove(
            kind=kind,
            cycle=self.story.clock["cycle"],
            at=at,
            until_at=None,
            by=self.names.ref(entry["person_id"]) if entry else None,
            verb=entry["verb"] if entry else "",
            state="",
            reason=self.reasons.get(entry_id, ""),
            due_before_at=dues[0],
            due_after_at=dues[1],
            moved_seconds=moved(self.story.calendar, *dues),
            target_before_seconds=targets[0],
            target_after_seconds=targets[1],
            struck=False,
            agreed=None,
            pause_id=None,
            entry_id=entry_id or None,
        )


def as_seconds(value: object) -> int | None:
    """A target as it was written down."""
    return value if isinstance(value, int) else None


def moved(calendar: Calendar, before: datetime | None, after: datetime | None) -> int:
    """Working seconds from one due to the other, below zero when earlier; 0 where one is none."""
    if before is None or after is None:
        return 0
    return calendar.elapsed(before, after) if before <= after else -calendar.elapsed(after, before)


def _re_promise(
    row: Row, told: Sequence[Story], entries: Sequence[Row], names: Names
) -> DeadlineMove:
    """A proposal with its answer; agreed, the due is what the ticket then had."""
    about = [entry for entry in entries if entry["facts"].get("re_promise") == row["id"]]
    entry_id = about[0]["id"] if about else BEFORE_ALL
    story = _story_at(told, row["proposed_at"])
    before = story.due_at(story.target_at(entry_id, included=False), entry_id, entry_id)
    after = before
    if row["agreed"]:
        agreed = about[-1]["facts"].get("due_at")
        after = datetime.fromisoformat(agreed) if agreed else None
    return DeadlineMove(
        kind=MoveKind.RE_PROMISE,
        cycle=story.clock["cycle"],
        at=row["proposed_at"],
        until_at=row["answered_at"],
        by=names.ref(row["proposed_by_id"]),
        verb=Verb.RE_PROMISE,
        state="",
        reason=row["reason"],
        due_before_at=before,
        due_after_at=after,
        moved_seconds=moved(story.calendar, before, after),
        target_before_seconds=None,
        target_after_seconds=None,
        struck=False,
        agreed=row["agreed"],
        pause_id=None,
        entry_id=entry_id or None,
    )


def _story_at(told: Sequence[Story], at: datetime) -> Story:
    begun = [story for story in told if story.clock["started_at"] <= at]
    return (begun or list(told))[-1]


def _retargets(entry: Row) -> bool:
    facts = entry["facts"]
    return "target_after" in facts and facts["target_after"] != facts["target_before"]


def _cycle(entry: Row, clocks: Sequence[Row]) -> int:
    """The cycle an entry is about: named by it, or the one that ran at its instant."""
    named = entry["facts"].get("cycle")
    begun = [clock["cycle"] for clock in clocks if clock["started_at"] <= entry["at"]]
    return int(named or max(begun, default=1))


def _closed_by(pause: Row, entry_id: int) -> bool:
    closed = pause["closed_entry_id"]
    return closed is not None and closed <= entry_id
