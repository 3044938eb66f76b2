"""Will the lead make it: acceptances shortly before their limit, deadlines against the hours."""

from __future__ import annotations

from datetime import datetime

import pytest

from desk.rules import forecast
from desk.rules.forecast import Kind, Lead, Reason, Risk, Task
from desk.rules.worktime import Calendar
from tests.cast import KYIV
from tests.language import moment

HOURS = Calendar.parse(KYIV)
HOUR = 3600


def at(text: str) -> datetime:
    return moment(text)


def risks(*tasks: Task, now: str = "fri 10:00", **lead: object) -> tuple[Risk, ...]:
    return forecast.risks(Lead(HOURS, **lead), tasks, at(now))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "kept_by", "critical", "found"),
    [
        ("fri 10:44", Reason.BUSY, False, False),
        ("fri 10:45", Reason.BUSY, False, True),
        ("fri 10:59", Reason.PAUSE, False, True),
        ("fri 10:59", None, False, False),
        ("fri 11:00", Reason.BUSY, False, False),
        ("fri 10:54", Reason.MEETING, True, False),
        ("fri 10:55", Reason.CRITICAL, True, True),
    ],
)
def test_an_acceptance_is_at_risk_shortly_before_its_limit_while_the_lead_is_kept(
    now: str, kept_by: Reason | None, critical: bool, found: bool
) -> None:
    task = Task(1, accept_by_at=at("fri 11:00"), critical=critical)
    expected = (Risk(1, Kind.ACCEPTANCE, kept_by, at("fri 11:00")),) if found and kept_by else ()
    assert risks(task, now=now, kept_by=kept_by) == expected


def test_a_limit_after_the_leads_last_hour_is_at_risk_at_once() -> None:
    mornings = Calendar.parse({**KYIV, "week": {"fri": [["09:00", "10:00"]]}})
    task = Task(1, accept_by_at=at("fri 11:00"))
    (found,) = forecast.risks(Lead(mornings), [task], at("fri 10:00"))
    assert found.reason == Reason.GONE
    gone = ((at("fri 09:00"), at("sat 09:00")),)
    assert [one.reason for one in risks(task, absences=gone)] == [Reason.GONE]


def test_a_night_is_no_time_in_which_one_could_accept() -> None:
    friday = at("fri 17:00")
    task = Task(1, accept_by_at=moment("mon 09:05", friday))
    busy = Lead(HOURS, kept_by=Reason.BUSY)
    assert forecast.risks(busy, [task], friday) == ()
    (found,) = forecast.risks(busy, [task], at("fri 17:58"))
    assert found.reason == Reason.BUSY


def test_what_the_hours_do_not_hold_is_named_and_the_rest_stays() -> None:
    tasks = [
        Task(1, HOUR, due_at=at("fri 11:00")),
        Task(2, HOUR, due_at=at("fri 11:30")),
        Task(3, HOUR, due_at=at("fri 12:00")),
    ]
    assert risks(*tasks) == (Risk(2, Kind.DEADLINE, Reason.FULL, at("fri 11:30")),)


def test_the_critical_comes_first_and_what_is_at_hand_is_not_taken_away() -> None:
    bug = Task(9, HOUR, due_at=at("fri 13:00"), critical=True)
    other = Task(1, HOUR, due_at=at("fri 11:00"))
    assert [one.ticket for one in risks(other, bug)] == [1]
    in_hand = Task(1, HOUR, due_at=at("fri 11:00"), at_hand=True)
    assert risks(in_hand, bug) == ()


def test_what_has_passed_is_no_forecast_and_what_is_far_is_left_to_the_plan() -> None:
    assert risks(Task(1, HOUR, due_at=at("fri 09:30"))) == ()
    far = Task(1, 20 * HOUR, due_at=moment("tue 18:00", at("fri 10:00")))
    assert risks(far) == ()


def test_an_absence_takes_its_hours() -> None:
    away = ((at("fri 10:00"), at("fri 11:00")),)
    task = Task(1, HOUR, due_at=at("fri 11:30"))
    assert [one.ticket for one in risks(task, absences=away)] == [1]
    assert risks(Task(1, HOUR // 2, due_at=at("fri 11:30")), absences=away) == ()


def test_the_cover_must_make_it_without_missing_anything() -> None:
    more = Task(5, HOUR, due_at=at("fri 12:00"))
    own = Task(1, HOUR, due_at=at("fri 12:00"))
    now = at("fri 10:00")
    assert forecast.fits(Lead(HOURS), [own], more, now)
    assert not forecast.fits(Lead(HOURS), [own, Task(2, 1, due_at=at("fri 11:30"))], more, now)
    assert not forecast.fits(Lead(HOURS, kept_by=Reason.CRITICAL), [], more, now)
    assert forecast.fits(Lead(HOURS, kept_by=Reason.BUSY), [], more, now)


def test_hours_are_counted_without_the_lunch() -> None:
    assert forecast.left(Lead(HOURS), at("fri 12:00"), at("fri 15:00")) == 2 * HOUR
