"""How the deadlines of a ticket came about: every span by whom and why, and the sum (R11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from desk.partners.models import Person
from desk.rules import clock as rules
from desk.rules.clock import Span, SpanKind
from desk.tickets.models import ClockKind, Ticket
from desk.tickets.queries import deadlines, matters, moves, thread, visibility
from desk.tickets.queries.lines import (
    ClockAccount,
    Explanation,
    RetargetView,
    SpanView,
    SpanWhat,
    StruckView,
)
from desk.tickets.queries.moves import Story
from desk.tickets.queries.people import Names
from desk.tickets.queries.thread import Row, Thread
from desk.tickets.queries.visibility import Access

PARTNERS_CLOCKS = frozenset({ClockKind.ACCEPTANCE, ClockKind.RESOLUTION})


def explain(
    ticket: Ticket, reader: Person, at: datetime, known: Access | None = None
) -> Explanation:
    """The account of every clock that the reader may see, acceptance and resolution; our own
    people also see production's and the rulings', that of an open doubt only who answers it. Sums
    agree with the rules to the second."""
    seen_by = known or visibility.access(reader)
    loaded = thread.load(ticket, None, at, internal=seen_by.is_staff)
    shown = matters.known_to(loaded, seen_by) if seen_by.is_staff else loaded
    return _explained(ticket, shown, at, internal=seen_by.is_staff)


def explain_to(ticket: Ticket, at: datetime, *, internal: bool) -> Explanation:
    """The same for a side, without a person: with `internal` for our own people."""
    loaded = thread.load(ticket, None, at, internal=internal)
    return _explained(ticket, loaded, at, internal=internal)


def _explained(ticket: Ticket, loaded: Thread, at: datetime, *, internal: bool) -> Explanation:
    teller = _Teller(ticket, loaded, at)
    shown = [row for row in loaded.clocks if internal or row["kind"] in PARTNERS_CLOCKS]
    return Explanation(
        at=at,
        ticket_id=ticket.pk,
        number=visibility.number(ticket),
        subject=ticket.subject,
        state=ticket.state,
        calendar=deadlines.calendar_view(ticket.calendar_version.calendar.name, teller.hours),
        calendar_document=teller.calendar.to_dict(),
        clocks=tuple(teller.account(row) for row in sorted(shown, key=_place)),
    )


def _place(clock: Row) -> tuple[int, int, int]:
    """Cycle by cycle, acceptance before resolution before what hangs on it."""
    return clock["cycle"], list(ClockKind).index(clock["kind"]), clock["id"]


class _Teller:
    """Accounts for the clocks of one ticket."""

    def __init__(self, ticket: Ticket, loaded: Thread, at: datetime) -> None:
        self.thread, self.at = loaded, at
        self.calendar = ticket.calendar_version.value()
        self.hours = deadlines.hours(self.calendar, at)
        self.names = Names(loaded.people, self.calendar, at)
        self.entries: Mapping[int, Row] = {row["id"]: row for row in loaded.entries}
        self.reasons = moves.reasons_by_entry(loaded)
        self.stories: Mapping[int, Story] = {
            story.clock["id"]: story for story in moves.stories(loaded, self.calendar)
        }

    def account(self, clock: Row) -> ClockAccount:
        """One clock: its spans, struck pauses and targets."""
        pauses = [row for row in self.thread.pauses if row["clock_id"] == clock["id"]]
        started_at = clock["started_at"]
        until_at = max(started_at, min(self.at, clock["stopped_at"] or self.at))
        full = rules.spans(self.calendar, started_at, until_at, deadlines.events(pauses))
        by_id = {str(row["id"]): row for row in pauses}
        return ClockAccount(
            kind=clock["kind"],
            cycle=clock["cycle"],
            subject=clock["subject"],
            deadline=deadlines.of_clock(clock, pauses, self.hours),
            started_at=started_at,
            read_until_at=until_at,
            target_seconds=clock["target_seconds"],
            elapsed_seconds=_total(full, SpanKind.RUNNING),
            paused_seconds=_total(full, SpanKind.PAUSED),
            spans=self._spans(rules.folded(full), by_id),
            spans_full=self._spans(full, by_id),
            struck=tuple(self._struck(row, until_at) for row in pauses if row["struck"]),
            retargets=self._retargets(clock),
        )

    def _spans(self, history: Sequence[Span], pauses: Mapping[str, Row]) -> tuple[SpanView, ...]:
        found, total = [], 0
        for span in history:
            if span.kind == SpanKind.RUNNING:
                total += span.working_seconds
            view = _span(span, total)
            if span.pause_id is not None:
                view = self._paused(view, pauses[span.pause_id])
            found.append(view)
        return tuple(found)

    def _paused(self, view: SpanView, pause: Row) -> SpanView:
        """A span that stood: in which state, by whom, why, and what ended it."""
        opened = self.entries.get(pause["opened_entry_id"])
        ended = self.entries.get(pause["closed_entry_id"] or 0)
        return replace(
            view,
            pause_id=pause["id"],
            state=pause["state"],
            verb=opened["verb"] if opened else "",
            by=self.names.ref(opened["person_id"]) if opened else None,
            channel=opened["channel"] if opened else "",
            reason=self.reasons.get(pause["opened_entry_id"], ""),
            ended_by=self.names.ref(ended["person_id"]) if ended else None,
            ended_verb=ended["verb"] if ended else "",
            entry_id=pause["opened_entry_id"],
        )

    def _struck(self, pause: Row, until_at: datetime) -> StruckView:
        opened = self.entries.get(pause["opened_entry_id"])
        end = min(pause["closed_at"] or until_at, until_at)
        return StruckView(
            pause_id=pause["id"],
            opened_at=pause["opened_at"],
            closed_at=pause["closed_at"],
            state=pause["state"],
            by=self.names.ref(opened["person_id"]) if opened else None,
            reason=self.reasons.get(pause["opened_entry_id"], ""),
            working_seconds=self.calendar.elapsed(pause["opened_at"], max(end, pause["opened_at"])),
        )

    def _retargets(self, clock: Row) -> tuple[RetargetView, ...]:
        """Every target the clock was given, from the one at acceptance on."""
        story = self.stories.get(clock["id"])
        if story is None:
            return ()
        return tuple(self._retarget(story, entry) for entry in story.retargets)

    def _retarget(self, story: Story, entry: Row) -> RetargetView:
        entry_id, facts = entry["id"], entry["facts"]
        return RetargetView(
            at=entry["at"],
            verb=entry["verb"],
            by=self.names.ref(entry["person_id"]),
            reason=self.reasons.get(entry_id, ""),
            target_before_seconds=facts["target_before"],
            target_after_seconds=facts["target_after"],
            due_before_at=story.due_at(facts["target_before"], entry_id, entry_id),
            due_after_at=story.due_at(facts["target_after"], entry_id, entry_id),
        )


def _span(span: Span, total: int) -> SpanView:
    return SpanView(
        what=SpanWhat(span.kind.value),
        from_at=span.from_at,
        until_at=span.until_at,
        working_seconds=span.working_seconds,
        sum_seconds=total,
        pause_id=None,
        state="",
        verb="",
        by=None,
        channel="",
        reason="",
        ended_by=None,
        ended_verb="",
        entry_id=None,
    )


def _total(history: Iterable[Span], kind: SpanKind) -> int:
    return sum(span.working_seconds for span in history if span.kind == kind)
