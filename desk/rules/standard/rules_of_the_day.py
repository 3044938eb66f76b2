"""Rules over a specialist's day: plan, slots, intake, breaks, record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from desk.rules.standard.facts import Day, Did, Doing, Slot, Story, Stretch
from desk.rules.standard.obligation import Obligation
from desk.rules.standard.parameters import Breaks, Minutes, Share
from desk.rules.worktime import Window

AWAY = (Doing.BREAK, Doing.LUNCH)


def plan_confirmed(minutes: Minutes, stretch: Stretch) -> Iterator[Obligation]:
    """1.1: the day plan is confirmed within `minutes` of the beginning of the shift."""
    for day in stretch.days:
        yield Obligation(
            stretch.person_id,
            f"plan:{day.name}",
            day.since_at,
            day.since_at + timedelta(minutes=minutes.minutes),
            met_at=day.confirmed_at,
            lapsed_at=day.until_at,
        )


def slot_kept(minutes: Minutes, stretch: Stretch) -> Iterator[Obligation]:
    """1.2: planned work is begun within `minutes` before or after the beginning of its slot.

    A slot lapses when the ticket ends, or is not ours to work on, at its limit; when the part is
    finished by then, and when somebody else holds the ticket.
    """
    margin = timedelta(minutes=minutes.minutes)
    stories = {story.key: story for story in stretch.stories}
    for slot in _work_slots(stretch):
        first = slot.since_at - margin
        due_at = slot.since_at + margin
        story = stories.get(slot.subject.partition("/")[0])
        owed = story is None or _is_owed(story, slot.subject, stretch.person_id, due_at)
        yield Obligation(
            stretch.person_id,
            f"slot:{slot.since_at.isoformat()}/{slot.subject}",
            first,
            due_at,
            met_at=_begun(stretch.did, slot, first),
            lapsed_at=None if owed else due_at,
            evidence=(slot.ref,),
        )


def intake_checked(intake: Minutes, stretch: Stretch) -> Iterator[Obligation]:
    """2.1: inside working hours, what came in is looked at every `minutes` at the latest.

    The time runs in the shift's own windows, from the beginning of each, and stands in a break;
    an acceptance is a look.
    """
    every = timedelta(minutes=intake.minutes)
    away_now = sorted(
        (one for one in stretch.did if one.doing in AWAY), key=lambda one: one.since_at
    )
    for day in stretch.days:
        looks = sorted(_looks(stretch, day))
        for since_at, until_at in day.windows:
            marks = [since_at, *(at for at in looks if since_at < at < until_at)]
            for begins, looked_at in pairwise([*marks, None]):
                assert begins is not None, "only the last mark is open"
                away = _away(away_now, begins, begins + every)
                if away is None or begins + every + away > until_at:
                    continue
                due_at = begins + every + away
                key = f"intake:{begins.isoformat()}"
                # Whatever excuses, it is not owed after hours.
                yield Obligation(
                    stretch.person_id, key, begins, due_at, met_at=looked_at, lapsed_at=until_at
                )


def breaks_taken(breaks: Breaks, stretch: Stretch) -> Iterator[Obligation]:
    """4.1: so many breaks of so many minutes in a shift, and a lunch of so many.

    Each that lasts longer, and each beyond the count, is an obligation of its own.
    """
    kinds = (
        (Doing.BREAK, breaks.break_minutes, breaks.breaks_max),
        (Doing.LUNCH, breaks.lunch_minutes, breaks.lunches_max),
    )
    for day in stretch.days:
        for doing, minutes, most in kinds:
            taken = [one for one in _within(stretch.did, day) if one.doing == doing]
            for number, one in enumerate(taken, 1):
                key = f"{doing}:{one.since_at.isoformat()}"
                yield Obligation(
                    stretch.person_id,
                    f"{key}/length",
                    one.since_at,
                    one.since_at + timedelta(minutes=minutes),
                    met_at=one.until_at,
                    evidence=(one.ref,),
                )
                if number > most:
                    refs = tuple(each.ref for each in taken[:number])
                    yield Obligation(
                        stretch.person_id,
                        f"{key}/count",
                        one.since_at,
                        one.since_at,
                        evidence=refs,
                    )


def not_all_away(together: Share, stretch: Stretch) -> Iterator[Obligation]:
    """4.1: at most `share_percent` of those who stand in for each other are away at once.

    Whoever goes last, beyond the share, owes it; one alone has nobody to wait for.
    """
    people = len(stretch.group)
    if people < 2:
        return
    allowed = max(people * together.share_percent // 100, 1)
    others = [
        (one, person_id)
        for person_id, did in stretch.group.items()
        for one in did
        if one.doing in AWAY and person_id != stretch.person_id
    ]
    for one in stretch.did:
        if one.doing not in AWAY:
            continue
        away = [other for other, _ in others if _holds(other, one.since_at)]
        if len({id(other) for other in away}) + 1 > allowed:
            yield Obligation(
                stretch.person_id,
                f"{one.doing}:{one.since_at.isoformat()}/together",
                one.since_at,
                one.since_at,
                evidence=(one.ref, *(other.ref for other in away)),
            )


def work_on_record(record: Share, stretch: Stretch) -> Iterator[Obligation]:
    """7.1: at least `share_percent` of a shift's working hours is accounted for at its end; the
    time of an outage of ours is left out."""
    for day in stretch.days:
        usable = _without(day.windows, stretch.out)
        whole = sum(((end - start) for start, end in usable), timedelta())
        covered = sum(
            (_overlap(one, start, end) for start, end in usable for one in stretch.did),
            timedelta(),
        )
        kept = covered * 100 >= whole * record.share_percent
        yield Obligation(
            stretch.person_id,
            f"record:{day.name}",
            day.since_at,
            day.until_at,
            met_at=day.until_at if kept else None,
        )


def _work_slots(stretch: Stretch) -> Iterator[Slot]:
    for day in stretch.days:
        yield from (slot for slot in day.slots if slot.doing == Doing.WORK)


def _is_owed(story: Story, subject: str, person_id: int, at: datetime) -> bool:
    """Whether work on the ticket, or this part of it, is this person's at an instant."""
    ours = any(
        turn.since_at <= at and (turn.until_at is None or turn.until_at > at) for turn in story.ours
    )
    finished = any(part == subject and said.at <= at for part, said in story.finished)
    return ours and not finished and story.holder(at) in (None, person_id)


def _begun(did: tuple[Did, ...], slot: Slot, first: datetime) -> datetime | None:
    """When the slot's work was begun; work that ran into the slot was begun in time."""
    for one in did:
        if one.doing != Doing.WORK or one.subject != slot.subject:
            continue
        runs_on = one.until_at is None or one.until_at > first
        if runs_on:
            return max(one.since_at, first)
    return None


def _looks(stretch: Stretch, day: Day) -> Iterator[datetime]:
    """Each intake check from its beginning to its end, and each acceptance of one's own."""
    for one in _within(stretch.did, day):
        if one.doing == Doing.INTAKE:
            yield one.since_at
            if one.until_at is not None:
                yield one.until_at
    for story in stretch.stories:
        for accepted in story.accepted:
            if story.holder(accepted.at) == stretch.person_id:
                yield accepted.at


def _within(did: tuple[Did, ...], day: Day) -> list[Did]:
    """What was begun in the shift, by beginning."""
    found = [one for one in did if day.since_at <= one.since_at < day.until_at]
    return sorted(found, key=lambda one: one.since_at)


def _away(breaks: list[Did], since_at: datetime, until_at: datetime) -> timedelta | None:
    """How long breaks, by beginning, stood in a stretch, which grows by each that it meets; None
    while one of them lasts."""
    total = timedelta()
    for one in breaks:
        if one.since_at >= until_at + total:
            break
        if one.until_at is None:
            return None
        total += max(one.until_at - max(one.since_at, since_at), timedelta())
    return total


def _holds(one: Did, at: datetime) -> bool:
    return one.since_at <= at and (one.until_at is None or one.until_at > at)


def _overlap(one: Did, since_at: datetime, until_at: datetime) -> timedelta:
    end = until_at if one.until_at is None else min(one.until_at, until_at)
    return max(end - max(one.since_at, since_at), timedelta())


def _without(windows: Iterable[Window], out: Iterable[Window]) -> list[Window]:
    """The windows less these times."""
    left = list(windows)
    for gone_at, back_at in out:
        pieces = []
        for start, end in left:
            pieces += [(start, min(end, gone_at)), (max(start, back_at), end)]
        left = [(start, end) for start, end in pieces if start < end]
    return left
