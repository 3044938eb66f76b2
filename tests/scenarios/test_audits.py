"""Audits: drawn so that nobody is skipped, taken by who had no part, answered blindly, owed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.journal.models import Entry
from desk.oversight.actions import audits, control, editions
from desk.oversight.actions.audits import AnswersIncomplete, AuditRefused, Given
from desk.oversight.models import Audit, Edition, Violation
from desk.oversight.queries import owed_audits
from desk.partners.models import Person
from desk.rules.standard import audits as rules
from desk.tickets import actions
from desk.tickets.models import Ticket
from tests.language import Desk
from tests.scenarios import standard
from tests.scenarios.tickets import buys, in_work, is_away, resolved

WHOLE = audits.Answers(
    {
        "solution": Given("yes"),
        "shortest": Given("no", "A filter would have done."),
        "message": Given("yes"),
        "dossier": Given("none"),
        "charge": Given("yes"),
    },
    "Well done all in all.",
)


@pytest.fixture
def edition(desk: Desk) -> Edition:
    """The shipped edition with its questions, in force for a fortnight."""
    since_at = desk.now - timedelta(days=14)
    return standard.publishes(since_at, content=editions.first_content())


def week_of_work(desk: Desk, count: int) -> list[Ticket]:
    """So many simple tickets, resolved on a Friday; then it is Monday morning."""
    buys(desk, count)
    found = [resolved(desk, in_work(desk)) for _ in range(count)]
    desk.at("mon 08:30")
    return found


def taken(desk: Desk, row: Audit, person: Person) -> Audit:
    return audits.take_audit(desk.cause(person, "control", desk.key()), row.pk)


def answered(desk: Desk, row: Audit, person: Person) -> Audit:
    taken(desk, row, person)
    return audits.answer_audit(desk.cause(person, "control", desk.key()), row.pk, WHOLE)


def test_a_week_is_drawn_once_and_can_be_drawn_again(desk: Desk, edition: Edition) -> None:
    tickets = week_of_work(desk, 21)
    written = audits.draw_audits(desk.now)
    assert written == 3, "two of 21, and one of them twice"
    assert audits.draw_audits(desk.now) == 0
    first = Audit.objects.filter(first=None)
    assert {row.person for row in first} == {desk.lead}
    assert {row.ticket_id for row in first} <= {ticket.pk for ticket in tickets}
    [entry] = Entry.objects.filter(verb="draw_audits", subject="audits:2026-11-23")
    told = entry.facts
    from_which = {int(person): each for person, each in told["from"].items()}
    again = rules.draw(told["seed"], from_which, told["share_percent"], frozenset())
    assert again == told["drawn"] == sorted(again, key=again.index)
    assert rules.twice(told["seed"], again, audits.TWICE_PERCENT) == told["twice"]
    due = {row.due_at.isoformat() for row in Audit.objects.all()}
    assert due == {"2026-12-04T16:00:00+00:00"}, "the fifth working day after the week"


def test_nothing_is_drawn_before_an_edition_or_of_a_week_that_runs(desk: Desk) -> None:
    week_of_work(desk, 1)
    assert audits.draw_audits(desk.now) == 0
    assert not Entry.objects.filter(verb="draw_audits").exists()


def test_a_week_without_results_is_drawn_from_nothing(desk: Desk, edition: Edition) -> None:
    desk.at("mon 08:30")
    assert audits.draw_audits(desk.now) == 0
    assert Entry.objects.filter(verb="draw_audits").exists(), "and it is on record that it was"


def test_whoever_had_a_part_does_not_audit(desk: Desk, edition: Edition) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    administrator = desk.house.administrator
    actions.note(desk.cause(administrator, "control"), ticket.pk, "Look at the filter.")
    resolved(desk, ticket)
    desk.at("mon 08:30")
    audits.draw_audits(desk.now)
    [row] = Audit.objects.all()
    with pytest.raises(AuditRefused, match="involved"):
        taken(desk, row, administrator)
    with pytest.raises(AuditRefused, match="role"):
        taken(desk, row, desk.lead)
    assert taken(desk, row, desk.house.second_administrator).auditor_id is not None


def test_two_halves_are_audited_by_two(desk: Desk, edition: Edition) -> None:
    week_of_work(desk, 1)
    audits.draw_audits(desk.now)
    first, second = Audit.objects.order_by("id")
    assert second.first == first
    one, other = desk.house.administrator, desk.house.second_administrator
    answered(desk, first, one)
    with pytest.raises(AuditRefused, match="twice"):
        taken(desk, second, one)
    answered(desk, second, other)
    with pytest.raises(AuditRefused, match="done"):
        answered(desk, second, other)
    noted = list(Entry.objects.filter(verb="answer_audit").values_list("facts", flat=True))
    assert all(set(one) == {"audit", "ticket_id", "person"} for one in noted), "blind for others"


def test_every_question_is_answered_and_a_no_says_why(desk: Desk, edition: Edition) -> None:
    week_of_work(desk, 1)
    audits.draw_audits(desk.now)
    row = Audit.objects.order_by("id")[0]
    cause = desk.cause(desk.house.administrator, "control", desk.key())
    with pytest.raises(AuditRefused, match="not_taken"):
        audits.answer_audit(cause, row.pk, WHOLE)
    taken(desk, row, desk.house.administrator)
    lacking = audits.Answers({"solution": Given("no"), "message": Given("maybe")})
    with pytest.raises(AnswersIncomplete) as refused:
        audits.answer_audit(cause, row.pk, lacking)
    assert refused.value.missing == ("shortest", "message", "dossier", "charge")
    assert refused.value.unexplained == ("solution",)
    done = audits.answer_audit(cause, row.pk, WHOLE)
    assert audits.answer_audit(cause, row.pk, WHOLE) == done
    assert done.answers.count() == 5


def test_what_somebody_absent_took_is_taken_over(desk: Desk, edition: Edition) -> None:
    week_of_work(desk, 1)
    audits.draw_audits(desk.now)
    row = Audit.objects.order_by("id")[0]
    one, other = desk.house.administrator, desk.house.second_administrator
    taken(desk, row, one)
    with pytest.raises(AuditRefused, match="taken"):
        taken(desk, row, other)
    is_away(desk, one, days=1)
    assert taken(desk, row, other).owed_by == other


def test_what_is_not_audited_by_its_date_is_a_violation(desk: Desk, edition: Edition) -> None:
    week_of_work(desk, 1)
    audits.draw_audits(desk.now)
    first, second = Audit.objects.order_by("id")
    one, other = desk.house.administrator, desk.house.second_administrator
    answered(desk, second, other)
    desk.at("fri 18:01")
    control.look([one.pk, other.pk], desk.now)
    [found] = Violation.objects.filter(clause="8.2")
    assert (found.person, found.at) == (one, first.due_at)
    assert found.evidence == [f"audit:{first.pk}"]
    answered(desk, first, one)
    desk.later(days=2)
    control.look([one.pk, other.pk], desk.now)
    assert Violation.objects.filter(clause="8.2").count() == 1


def test_what_is_taken_too_late_stays_owed_by_who_was_on_duty(desk: Desk, edition: Edition) -> None:
    week_of_work(desk, 1)
    audits.draw_audits(desk.now)
    first, second = Audit.objects.order_by("id")
    one, other = desk.house.administrator, desk.house.second_administrator
    since_at = edition.drafted_at
    both = owed_audits.by_administrators([one.pk, other.pk], since_at, desk.now)
    assert {one: len(each) for one, each in both.items()} == {one.pk: 1, other.pk: 1}
    desk.at("fri 18:01")
    taken(desk, first, other)
    owed = owed_audits.by_administrators([one.pk, other.pk], since_at, desk.now)
    assert f"audit:{first.pk}" in [asked.key for asked in owed[one.pk]]
    assert [asked.key for asked in owed[other.pk]] == [f"audit:{second.pk}"]
