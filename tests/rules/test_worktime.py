"""Working time: boundaries as tables (R1, R3, R13, R15)."""

import copy
import pickle
import struct
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from importlib import resources
from itertools import pairwise
from typing import Any

import pytest

from desk.rules import worktime
from desk.rules.worktime import Calendar, CalendarError
from tests.rules.calendars import AROUND_THE_CLOCK, HOUR, OFFICE, a_cut, at, calendar_of


def local(calendar: Calendar, day: str) -> list[tuple[str, str]]:
    """The windows of a date as the wall clock and its offset show their edges."""
    return [
        (
            start.astimezone(calendar.zone).strftime("%H:%M%z"),
            end.astimezone(calendar.zone).strftime("%H:%M%z"),
        )
        for start, end in calendar.windows(date.fromisoformat(day))
    ]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-27 08:59:59.999999", False),
        ("2026-11-27 09:00", True),
        ("2026-11-27 12:59:59.999999", True),
        ("2026-11-27 13:00", False),
        ("2026-11-27 14:00", True),
        ("2026-11-27 17:59:59.999999", True),
        ("2026-11-27 18:00", False),
        ("2026-11-28 10:00", False),
        ("2026-12-25 10:00", False),
        ("2026-11-27 07:00+00:00", True),
    ],
)
def test_intervals_are_half_open_r1(moment: str, expected: bool) -> None:
    assert OFFICE.is_open(at(moment)) is expected


@pytest.mark.parametrize(
    ("moment", "opens", "closes"),
    [
        ("2026-11-27 08:00", "2026-11-27 09:00", "2026-11-27 13:00"),
        ("2026-11-27 09:00", "2026-11-27 09:00", "2026-11-27 13:00"),
        ("2026-11-27 12:59:59.999999", "2026-11-27 12:59:59.999999", "2026-11-27 13:00"),
        ("2026-11-27 13:00", "2026-11-27 14:00", "2026-11-27 18:00"),
        ("2026-11-27 18:00", "2026-11-30 09:00", "2026-11-30 13:00"),
        ("2026-12-24 18:00", "2026-12-28 09:00", "2026-12-28 13:00"),
    ],
)
def test_next_open_and_next_close_r3(moment: str, opens: str, closes: str) -> None:
    assert OFFICE.next_open(at(moment)) == at(opens)
    assert OFFICE.next_close(at(moment)) == at(closes)


@pytest.mark.parametrize(
    ("start", "seconds", "expected"),
    [
        ("2026-11-27 09:00", 0, "2026-11-27 09:00"),
        ("2026-11-28 12:00", 0, "2026-11-28 12:00"),
        ("2026-11-28 12:00", 1, "2026-11-30 09:00:01"),
        ("2026-11-27 09:00", 4 * HOUR, "2026-11-27 13:00"),
        ("2026-11-27 09:00", 4 * HOUR + 1, "2026-11-27 14:00:01"),
        ("2026-11-27 13:00", 4 * HOUR, "2026-11-27 18:00"),
        ("2026-11-27 17:59:59.5", 1, "2026-11-30 09:00:00.5"),
        ("2026-11-27 09:00", 8 * HOUR, "2026-11-27 18:00"),
        ("2026-11-27 09:00", 40 * HOUR, "2026-12-03 18:00"),
    ],
)
def test_the_due_instant_is_the_smallest_r3(start: str, seconds: int, expected: str) -> None:
    assert OFFICE.add(at(start), seconds) == at(expected)


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("2026-11-27 09:00:00.499999", 0),
        ("2026-11-27 09:00:00.5", 1),
        ("2026-11-27 09:00:01", 1),
        ("2026-11-27 13:59:59", 4 * HOUR),
        ("2026-12-04 09:00", 40 * HOUR),
    ],
)
def test_elapsed_is_shown_to_the_nearest_second_r2(end: str, expected: int) -> None:
    assert OFFICE.elapsed(at("2026-11-27 09:00"), at(end)) == expected


def test_special_dates_replace_the_whole_date_and_win_r1() -> None:
    calendar = calendar_of(
        "Europe/Kyiv",
        ["09:00", "18:00"],
        days_off=["2026-12-25", "2026-12-26"],
        extra_days={"2026-12-26": [["10:00", "11:00"]], "2026-12-28": []},
    )
    assert local(calendar, "2026-12-25") == []
    assert local(calendar, "2026-12-26") == [("10:00+0200", "11:00+0200")]
    assert local(calendar, "2026-12-27") == [("09:00+0200", "18:00+0200")]
    assert local(calendar, "2026-12-28") == []


REPEATED = "2026-10-25"  # 04:00+03:00 becomes 03:00+02:00
MISSING = "2027-03-28"  # 03:00+02:00 becomes 04:00+03:00


@pytest.mark.parametrize(
    ("day", "interval", "expected", "hours"),
    [
        (REPEATED, ["02:30", "05:00"], ("02:30+0300", "05:00+0200"), 3.5),
        (REPEATED, ["03:30", "05:00"], ("03:30+0300", "05:00+0200"), 2.5),
        (REPEATED, ["02:30", "03:30"], ("02:30+0300", "03:30+0200"), 2),
        (REPEATED, ["03:15", "03:30"], ("03:15+0300", "03:30+0200"), 1.25),
        (REPEATED, ["02:00", "03:00"], ("02:00+0300", "03:00+0200"), 2),
        (REPEATED, ["04:00", "05:00"], ("04:00+0200", "05:00+0200"), 1),
        (REPEATED, ["00:00", "24:00"], ("00:00+0300", "00:00+0200"), 25),
        (MISSING, ["02:30", "05:00"], ("02:30+0200", "05:00+0300"), 1.5),
        (MISSING, ["03:30", "05:00"], ("04:00+0300", "05:00+0300"), 1),
        (MISSING, ["02:30", "03:30"], ("02:30+0200", "04:00+0300"), 0.5),
        (MISSING, ["02:00", "03:00"], ("02:00+0200", "04:00+0300"), 1),
        (MISSING, ["04:00", "05:00"], ("04:00+0300", "05:00+0300"), 1),
        (MISSING, ["00:00", "24:00"], ("00:00+0200", "00:00+0300"), 23),
    ],
)
def test_repeated_and_missing_hours_r1_r13(
    day: str, interval: list[str], expected: tuple[str, str], hours: float
) -> None:
    calendar = calendar_of("Europe/Kyiv", interval)
    assert local(calendar, day) == [expected]
    start, end = calendar.windows(date.fromisoformat(day))[0]
    assert calendar.elapsed(start, end) == hours * HOUR


def test_an_interval_inside_a_missing_hour_does_not_happen_r1() -> None:
    calendar = calendar_of("Europe/Kyiv", ["03:00", "03:59"])
    assert local(calendar, MISSING) == []
    assert not calendar.is_working_date(date.fromisoformat(MISSING))


def test_intervals_that_meet_in_a_repeated_hour_count_it_once_r1() -> None:
    calendar = calendar_of("Europe/Kyiv", ["02:00", "03:30"], ["03:30", "05:00"])
    assert local(calendar, REPEATED) == [("02:00+0300", "05:00+0200")]
    assert calendar.elapsed(at("2026-10-25 00:00"), at("2026-10-25 12:00")) == 4 * HOUR


@pytest.mark.parametrize(
    ("zone", "day", "interval", "expected"),
    [
        ("Australia/Lord_Howe", "2026-04-05", ["01:45", "02:15"], ("01:45+1100", "02:15+1030")),
        ("Australia/Lord_Howe", "2026-10-04", ["02:10", "03:00"], ("02:30+1100", "03:00+1100")),
        ("America/New_York", "2026-11-01", ["01:30", "02:00"], ("01:30-0400", "02:00-0500")),
        ("Pacific/Chatham", "2026-09-27", ["03:00", "04:00"], ("03:45+1345", "04:00+1345")),
        # The hour after midnight is repeated: it belongs to Sunday, Saturday ends before it.
        ("America/Havana", "2026-10-31", ["18:00", "24:00"], ("18:00-0400", "00:00-0400")),
        ("America/Havana", "2026-11-01", ["00:00", "02:00"], ("00:00-0400", "02:00-0500")),
        # At midnight the clock goes back: the last hour of the old date is there twice.
        ("Africa/Cairo", "2026-10-29", ["23:30", "24:00"], ("23:30+0300", "00:00+0200")),
        # Midnight itself is missing.
        ("Africa/Cairo", "2026-04-24", ["00:00", "02:00"], ("01:00+0300", "02:00+0300")),
        # A minute after midnight the clock went back to the old date.
        ("America/St_Johns", "2010-11-06", ["23:00", "24:00"], ("23:00-0230", "00:00-0330")),
    ],
)
def test_changes_of_other_zones_r1(
    zone: str, day: str, interval: list[str], expected: tuple[str, str]
) -> None:
    assert local(calendar_of(zone, interval), day) == [expected]


def test_a_date_that_a_zone_left_out_has_no_working_time_r1() -> None:
    samoa = calendar_of("Pacific/Apia", ["00:00", "24:00"])
    assert not samoa.is_working_date(date(2011, 12, 30))
    assert samoa.working_dates(date(2011, 12, 29), date(2011, 12, 31)) == (
        date(2011, 12, 29),
        date(2011, 12, 31),
    )
    day = at("2011-12-29 12:00-10:00")
    assert samoa.elapsed(day, day + timedelta(days=1)) == 24 * HOUR


def test_a_night_shift_adds_up_over_midnight_r1() -> None:
    night = calendar_of("Europe/Kyiv", ["22:00", "24:00"], ["00:00", "06:00"])
    assert night.next_close(at("2026-11-27 23:00")) == at("2026-11-28 06:00")
    assert night.add(at("2026-11-27 22:00"), 8 * HOUR) == at("2026-11-28 06:00")
    assert night.add(at("2026-11-27 22:00"), 8 * HOUR + 1) == at("2026-11-28 22:00:01")
    assert night.elapsed(at("2026-11-27 12:00"), at("2026-11-28 12:00")) == 8 * HOUR


def test_next_close_passes_the_cut_between_two_chunks_r3() -> None:
    cut = a_cut()
    shift = calendar_of("UTC", ["22:00", "24:00"], ["00:00", "06:00"])
    assert shift.next_close(cut - timedelta(hours=1)) == cut + timedelta(hours=6)
    assert shift.next_close(cut) == cut + timedelta(hours=6)
    evening = calendar_of("UTC", ["22:00", "24:00"])
    assert evening.next_close(cut - timedelta(hours=1)) == cut
    assert evening.next_close(cut) == cut + timedelta(days=1)
    assert evening.add(cut - timedelta(hours=1), HOUR) == cut
    assert evening.next_open(cut) == cut + timedelta(hours=22)
    early = calendar_of("UTC", ["20:00", "22:00"])
    assert early.next_open(cut - timedelta(hours=1)) == cut + timedelta(hours=20)


def test_around_the_clock_does_not_close() -> None:
    assert AROUND_THE_CLOCK.next_close(at("2026-11-27 12:00")) is None


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-11-27 10:00", 5, "2026-12-04 18:00"),
        ("2026-11-27 23:59", 1, "2026-11-30 18:00"),
        ("2026-11-28 10:00", 1, "2026-11-30 18:00"),
        ("2026-12-23 10:00", 2, "2026-12-28 18:00"),
        ("2026-11-26 23:00+00:00", 1, "2026-11-30 18:00"),
    ],
)
def test_working_days_end_at_the_end_of_the_last_r15(start: str, days: int, expected: str) -> None:
    assert OFFICE.end_of_working_day(at(start), days) == at(expected)


@pytest.mark.parametrize("days", [0, -1, worktime.SEARCH_DAYS_MAX + 1])
def test_working_days_are_counted_from_one_r15(days: int) -> None:
    with pytest.raises(CalendarError, match="counted from 1 to 3660"):
        OFFICE.end_of_working_day(at("2026-11-27 10:00"), days)


def test_working_dates_hold_both_ends_r15() -> None:
    dates = OFFICE.working_dates(date(2026, 12, 24), date(2026, 12, 28))
    assert dates == (date(2026, 12, 24), date(2026, 12, 28))


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(CalendarError, match="before the start"):
        OFFICE.elapsed(at("2026-11-27 09:00"), at("2026-11-27 08:59"))
    with pytest.raises(CalendarError, match="below zero"):
        OFFICE.add(at("2026-11-27 09:00"), -1)


def test_the_smallest_working_time_is_a_microsecond() -> None:
    begin = worktime.microseconds(at("2026-11-28 12:00"))
    found = worktime.instant(OFFICE.add_microseconds(begin, 1))
    assert found == at("2026-11-30 09:00:00.000001")


def test_a_calendar_is_a_value() -> None:
    again = pickle.loads(pickle.dumps(OFFICE))  # noqa: S301 (our own bytes)
    assert again == OFFICE == copy.deepcopy(OFFICE)
    assert hash(again) == hash(OFFICE)
    start = at("2026-11-27 12:30")
    assert again.add(start, HOUR) == OFFICE.add(start, HOUR)
    with pytest.raises(TypeError):
        OFFICE.extra_days[date(2026, 1, 1)] = ()  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-27 16:00:00.25", "2026-11-27 16:00:00.25+02:00"),
        ("2026-10-25 03:30:00.25", "2026-10-25 03:30:00.25+03:00"),
        ("2027-03-28 03:30:00.25", "2027-03-28 04:00+03:00"),
        ("2027-03-28 02:59:59.75", "2027-03-28 02:59:59.75+02:00"),
    ],
)
def test_a_local_time_is_its_first_occurrence_or_the_end_of_the_gap_r1(
    text: str, expected: str
) -> None:
    naive = datetime.fromisoformat(text)
    assert OFFICE.moment(naive) == at(expected)


def test_no_zone_changes_its_offset_twice_within_three_days_r13() -> None:
    """What the quick path of a date relies on, proved over the whole zone database."""
    files = list(zone_files(resources.files("tzdata") / "zoneinfo"))
    assert len(files) > 400
    for name, data in files:
        changes = offset_changes(data)
        for earlier, later in pairwise(changes):
            assert later - earlier > 3 * 86_400, name


def zone_files(folder: Any) -> Iterator[tuple[str, bytes]]:
    for path in folder.iterdir():
        if path.is_dir():
            yield from zone_files(path)
        elif (data := path.read_bytes()).startswith(b"TZif"):
            yield path.name, data


def offset_changes(data: bytes) -> list[int]:
    """The instants at which the UTC offset changes, from the 64-bit half of a TZif file."""
    counts = struct.unpack(">6l", data[20:44])
    start = 44 + counts[3] * 5 + counts[4] * 6 + counts[5] + counts[2] * 8 + counts[1] + counts[0]
    times, types = struct.unpack(">6l", data[start + 20 : start + 44])[3:5]
    start += 44
    instants = struct.unpack(f">{times}q", data[start : start + 8 * times])
    kinds = data[start + 8 * times : start + 9 * times]
    start += 9 * times
    offsets = [
        struct.unpack(">l", data[start + 6 * n : start + 6 * n + 4])[0] for n in range(types)
    ]
    shown = [offsets[0], *(offsets[kind] for kind in kinds)]
    return [
        moment for moment, (old, new) in zip(instants, pairwise(shown), strict=True) if old != new
    ]
