"""From rule to ruling: the specialist explains, an administrator who is not involved rules, once
(specification 4, clause 8.1)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from desk.channels import topics
from desk.journal.actions import KeyReused
from desk.journal.models import Entry
from desk.oversight.actions import editions, rulings
from desk.oversight.actions.refusals import NotToSay
from desk.oversight.models import Edition, Explanation, Ruling, Verdict, Violation
from desk.oversight.queries import duties, involved, owed, violations
from desk.oversight.queries.violations import Chosen, Standing
from desk.partners import actions as partners
from desk.partners.models import Person, StaffRole
from desk.rules.lifecycle import Type
from desk.tickets import actions as tickets
from desk.tickets.actions import Incomplete
from tests.channels import post
from tests.language import Desk, at_once, moment
from tests.scenarios import standard
from tests.scenarios.standard import ticks
from tests.scenarios.violations import first_edition, violated


def rule(desk: Desk, row: Violation, by: Person | None = None, verdict: str = "upheld") -> Ruling:
    cause = desk.cause(by or desk.house.administrator, "control")
    return rulings.rule_violation(cause, row.pk, verdict, "The partner waited for two hours.")


def why(error: pytest.ExceptionInfo[NotToSay]) -> str:
    return error.value.why


def test_the_specialist_explains_and_adds_to_it(desk: Desk) -> None:
    row = violated(desk)
    rulings.explain(desk.cause(desk.lead), row.pk, "The mail came in at night.")
    desk.later(minutes=5)
    rulings.explain(desk.cause(desk.lead), row.pk, "And I was on a call.")
    said = list(row.explanations.order_by("id").values_list("text", flat=True))
    assert said == ["The mail came in at night.", "And I was on a call."]
    assert Entry.objects.filter(verb="explain_violation").count() == 2


def test_nobody_explains_for_another(desk: Desk) -> None:
    row = violated(desk)
    for person in (desk.cover, desk.house.administrator, desk.owner):
        with pytest.raises(NotToSay) as refused:
            rulings.explain(desk.cause(person), row.pk, "It was not like that.")
        assert why(refused) == "not_yours"


def test_an_explanation_sent_twice_is_there_once(desk: Desk) -> None:
    row = violated(desk)
    cause = desk.cause(desk.lead, key="once")
    first = rulings.explain(cause, row.pk, "On a call.")
    assert rulings.explain(cause, row.pk, "On a call.") == first
    with pytest.raises(KeyReused):
        rulings.explain(cause, row.pk, "Something else.")
    assert Explanation.objects.count() == 1


@pytest.mark.parametrize("text", ["", "  \n", "x" * 5_000])
def test_an_explanation_says_something(desk: Desk, text: str) -> None:
    with pytest.raises(Incomplete):
        rulings.explain(desk.cause(desk.lead), violated(desk).pk, text)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_an_administrator_rules_in_text(desk: Desk, verdict: Verdict) -> None:
    row = violated(desk)
    ruling = rule(desk, row, verdict=verdict)
    assert (ruling.verdict, ruling.by) == (verdict, desk.house.administrator)
    entry = Entry.objects.get(verb="rule_violation")
    assert entry.subject == f"person:{desk.lead.pk}"
    with pytest.raises(NotToSay) as refused:
        rulings.explain(desk.cause(desk.lead), row.pk, "Too late.")
    assert why(refused) == "said"


def test_a_ruling_needs_a_verdict_and_words(desk: Desk) -> None:
    row = violated(desk)
    cause = desk.cause(desk.house.administrator)
    for verdict, text in (("guilty", "Because."), ("upheld", " ")):
        with pytest.raises(Incomplete):
            rulings.rule_violation(cause, row.pk, verdict, text)
    assert not Ruling.objects.exists()


def test_only_administrators_rule(desk: Desk) -> None:
    row = violated(desk)
    for person in (desk.lead, desk.cover, desk.house.vendor, desk.house.accountant, desk.owner):
        with pytest.raises(NotToSay) as refused:
            rule(desk, row, person)
        assert why(refused) == "not_administrator"


def test_nobody_rules_on_an_own_case(desk: Desk) -> None:
    row = violated(desk, desk.house.administrator, clause="8.1")
    with pytest.raises(NotToSay) as refused:
        rule(desk, row)
    assert why(refused) == "own"
    assert rule(desk, row, desk.house.second_administrator).by == desk.house.second_administrator


def test_the_database_forbids_a_ruling_on_an_own_case(desk: Desk) -> None:
    row = violated(desk, desk.house.administrator, clause="8.1")
    with pytest.raises(IntegrityError, match="own case"), transaction.atomic():
        Ruling.objects.create(
            violation=row, by=desk.house.administrator, verdict="excused", text="Fine.", at=desk.now
        )
    with pytest.raises(IntegrityError, match="not theirs"), transaction.atomic():
        Explanation.objects.create(violation=row, by=desk.lead, text="Fine.", at=desk.now)


def test_who_wrote_in_the_ticket_does_not_rule_on_it(desk: Desk) -> None:
    ticket = post.accepted(desk)
    row = violated(desk, ticket=ticket)
    tickets.note(desk.cause(desk.house.administrator), ticket.pk, "Look at the log.")
    with pytest.raises(NotToSay) as refused:
        rule(desk, row)
    assert why(refused) == "involved"
    assert rule(desk, row, desk.house.second_administrator)


def test_who_ruled_on_a_dispute_of_the_ticket_does_not_rule_on_its_violation(desk: Desk) -> None:
    ticket = post.accepted(desk)
    dispute = tickets.doubt(desk.cause(desk.member), ticket.pk, "Is this right?")
    ruling = tickets.Ruling(upheld=False, text="It is.", clause="2.1")
    tickets.rule(desk.cause(desk.house.administrator), dispute.pk, ruling)
    assert involved.is_involved(desk.house.administrator.pk, ticket.pk)
    with pytest.raises(NotToSay):
        rule(desk, violated(desk, ticket=ticket))


def test_who_executed_the_ticket_once_does_not_rule_on_it_as_administrator(desk: Desk) -> None:
    ticket = post.accepted(desk)
    tickets.hand_over(desk.cause(desk.lead), ticket.pk, desk.cover.pk, "He knows it better.")
    found = involved.of_tickets([ticket.pk], [desk.lead.pk, desk.cover.pk, desk.house.vendor.pk])
    assert found == {ticket.pk: {desk.lead.pk, desk.cover.pk}}


def test_what_a_rule_excused_needs_no_word(desk: Desk) -> None:
    row = violated(desk, excuse="outage")
    with pytest.raises(NotToSay) as refused:
        rule(desk, row)
    assert why(refused) == "by_itself"
    with pytest.raises(NotToSay) as refused:
        rulings.explain(desk.cause(desk.lead), row.pk, "We were out.")
    assert why(refused) == "by_itself"


def test_a_ruling_is_given_once_and_the_second_hears_by_whom(desk: Desk) -> None:
    row = violated(desk)
    cause = desk.cause(desk.house.administrator, key="once")
    first = rulings.rule_violation(cause, row.pk, "excused", "She was asked to wait.")
    assert rulings.rule_violation(cause, row.pk, "excused", "She was asked to wait.") == first
    with pytest.raises(NotToSay) as refused:
        rule(desk, row, desk.house.second_administrator)
    assert (why(refused), refused.value.by_id) == ("said", desk.house.administrator.pk)


def test_colleagues_hear_of_no_violation_and_no_ruling(desk: Desk) -> None:
    row = violated(desk)
    rulings.explain(desk.cause(desk.lead), row.pk, "On a call.")
    rule(desk, row)
    for entry in Entry.objects.filter(verb__in=("explain_violation", "rule_violation")):
        told = topics.of(entry)
        assert told[:2] == [f"person:{desk.lead.pk}", "role:administrator"]
        assert not {"staff", f"person:{desk.cover.pk}"} & set(told)
    post.relayed(desk.now)
    assert "rule_violation" in post.told(desk.lead)
    assert "rule_violation" not in post.told(desk.cover)


def test_a_ruling_is_owed_by_the_end_of_the_next_working_day(desk: Desk) -> None:
    first_edition(desk)
    row = violated(desk)
    excused = violated(desk, excuse="absence")
    admin = desk.house.administrator
    [asked] = owed.by_administrators([admin.pk], desk.now - timedelta(days=4), desk.now)[admin.pk]
    assert (asked.key, asked.since_at) == (f"violation:{row.pk}", row.found_at)
    assert asked.due_at == moment("mon 18:00", desk.now)
    assert violations.due_of(row, desk.now) == asked.due_at
    assert violations.due_of(excused, desk.now) is None
    desk.later(hours=1)
    rule(desk, row)
    [asked] = owed.by_administrators([admin.pk], desk.now - timedelta(days=4), desk.now)[admin.pk]
    assert asked.met_at == desk.now


def later_edition(effective_at: datetime, days: int, number: int = 2) -> Edition:
    """The shipped edition with so many working days to a ruling."""
    content = json.loads(json.dumps(editions.first_content()))
    [clause] = [one for one in content["clauses"] if one["number"] == "8.1"]
    clause["rules"] = [{"kind": "ruled_in_time", "parameters": {"violation_days": days}}]
    return standard.publishes(effective_at, number=number, content=content)


def test_the_limit_is_that_of_the_edition_in_force_when_it_was_found(desk: Desk) -> None:
    before = violated(desk)
    later_edition(desk.now + timedelta(hours=1), 3)
    desk.later(hours=2)
    after = violated(desk)
    dues = {before.pk: moment("mon 18:00", desk.now), after.pk: moment("wed 18:00", desk.now)}
    assert {row.pk: violations.due_of(row, desk.now) for row in (before, after)} == dues
    page = violations.page(Chosen(), desk.house.administrator, desk.now)
    assert {one.violation.pk: one.due_at for one in page.lines} == dues
    both = [desk.house.administrator.pk, desk.house.second_administrator.pk]
    since_at = moment("tue 12:00", desk.now)
    desk.at("thu 10:00")
    still = [one.violation.pk for one in violations.to_rule(since_at, desk.now)]
    assert still == [after.pk]
    found = owed.by_administrators(both, since_at, desk.now)
    assert [(one.due_at, one.in_days) for each in found.values() for one in each] == [
        (dues[after.pk], True)
    ]


def test_what_control_finds_late_is_by_the_same_limit(desk: Desk) -> None:
    first_edition(desk)
    later_edition(desk.now, 2)
    row = violated(desk)
    due_at = moment("tue 18:00", desk.now)
    ticks(desk, "wed 12:00", timedelta(hours=6))
    rows = Violation.objects.filter(key__endswith=f":violation:{row.pk}")
    assert [(one.clause, one.at) for one in rows] == [("8.1", due_at)]


def test_who_is_involved_owes_no_ruling(desk: Desk) -> None:
    ticket = post.accepted(desk)
    tickets.note(desk.cause(desk.house.administrator), ticket.pk, "Look at the log.")
    desk.later(minutes=1)
    row = violated(desk, ticket=ticket)
    both = [desk.house.administrator.pk, desk.house.second_administrator.pk]
    desk.later(minutes=1)
    found = owed.by_administrators(both, desk.now - timedelta(days=4), desk.now)
    assert {person: [one.key for one in asked] for person, asked in found.items()} == {
        desk.house.second_administrator.pk: [f"violation:{row.pk}"]
    }


def test_who_stepped_in_after_the_limit_still_owed_it(desk: Desk) -> None:
    ticket = post.accepted(desk)
    row = violated(desk, ticket=ticket)
    desk.at("tue 10:00")
    tickets.note(desk.cause(desk.house.administrator), ticket.pk, "Look at the log.")
    admin = desk.house.administrator.pk
    found = owed.by_administrators([admin], row.found_at - timedelta(days=1), desk.now)
    assert [one.key for one in found[admin]] == [f"violation:{row.pk}"]


def test_what_waits_is_read_once_for_the_list_and_for_who_owes_it(desk: Desk) -> None:
    row, admin = violated(desk), desk.house.administrator
    [duty] = duties.waiting(admin.pk, desk.now)
    assert (duty.id, duty.mine, duty.kind) == (row.pk, True, duties.Kind.VIOLATION)
    with CaptureQueriesContext(connection) as caught:
        duties.waiting(admin.pk, desk.now)
    reads = [one["sql"] for one in caught if "oversight_ruling" in one["sql"]]
    assert len(reads) == 1, reads


class TestLists:
    def page(self, desk: Desk, chosen: Chosen) -> list[int]:
        found = violations.page(chosen, desk.house.administrator, desk.now)
        return [one.violation.pk for one in found.lines]

    def test_what_is_due_first_stands_first(self, desk: Desk) -> None:
        first = violated(desk)
        desk.later(hours=1)
        second = violated(desk, desk.cover, clause="1.1", severity="minor")
        violated(desk, excuse="bug")
        assert self.page(desk, Chosen()) == [first.pk, second.pk]
        assert self.page(desk, Chosen(clause="1.1")) == [second.pk]
        assert self.page(desk, Chosen(severity="major")) == [first.pk]
        assert self.page(desk, Chosen(person_id=desk.cover.pk)) == [second.pk]

    def test_what_was_found_later_and_is_due_sooner_stands_above(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(violations, "PAGE", 1)
        later_edition(desk.now - timedelta(minutes=1), 3)
        slow = violated(desk)
        later_edition(desk.now + timedelta(minutes=1), 1, number=3)
        desk.later(minutes=2)
        soon = violated(desk)
        due = {row: violations.due_of(row, desk.now) or desk.now for row in (soon, slow)}
        assert due[soon] < due[slow]
        assert self.page(desk, Chosen()) == [soon.pk]
        assert self.page(desk, Chosen(after=soon.pk)) == [slow.pk]
        assert self.page(desk, Chosen(after=slow.pk)) == []

    def test_explained_ruled_and_excused_ones_have_lists_of_their_own(self, desk: Desk) -> None:
        explained, ruled = violated(desk), violated(desk)
        excused = violated(desk, excuse="bug")
        rulings.explain(desk.cause(desk.lead), explained.pk, "On a call.")
        rule(desk, ruled)
        assert self.page(desk, Chosen(Standing.EXPLAINED)) == [explained.pk]
        assert self.page(desk, Chosen(Standing.RULED)) == [ruled.pk]
        assert self.page(desk, Chosen(Standing.BY_ITSELF)) == [excused.pk]
        assert violations.waiting_count() == 1

    def test_pages_go_on_where_the_last_one_ended(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(violations, "PAGE", 2)
        rows = [violated(desk).pk for _ in range(5)]
        seen: list[int] = []
        after: int | None = None
        for _ in range(3):
            page = violations.page(Chosen(after=after), desk.house.administrator, desk.now)
            seen += [one.violation.pk for one in page.lines]
            after = page.after
        assert (seen, after) == (rows, None)

    def test_rules_that_were_wrong_are_listed_by_clause(self, desk: Desk) -> None:
        first, second = violated(desk, clause="1.2"), violated(desk, clause="3.1")
        rule(desk, violated(desk))
        rule(desk, first, verdict="rule_wrong")
        rule(desk, second, verdict="rule_wrong")
        found = violations.rule_wrong()
        assert [(one.clause, [row.pk for row in one.violations]) for one in found] == [
            ("1.2", [first.pk]),
            ("3.1", [second.pk]),
        ]
        assert violations.rule_wrong(first.edition_id + 1) == []


@pytest.mark.usefixtures("committed")
def test_of_two_administrators_at_once_one_is_first() -> None:
    desk = Desk.open()
    row = violated(desk)
    house = desk.house
    outcomes = at_once(
        lambda: rule(desk, row, house.administrator),
        lambda: rule(desk, row, house.second_administrator),
    )
    refused = [one for one in outcomes if isinstance(one, NotToSay)]
    given = [one for one in outcomes if isinstance(one, Ruling)]
    assert len(refused) == len(given) == 1
    assert refused[0].by_id == given[0].by_id


def test_roles_may_change_but_a_specialist_never_rules(desk: Desk) -> None:
    row = violated(desk, desk.cover)
    fresh = partners.add_person(desk.cause(None), "new@people.example", partners.Card(name="Nova"))
    partners.appoint(desk.cause(None), fresh.pk, StaffRole.SPECIALIST)
    with pytest.raises(NotToSay):
        rule(desk, row, fresh)


def test_an_acceptance_by_a_colleague_is_no_part_of_the_administrators(desk: Desk) -> None:
    ticket = post.submitted(desk)
    accepting = tickets.Accepting(type=Type.BUG, message="I look at it at once.")
    tickets.accept(desk.cause(desk.lead), ticket.pk, accepting)
    assert not involved.is_involved(desk.house.administrator.pk, ticket.pk)


def test_a_missing_ruling_makes_no_chain_of_missing_rulings(desk: Desk) -> None:
    first = violated(desk)
    admin = desk.house.administrator
    late = violated(desk, admin, clause="8.1")
    Violation.objects.create(
        key=f"8.1:{admin.pk}:violation:{first.pk}",
        edition=late.edition,
        clause="8.1",
        severity="major",
        person=admin,
        at=desk.now,
        found_at=desk.now,
    )
    both = [admin.pk, desk.house.second_administrator.pk]
    found = owed.by_administrators(both, desk.now - timedelta(days=4), desk.now)
    keys = sorted(one.key for asked in found.values() for one in asked)
    assert keys == [f"violation:{first.pk}", f"violation:{late.pk}"]
    assert violations.waiting_count() == 3
