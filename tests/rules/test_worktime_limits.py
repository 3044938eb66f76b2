"""Working time at its limits: no endless search, no century, bounded memory, the era's ends."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from desk.rules import worktime
from desk.rules.worktime import Calendar, CalendarError
from tests.rules.calendars import AROUND_THE_CLOCK, HOUR, OFFICE, a_cut, at, calendar_of

INSTANT = timedelta(microseconds=1)

ONCE = Calendar.parse({"timezone": "UTC", "extra_days": {"2026-11-27": [["09:00", "17:00"]]}})
BEFORE, AFTER = at("2026-11-27 00:00+00:00"), at("2026-11-27 17:00+00:00")


def test_a_search_without_working_time_ends_with_a_sentence() -> None:
    assert ONCE.add(BEFORE, 8 * HOUR) == AFTER
    searches: list[Callable[[], object]] = [
        lambda: ONCE.add(BEFORE, 8 * HOUR + 1),
        lambda: ONCE.next_open(AFTER),
        lambda: ONCE.next_close(AFTER),
        lambda: ONCE.end_of_working_day(BEFORE, 1),
    ]
    for search in searches:
        with pytest.raises(CalendarError, match="no working time within 3660 days after 2026-11-2"):
            search()


def test_working_time_within_the_limit_is_found() -> None:
    far = BEFORE + timedelta(days=worktime.SEARCH_DAYS_MAX - 1)
    seldom = Calendar.parse(
        {"timezone": "UTC", "extra_days": {far.date().isoformat(): [["00:00", "01:00"]]}}
    )
    assert seldom.next_open(BEFORE) == far
    assert seldom.add(BEFORE, HOUR) == far + timedelta(hours=1)
    assert seldom.working_date_after(BEFORE.date(), 1) == far.date()


@pytest.mark.parametrize(("days", "found"), [(0, True), (1, False)])
def test_working_days_are_searched_up_to_the_limit_r15(days: int, found: bool) -> None:
    today = date(2026, 11, 27)
    far = today + timedelta(days=worktime.SEARCH_DAYS_MAX + days)
    hours = {far.isoformat(): [["09:00", "10:00"]]}
    seldom = Calendar.parse({"timezone": "UTC", "extra_days": hours})
    if found:
        assert seldom.working_date_after(today, 1) == far
    else:
        with pytest.raises(CalendarError, match="no working time within 3660 days"):
            seldom.working_date_after(today, 1)


def test_the_most_working_days_are_counted_r15() -> None:
    last = date(2026, 11, 27) + timedelta(days=worktime.SEARCH_DAYS_MAX)
    found = AROUND_THE_CLOCK.working_date_after(date(2026, 11, 27), worktime.SEARCH_DAYS_MAX)
    assert found == last


def test_more_than_a_century_is_not_computed() -> None:
    century = timedelta(days=worktime.HORIZON_DAYS_MAX)
    assert AROUND_THE_CLOCK.add(BEFORE, int(century.total_seconds())) == BEFORE + century
    assert AROUND_THE_CLOCK.elapsed(BEFORE, BEFORE + century) == century.total_seconds()
    with pytest.raises(CalendarError, match="more than a century"):
        AROUND_THE_CLOCK.add(BEFORE, 10**15)
    with pytest.raises(CalendarError, match="more than a century"):
        OFFICE.add(BEFORE, int(century.total_seconds()) // 2)
    with pytest.raises(CalendarError, match="more than a century"):
        AROUND_THE_CLOCK.elapsed(BEFORE, BEFORE + century + INSTANT)
    last = date(2026, 1, 1) + timedelta(days=worktime.HORIZON_DAYS_MAX - 1)
    assert OFFICE.working_dates(date(2026, 1, 1), last)[-1] <= last
    with pytest.raises(CalendarError, match="more than a century"):
        OFFICE.working_dates(date(2026, 1, 1), last + timedelta(days=1))
    begin, end = worktime.microseconds(BEFORE), worktime.microseconds(BEFORE + century)
    assert AROUND_THE_CLOCK.windows_between(begin, end) == [(begin, end)]
    with pytest.raises(CalendarError, match="more than a century"):
        AROUND_THE_CLOCK.windows_between(begin, end + 1)


def test_stretches_that_are_all_open_or_all_closed() -> None:
    assert AROUND_THE_CLOCK.is_open(BEFORE)
    begin, end = worktime.microseconds(BEFORE), worktime.microseconds(AFTER)
    year = 365 * worktime.DAY
    assert ONCE.elapsed_microseconds(begin - year, end + year) == 8 * HOUR * worktime.SECOND
    assert ONCE.elapsed_microseconds(end, end + year) == 0


def test_the_ends_of_the_era_are_closed() -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        calendar = calendar_of(zone, ["00:00", "24:00"])
        with pytest.raises(CalendarError, match="no working time"):
            calendar.add(at("9999-12-28 00:00+00:00"), 96 * HOUR)
        assert calendar.next_open(at("0001-01-01 00:00+00:00")).year == 1
        assert calendar.windows(date.max) == calendar.windows(date.min) == ()


def test_the_kept_windows_stay_bounded() -> None:
    calendar = calendar_of("UTC", ["09:00", "17:00"], days_off=["2001-01-01"])
    calendar.elapsed(BEFORE, BEFORE + timedelta(days=worktime.HORIZON_DAYS_MAX))
    assert 0 < len(calendar._chunks) <= worktime.CHUNKS_KEPT_MAX


def test_next_close_does_not_look_beyond_the_last_working_time_r3() -> None:
    assert ONCE.next_close(BEFORE) == AFTER
    cut = a_cut()
    eve = (cut - timedelta(days=1)).date().isoformat()
    last = Calendar.parse({"timezone": "UTC", "extra_days": {eve: [["12:00", "24:00"]]}})
    assert last.next_close(cut - timedelta(days=1)) == cut
