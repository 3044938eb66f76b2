"""Whenever one looks, the same is found: an evaluation that was killed finds nothing else after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.rules.standard import first_edition
from desk.rules.standard.edition import violations
from desk.rules.standard.facts import (
    Accepted,
    Asked,
    Did,
    Doing,
    Handover,
    OurTurn,
    Said,
    Slot,
    Story,
    Stretch,
    Turn,
    Work,
)
from desk.rules.standard.obligation import Excuse, Exempt
from tests.rules.standard_facts import ME, OTHER, clock, day, stretch

EDITION = first_edition.clauses({})
END = clock("23:00", 2)
SUBJECTS = ("ticket:1", "ticket:2/part:1", "ticket:2/part:2")
Row = TypeVar("Row", Did, OurTurn, Work, Exempt)


def moment(minute: int) -> datetime:
    return clock("08:30") + timedelta(minutes=minute)


moments = st.integers(0, 12 * 60).map(moment)


@st.composite
def lines(draw: st.DrawFn) -> tuple[Did, ...]:
    """A line of intervals that do not overlap; the last may run on."""
    edges = sorted(set(draw(st.lists(moments, min_size=2, max_size=12))))
    found: list[Did] = []
    for since_at, until_at in zip(edges[::2], edges[1::2], strict=False):
        doing = draw(st.sampled_from(list(Doing)))
        subject = draw(st.sampled_from(SUBJECTS)) if doing == Doing.WORK else ""
        found.append(Did(doing, since_at, until_at, subject, f"interval:{since_at}"))
    goes_on: bool = draw(st.booleans())
    if found and goes_on:
        found[-1] = replace(found[-1], until_at=None)
    return tuple(found)


@st.composite
def spans(draw: st.DrawFn) -> tuple[OurTurn, ...]:
    edges = sorted(set(draw(st.lists(moments, max_size=4))))
    found = [OurTurn(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    return tuple([*found, OurTurn(edges[-1])] if len(edges) % 2 else found)


said = st.lists(moments.map(lambda at: Said(at, f"message:{at}")), max_size=4).map(tuple)


@st.composite
def asks(draw: st.DrawFn, name: str) -> Asked:
    since_at = draw(moments)
    due_at = since_at + timedelta(minutes=draw(st.integers(0, 300)))
    met_at = draw(st.one_of(st.none(), moments.filter(lambda at: at >= since_at)))
    return Asked(name, since_at, due_at, met_at, None, "entry:1")


@st.composite
def stories(draw: st.DrawFn, key: str, did: tuple[Did, ...]) -> Story:
    turns = [Turn(ME, moment(0))]
    turns += [
        Turn(draw(st.sampled_from((ME, OTHER))), at)
        for at in draw(st.lists(moments, max_size=2, unique=True))
    ]
    missing = st.sampled_from(((), ("message",)))
    accepted = draw(st.lists(moments, max_size=1))
    work = tuple(
        Work(ME, one.subject, one.since_at, one.until_at, one.ref)
        for one in did
        if one.ticket == key
    )
    return Story(
        key,
        tuple(turns),
        is_bug=draw(st.booleans()),
        is_critical=draw(st.booleans()),
        acceptances=(draw(asks("accept:1")),),
        deadlines=(draw(asks("promise:1")),),
        accepted=tuple(Accepted(at, draw(missing), "entry:2") for at in accepted),
        handovers=tuple(
            Handover(at, draw(missing)) for at in draw(st.lists(moments, max_size=2, unique=True))
        ),
        heard=draw(said),
        said=draw(said),
        ours=draw(spans()),
        work=work,
        decided=tuple((one.subject, Said(draw(moments))) for one in work[:1]),
        consulted=draw(said),
        escalated=draw(said),
        ended=tuple(draw(st.lists(moments, max_size=2))),
        news=draw(said),
    )


@st.composite
def stretches(draw: st.DrawFn) -> Stretch:
    did = draw(lines())
    planned = tuple(
        Slot(Doing.WORK, at, at + timedelta(hours=1), subject, "slot")
        for at, subject in draw(
            st.dictionaries(moments, st.sampled_from(SUBJECTS), max_size=3)
        ).items()
    )
    confirmed = draw(st.one_of(st.none(), moments))
    return stretch(
        *(draw(stories(key, did)) for key in ("ticket:1", "ticket:2")),
        days=(day(None, confirmed_at=confirmed, slots=planned),),
        did=did,
        group={ME: did, OTHER: draw(lines())},
    )


exempts = st.lists(
    st.builds(
        lambda excuse, at, long: Exempt(excuse, at, at + timedelta(minutes=long), "x"),
        st.sampled_from(list(Excuse)),
        moments,
        st.integers(1, 240),
    ),
    max_size=2,
)


def by(rows: Iterable[Row], at: datetime) -> tuple[Row, ...]:
    """Rows begun by `at`; what ends later runs on."""
    return tuple(
        replace(one, until_at=None) if one.until_at is not None and one.until_at > at else one
        for one in rows
        if one.since_at <= at
    )


def past(rows: tuple[Said, ...], at: datetime) -> tuple[Said, ...]:
    return tuple(one for one in rows if one.at <= at)


def before(moment: datetime | None, at: datetime) -> datetime | None:
    return moment if moment is not None and moment <= at else None


def asked_by(rows: tuple[Asked, ...], at: datetime) -> tuple[Asked, ...]:
    return tuple(replace(one, met_at=before(one.met_at, at)) for one in rows if one.since_at <= at)


def told(one: Story, at: datetime) -> Story:
    return replace(
        one,
        turns=tuple(turn for turn in one.turns if turn.since_at <= at),
        acceptances=asked_by(one.acceptances, at),
        deadlines=asked_by(one.deadlines, at),
        accepted=tuple(each for each in one.accepted if each.at <= at),
        handovers=tuple(each for each in one.handovers if each.at <= at),
        heard=past(one.heard, at),
        said=past(one.said, at),
        ours=by(one.ours, at),
        work=by(one.work, at),
        decided=tuple(each for each in one.decided if each[1].at <= at),
        consulted=past(one.consulted, at),
        escalated=past(one.escalated, at),
        ended=tuple(each for each in one.ended if each <= at),
        news=past(one.news, at),
    )


def known(found: Stretch, at: datetime) -> Stretch:
    """The stretch as it was on record at `at`."""
    days = (replace(one, confirmed_at=before(one.confirmed_at, at)) for one in found.days)
    return replace(
        found,
        days=tuple(days),
        did=by(found.did, at),
        stories=tuple(told(one, at) for one in found.stories),
        group={person: by(did, at) for person, did in found.group.items()},
    )


@settings(max_examples=150, deadline=None)
@given(found=stretches(), exempt=exempts, at=st.integers(0, 50 * 60).map(moment))
def test_what_is_known_early_is_what_is_found_in_the_end(
    found: Stretch, exempt: list[Exempt], at: datetime
) -> None:
    in_the_end = {
        (one.key, one.judgement.at)
        for one in violations(EDITION, found, exempt, END)
        if one.judgement.at is not None and one.judgement.at < at
    }
    early = {
        (one.key, one.judgement.at)
        for one in violations(EDITION, known(found, at), by(exempt, at), at)
    }
    assert early == in_the_end


@settings(max_examples=50, deadline=None)
@given(found=stretches(), exempt=exempts)
def test_each_finding_has_a_key_of_its_own(found: Stretch, exempt: list[Exempt]) -> None:
    keys = [one.key for one in violations(EDITION, found, exempt, END)]
    assert len(keys) == len(set(keys))
