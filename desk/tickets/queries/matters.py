"""What hangs on a ticket besides talk: consultations, re-promises, disputes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from desk.partners.models import StaffRole
from desk.rules.lifecycle import Verb
from desk.tickets.models import DisputeKind
from desk.tickets.queries.deadlines import Hours
from desk.tickets.queries.people import Names
from desk.tickets.queries.thread import Row, Thread
from desk.tickets.queries.values import ConsultationView, DisputeView, RePromiseView
from desk.tickets.queries.visibility import Access

JUDGES = frozenset({StaffRole.ADMINISTRATOR, StaffRole.VENDOR})


def consultations(
    thread: Thread, names: Names, known: Hours, *, internal: bool
) -> tuple[ConsultationView, ...]:
    """That production is asked, since when and until when; what was asked and answered, and by
    whom, only for our own people."""
    dues = {row["subject"]: row for row in thread.clocks if row["subject"]}
    return tuple(
        _consultation(row, dues.get(f"consultation:{row['id']}"), names, known, internal=internal)
        for row in thread.consultations
    )


def _consultation(
    row: Row, clock: Row | None, names: Names, known: Hours, *, internal: bool
) -> ConsultationView:
    due_at = clock["due_at"] if clock else None
    ended_at = row["answered_at"] or row["withdrawn_at"]
    return ConsultationView(
        id=row["id"],
        kind=row["kind"],
        asked_at=row["asked_at"],
        due_at=due_at,
        answered_at=row["answered_at"],
        withdrawn_at=row["withdrawn_at"],
        released=row["released"],
        late=due_at is not None and due_at < (ended_at or known.at),
        pauses=row["pauses"],
        part=row["part"],
        question=row["question"] if internal else "",
        answer=row["answer"] if internal else "",
        asked_by=names.ref(row["asked_by_id"]) if internal else None,
        answered_by=names.ref(row["answered_by_id"]) if internal else None,
    )


def open_re_promise(thread: Thread, names: Names) -> RePromiseView | None:
    """The new date that waits for the partner's answer."""
    return next((v for v in re_promises(thread, names) if v.answered_at is None), None)


def re_promises(thread: Thread, names: Names) -> tuple[RePromiseView, ...]:
    """New dates that were proposed, the first one first."""
    return tuple(
        RePromiseView(
            id=row["id"],
            due_at=row["due_at"],
            reason=row["reason"],
            proposed_by=names.ref(row["proposed_by_id"]),
            proposed_at=row["proposed_at"],
            agreed=row["agreed"],
            answered_at=row["answered_at"],
        )
        for row in thread.re_promises
    )


def disputes(thread: Thread, names: Names) -> tuple[DisputeView, ...]:
    """Contests and doubts with their rulings, the first one first."""
    return tuple(dispute(row, names) for row in thread.disputes)


def known_to(thread: Thread, seen_by: Access) -> Thread:
    """The thread as one of our own people may know it: a doubt that waits for its answer, its
    clock and its entries are there for who answers it alone."""
    if seen_by.staff & JUDGES:
        return thread
    doubts = {
        row["id"]
        for row in thread.disputes
        if row["kind"] == DisputeKind.DOUBT and row["ruled_at"] is None
    }
    if not doubts:
        return thread
    subjects = {f"dispute:{number}" for number in doubts}
    clocks = {row["id"] for row in thread.clocks if row["subject"] in subjects}
    told = (row for row in thread.entries if not _tells_of(row, doubts, subjects))
    return replace(
        thread,
        disputes=tuple(row for row in thread.disputes if row["id"] not in doubts),
        clocks=tuple(row for row in thread.clocks if row["id"] not in clocks),
        entries=tuple(row for row in told if not _excuses(row, clocks)),
    )


def _tells_of(entry: Row, doubts: Collection[int], subjects: Collection[str]) -> bool:
    facts = entry["facts"]
    return facts.get("dispute") in doubts or facts.get("about") in subjects


def _excuses(entry: Row, clocks: Collection[int]) -> bool:
    return entry["verb"] == Verb.EXCUSE and entry["facts"].get("clock") in clocks


def dispute(row: Row, names: Names) -> DisputeView:
    return DisputeView(
        id=row["id"],
        kind=row["kind"],
        about=row["about"],
        pause_id=row["pause_id"],
        text=row["text"],
        raised_by=names.ref(row["raised_by_id"]),
        raised_at=row["raised_at"],
        due_at=row["due_at"],
        upheld=row["upheld"],
        ruling=row["ruling"],
        clause=row["clause"],
        ruled_by=names.ref(row["ruled_by_id"]),
        ruled_at=row["ruled_at"],
    )
