"""A partner's complaint goes to the administrators, never to whom it is about; it has a clock of
its own and ends with an answer; bad work is redone free (specification 4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from desk.channels import topics
from desk.deposits import queries as deposits
from desk.journal.actions import KeyReused
from desk.journal.models import Entry
from desk.oversight.actions import complaints
from desk.oversight.actions.complaints import Answering, Complaining
from desk.oversight.actions.refusals import NotToSay
from desk.oversight.models import Complaint
from desk.oversight.queries import complaints as queries
from desk.oversight.queries import owed
from desk.partners.models import Person
from desk.rules.lifecycle import NotAllowed, State, Type
from desk.tickets import actions as tickets
from desk.tickets import queries as ticket_queries
from desk.tickets.actions import Incomplete
from desk.tickets.models import Promise, Ticket
from tests import cast
from tests.channels import post
from tests.language import OPENED, Desk, at_once, moment
from tests.scenarios.tickets import buys, delivers, fresh, in_work, resolved
from tests.scenarios.violations import first_edition

TEXT = "She told us to wait and never came back."
UPHELD = Answering(upheld=True, answer="You are right, we were late.", clause="3.1")
REDONE = Answering(upheld=True, answer="The sum is wrong, do it anew.", clause="6.1", redone=True)


@pytest.fixture
def desk(db: None) -> Desk:
    """A desk under the first edition."""
    made = Desk.open()
    first_edition(made)
    return made


def complains(desk: Desk, ticket: Ticket | None = None, by: Person | None = None) -> Complaint:
    asked = Complaining(desk.company.partner.pk, TEXT, ticket.pk if ticket else None)
    return complaints.complain(desk.cause(by or desk.member), asked)


def answers(desk: Desk, row: Complaint, answering: Answering = UPHELD) -> Complaint:
    cause = desk.cause(desk.house.administrator, "control")
    return complaints.answer_complaint(cause, row.pk, answering)


def sees(person: Person) -> list[int]:
    known = ticket_queries.access(person)
    return list(queries.visible_to(known).values_list("pk", flat=True))


def test_it_is_about_the_executor_and_due_in_four_working_hours(desk: Desk) -> None:
    desk.at("fri 16:00")
    row = complains(desk, post.accepted(desk))
    assert (row.about, row.raised_by) == (desk.lead, desk.member)
    assert row.due_at == moment("mon 11:05", desk.now)


def test_of_the_service_as_such_it_is_about_nobody(desk: Desk) -> None:
    row = complains(desk)
    assert (row.ticket, row.about) == (None, None)
    assert row.due_at == moment("fri 13:00")


def test_viewers_and_strangers_do_not_complain(desk: Desk) -> None:
    for person in (desk.company.viewer, desk.lead, desk.house.administrator):
        with pytest.raises(NotToSay):
            complains(desk, by=person)


def test_nobody_complains_of_another_partners_ticket(desk: Desk) -> None:
    other = cast.company(OPENED, desk.house, "AGR", "Agrolan Demo")
    asked = Complaining(other.partner.pk, TEXT, post.accepted(desk).pk)
    with pytest.raises(Ticket.DoesNotExist):
        complaints.complain(desk.cause(other.owner), asked)
    with pytest.raises(NotToSay):
        asked = Complaining(desk.company.partner.pk, TEXT)
        complaints.complain(desk.cause(other.owner), asked)


def test_sent_twice_it_is_there_once(desk: Desk) -> None:
    cause = desk.cause(desk.member, key="once")
    asked = Complaining(desk.company.partner.pk, TEXT)
    first = complaints.complain(cause, asked)
    assert complaints.complain(cause, asked) == first
    with pytest.raises(KeyReused):
        complaints.complain(cause, Complaining(desk.company.partner.pk, "Else."))
    assert Complaint.objects.count() == 1


def test_one_complaint_of_a_ticket_waits_at_a_time(desk: Desk) -> None:
    ticket = post.accepted(desk)
    row = complains(desk, ticket)
    with pytest.raises(Incomplete, match="waits_already"):
        complains(desk, ticket)
    answers(desk, row)
    assert complains(desk, ticket) != row


def test_one_person_leaves_room_for_the_others(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(complaints.OPEN_OF_ONE_MAX):
        row = complains(desk)
    with pytest.raises(Incomplete, match="own_wait"):
        complains(desk)
    complains(desk, by=desk.owner)
    answers(desk, row)
    complains(desk)
    monkeypatch.setattr(complaints, "OPEN_MAX", Complaint.objects.filter(answered_at=None).count())
    with pytest.raises(Incomplete, match="others_wait"):
        complains(desk, by=desk.owner)


def test_who_reads_it(desk: Desk) -> None:
    other = cast.company(OPENED, desk.house, "AGR", "Agrolan Demo")
    row = complains(desk, post.accepted(desk))
    for person in (desk.member, desk.owner, desk.house.administrator, desk.house.vendor):
        assert sees(person) == [row.pk]
    hidden = (desk.lead, desk.cover, desk.house.accountant, desk.house.production)
    for person in (*hidden, desk.company.finance, desk.company.viewer, other.owner):
        assert sees(person) == []


def test_the_specialist_hears_of_it_nowhere(desk: Desk) -> None:
    ticket = post.accepted(desk)
    post.relayed(desk.now)
    heard = post.told(desk.lead)
    row = complains(desk, ticket)
    answers(desk, row)
    post.relayed(desk.now)
    assert post.told(desk.lead) == heard
    assert "complain" not in post.mailed(desk.lead)
    for entry in Entry.objects.filter(subject=f"complaint:{row.pk}"):
        assert not {"staff", ticket.key, f"person:{desk.lead.pk}"} & set(topics.of(entry))
        assert f"partner:{desk.company.partner.pk}" not in topics.of(entry)
        assert topics.ticket_id(entry) is None
    history = Entry.objects.filter(subject=ticket.key).values_list("verb", flat=True)
    assert not {"complain", "answer_complaint"} & set(history)


def test_administrators_and_the_owner_are_told_and_then_who_complained(desk: Desk) -> None:
    row = complains(desk)
    post.relayed(desk.now)
    assert "complain" in post.told(desk.house.administrator)
    assert "complain" in post.told(desk.owner)
    assert "complain" not in post.told(desk.company.finance)
    answers(desk, row)
    post.relayed(desk.now)
    assert "answer_complaint" in post.told(desk.member)
    assert "answer_complaint" in post.mailed(desk.member)


def test_the_answer_names_a_clause_of_the_edition_in_force(desk: Desk) -> None:
    row = complains(desk)
    for clause, why in (("", "missing"), ("99.9", "no_clause")):
        with pytest.raises(Incomplete, match=why):
            answers(desk, row, Answering(upheld=False, answer="It was kept.", clause=clause))
    with pytest.raises(Incomplete, match="missing"):
        answers(desk, row, Answering(upheld=False, answer=" ", clause="3.1"))
    row = answers(desk, row)
    assert (row.upheld, row.clause, row.answered_by) == (True, "3.1", desk.house.administrator)


def test_it_is_answered_once_and_the_second_hears_by_whom(desk: Desk) -> None:
    row = complains(desk)
    cause = desk.cause(desk.house.administrator, key="once")
    assert complaints.answer_complaint(cause, row.pk, UPHELD).upheld
    assert complaints.answer_complaint(cause, row.pk, UPHELD).upheld
    second = desk.cause(desk.house.second_administrator)
    with pytest.raises(NotToSay) as refused:
        complaints.answer_complaint(second, row.pk, UPHELD)
    assert (refused.value.why, refused.value.by_id) == ("said", desk.house.administrator.pk)


def test_who_stepped_into_the_ticket_does_not_answer(desk: Desk) -> None:
    ticket = post.accepted(desk)
    row = complains(desk, ticket)
    tickets.message(desk.cause(desk.house.administrator), ticket.pk, "We look at it.")
    with pytest.raises(NotToSay, match="involved"):
        answers(desk, row)
    for person in (desk.lead, desk.house.vendor, desk.owner):
        with pytest.raises(NotToSay, match="not_administrator"):
            complaints.answer_complaint(desk.cause(person), row.pk, UPHELD)


def test_the_database_keeps_what_was_said(desk: Desk) -> None:
    row = answers(desk, complains(desk, post.accepted(desk)))
    with pytest.raises(IntegrityError, match="on record"), transaction.atomic():
        Complaint.objects.filter(pk=row.pk).update(answer="We never said so.")
    waiting = complains(desk)
    with pytest.raises(IntegrityError, match="on record"), transaction.atomic():
        Complaint.objects.filter(pk=waiting.pk).update(text="All is well.")


class TestRedone:
    def test_a_resolved_ticket_is_done_anew_free_after_any_window(self, desk: Desk) -> None:
        buys(desk, 3)
        ticket = resolved(desk, in_work(desk, Type.SIMPLE))
        paid = deposits.balance(desk.company.partner.pk)
        desk.later(days=30)
        row = complains(desk, ticket)
        answers(desk, row, REDONE)
        again = fresh(ticket)
        assert (again.state, again.cycle, again.executor) == (State.ACCEPTED, 2, desk.lead)
        assert Promise.objects.filter(ticket=ticket, cycle=2).count() == 1
        delivers(desk, in_work_again(desk, again))
        tickets.confirm(desk.cause(desk.member), ticket.pk, 5)
        after = deposits.balance(desk.company.partner.pk)
        assert after.consultations_available == paid.consultations_available
        assert after.consultations_held == 0

    def test_the_executor_is_told_and_reads_the_answer_in_the_ticket(self, desk: Desk) -> None:
        buys(desk, 3)
        ticket = resolved(desk, in_work(desk, Type.SIMPLE))
        answers(desk, complains(desk, ticket), REDONE)
        post.relayed(desk.now)
        assert "redo" in post.told(desk.lead)
        assert ticket.messages.order_by("-id")[0].text == REDONE.answer

    def test_what_waits_for_the_check_goes_back_to_work(self, desk: Desk) -> None:
        buys(desk, 3)
        ticket = in_work(desk, Type.SIMPLE)
        delivers(desk, ticket)
        answers(desk, complains(desk, fresh(ticket)), REDONE)
        assert fresh(ticket).state == State.IN_WORK

    def test_what_was_not_handed_over_just_goes_on(self, desk: Desk) -> None:
        ticket = post.accepted(desk)
        row = complains(desk, ticket)
        with pytest.raises(Incomplete, match="nothing_handed_over"):
            answers(desk, row, REDONE)
        row.refresh_from_db()
        assert row.answered_at is None

    def test_only_upheld_work_is_redone(self, desk: Desk) -> None:
        buys(desk, 3)
        row = complains(desk, resolved(desk, in_work(desk, Type.SIMPLE)))
        refused = Answering(upheld=False, answer="It is right.", clause="6.1", redone=True)
        with pytest.raises(Incomplete, match="not_upheld"):
            answers(desk, row, refused)

    def test_only_administrators_have_work_done_anew(self, desk: Desk) -> None:
        buys(desk, 3)
        ticket = resolved(desk, in_work(desk, Type.SIMPLE))
        for person in (desk.member, desk.lead, desk.house.production):
            with pytest.raises(NotAllowed):
                tickets.redo(desk.cause(person), ticket.pk, "Again.")

    def test_who_let_it_be_redone_may_still_rule_on_it(self, desk: Desk) -> None:
        buys(desk, 3)
        ticket = resolved(desk, in_work(desk, Type.SIMPLE))
        answers(desk, complains(desk, ticket), REDONE)
        assert answers(desk, complains(desk, fresh(ticket)))


def in_work_again(desk: Desk, ticket: Ticket) -> Ticket:
    """The executor begins the second cycle."""
    return tickets.start(desk.cause(desk.lead), ticket.pk)


def test_its_answer_is_owed_by_its_time(desk: Desk) -> None:
    row = complains(desk)
    admin = desk.house.administrator.pk
    found = owed.by_administrators([admin], desk.now - timedelta(days=4), desk.now)
    assert [(one.key, one.due_at) for one in found[admin]] == [(f"complaint:{row.pk}", row.due_at)]


def test_what_the_specialist_reads_of_an_upheld_one(desk: Desk) -> None:
    ticket = post.accepted(desk)
    row = complains(desk, ticket)
    assert not queries.upheld_against(desk.lead.pk).exists()
    answers(desk, row)
    assert list(queries.upheld_against(desk.lead.pk)) == [row]
    assert not queries.upheld_against(desk.cover.pk).exists()


@pytest.mark.usefixtures("committed")
def test_of_two_answers_at_once_one_is_first() -> None:
    desk = Desk.open()
    first_edition(desk)
    row = complains(desk)
    house = desk.house
    outcomes = at_once(
        *(
            lambda person=person: complaints.answer_complaint(
                desk.cause(person, "control"), row.pk, UPHELD
            )
            for person in (house.administrator, house.second_administrator)
        )
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["Complaint", "NotToSay"]
