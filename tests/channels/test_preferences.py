"""What people choose, and what reaches them then: each thing once, when they want it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desk.channels import recipients, routing, themes
from desk.channels.routing import (
    QUICK,
    Choices,
    Digest,
    Hold,
    Quiet,
    Several,
    Way,
    digest_at,
    quiet_until,
    sendings,
)
from desk.channels.themes import NEEDED, News, Theme
from tests.language import KYIV

NEW_YORK = ZoneInfo("America/New_York")
NIGHT = Quiet(time(20), time(8))
AT = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
ALL_WAYS = frozenset(QUICK)

moments = st.integers(0, 730 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
zones = st.sampled_from([KYIV, NEW_YORK, UTC, ZoneInfo("Australia/Lord_Howe")])
weekdays = st.frozensets(st.integers(0, 6), max_size=6)
quiets = st.builds(Quiet, st.times(), st.times(), weekdays) | st.builds(Quiet, days=weekdays)
boxes = st.dictionaries(
    st.tuples(st.sampled_from(list(Theme)), st.sampled_from(list(Way))), st.booleans(), max_size=30
)
chosen = st.builds(
    Choices,
    zone=zones,
    ticked=boxes,
    several=st.sampled_from(list(Several)),
    quiet=quiets,
    digest=st.sampled_from(list(Digest)),
    digest_hour=st.integers(0, 23),
    paused_until_at=st.none() | moments,
    muted=st.sets(st.integers(1, 3)),
)
reaches = st.sets(st.sampled_from(QUICK)).map(lambda ways: {*ways, Way.EMAIL})
news = st.builds(News, st.sampled_from(list(Theme)), st.booleans(), st.none() | st.integers(1, 3))


def kyiv(day: int, clock: str) -> datetime:
    """A moment of November 2026 in Kyiv; the 27th is a Friday."""
    return datetime.combine(datetime(2026, 11, day, tzinfo=KYIV), time.fromisoformat(clock), KYIV)


@given(news, chosen, reaches, moments)
def test_each_way_is_used_once_at_most_and_only_where_it_was_chosen(
    told: News, choices: Choices, reach: set[Way], at: datetime
) -> None:
    planned = sendings(told, choices, reach, at)
    ways = [one.way for one in planned]
    assert len(ways) == len(set(ways))
    assert set(ways) <= reach
    ticked = {way for way in reach if choices.on(told.theme, way)}
    assert set(ways) <= (ticked or ({Way.EMAIL} if told.theme in NEEDED else set()))
    if choices.several == Several.ONE:
        assert len(ways) <= 1
    if choices.several == Several.FOLLOW:
        assert [way for way in ways[1:] if way != Way.EMAIL] == []
    assert all(one.due_at >= at for one in planned)


@given(news, chosen, reaches, moments)
def test_what_is_needed_always_has_a_way_and_nothing_comes_in_quiet_hours(
    told: News, choices: Choices, reach: set[Way], at: datetime
) -> None:
    planned = sendings(told, choices, reach, at)
    if told.theme in NEEDED:
        assert planned
    for one in planned:
        if told.theme != Theme.CRITICAL:
            assert quiet_until(one.due_at, choices.quiet, choices.zone) == one.due_at
        if told.theme == Theme.CRITICAL and one.hold != Hold.FOLLOW:
            assert one.due_at == at
        if one.due_at > at:
            assert one.hold != Hold.NONE


@given(moments, quiets, zones)
@example(datetime(2026, 10, 25, 1, 10, tzinfo=UTC), Quiet(time(2), time(3, 30)), KYIV)
@example(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), Quiet(time(1), time(3, 30)), KYIV)
def test_quiet_hours_end_within_a_week(at: datetime, quiet: Quiet, zone: ZoneInfo) -> None:
    end = quiet_until(at, quiet, zone)
    assert at <= end <= at + timedelta(days=8)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (kyiv(27, "19:59"), kyiv(27, "19:59")),
        (kyiv(27, "20:00"), kyiv(28, "08:00")),
        (kyiv(28, "03:00"), kyiv(28, "08:00")),
        (kyiv(28, "08:00"), kyiv(28, "08:00")),
    ],
)
def test_a_night_ends_in_the_morning(at: datetime, expected: datetime) -> None:
    assert quiet_until(at, NIGHT, KYIV) == expected


def test_a_quiet_weekend_ends_after_the_night_behind_it() -> None:
    quiet = Quiet(time(20), time(8), frozenset({5, 6}))
    assert quiet_until(kyiv(27, "21:00"), quiet, KYIV) == kyiv(30, "08:00")


def test_quiet_hours_are_those_of_the_persons_own_zone() -> None:
    at = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)  # 11:00 in Kyiv, 04:00 in New York
    assert quiet_until(at, NIGHT, KYIV) == at
    assert quiet_until(at, NIGHT, NEW_YORK) == datetime(2026, 11, 27, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("digest", "at", "expected"),
    [
        (Digest.HOURLY, kyiv(27, "10:20"), kyiv(27, "11:00")),
        (Digest.HOURLY, kyiv(27, "11:00"), kyiv(27, "12:00")),
        (Digest.DAILY, kyiv(27, "08:59"), kyiv(27, "09:00")),
        (Digest.DAILY, kyiv(27, "09:00"), kyiv(28, "09:00")),
    ],
)
def test_a_digest_comes_at_the_next_hour_or_day(
    digest: Digest, at: datetime, expected: datetime
) -> None:
    assert digest_at(at, digest, 9, KYIV) == expected


def test_what_asks_for_something_is_never_put_into_a_digest_or_behind_a_grace() -> None:
    daily = Choices(digest=Digest.DAILY)
    for theme in NEEDED:
        (mail,) = sendings(News(theme), daily, {Way.EMAIL}, AT)
        assert (mail.due_at, mail.hold) == (AT, Hold.NONE)
    (mail,) = sendings(News(Theme.PROGRESS), daily, {Way.EMAIL}, AT)
    assert mail.hold == Hold.DIGEST
    (mail,) = sendings(News(Theme.PROGRESS), Choices(), {Way.EMAIL}, AT)
    assert mail.due_at == AT + timedelta(seconds=routing.GRACE_SECONDS)


def test_the_quickest_way_goes_first_and_a_mail_follows_what_was_not_looked_at() -> None:
    quick, mail = sendings(News(Theme.MESSAGES), Choices(), ALL_WAYS, AT)
    assert (quick.way, quick.due_at) == (Way.TELEGRAM, AT)
    assert (mail.way, mail.hold) == (Way.EMAIL, Hold.FOLLOW)
    assert mail.due_at == AT + timedelta(seconds=routing.FOLLOW_SECONDS)


def test_a_pause_holds_all_but_what_is_critical_or_promised() -> None:
    back_at = AT + timedelta(days=10)
    away = Choices(paused_until_at=back_at)
    (mail,) = sendings(News(Theme.PROGRESS), away, {Way.EMAIL}, AT)
    assert (mail.due_at, mail.hold) == (back_at, Hold.PAUSE)
    for owed in (News(Theme.CRITICAL), News(Theme.ASKED, promised=True)):
        (mail,) = sendings(owed, away, {Way.EMAIL}, AT)
        assert mail.due_at == AT


def test_a_muted_ticket_tells_only_what_is_asked() -> None:
    muted = Choices(muted=frozenset({7}))
    assert not sendings(News(Theme.MESSAGES, ticket=7), muted, ALL_WAYS, AT)
    assert sendings(News(Theme.MESSAGES, ticket=8), muted, ALL_WAYS, AT)
    assert sendings(News(Theme.ASKED, ticket=7), muted, ALL_WAYS, AT)


@pytest.mark.parametrize("verb", sorted(recipients.RULES))
def test_every_verb_that_is_told_has_its_theme_and_mails_by_default_as_its_rule_says(
    verb: str,
) -> None:
    assert verb in themes.THEMES
    known = themes.THEMES[verb]
    for rule in recipients.RULES[verb]:
        theme = known.by_why.get(rule.who, known.loud) if rule.mail else known.quiet
        assert Choices().on(theme, Way.EMAIL) == rule.mail
        assert Choices().on(theme, Way.APP)
