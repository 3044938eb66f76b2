"""The weekly score follows from what was kept and from rulings, by the formula printed beside it
(specification 4, "From rule to ruling")."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from desk.journal import cause as causes
from desk.oversight.actions import rulings, scores
from desk.oversight.models import Verdict, WeekScore
from desk.oversight.queries import scores as queries
from desk.partners import actions as partners
from desk.partners.models import StaffRole
from desk.rules.lifecycle import Type
from desk.rules.standard.edition import Severity
from desk.tickets import actions as tickets
from desk.workdays import actions as workdays
from desk.workdays.models import Activity
from tests.channels import post
from tests.language import Desk
from tests.scenarios.violations import first_edition, violated


@pytest.fixture
def desk(db: None) -> Desk:
    """A desk under the first edition, on the Friday of the first week."""
    made = Desk.open()
    first_edition(made)
    return made


def counted(desk: Desk) -> WeekScore:
    return WeekScore.objects.get(person=desk.lead, week_on=queries.monday(desk.now) - queries.WEEK)


def test_a_week_is_from_monday_to_monday_where_the_desk_is(desk: Desk) -> None:
    since_at, until_at = queries.span(queries.monday(desk.now))
    assert [f"{at:%a %H:%M}" for at in (since_at, until_at)] == ["Sun 22:00", "Sun 22:00"]
    assert until_at - since_at == timedelta(days=7)


def test_what_was_kept_is_counted_once_the_week_is_over(desk: Desk) -> None:
    ticket = post.accepted(desk)
    lead = desk.cause(desk.lead)
    tickets.start(lead, ticket.pk)
    workdays.start(lead, desk.lead.pk, Activity.WORK, f"{ticket.key}/part:1")
    assert queries.weeks(desk.lead.pk, desk.now)[0].tenths is None
    desk.at("mon 00:30")
    people = len(queries.specialists(*queries.span(queries.monday(desk.now) - queries.WEEK)))
    assert scores.count_week(desk.now) >= people
    row = counted(desk)
    # The acceptance, and that it was complete.
    assert row.kept["major"] >= 1 and row.kept["minor"] >= 1
    before = dict(row.kept)
    desk.later(days=1)
    assert scores.count_week(desk.now) == 0
    row.refresh_from_db()
    assert row.kept == before


def test_what_falls_due_after_the_week_is_of_the_next(desk: Desk) -> None:
    desk.at("fri 17:55")
    ticket = post.submitted(desk)
    desk.at("mon 09:05")
    accepting = tickets.Accepting(type=Type.BUG, message="I look at it at once.")
    tickets.accept(desk.cause(desk.lead), ticket.pk, accepting)
    first = queries.kept([desk.lead.pk], queries.monday(desk.now) - queries.WEEK)
    second = queries.kept([desk.lead.pk], queries.monday(desk.now))
    assert first[desk.lead.pk][Severity.MAJOR] < second[desk.lead.pk][Severity.MAJOR]


def test_the_score_changes_with_each_ruling(desk: Desk) -> None:
    rows = [violated(desk, severity=severity) for severity in ("major", "major", "critical")]
    violated(desk, excuse="absence")
    desk.at("mon 10:00")
    scores.count_week(desk.now)
    WeekScore.objects.filter(person=desk.lead).update(kept={"major": 9, "minor": 10})

    def last() -> tuple[int | None, int]:
        week = queries.weeks(desk.lead.pk, desk.now)[1]
        return week.tenths, week.waiting

    assert last() == (1000, 3)
    for row, verdict in zip(rows, Verdict, strict=True):
        cause = desk.cause(desk.house.administrator)
        rulings.rule_violation(cause, row.pk, verdict, "So it was.")
    # 120 of 130: one major one was upheld, the others count in neither.
    assert last() == (923, 0)
    counts = queries.weeks(desk.lead.pk, desk.now)[1].counts
    assert (counts[Severity.MAJOR].upheld, counts[Severity.MAJOR].excused) == (1, 2)
    assert counts[Severity.CRITICAL].excused == 1


def test_a_week_without_anything_owed_has_no_score(desk: Desk) -> None:
    week = queries.weeks(desk.cover.pk, desk.now)[5]
    assert (week.tenths, week.is_empty) == (None, True)


def test_who_is_a_specialist_no_more_is_counted_for_the_time_before(desk: Desk) -> None:
    setup = causes.system(desk.now)
    gone = partners.add_person(setup, "gone@people.example", partners.Card(name="Hanna"))
    partners.appoint(setup, gone.pk, StaffRole.SPECIALIST)
    desk.later(hours=3)
    partners.dismiss(causes.system(desk.now), gone.pk, StaffRole.SPECIALIST)
    desk.at("mon 10:00")
    scores.count_week(desk.now)
    assert WeekScore.objects.filter(person=gone).count() == 1
    desk.later(days=7)
    scores.count_week(desk.now)
    assert WeekScore.objects.filter(person=gone).count() == 1


def test_the_scores_of_many_cost_as_much_as_of_one(desk: Desk) -> None:
    people = [desk.lead.pk, desk.cover.pk]
    costs = []
    for some in (people[:1], people):
        with CaptureQueriesContext(
            connection,
        ) as caught:
            queries.weeks_of(some, desk.now)
        costs.append(len(caught))
    assert costs[0] == costs[1]
