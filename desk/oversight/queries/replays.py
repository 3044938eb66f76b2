"""What a draft would have found in past weeks: the same rules over the same facts as control's.

Both the draft and the edition in force are held against the facts as they are known now, so that
what differs comes from the editions alone. A slice is a week of some people: that bounds what is
in memory at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from desk.oversight.models import Replay
from desk.oversight.queries import control, editions, facts
from desk.partners.queries import NoVersion
from desk.rules.standard.drafting import check
from desk.rules.standard.edition import Edition, Found, violations
from desk.workdays.queries import NoHours

WEEK = timedelta(days=7)
PEOPLE_PER_SLICE = 20
SAMPLES_MAX = 5
"""Findings of a clause that are shown with their evidence."""
EVIDENCE_MAX = 10
SHOWN_MAX = 10

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Slice:
    """A week of some people: violations whose instant lies in it are counted."""

    since_at: datetime
    until_at: datetime
    people: tuple[int, ...]


def slices(since_at: datetime, until_at: datetime, people: Sequence[int]) -> list[Slice]:
    """The slices of a span, the earliest week first."""
    found = []
    begin = since_at
    while begin < until_at:
        end = min(begin + WEEK, until_at)
        found += [
            Slice(begin, end, tuple(people[place : place + PEOPLE_PER_SLICE]))
            for place in range(0, len(people), PEOPLE_PER_SLICE)
        ]
        begin = end
    return found


def replay(content: Mapping[str, object], since_at: datetime, until_at: datetime) -> Result:
    """All of it at once, for everybody who is watched; writes nothing. See `added`."""
    held = editions.at(until_at)
    rules = held.rules if held else Edition(())
    drafted, result = check(content), empty()
    for one in slices(since_at, until_at, control.watched()):
        result = added(result, drafted, rules, one, since_at)
    return result


def empty() -> Result:
    """The result of no slice: {"clauses": {number: counts}, "people": {id: counts}, "samples":
    {number: [...]}}, where counts are {"drafted", "held", "new", "gone"}."""
    return {"clauses": {}, "people": {}, "samples": {}}


def added(
    result: Result, drafted: Edition, held: Edition, one: Slice, begun_at: datetime
) -> Result:
    """The result with one slice more. What began before `begun_at` is under no draft."""
    for known in _known(one):
        old = _found(held, known, one, begun_at)
        new = _found(drafted, known, one, begun_at)
        for found in new.values():
            fresh = found.key not in old
            _count(result, found, ("drafted", "new") if fresh else ("drafted",))
            _sample(result, found, fresh=fresh)
        for key, found in old.items():
            _count(result, found, ("held",) if key in new else ("held", "gone"))
    return result


def of_edition(edition_id: int) -> list[Replay]:
    """The latest replays of an edition, the newest first."""
    rows = Replay.objects.filter(edition=edition_id).select_related("asked_by", "held")
    return list(rows.order_by("-id")[:SHOWN_MAX])


def waiting() -> Replay | None:
    """The replay that is to go on, the earliest first."""
    return Replay.objects.filter(ended_at=None).order_by("id").first()


def _known(one: Slice) -> list[facts.Known]:
    """What is known of the people of a slice; nothing of a time before the desk had hours."""
    try:
        known = facts.of(one.people, one.since_at - control.LOOK_BACK, one.until_at)
    except (NoVersion, NoHours):
        return []
    return list(known.values())


def _found(
    edition: Edition, known: facts.Known, one: Slice, begun_at: datetime
) -> dict[str, Found]:
    every = violations(edition, known.stretch, known.exempt, one.until_at)
    return {found.key: found for found in _inside(every, one, begun_at)}


def _inside(every: Sequence[Found], one: Slice, begun_at: datetime) -> Iterator[Found]:
    for found in every:
        at = found.judgement.at
        begun = found.obligation.since_at >= begun_at
        if begun and at is not None and one.since_at <= at < one.until_at:
            yield found


def _count(result: Result, found: Found, names: Sequence[str]) -> None:
    person, number = str(found.obligation.person_id), found.clause.number
    for counts in (
        result["clauses"].setdefault(number, _zero()),
        result["people"].setdefault(person, _zero()),
    ):
        for name in names:
            counts[name] += 1


def _zero() -> dict[str, int]:
    return {"drafted": 0, "held": 0, "new": 0, "gone": 0}


def _sample(result: Result, found: Found, *, fresh: bool) -> None:
    """Kept for the page: what the draft alone finds, before what both find."""
    kept = result["samples"].setdefault(found.clause.number, [])
    known = [place for place, one in enumerate(kept) if not one["new"]]
    if len(kept) >= SAMPLES_MAX:
        if not fresh or not known:
            return
        kept.pop(known[-1])
    at = found.judgement.at
    assert at is not None, "a violation has its instant"
    sample = {
        "person": found.obligation.person_id,
        "at": at.isoformat(),
        "ticket": found.obligation.ticket,
        "evidence": [ref for ref in found.obligation.evidence if ref][:EVIDENCE_MAX],
        "new": fresh,
    }
    kept.append(sample)
