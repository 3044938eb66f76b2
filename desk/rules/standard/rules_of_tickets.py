"""Rules over tickets: acceptance, the hour, answers, news, promises, critical errors, handover."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from desk.rules.standard.facts import Asked, Said, Story, Stretch
from desk.rules.standard.facts import Work as Worked
from desk.rules.standard.obligation import Obligation
from desk.rules.standard.parameters import (
    Answer,
    Critical,
    Escalation,
    Minutes,
    Parameters,
    Share,
)

MINUTE = 60


def accepted_in_time(_parameters: Parameters, stretch: Stretch) -> Iterator[Obligation]:
    """2.1: every ticket is accepted or declined within the limit that the desk has shown."""
    yield from _asked(stretch, lambda story: story.acceptances)


def acceptance_complete(_parameters: Parameters, stretch: Stretch) -> Iterator[Obligation]:
    """2.2: an acceptance has type, parts and a first message at once."""
    for story in _stories(stretch):
        for accepted in story.accepted:
            if story.holder(accepted.at) != stretch.person_id:
                continue
            met_at = None if accepted.missing else accepted.at
            key = f"{story.key}/complete:{accepted.at.isoformat()}"
            yield Obligation(
                stretch.person_id,
                key,
                accepted.at,
                accepted.at,
                met_at=met_at,
                evidence=(accepted.ref, *accepted.missing),
            )


def an_hour_at_most(work: Minutes, stretch: Stretch) -> Iterator[Obligation]:
    """2.3: work on one part is ended, or decided on, when it has taken `minutes` in all.

    The time is that of everybody who worked on it; whoever works at the limit owes the decision.
    """
    limit = timedelta(minutes=work.minutes)
    for story in _stories(stretch):
        if not story.limited:
            continue
        for subject in sorted({one.subject for one in story.work}):
            rows = [one for one in story.work if one.subject == subject]
            found = _reached(sorted(rows, key=lambda one: one.since_at), limit)
            if found is None or found[1].person_id != stretch.person_id:
                continue
            reached_at, running = found
            decided = [said.at for about, said in story.decided if about == subject]
            ended = [running.until_at] if running.until_at is not None else []
            yield Obligation(
                stretch.person_id,
                f"{subject}/hour",
                running.since_at,
                reached_at,
                met_at=_first(at for at in decided if at >= running.since_at),
                lapsed_at=_first(at for at in ended if at <= reached_at),
                evidence=tuple(one.ref for one in rows if one.since_at <= reached_at),
            )


def partner_answered(answer: Answer, stretch: Stretch) -> Iterator[Obligation]:
    """3.1: what a partner writes is answered within working `minutes`, on a bug `bug_minutes`.

    Of several messages in a row the first is owed an answer; it lapses when the ticket ends.
    """
    for story in _stories(stretch):
        minutes = answer.bug_minutes if story.is_bug else answer.minutes
        since: Said | None = None
        for at, heard in _in_order(story):
            if heard is None:
                if since is not None:
                    yield from _answer(stretch, story, since, minutes, at)
                since = None
            elif since is None:
                since = heard
        if since is not None:
            yield from _answer(stretch, story, since, minutes, None)


def partner_hears(_parameters: Parameters, stretch: Stretch) -> Iterator[Obligation]:
    """3.2: on each working day on which a ticket is in our hands at the end of the day, the
    partner hears something of it."""
    calendar = stretch.calendar
    for story in _stories(stretch):
        for turn in story.ours:
            for since_at, due_at in _days(stretch, turn.since_at, turn.until_at):
                if story.holder(due_at) != stretch.person_id:
                    continue
                told = (*story.said, *story.news)
                heard = (said.at for said in told if since_at <= said.at <= due_at)
                yield Obligation(
                    stretch.person_id,
                    f"{story.key}/news:{calendar.date_of(due_at).isoformat()}",
                    since_at,
                    due_at,
                    met_at=_first(heard),
                    calendar=calendar,
                )


def promise_kept(_parameters: Parameters, stretch: Stretch) -> Iterator[Obligation]:
    """3.3: a promised time is kept, or another one is agreed before it passes."""
    yield from _asked(stretch, lambda story: story.deadlines)


def critical_taken_up(critical: Critical, stretch: Stretch) -> Iterator[Obligation]:
    """5.1: a critical claim is accepted within `accept_minutes`, and work begins within
    `begin_minutes` of that."""
    for story in _stories(stretch):
        if not story.is_critical:
            continue
        for asked in story.acceptances[:1]:
            owed = replace(asked, due_at=_add(stretch, asked.since_at, critical.accept_minutes))
            yield from _critical(stretch, story, "critical_accept", owed)
        for accepted in story.accepted[:1]:
            begun = (work.since_at for work in story.work if work.since_at >= accepted.at)
            owed = Asked(
                "",
                accepted.at,
                _add(stretch, accepted.at, critical.begin_minutes),
                met_at=_first(begun),
                lapsed_at=_not_ours(story, accepted.at),
                ref=accepted.ref,
            )
            yield from _critical(stretch, story, "critical_begin", owed)


def other_work_suspended(critical: Critical, stretch: Stretch) -> Iterator[Obligation]:
    """5.1: as long as a critical error is in one's hands, no other work is begun."""
    for story in _stories(stretch):
        if not story.is_critical or not story.accepted:
            continue
        grace = timedelta(minutes=critical.begin_minutes)
        for turn in story.ours:
            for one in stretch.did:
                begins = max(turn.since_at, story.accepted[0].at) + grace <= one.since_at
                goes_on = turn.until_at is None or one.since_at < turn.until_at
                other = one.ticket not in ("", story.key)
                mine = story.holder(one.since_at) == stretch.person_id
                if begins and goes_on and other and mine:
                    yield Obligation(
                        stretch.person_id,
                        f"{story.key}/suspended:{one.since_at.isoformat()}",
                        one.since_at,
                        one.since_at,
                        evidence=(one.ref,),
                    )


def critical_escalated(escalation: Escalation, stretch: Stretch) -> Iterator[Obligation]:
    """5.2: a critical error that is not solved goes to production within `production_minutes` of
    its acceptance, and to an administrator within `administrator_minutes`."""
    for story in _stories(stretch):
        if not story.is_critical:
            continue
        steps = (
            ("production", escalation.production_minutes, story.consulted),
            ("administrator", escalation.administrator_minutes, story.escalated),
        )
        for accepted in story.accepted[:1]:
            for name, minutes, done in steps:
                owed = Asked(
                    "",
                    accepted.at,
                    _add(stretch, accepted.at, minutes),
                    met_at=_first(said.at for said in done if said.at >= accepted.at),
                    lapsed_at=_solved(story, accepted.at),
                    ref=accepted.ref,
                )
                yield from _critical(stretch, story, f"escalate_{name}", owed)


def handover_complete(_parameters: Parameters, stretch: Stretch) -> Iterator[Obligation]:
    """6.1: a result comes with summary, what changed, how to check, and the dossier updated."""
    for story in _stories(stretch):
        for handover in story.handovers:
            if story.holder(handover.at) != stretch.person_id:
                continue
            met_at = None if handover.missing else handover.at
            yield Obligation(
                stretch.person_id,
                f"{story.key}/handover:{handover.at.isoformat()}",
                handover.at,
                handover.at,
                met_at=met_at,
                evidence=(handover.ref, *handover.missing),
            )


def ruled_in_time(_parameters: Parameters, stretch: Stretch) -> Iterator[Obligation]:
    """8.1: what an administrator owes by a limit that the desk has set: rulings and answers."""
    for asked in stretch.asked:
        yield _of(stretch.person_id, asked.key, asked, stretch)


def audited_in_time(_share: Share, stretch: Stretch) -> Iterator[Obligation]:
    """8.2: each audit that was drawn is done by its date; the share is that of the draw."""
    for asked in stretch.audits:
        yield _of(stretch.person_id, asked.key, asked, stretch)


def _stories(stretch: Stretch) -> Iterator[Story]:
    """The tickets that the person held at some time."""
    for story in stretch.stories:
        if any(turn.person_id == stretch.person_id for turn in story.turns):
            yield story


def _asked(stretch: Stretch, which: Callable[[Story], tuple[Asked, ...]]) -> Iterator[Obligation]:
    for story in _stories(stretch):
        for asked in which(story):
            if story.holder(asked.due_at) == stretch.person_id:
                yield _of(stretch.person_id, f"{story.key}/{asked.key}", asked, stretch)


def _critical(stretch: Stretch, story: Story, name: str, owed: Asked) -> Iterator[Obligation]:
    if story.holder(owed.due_at) == stretch.person_id:
        yield _of(stretch.person_id, f"{story.key}/{name}", owed, stretch)


def _of(person_id: int, key: str, asked: Asked, stretch: Stretch) -> Obligation:
    return Obligation(
        person_id,
        key,
        asked.since_at,
        asked.due_at,
        met_at=asked.met_at,
        lapsed_at=asked.lapsed_at,
        calendar=stretch.calendar,
        evidence=(asked.ref,),
    )


def _reached(rows: list[Worked], limit: timedelta) -> tuple[datetime, Worked] | None:
    """When the rows' lengths have come to `limit`, and in which row; a running one goes on."""
    total = timedelta()
    for row in rows:
        if row.until_at is None or total + (row.until_at - row.since_at) >= limit:
            return row.since_at + (limit - total), row
        total += row.until_at - row.since_at
    return None


def _in_order(story: Story) -> Iterator[tuple[datetime, Said | None]]:
    """What was heard and said by time: the message, or None for a word of ours. Of the same
    instant, the word of ours comes first: it cannot answer what it had not read."""
    ours: list[tuple[datetime, int, Said | None]] = [(said.at, 0, None) for said in story.said]
    theirs: list[tuple[datetime, int, Said | None]] = [(one.at, 1, one) for one in story.heard]
    for at, _order, heard in sorted([*ours, *theirs], key=lambda each: each[:2]):
        yield at, heard


def _answer(
    stretch: Stretch, story: Story, since: Said, minutes: int, met_at: datetime | None
) -> Iterator[Obligation]:
    due_at = _add(stretch, since.at, minutes)
    if story.holder(due_at) == stretch.person_id:
        yield Obligation(
            stretch.person_id,
            f"{story.key}/answer:{since.ref or since.at.isoformat()}",
            since.at,
            due_at,
            met_at=met_at,
            lapsed_at=_first(at for at in story.ended if at >= since.at),
            calendar=stretch.calendar,
            evidence=(since.ref,),
        )


def _days(
    stretch: Stretch, since_at: datetime, until_at: datetime | None
) -> Iterator[tuple[datetime, datetime]]:
    """Each working day's opening and closing, of days that end inside the span and inside what is
    known of the person's days."""
    calendar = stretch.calendar
    if not stretch.days:
        return
    last_at = max(day.until_at for day in stretch.days)
    first, last = calendar.date_of(since_at), calendar.date_of(last_at)
    for day in calendar.working_dates(first, last):
        windows = calendar.windows(day)
        opens_at, closes_at = windows[0][0], windows[-1][1]
        if since_at < closes_at and (until_at is None or until_at > closes_at):
            yield max(opens_at, since_at), closes_at


def _add(stretch: Stretch, since_at: datetime, minutes: int) -> datetime:
    return stretch.calendar.add(since_at, minutes * MINUTE)


def _not_ours(story: Story, since_at: datetime) -> datetime | None:
    """When the ticket first left our hands after an instant."""
    return _first(turn.until_at for turn in story.ours if _after(turn.until_at, since_at))


def _solved(story: Story, since_at: datetime) -> datetime | None:
    """When a result was first handed over, or the ticket ended, after an instant."""
    handed = [one.at for one in story.handovers if one.at >= since_at]
    return _first([*handed, *(at for at in story.ended if at >= since_at)])


def _after(at: datetime | None, since_at: datetime) -> bool:
    return at is not None and at >= since_at


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    """The earliest of the moments that have come about."""
    return min((at for at in moments if at is not None), default=None)
