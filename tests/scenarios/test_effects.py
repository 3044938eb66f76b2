"""What came after an edition beside what was before it, and who has read it in time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.oversight.actions import editions
from desk.oversight.models import Edition, Ruling, Verdict, Violation
from desk.oversight.queries import coverage, effects, readers, shifts
from desk.oversight.queries import editions as queries
from desk.rules.standard.effect import Rate
from desk.tickets import actions
from desk.workdays import actions as workdays
from desk.workdays.models import AbsenceKind
from tests.channels import post
from tests.language import Desk
from tests.scenarios.test_control import SIMPLE
from tests.scenarios.tickets import buys


def published(desk: Desk, severity: str = "") -> Edition:
    """The next edition, in force from now; `severity` is that of clause 1.1 in it."""
    latest = queries.published().last()
    row = editions.draft(desk.cause(desk.house.vendor), "Next", latest.pk if latest else None)
    if severity:
        clauses = [
            {**one, "severity": severity} if one["number"] == "1.1" else one
            for one in row.content["clauses"]
        ]
        content = {**row.content, "clauses": clauses}
        editions.change(desk.cause(desk.house.vendor), row.pk, "Next", content)
    editions.review(desk.cause(desk.house.administrator), row.pk)
    return editions.publish(desk.cause(desk.house.vendor), row.pk, desk.now)


def violated(desk: Desk, edition: Edition, clause: str, count: int) -> list[Violation]:
    """So many violations of a clause by the lead, from now on."""
    rows = [
        Violation(
            key=f"{clause}:{desk.lead.pk}:{desk.now.isoformat()}:{number}",
            edition=edition,
            clause=clause,
            severity="minor",
            person=desk.lead,
            at=desk.now + timedelta(minutes=number),
            found_at=desk.now,
        )
        for number in range(count)
    ]
    return Violation.objects.bulk_create(rows)


def test_violations_are_counted_by_shift_in_equal_spans(desk: Desk) -> None:
    first = published(desk)
    violated(desk, first, "1.1", 8)
    violated(desk, first, "2.2", 12)
    desk.later(days=14)
    second = published(desk, severity="major")
    violated(desk, second, "1.1", 1)
    violated(desk, second, "2.2", 3)
    desk.later(days=15)
    found = effects.of(second, desk.now)
    assert found is not None
    assert found.after[1] - found.after[0] == timedelta(days=14)
    assert found.before == (first.effective_at, second.effective_at)
    assert found.violations is not None
    assert found.unchanged is not None
    # Ten working days of two specialists and two administrators.
    assert found.violations.before.shifts == 40
    assert (found.violations.before.count, found.violations.after.count) == (20, 4)
    assert found.violations.ratio == pytest.approx(0.2)
    assert found.violations.is_clear
    assert (found.unchanged.before.count, found.unchanged.after.count) == (12, 3)
    changes = {one.number: one.change for one in found.clauses}
    assert changes == {"1.1": "altered", "2.2": None}


def test_what_a_ruling_sets_aside_is_not_counted(desk: Desk) -> None:
    first = published(desk)
    rows = violated(desk, first, "1.1", 3)
    verdicts = (Verdict.EXCUSED, Verdict.RULE_WRONG, Verdict.UPHELD)
    for row, verdict in zip(rows, verdicts, strict=True):
        Ruling.objects.create(
            violation=row, by=desk.house.administrator, verdict=verdict, text="So.", at=desk.now
        )
    desk.later(days=7)
    second = published(desk)
    desk.later(days=7)
    found = effects.of(second, desk.now)
    assert found is not None
    assert found.violations is not None
    assert isinstance(found.violations.before, Rate)
    assert found.violations.before.count == 1


def test_before_the_first_edition_there_is_nothing_to_compare_with(desk: Desk) -> None:
    row = published(desk)
    assert effects.of(row, desk.now) is None
    desk.later(days=3)
    found = effects.of(row, desk.now)
    assert found is not None
    assert found.violations is None
    assert found.after[1] == desk.now


def test_times_are_working_times_of_what_ended_in_the_span(desk: Desk) -> None:
    buys(desk, 5)
    ticket = post.submitted(desk)
    desk.later(minutes=30)
    actions.accept(desk.cause(desk.lead, "workplace"), ticket.pk, SIMPLE)
    desk.at("mon 09:00")
    row = published(desk)
    desk.at("mon 10:00")
    other = post.submitted(desk)
    desk.later(minutes=10)
    actions.accept(desk.cause(desk.lead, "workplace"), other.pk, SIMPLE)
    desk.later(days=7)
    found = effects.of(row, desk.now)
    assert found is not None
    assert (found.acceptance.before.value, found.acceptance.after.value) == (1800.0, 600.0)
    assert found.acceptance.difference == -1200
    assert not found.acceptance.enough


def test_who_reads_an_edition_after_the_shift_has_begun_is_late(desk: Desk) -> None:
    desk.at("fri 19:00")
    row = editions.publish_first(desk.cause(desk.house.vendor), "First", desk.at("sat 00:00"))
    editions.acknowledge(desk.cause(desk.lead), row.pk)
    cause, since_at = desk.cause(desk.cover, "workplace"), desk.now
    until_at = desk.now + timedelta(days=4)
    workdays.note_absence(cause, desk.cover.pk, AbsenceKind.VACATION, since_at, until_at, "")
    monday = desk.at("mon 09:00")
    desk.later(hours=1)
    found = {one.person: one for one in readers.of(row, desk.now)}
    assert (found[desk.lead].first_shift_at, found[desk.lead].late) == (monday, False)
    assert (found[desk.cover].acknowledged_at, found[desk.cover].late) == (None, False)
    desk.at("wed 10:00")
    editions.acknowledge(desk.cause(desk.cover), row.pk)
    found = {one.person: one for one in readers.of(row, desk.now)}
    assert found[desk.cover].late
    assert readers.to_acknowledge(desk.cover.pk, desk.now) == []


def test_an_edition_far_ahead_is_not_asked_about_yet(desk: Desk) -> None:
    far = desk.now + timedelta(days=readers.COMING_DAYS + 1)
    editions.publish_first(desk.cause(desk.house.vendor), "First", far)
    assert readers.to_acknowledge(desk.lead.pk, desk.now) == []
    desk.later(days=2)
    [asked] = readers.to_acknowledge(desk.lead.pk, desk.now)
    assert asked.stage == "coming"


def test_shifts_leave_out_weekends_and_absences(desk: Desk) -> None:
    monday = desk.at("mon 00:00")
    hours = shifts.of([desk.lead.pk], monday)[desk.lead.pk]
    assert hours.count(monday, monday + timedelta(days=14)) == 10
    cause, until_at = desk.cause(desk.lead, "workplace"), monday + timedelta(days=2)
    workdays.note_absence(cause, desk.lead.pk, AbsenceKind.SICK, monday, until_at, "")
    hours = shifts.of([desk.lead.pk], monday)[desk.lead.pk]
    assert hours.count(monday, monday + timedelta(days=14)) == 8


def test_the_machines_share_of_what_went_otherwise(desk: Desk) -> None:
    row = published(desk)
    since_at = desk.now
    assert coverage.of_deviations(since_at, desk.now).share is None
    violated(desk, row, "1.1", 3)
    desk.later(hours=1)
    found = coverage.of_deviations(since_at, desk.now)
    assert (found.by_machine, found.whole, found.share) == (3, 3, 1.0)
