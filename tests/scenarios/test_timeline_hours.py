"""Hours, absences, and who therefore gets a new ticket (T9, T11, specification 4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from desk.journal import queries as journal
from desk.journal.actions import KeyReused
from desk.partners import actions as partners
from desk.partners.models import AssignmentRole, Person
from desk.rules.worktime import CalendarError
from desk.workdays import actions as workdays
from desk.workdays import queries
from desk.workdays.models import Absence, AbsenceKind
from tests import cast
from tests.language import Desk, moment

EARLY: dict[str, Any] = cast.KYIV | {"week": {"fri": [["07:00", "11:00"], ["11:30", "15:30"]]}}
NIGHT: dict[str, Any] = cast.KYIV | {
    "week": {"fri": [["22:00", "24:00"]], "sat": [["00:00", "06:00"]]}
}
FRIDAY = date(2026, 11, 27)


def away(desk: Desk, who: Person, since: str, until: str) -> Absence:
    since_at = moment(since)
    cause, until_at = desk.cause(who), moment(until, since_at)
    return workdays.note_absence(cause, who.pk, AbsenceKind.SICK, since_at, until_at, "flu")


def executor(desk: Desk, at: str = "") -> Person | None:
    return queries.executor_for(desk.company.project.pk, moment(at) if at else desk.now)


def test_a_new_ticket_goes_to_the_lead(desk: Desk) -> None:
    assert executor(desk) == desk.lead


def test_when_the_lead_is_away_it_goes_to_the_cover(desk: Desk) -> None:
    """Away at that instant: the span is half-open."""
    away(desk, desk.lead, "fri 10:00", "fri 14:00")
    found = [executor(desk, at) for at in ("fri 09:59", "fri 10:00", "fri 13:59", "fri 14:00")]
    assert found == [desk.lead, desk.cover, desk.cover, desk.lead]


def test_when_both_are_away_it_goes_to_the_administrators(desk: Desk) -> None:
    away(desk, desk.lead, "fri 10:00", "mon 09:00")
    away(desk, desk.cover, "fri 12:00", "fri 13:00")
    found = [executor(desk, at) for at in ("fri 11:59", "fri 12:00", "fri 13:00")]
    assert found == [desk.cover, None, desk.cover]


def test_an_evening_or_a_lunch_is_no_absence(desk: Desk) -> None:
    """The personal manager stays personal: the acceptance clock waits for the morning anyway."""
    assert executor(desk, "fri 13:30") == executor(desk, "2026-11-29 03:00") == desk.lead


def test_without_a_lead_the_cover_gets_it(desk: Desk) -> None:
    project = desk.company.project.pk
    partners.unassign(desk.cause(None), project, AssignmentRole.LEAD)
    desk.later(minutes=1)
    assert executor(desk) == desk.cover
    partners.unassign(desk.cause(None), project, AssignmentRole.COVER)
    desk.later(minutes=1)
    assert executor(desk) is None


def test_a_withdrawn_absence_counts_no_more_and_stays_on_record(desk: Desk) -> None:
    row = away(desk, desk.lead, "fri 09:00", "fri 18:00")
    assert queries.away(desk.lead.pk, desk.now)
    workdays.withdraw_absence(desk.cause(desk.lead), row.pk)
    assert executor(desk) == desk.lead
    assert [absence.withdrawn_at for absence in queries.absences_of(desk.lead.pk)] == [desk.now]
    again = away(desk, desk.lead, "fri 10:00", "fri 12:00")
    assert again.withdrawn_at is None


@pytest.mark.parametrize(
    ("since", "until"),
    [("fri 08:00", "fri 09:01"), ("fri 17:59", "mon 09:00"), ("fri 10:00", "fri 11:00")],
)
def test_absences_of_one_person_do_not_overlap(desk: Desk, since: str, until: str) -> None:
    away(desk, desk.lead, "fri 09:00", "fri 18:00")
    until_at = moment(until, moment(since))
    with pytest.raises(workdays.Overlaps) as refused:
        workdays.note_absence(
            desk.cause(None), desk.lead.pk, AbsenceKind.VACATION, moment(since), until_at
        )
    assert refused.value.since_at == moment("fri 09:00")
    with pytest.raises(IntegrityError, match="absence_one_at_a_time"), transaction.atomic():
        Absence.objects.create(
            person=desk.lead,
            kind="other",
            since_at=moment(since),
            until_at=until_at,
            noted_at=desk.now,
        )
    away(desk, desk.cover, "fri 09:00", "fri 18:00")
    away(desk, desk.lead, "fri 18:00", "fri 19:00")


def test_an_absence_goes_forward_and_ends(desk: Desk) -> None:
    with pytest.raises(workdays.Backwards):
        away(desk, desk.lead, "fri 10:00", "fri 10:00")
    with pytest.raises(workdays.TooLong):
        workdays.note_absence(
            desk.cause(None),
            desk.lead.pk,
            AbsenceKind.OTHER,
            desk.now,
            desk.now + timedelta(days=401),
        )


def test_the_note_of_an_absence_stays_out_of_the_journal(desk: Desk) -> None:
    row = away(desk, desk.lead, "fri 10:00", "fri 12:00")
    entry = journal.of(f"absence:{row.pk}").get()
    assert entry.facts == {
        "person": desk.lead.pk,
        "since_at": row.since_at.isoformat(),
        "until_at": row.until_at.isoformat(),
    }


def test_an_absence_sent_twice_is_there_once(desk: Desk) -> None:
    since_at = moment("mon 09:00")
    cause, kind = desk.cause(desk.lead, key="once"), AbsenceKind.SICK
    span = since_at, since_at + timedelta(days=1)
    first = workdays.note_absence(cause, desk.lead.pk, kind, *span)
    assert workdays.note_absence(cause, desk.lead.pk, kind, *span) == first
    with pytest.raises(KeyReused):
        workdays.note_absence(cause, desk.lead.pk, AbsenceKind.VACATION, *span)
    assert Absence.objects.count() == 1


def test_an_absence_that_has_begun_is_handed_over_once(desk: Desk) -> None:
    """T9: the watcher asks which absences began, and marks them."""
    row = away(desk, desk.lead, "fri 10:00", "fri 14:00")
    assert list(queries.absences_begun(moment("fri 09:59"))) == []
    assert list(queries.absences_begun(moment("fri 10:00"))) == [row]
    desk.at("fri 10:00")
    workdays.hand_over_absence(desk.cause(None), row.pk)
    workdays.hand_over_absence(desk.cause(None), row.pk)
    assert list(queries.absences_begun(moment("fri 11:00"))) == []
    assert journal.of(f"absence:{row.pk}").filter(verb="hand_over_absence").count() == 1


def test_calendars_of_absence_are_one_query(desk: Desk) -> None:
    away(desk, desk.lead, "fri 10:00", "fri 14:00")
    away(desk, desk.cover, "fri 16:00", "fri 18:00")
    rows = queries.absences_between(moment("fri 12:00"), moment("fri 16:00"))
    assert [row.person.name for row in rows] == ["Olha Persha"]


def test_without_hours_of_their_own_people_work_by_the_service_calendar(desk: Desk) -> None:
    windows = queries.working_hours(desk.lead.pk, FRIDAY)
    assert windows == (
        (moment("fri 09:00"), moment("fri 13:00")),
        (moment("fri 14:00"), moment("fri 18:00")),
    )


def test_own_hours_are_in_force_from_their_date(desk: Desk) -> None:
    workdays.set_schedule(desk.cause(desk.house.vendor), desk.lead.pk, FRIDAY, EARLY)
    assert queries.working_hours(desk.lead.pk, FRIDAY)[0][0] == moment("fri 07:00")
    thursday = date(2026, 11, 26)
    assert queries.working_hours(desk.lead.pk, thursday)[0][0] == moment("thu 09:00")
    assert queries.working_hours(desk.cover.pk, FRIDAY)[0][0] == moment("fri 09:00")


def test_hours_in_force_are_not_rewritten(desk: Desk) -> None:
    workdays.set_schedule(desk.cause(None), desk.lead.pk, FRIDAY, EARLY)
    with pytest.raises(workdays.InForce) as refused:
        workdays.set_schedule(desk.cause(None), desk.lead.pk, FRIDAY, cast.KYIV)
    assert refused.value.earliest_on == date(2026, 11, 28)
    with pytest.raises(workdays.InForce):
        workdays.set_schedule(desk.cause(None), desk.lead.pk, date(2026, 11, 26), cast.KYIV)
    with pytest.raises(CalendarError):
        workdays.set_schedule(
            desk.cause(None), desk.lead.pk, date(2026, 11, 30), {"timezone": "X", "week": {}}
        )


def test_a_shift_ends_after_its_last_window(desk: Desk) -> None:
    """T11: lunch is inside the shift, a weekend is not."""
    workdays.set_schedule(desk.cause(None), desk.cover.pk, FRIDAY, NIGHT)
    ends = [queries.shift_end(desk.lead.pk, moment(f"fri {clock}")) for clock in ("09:00", "13:30")]
    assert ends == [moment("fri 18:00")] * 2
    for outside in ("fri 08:59", "fri 18:00", "sat 12:00"):
        assert queries.shift_end(desk.lead.pk, moment(outside)) is None


def test_a_shift_may_go_on_past_midnight(desk: Desk) -> None:
    workdays.set_schedule(desk.cause(None), desk.lead.pk, FRIDAY, NIGHT)
    end = moment("2026-11-28 06:00")
    assert queries.shift_end(desk.lead.pk, moment("fri 23:00")) == end
    assert queries.shift_end(desk.lead.pk, moment("2026-11-28 01:00")) == end
    assert queries.shift_end(desk.lead.pk, end) is None


def test_hours_around_the_clock_have_no_shift_to_end(desk: Desk) -> None:
    workdays.set_schedule(desk.cause(None), desk.lead.pk, FRIDAY, cast.ALWAYS)
    assert queries.shift_end(desk.lead.pk, moment("fri 12:00")) is None


def test_who_is_available_is_inside_their_hours_and_not_away(desk: Desk) -> None:
    away(desk, desk.lead, "fri 15:00", "fri 16:00")
    found = [
        queries.available(desk.lead.pk, moment(f"fri {clock}"))
        for clock in ("08:59", "09:00", "13:00", "15:00", "16:00", "18:00")
    ]
    assert found == [False, True, False, False, True, False]
