"""Plans and calendars are versioned by date; what was in force stays (R1, R12, R15)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from desk.journal import queries as journal
from desk.partners import actions as partners
from desk.partners import queries
from desk.partners.models import CalendarVersion, Organisation, PlanVersion
from desk.rules.promises import Terms, TermsError
from desk.rules.worktime import CalendarError
from tests import cast
from tests.language import OPENED, Desk, moment

SHORT: dict[str, Any] = cast.KYIV | {"week": {"mon": [["09:00", "13:00"]]}}
FRIDAY, SATURDAY = date(2026, 11, 27), date(2026, 11, 28)


def change_plan(desk: Desk, on: date, **terms: object) -> PlanVersion:
    calendar = desk.house.calendar.pk
    cause = desk.cause(desk.house.vendor)
    return partners.add_plan_version(cause, desk.house.plan.pk, on, calendar, terms)


def change_calendar(desk: Desk, on: date, content: dict[str, Any]) -> CalendarVersion:
    cause = desk.cause(desk.house.vendor)
    return partners.add_calendar_version(cause, desk.house.calendar.pk, on, content)


def price(desk: Desk, text: str) -> int:
    return queries.plan_version(desk.house.plan.pk, moment(text)).value().price_kopecks


def test_one_ticket_costs_180_uah_by_default(desk: Desk) -> None:
    terms = queries.plan_version(desk.house.plan.pk, desk.now).value()
    assert terms == Terms()
    assert (terms.price_kopecks, terms.simple_seconds, terms.bug_seconds) == (18000, 28800, 10800)


def test_a_version_keeps_every_number(desk: Desk) -> None:
    """R15: a default that changes with the product moves no plan in force."""
    stored = PlanVersion.objects.get().terms
    assert stored == Terms().to_dict()


def test_new_terms_are_in_force_from_their_date_at_the_desk(desk: Desk) -> None:
    change_plan(desk, SATURDAY, price_kopecks=200_00)
    assert price(desk, "2026-11-27 23:59") == 180_00
    assert price(desk, "2026-11-28 00:00") == 200_00


def test_a_new_calendar_is_in_force_from_its_date(desk: Desk) -> None:
    change_calendar(desk, date(2026, 11, 30), SHORT)
    calendar = desk.house.calendar.pk
    before = queries.calendar_version(calendar, moment("2026-11-29 12:00")).value()
    after = queries.calendar_version(calendar, moment("2026-11-30 00:00")).value()
    monday = date(2026, 11, 30)
    assert (len(before.windows(monday)), len(after.windows(monday))) == (2, 1)


def test_the_past_is_not_edited(desk: Desk) -> None:
    with pytest.raises(partners.InForce) as refused:
        change_plan(desk, date(2026, 11, 26), price_kopecks=1)
    assert refused.value.earliest_on == FRIDAY
    with pytest.raises(partners.InForce):
        change_calendar(desk, date(2026, 11, 26), SHORT)
    assert (PlanVersion.objects.count(), CalendarVersion.objects.count()) == (1, 1)


def test_today_gets_a_version_once(desk: Desk) -> None:
    change_plan(desk, FRIDAY, price_kopecks=190_00)
    with pytest.raises(partners.InForce) as refused:
        change_plan(desk, FRIDAY, price_kopecks=170_00)
    assert refused.value.earliest_on == SATURDAY
    assert price(desk, "fri 12:00") == 190_00


def test_today_is_the_day_at_the_desk(desk: Desk) -> None:
    """Half past midnight in Kyiv is still yesterday in UTC."""
    desk.now = moment("2026-11-28 00:30")
    assert queries.today(desk.now) == SATURDAY
    with pytest.raises(partners.InForce):
        change_plan(desk, FRIDAY)


def test_a_version_not_yet_in_force_may_be_put_again(desk: Desk) -> None:
    first = change_plan(desk, SATURDAY, price_kopecks=200_00)
    second = change_plan(desk, SATURDAY, price_kopecks=210_00)
    assert first.pk == second.pk
    assert price(desk, "2026-11-28 12:00") == 210_00
    told = journal.of(f"plan:{desk.house.plan.pk}").filter(verb="add_plan_version")
    assert [entry.facts["terms"]["price_kopecks"] for entry in told] == [200_00, 210_00]


def test_nothing_was_in_force_before_the_first_version(desk: Desk) -> None:
    early = moment("2026-11-19 12:00")
    assert early < OPENED
    with pytest.raises(queries.NoVersion):
        queries.plan_version(desk.house.plan.pk, early)
    with pytest.raises(queries.NoVersion):
        queries.calendar_version(desk.house.calendar.pk, early)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"timezone": "Europe/Kyiv", "week": {}}, "working time"),
        (cast.KYIV | {"timezone": "Europe/Kyivv"}, "Kyivv"),
        (cast.KYIV | {"week": {"mon": [["09:00", "13:00"], ["12:00", "18:00"]]}}, "overlap"),
        (cast.KYIV | {"week": {"mon": [["13:00", "09:00"]]}}, "13:00"),
    ],
)
def test_a_calendar_that_cannot_be_one_is_refused_with_a_sentence(
    desk: Desk, content: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(CalendarError, match=sentence) as refused:
        partners.add_calendar(desk.cause(None), "Broken", content)
    assert str(refused.value).endswith(".")
    with pytest.raises(CalendarError):
        change_calendar(desk, SATURDAY, content)


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("prize_kopecks", 1),
        ("simple_seconds", -1),
        ("price_kopecks", "180"),
        ("price_kopecks", 180.5),
        ("price_kopecks", None),
        ("low_balance", 3),
        ("reopen_days", [5]),
        ("expire_reminder_days", ["1"]),
        ("work_warning_seconds", 2 * 3600),
        ("parts_per_target", 0),
    ],
)
def test_terms_that_cannot_be_are_refused_by_name(desk: Desk, term: str, value: object) -> None:
    with pytest.raises(TermsError, match=term):
        change_plan(desk, SATURDAY, **{term: value})
    assert PlanVersion.objects.count() == 1


def test_names_of_plans_and_calendars_are_given_once(desk: Desk) -> None:
    with pytest.raises(partners.NameTaken):
        partners.add_calendar(desk.cause(None), "Kyiv", cast.ALWAYS)
    with pytest.raises(partners.NameTaken):
        partners.add_plan(desk.cause(None), "Partner Support Manager", desk.house.calendar.pk, {})


def test_the_service_calendar_may_be_another(desk: Desk) -> None:
    always = partners.add_calendar(desk.cause(None), "Around the clock", cast.ALWAYS)
    organisation = queries.organisation()
    assert organisation is not None
    assert organisation.calendar == desk.house.calendar
    partners.choose_calendar(desk.cause(desk.house.vendor), always.pk)
    organisation = queries.organisation()
    assert organisation is not None
    assert organisation.calendar == always


def test_pages_list_versions_newest_first(desk: Desk) -> None:
    change_plan(desk, SATURDAY, price_kopecks=200_00)
    (plan,) = queries.plans()
    assert [row.effective_on for row in plan.versions.all()] == [SATURDAY, date(2026, 11, 20)]
    (calendar,) = queries.calendars()
    assert len(calendar.versions.all()) == 1


def test_the_services_hours_change_at_midnight_of_the_desk(desk: Desk) -> None:
    cause = desk.cause(desk.house.vendor)
    partners.add_calendar_version(cause, desk.house.calendar.pk, SATURDAY, cast.ALWAYS)
    before, after = moment("fri 23:59"), moment("sat 00:00")
    hours = queries.service_calendar(before)
    assert hours is not None and not hours.is_open(before)
    hours = queries.service_calendar(after)
    assert hours is not None and hours.is_open(after)
    with pytest.raises(queries.NoVersion):
        queries.service_calendar(before - timedelta(days=365))
    Organisation.objects.update(calendar=None)
    assert queries.service_calendar(after) is None
