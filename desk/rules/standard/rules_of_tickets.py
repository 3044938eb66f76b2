"""Rules over tickets: acceptance, the hour, answers, news, promises, critical errors, handover."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from desk.rules.standard.facts import Asked, Did, Said, Story, Stretch
from desk.rules.standard.facts import Work as Worked
from desk.rules.standard.obligation import Obligation
from desk.rules.standard.parameters import (
    Answer,
    Critical,
    Escalation,
    Minutes,
    Parameters,
    Rulings,
    Share,
)
from desk.rules.worktime import Window

MINUTE = 60
# What came into our hands later than this before the end of a day need not be told of that day.
NEWS_WITHIN = timedelta(hours=1)


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
    It may have been made before, by whoever worked on it then. The hour does not run out in an
    outage of ours, in which nothing can be ended or decided.
    """
    limit = timedelta(minutes=work.minutes)
    for story in _stories(stretch):
        for subject, cycle in sorted({(one.subject, one.cycle) for one in story.work}):
            rows = [one for one in story.work if (one.subject, one.cycle) == (subject, cycle)]
            rows.sort(key=lambda one: one.since_at)
            found = _reached(rows, limit, stretch.out)
            if found is None or found[2].person_id != stretch.person_id:
                continue
            usable_at, reached_at, running = found
            if not story.nature(reached_at).limited:
                continue
            decided = [said.at for about, said in story.decided if about == subject]
            ended = [running.until_at] if running.until_at is not None else []
            yield Obligation(
                stretch.person_id,
                f"{subject}/hour" + (f":{cycle}" if cycle > 1 else ""),
                usable_at,
                reached_at,
                met_at=_first(at for at in decided if at >= rows[0].since_at),
                lapsed_at=_first(at for at in ended if at <= reached_at),
                evidence=tuple(one.ref for one in rows if one.since_at <= reached_at),
            )


def partner_answered(answer: Answer, stretch: Stretch) -> Iterator[Obligation]:
    """3.1: what a partner writes is answered within working `minutes`, on a bug `bug_minutes`.

    Of several messages in a row the first is owed an answer; it lapses when the ticket ends.
    """
    for story in _stories(stretch):
        since: Said | None = None
        for at, heard in _in_order(story):
            if heard is None:
                if since is not None:
                    yield from _answer(stretch, story, since, answer, at)
                since = None
            elif since is None:
                since = heard
        if since is not None:
            yield from _answer(stretch, story, since, answer, None)


def partner_hears(_parameters: Parameters, stretch: Stretch) -> Iterator[Obligation]:
    """3.2: on each working day on which a ticket is in our hands at the end of the day, the
    partner hears something of it; not on one on which it came to us in the last hour."""
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
    `begin_minutes` of that. What becomes a critical error later is taken up likewise."""
    for story in _stories(stretch):
        for asked in story.acceptances[:1]:
            if story.nature(asked.since_at).is_critical:
                due_at = _add(stretch, asked.since_at, critical.accept_minutes)
                owed = replace(asked, due_at=due_at)
                yield from _critical(stretch, story, "critical_accept", owed)
        taken = story.taken_at()
        if taken is not None:
            owed = _step(stretch, taken, critical.begin_minutes)
            begun = _first(work.since_at for work in story.work if work.since_at >= taken.at)
            owed = replace(owed, met_at=begun, lapsed_at=_left(story, taken.at))
            yield from _critical(stretch, story, "critical_begin", owed)


def other_work_suspended(critical: Critical, stretch: Stretch) -> Iterator[Obligation]:
    """5.1: from `begin_minutes` after a critical error was taken, and as long as it is in one's
    hands, one works on nothing but critical errors."""
    for story in _stories(stretch):
        taken = story.taken_at()
        if taken is None:
            continue
        alike = {one.key for one in stretch.stories if one.taken_at() is not None}
        since_at = taken.at + timedelta(minutes=critical.begin_minutes)
        spans = [(max(turn.since_at, since_at), turn.until_at) for turn in story.ours]
        for one in (each for each in stretch.did if each.ticket and each.ticket not in alike):
            begun = (max(one.since_at, start) for start, end in spans if _meets(one, start, end))
            for at in begun:
                mine = story.holder(at) == stretch.person_id
                if mine and story.nature(at).is_critical:
                    yield Obligation(
                        stretch.person_id,
                        f"{story.key}/suspended:{one.since_at.isoformat()}",
                        one.since_at,
                        at,
                        evidence=(one.ref,),
                    )
                    break


def critical_escalated(escalation: Escalation, stretch: Stretch) -> Iterator[Obligation]:
    """5.2: a critical error that is not solved goes to production within `production_minutes` of
    its acceptance, and to an administrator within `administrator_minutes`."""
    for story in _stories(stretch):
        taken = story.taken_at()
        if taken is None:
            continue
        steps = (
            ("production", escalation.production_minutes, story.consulted),
            ("administrator", escalation.administrator_minutes, story.escalated),
        )
        over = _first([_solved(story, taken.at), story.no_longer_critical(taken.at)])
        for name, minutes, done in steps:
            owed = _step(stretch, taken, minutes)
            met_at = _first(said.at for said in done if said.at >= taken.at)
            owed = replace(owed, met_at=met_at, lapsed_at=over)
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


def ruled_in_time(rulings: Rulings, stretch: Stretch) -> Iterator[Obligation]:
    """8.1: what an administrator owes: rulings on violations by the end of so many working days
    after the day on which they were found, others and answers by a limit that the desk has set."""
    calendar, days = stretch.calendar, rulings.violation_days
    for asked in stretch.asked:
        owed = _of(stretch.person_id, asked.key, asked, stretch)
        if asked.in_days:
            owed = replace(owed, due_at=calendar.end_of_working_day(asked.since_at, days))
        yield owed


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


def _reached(
    rows: list[Worked], limit: timedelta, out: Iterable[Window]
) -> tuple[datetime, datetime, Worked] | None:
    """Since when systems were usable before the rows' lengths came to `limit`, when they did, and
    in which row; a running one goes on. An outage does not count where the limit is near."""
    total = timedelta()
    for row in rows:
        usable_at, reached_at = row.since_at, row.since_at + (limit - total)
        ends_at = reached_at if row.until_at is None else row.until_at
        if ends_at < reached_at:
            total += ends_at - row.since_at
            continue
        lost = timedelta()
        for start, stop in sorted(out):
            if start < reached_at and stop > usable_at:
                missing = stop - max(start, usable_at)
                lost, reached_at, usable_at = lost + missing, reached_at + missing, stop
        if row.until_at is None or reached_at <= row.until_at:
            return usable_at, reached_at, row
        total += row.until_at - row.since_at - lost
    return None


def _in_order(story: Story) -> Iterator[tuple[datetime, Said | None]]:
    """What was heard and said by time: the message, or None for a word of ours. Of the same
    instant, the word of ours comes first: it cannot answer what it had not read."""
    ours: list[tuple[datetime, int, Said | None]] = [(said.at, 0, None) for said in story.said]
    theirs: list[tuple[datetime, int, Said | None]] = [(one.at, 1, one) for one in story.heard]
    for at, _order, heard in sorted([*ours, *theirs], key=lambda each: each[:2]):
        yield at, heard


def _answer(
    stretch: Stretch, story: Story, since: Said, answer: Answer, met_at: datetime | None
) -> Iterator[Obligation]:
    minutes = answer.bug_minutes if story.nature(since.at).is_bug else answer.minutes
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
    known_at = min(day.since_at for day in stretch.days)
    first, last = calendar.date_of(max(since_at, known_at)), calendar.date_of(last_at)
    for day in calendar.working_dates(first, last):
        windows = calendar.windows(day)
        opens_at, closes_at = windows[0][0], windows[-1][1]
        if since_at <= closes_at - NEWS_WITHIN and (until_at is None or until_at > closes_at):
            yield max(opens_at, since_at), closes_at


def _add(stretch: Stretch, since_at: datetime, minutes: int) -> datetime:
    return stretch.calendar.add(since_at, minutes * MINUTE)


def _step(stretch: Stretch, taken: Said, minutes: int) -> Asked:
    """What is owed so many minutes after a critical error was taken."""
    return Asked("", taken.at, _add(stretch, taken.at, minutes), ref=taken.ref)


def _left(story: Story, since_at: datetime) -> datetime | None:
    """When it first left our hands after an instant, or was no critical error any more; at once
    when it waits for the partner's deposit or consent."""
    ours = [turn for turn in story.ours if turn.until_at is None or turn.until_at > since_at]
    if not any(turn.since_at <= since_at for turn in ours):
        return since_at
    left = [turn.until_at for turn in ours if turn.since_at <= since_at]
    return _first([*left, story.no_longer_critical(since_at)])


def _meets(one: Did, since_at: datetime, until_at: datetime | None) -> bool:
    """Whether an interval lasts at some time of a span."""
    begins_before = until_at is None or one.since_at < until_at
    return begins_before and (one.until_at is None or one.until_at > since_at)


def _solved(story: Story, since_at: datetime) -> datetime | None:
    """When a result was first handed over, or the ticket ended, after an instant."""
    handed = [one.at for one in story.handovers if one.at >= since_at]
    return _first([*handed, *(at for at in story.ended if at >= since_at)])


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    """The earliest of the moments that have come about."""
    return min((at for at in moments if at is not None), default=None)
