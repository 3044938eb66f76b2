"""The history as it is told: which entries, and which of their facts, each side may read."""

from __future__ import annotations

from collections.abc import Mapping

from desk.rules.lifecycle import Verb
from desk.tickets.queries.people import Names
from desk.tickets.queries.thread import Row, Thread
from desk.tickets.queries.values import HistoryView

# What is said is in the conversation; notes, logged hours and how a surplus was decided are the
# desk's own affairs, and so is every verb that is not named here.
OF_PARTNER = frozenset(Verb) - {Verb.NOTE, Verb.MESSAGE, Verb.LOG, Verb.ABSORB}
BREACH, TAKE_IN = "breach", "take_in"
HOURS_WARNING = "hours_warning"
WORDS_OF_PARTNER = frozenset({*(verb.value for verb in OF_PARTNER), BREACH, TAKE_IN, HOURS_WARNING})

FACTS_OF_PARTNER = frozenset(
    {
        "about",
        "agreed",
        "approved_minutes",
        "because",
        "breached_at",
        "by_silence",
        "claim_refused",
        "clause",
        "clock",
        "critical_claim",
        "due_at",
        "due_from",
        "estimate",
        "heard_by",
        "hour_kopecks",
        "hours_max",
        "into",
        "level",
        "minutes",
        "number",
        "on_behalf",
        "part",
        "parts",
        "pauses",
        "pause",
        "rating",
        "returns",
        "step",
        "target_after",
        "target_before",
        "type",
        "type_from",
        "units",
        "units_from",
        "upheld",
        "valid_until",
        "working_seconds",
    }
)
REASONS_OF_PARTNER = frozenset({Verb.DECLINE, Verb.RECLASSIFY, Verb.RE_PROMISE})
PARTNERS_CLOCKS = frozenset({"acceptance", "resolution", "ruling"})
MOVED = ("from", "to", "cycle")


def of_partner(thread: Thread, names: Names) -> tuple[HistoryView, ...]:
    """Moves only, with the facts that a partner may know."""
    return tuple(
        _entry(row, _facts_of_partner(row), names) for row in thread.entries if _is_partners(row)
    )


def of_staff(thread: Thread, names: Names) -> tuple[HistoryView, ...]:
    """Everything that happened, with every fact."""
    return tuple(
        _entry(row, {k: v for k, v in row["facts"].items() if k not in MOVED}, names)
        for row in thread.entries
    )


def _is_partners(row: Row) -> bool:
    if row["verb"] == BREACH:
        return row["facts"].get("clock") in PARTNERS_CLOCKS
    return row["verb"] in WORDS_OF_PARTNER


def _facts_of_partner(row: Row) -> Mapping[str, object]:
    known = {name: value for name, value in row["facts"].items() if name in FACTS_OF_PARTNER}
    if row["verb"] in REASONS_OF_PARTNER and "reason" in row["facts"]:
        known["reason"] = row["facts"]["reason"]
    return known


def _entry(row: Row, facts: Mapping[str, object], names: Names) -> HistoryView:
    moved = row["facts"]
    return HistoryView(
        id=row["id"],
        at=row["at"],
        by=names.ref(row["person_id"]),
        verb=row["verb"],
        channel=row["channel"],
        state_from=moved.get("from") or "",
        state_to=moved.get("to") or "",
        cycle=moved.get("cycle") or 1,
        about=names.ref(row["about_id"]),
        facts=facts,
    )
