"""The timeline of a day: one line of intervals, the only record of work time (T3, T11, spec 4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from desk.journal import queries as journal
from desk.workdays import actions as workdays
from desk.workdays import queries
from desk.workdays.models import Activity, Interval
from tests.language import Desk, moment

TICKET, PART = "ticket:42", "ticket:42/part:3"


def starts(desk: Desk, activity: Activity = Activity.WORK, subject: str = TICKET) -> Interval:
    partner = desk.company.partner.pk if subject else None
    cause = desk.cause(desk.lead, "workplace")
    return workdays.start(cause, desk.lead.pk, activity, subject, partner).interval


def stops(desk: Desk) -> Interval | None:
    return workdays.stop(desk.cause(desk.lead, "workplace"), desk.lead.pk)


def span(since: str, until: str, subject: str = TICKET) -> workdays.Span:
    return workdays.Span(Activity.WORK, moment(since), moment(until), subject)


def enters(desk: Desk, since: str, until: str, key: str = "") -> Interval:
    cause = desk.cause(desk.lead, "workplace", key)
    return workdays.enter(cause, desk.lead.pk, span(since, until), "forgot to start")


def day(desk: Desk) -> list[tuple[str, str]]:
    """What is on record of the lead's Friday, as activity and length in minutes."""
    rows = queries.timeline(desk.lead.pk, moment("fri 00:00"), moment("sat 00:00"))
    return [
        (row.activity, str((row.until_at - row.since_at) // timedelta(minutes=1)))
        for row in rows
        if row.until_at and not row.struck_at
    ]


def test_starting_something_ends_what_ran(desk: Desk) -> None:
    first = starts(desk)
    at = desk.at("fri 09:40")
    begun = workdays.start(desk.cause(desk.lead), desk.lead.pk, Activity.BREAK)
    assert begun.ended == first
    first.refresh_from_db()
    assert (first.until_at, begun.interval.since_at) == (at, at)
    assert queries.running(desk.lead.pk) == begun.interval
    entry = journal.of(f"interval:{begun.interval.pk}").get()
    assert entry.facts["ended"] == first.pk


def test_at_most_one_runs_per_specialist(desk: Desk) -> None:
    """T11, and the database knows it."""
    starts(desk)
    with pytest.raises(IntegrityError, match="interval_one"), transaction.atomic():
        Interval.objects.create(
            person=desk.lead, activity="work", since_at=desk.now + timedelta(hours=1)
        )
    workdays.start(desk.cause(desk.cover), desk.cover.pk, Activity.WORK, TICKET)
    assert set(queries.running_among([desk.lead.pk, desk.cover.pk])) == {
        desk.lead.pk,
        desk.cover.pk,
    }
    assert len(queries.running_on(TICKET)) == 2
    assert queries.running_on("ticket:4") == []


def test_what_runs_already_goes_on(desk: Desk) -> None:
    first = starts(desk)
    desk.at("fri 09:20")
    again = workdays.start(
        desk.cause(desk.lead), desk.lead.pk, Activity.WORK, TICKET, desk.company.partner.pk
    )
    assert (again.interval, again.ended) == (first, None)
    other_cycle = workdays.start(
        desk.cause(desk.lead), desk.lead.pk, Activity.WORK, TICKET, desk.company.partner.pk, 2
    )
    assert other_cycle.ended == first


def test_stopping_twice_stops_once(desk: Desk) -> None:
    starts(desk)
    desk.at("fri 10:00")
    stopped = stops(desk)
    assert stopped is not None
    assert stopped.until_at == desk.now
    desk.at("fri 11:00")
    assert stops(desk) is None


def test_a_day_is_one_line(desk: Desk) -> None:
    for clock, activity in [
        ("09:00", Activity.PLANNING),
        ("09:10", Activity.WORK),
        ("10:30", Activity.BREAK),
        ("10:45", Activity.INTAKE),
        ("11:00", Activity.WORK),
        ("13:00", Activity.LUNCH),
    ]:
        desk.at(f"fri {clock}")
        starts(desk, activity, TICKET if activity == Activity.WORK else "")
    desk.at("fri 14:00")
    stops(desk)
    assert day(desk) == [
        ("planning", "10"),
        ("work", "80"),
        ("break", "15"),
        ("intake", "15"),
        ("work", "120"),
        ("lunch", "60"),
    ]
    assert queries.worked_seconds(TICKET, desk.now) == 200 * 60


def test_a_clock_a_moment_behind_makes_no_overlap(desk: Desk) -> None:
    """Two machines, one a little behind: the next row begins where the last one ended."""
    starts(desk)
    desk.at("fri 09:30")
    stopped = stops(desk)
    assert stopped is not None
    desk.now -= timedelta(milliseconds=40)
    assert starts(desk, subject=PART).since_at == stopped.until_at
    desk.now -= timedelta(seconds=1)
    again = stops(desk)
    assert again is not None
    assert again.until_at == again.since_at


def test_work_is_summed_over_sessions_people_and_parts(desk: Desk) -> None:
    """T3: what runs counts up to the moment asked for; other tickets do not."""
    starts(desk)
    desk.at("fri 09:20")
    starts(desk, subject=PART)
    workdays.start(desk.cause(desk.cover), desk.cover.pk, Activity.WORK, PART)
    desk.at("fri 09:30")
    starts(desk, subject="ticket:421")
    desk.at("fri 10:00")
    assert queries.worked_seconds(TICKET, desk.now) == (20 + 10 + 40) * 60
    assert queries.worked_seconds(PART, desk.now) == (10 + 40) * 60
    assert queries.worked_seconds(TICKET, moment("fri 09:10")) == 600
    assert queries.worked_seconds("ticket:4", desk.now) == 0
    assert queries.worked_by_subjects([TICKET, PART, "ticket:7"], desk.now) == {
        TICKET: 20 * 60,
        PART: 50 * 60,
        "ticket:7": 0,
    }


def test_each_cycle_has_its_own_sum(desk: Desk) -> None:
    starts(desk)
    desk.at("fri 09:30")
    workdays.start(desk.cause(desk.lead), desk.lead.pk, Activity.WORK, TICKET, None, 2)
    desk.at("fri 09:45")
    sums = [queries.worked_seconds(TICKET, desk.now, cycle) for cycle in (1, 2, None)]
    assert sums == [30 * 60, 15 * 60, 45 * 60]


def test_each_sum_is_one_query(
    desk: Desk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    starts(desk)
    with django_assert_num_queries(1):
        queries.worked_seconds(TICKET, desk.now)
    with django_assert_num_queries(1):
        queries.worked_by_subjects([TICKET, PART], desk.now)
    with django_assert_num_queries(1):
        queries.on_record(desk.company.partner.pk, moment("fri 00:00"), desk.now)


def test_a_manual_entry_is_marked_late(desk: Desk) -> None:
    desk.at("fri 12:00")
    row = enters(desk, "fri 09:00", "fri 09:50")
    assert (row.late, row.reason, row.entered_by) == (
        True,
        "forgot to start",
        f"person:{desk.lead.pk}",
    )
    assert queries.worked_seconds(TICKET, desk.now) == 50 * 60


def test_a_form_sent_twice_enters_once(desk: Desk) -> None:
    desk.at("fri 12:00")
    first = enters(desk, "fri 09:00", "fri 09:50", key="form-1")
    assert enters(desk, "fri 09:00", "fri 09:50", key="form-1") == first


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("fri 09:30", "fri 09:40"),
        ("fri 08:30", "fri 09:01"),
        ("fri 09:59", "fri 10:30"),
        ("fri 08:00", "fri 11:00"),
        ("fri 10:31", "fri 11:00"),
    ],
)
def test_entries_do_not_overlap(desk: Desk, since: str, until: str) -> None:
    """On record: 09:00–10:00, and something that runs since 10:30."""
    starts(desk)
    desk.at("fri 10:00")
    stops(desk)
    desk.at("fri 10:30")
    starts(desk)
    desk.at("fri 12:00")
    with pytest.raises(workdays.Overlaps):
        enters(desk, since, until)
    assert enters(desk, "fri 10:00", "fri 10:30").late


def test_the_future_is_not_on_record(desk: Desk) -> None:
    with pytest.raises(workdays.InFuture):
        enters(desk, "fri 08:30", "fri 09:01")
    assert enters(desk, "fri 08:30", "fri 09:00")


def test_an_entry_is_forward_and_not_longer_than_a_day_of_work(desk: Desk) -> None:
    desk.at("sat 09:00")
    for since, until in (("fri 10:00", "fri 10:00"), ("fri 10:00", "fri 09:00")):
        with pytest.raises(workdays.Backwards):
            enters(desk, since, until)
    with pytest.raises(workdays.TooLong) as refused:
        enters(desk, "fri 09:00", "fri 21:01")
    assert refused.value.hours_max == workdays.ENTRY_HOURS_MAX == 12
    assert enters(desk, "fri 09:00", "fri 21:00")


def test_a_correction_keeps_the_original_with_author_and_reason(desk: Desk) -> None:
    starts(desk)
    desk.at("fri 12:00")
    stops(desk)
    original = Interval.objects.get()
    cause = desk.cause(desk.house.administrator)
    fixed = workdays.correct(cause, original.pk, span("fri 09:00", "fri 09:40"), "left it running")
    original.refresh_from_db()
    assert (original.struck_at, original.struck_by, original.struck_reason) == (
        desk.now,
        f"person:{desk.house.administrator.pk}",
        "left it running",
    )
    assert original.until_at == moment("fri 12:00")
    assert (fixed.corrects, fixed.person, fixed.late) == (original, desk.lead, True)
    assert queries.worked_seconds(TICKET, desk.now) == 40 * 60
    kept = queries.timeline(desk.lead.pk, moment("fri 00:00"), moment("sat 00:00"))
    assert set(kept) == {original, fixed}


def test_what_runs_may_be_struck(desk: Desk) -> None:
    row = starts(desk)
    desk.at("fri 10:00")
    workdays.strike(desk.cause(desk.lead), row.pk, "started the wrong one")
    assert queries.running(desk.lead.pk) is None
    assert queries.worked_seconds(TICKET, desk.now) == 0
    with pytest.raises(workdays.AlreadyStruck):
        workdays.strike(desk.cause(desk.lead), row.pk, "again")


def test_nothing_is_struck_without_a_reason(desk: Desk) -> None:
    row = starts(desk)
    for reason in ("", "  ", "x" * 301):
        with pytest.raises(workdays.ReasonMissing):
            workdays.strike(desk.cause(desk.lead), row.pk, reason)


def test_a_correction_that_cannot_be_changes_nothing(desk: Desk) -> None:
    starts(desk)
    desk.at("fri 10:00")
    stops(desk)
    starts(desk, Activity.MEETING, "")
    desk.at("fri 11:00")
    row = Interval.objects.get(activity=Activity.WORK)
    with pytest.raises(workdays.Overlaps):
        workdays.correct(desk.cause(desk.lead), row.pk, span("fri 09:00", "fri 10:01"), "x")
    row.refresh_from_db()
    assert row.struck_at is None


def test_the_record_is_not_rewritten_or_deleted(desk: Desk) -> None:
    starts(desk)
    desk.at("fri 10:00")
    stops(desk)
    rows = Interval.objects.all()
    for change in (
        {"until_at": moment("fri 11:00")},
        {"since_at": moment("fri 08:00")},
        {"subject": "ticket:7"},
        {"until_at": None},
    ):
        with pytest.raises(IntegrityError, match="is on record"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(Exception, match="Cannot delete"), transaction.atomic():
        rows.delete()


def test_the_cabinet_reads_the_time_worked_on_each_ticket(desk: Desk) -> None:
    """Promise 5: per ticket and person, the latest first, nobody else's."""
    starts(desk)
    desk.at("fri 10:00")
    starts(desk, subject=PART)
    workdays.start(desk.cause(desk.cover), desk.cover.pk, Activity.WORK, "ticket:7", 999)
    desk.at("fri 10:30")
    stops(desk)
    starts(desk, Activity.BREAK, "")
    partner = desk.company.partner.pk
    record = queries.on_record(partner, moment("fri 09:30"), moment("sat 00:00"))
    assert [(row.subject, row.person, row.seconds) for row in record] == [
        (PART, "Olha Persha", 30 * 60),
        (TICKET, "Olha Persha", 30 * 60),
    ]
    assert (record[1].first_at, record[1].last_at) == (moment("fri 09:30"), moment("fri 10:00"))
