"""What a calendar may look like as JSON, and the sentence for what may not (R1)."""

from typing import Any

import pytest
from hypothesis import given

from desk.rules.worktime import Calendar, CalendarError
from tests.rules.calendars import OFFICE_DOCUMENT, documents


@given(documents())
def test_a_calendar_survives_its_own_json(document: dict[str, Any]) -> None:
    calendar = Calendar.parse(document)
    written = calendar.to_dict()
    assert Calendar.parse(written) == calendar
    assert Calendar.parse(written).to_dict() == written


def test_equal_documents_share_one_calendar() -> None:
    assert Calendar.parse(OFFICE_DOCUMENT) is Calendar.parse(dict(OFFICE_DOCUMENT))


def test_seconds_and_the_end_of_the_day_are_legal() -> None:
    document = week(mon=[["22:00:30", "24:00"], ["00:00", "06:00"]])
    calendar = Calendar.parse(document)
    assert calendar.week[0] == ((0, 21_600), (79_230, 86_400))
    assert calendar.to_dict()["week"] == {"mon": [["00:00", "06:00"], ["22:00:30", "24:00"]]}


def test_touching_intervals_do_not_overlap() -> None:
    assert Calendar.parse(week(mon=[["09:00", "13:00"], ["13:00", "18:00"]]))


def test_special_dates_alone_make_a_calendar() -> None:
    assert Calendar.parse({"timezone": "UTC", "extra_days": {"2026-12-26": [["09:00", "15:00"]]}})


def week(**days: Any) -> dict[str, Any]:
    return {"timezone": "Europe/Kyiv", "week": days}


GOOD = [["09:00", "18:00"]]

REFUSED: list[tuple[object, str]] = [
    (None, "must be a JSON object"),
    ([], "must be a JSON object"),
    ({}, 'needs a "timezone"'),
    ({"timezone": 7, "week": {"mon": GOOD}}, 'needs a "timezone"'),
    ({"timezone": "Mars/Olympus", "week": {"mon": GOOD}}, "no time zone named 'Mars/Olympus'"),
    ({"timezone": "", "week": {"mon": GOOD}}, "no time zone"),
    ({"timezone": "Europe", "week": {"mon": GOOD}}, "no time zone"),
    ({"timezone": "../etc/passwd", "week": {"mon": GOOD}}, "no time zone"),
    ({"timezone": "/etc/localtime", "week": {"mon": GOOD}}, "no time zone"),
    ({"timezone": "a\0b", "week": {"mon": GOOD}}, "no time zone"),
    ({"timezone": "Європа/Київ", "week": {"mon": GOOD}}, "no time zone"),
    ({"timezone": "\ud800", "week": {"mon": GOOD}}, "no time zone"),
    ({"timezone": "localtime", "week": {"mon": GOOD}}, "no time zone"),
    ({"timezone": "right/Europe/Kyiv", "week": {"mon": GOOD}}, "no time zone"),
    ({"timezone": "E" * 5_000, "week": {"mon": GOOD}}, "no time zone named 'EEE"),
    ({**week(mon=GOOD), "holidays": []}, "unknown field 'holidays'"),
    (week(monday=GOOD), "unknown day 'monday'"),
    (week(Mon=GOOD), "unknown day 'Mon'"),
    ({"timezone": "UTC", "week": None}, "The week must be a JSON object"),
    (week(), "no working time at all"),
    (week(mon=[]), "no working time at all"),
    ({**week(), "extra_days": {"2026-12-26": []}}, "no working time at all"),
    (week(mon=None), "The hours (week, mon) must be a JSON list"),
    (week(mon=["09:00", "18:00"]), "An interval (week, mon) is a pair"),
    (week(mon=[["09:00"]]), "An interval (week, mon) is a pair"),
    (week(mon=[["09:00", 18]]), "An interval (week, mon) is a pair"),
    (week(mon=[["9:00", "18:00"]]), "is written as 09:00"),
    (week(mon=[["09.00", "18:00"]]), "is written as 09:00"),
    (week(mon=[["09:00", "18:00\n"]]), "is written as 09:00"),
    (week(mon=[["٠٩:٠٠", "18:00"]]), "is written as 09:00"),
    (week(mon=[["09:60", "18:00"]]), "no time 09:60"),
    (week(mon=[["09:00", "18:00:60"]]), "no time 18:00:60"),
    (week(mon=[["09:00", "24:01"]]), "no time 24:01"),
    (week(mon=[["09:00", "25:00"]]), "no time 25:00"),
    (week(mon=[["18:00", "09:00"]]), "18:00-09:00 (week, mon) must end after it starts"),
    (week(mon=[["09:00", "09:00"]]), "must end after it starts"),
    (week(mon=[["24:00", "24:00"]]), "must end after it starts"),
    (week(tue=[["09:00", "13:00"], ["12:59", "18:00"]]), "09:00-13:00 and 12:59-18:00 (week, tue)"),
    (week(mon=[["09:00", "13:00"], ["09:00", "13:00"]]), "overlap"),
    (week(mon=[["09:00", "18:00"], ["10:00", "11:00"]]), "overlap"),
    (week(mon=[["00:00", "00:01"]] * 97), "more than 96"),
    ({**week(mon=GOOD), "days_off": "2026-12-25"}, "The days off must be a JSON list"),
    ({**week(mon=GOOD), "days_off": ["25.12.2026"]}, "is written as 2026-12-25"),
    ({**week(mon=GOOD), "days_off": ["20261225"]}, "is written as 2026-12-25"),
    ({**week(mon=GOOD), "days_off": [20261225]}, "is written as 2026-12-25"),
    ({**week(mon=GOOD), "days_off": ["2026-02-30"]}, "no date 2026-02-30"),
    ({**week(mon=GOOD), "days_off": ["2026-12-25"] * 5_001}, "more than 5000"),
    ({**week(mon=GOOD), "extra_days": []}, "The extra days must be a JSON object"),
    ({**week(mon=GOOD), "extra_days": {"tomorrow": GOOD}}, "is written as 2026-12-25"),
    (
        {**week(mon=GOOD), "extra_days": {"2026-12-26": [["10:00", "09:00"]]}},
        "(extra day 2026-12-26) must end after",
    ),
    (
        {**week(mon=GOOD), "extra_days": {"2026-12-26": [["08:00", "10:00"], ["09:00", "11:00"]]}},
        "(extra day 2026-12-26) overlap",
    ),
]


@pytest.mark.parametrize(("document", "sentence"), REFUSED)
def test_what_is_no_calendar_is_refused_with_a_sentence(document: object, sentence: str) -> None:
    with pytest.raises(CalendarError) as refusal:
        Calendar.parse(document)
    assert sentence in str(refusal.value)
    assert str(refusal.value).endswith(".")
    assert len(str(refusal.value)) < 200


def test_a_week_made_in_code_has_seven_days_too() -> None:
    with pytest.raises(CalendarError, match="seven days"):
        Calendar("UTC", (((0, 60),),))


def test_intervals_made_in_code_are_checked_too() -> None:
    with pytest.raises(CalendarError, match="must end after"):
        Calendar("UTC", (((0, 86_401),), (), (), (), (), (), ()))
