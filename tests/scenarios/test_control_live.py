"""Control while it runs: at the instant, by several workers, after a standstill, for whom."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from django.core import mail
from django.db.models import Min

from desk.channels import recipients, topics, words
from desk.channels.notices.models import Notice
from desk.channels.webhooks import names
from desk.journal.models import Entry
from desk.oversight.actions import control
from desk.oversight.models import Violation, Watch
from desk.oversight.queries import control as queries
from desk.oversight.queries import facts
from desk.partners.models import Membership, StaffMembership, StaffRole
from desk.rules.lifecycle import Type
from desk.tickets import actions
from desk.tickets import queries as tickets
from tests.channels import post
from tests.language import Desk, at_once
from tests.scenarios import standard
from tests.scenarios.tickets import (
    accepts,
    buys,
    clock,
    estimates,
    in_work,
    is_away,
    submits,
    tops_up,
)

FOUND_WITHIN = timedelta(seconds=5)
WORKERS = 4


@pytest.fixture(autouse=True)
def edition(request: pytest.FixtureRequest) -> None:
    desk: Desk = request.getfixturevalue("real" if "real" in request.fixturenames else "desk")
    standard.publishes(desk.now - timedelta(hours=1))


@pytest.fixture
def real(committed: str) -> Desk:
    """A desk whose transactions are real."""
    return Desk.open()


def test_each_limit_is_found_within_five_seconds(desk: Desk) -> None:
    submits(desk, critical=True)
    end = desk.now + timedelta(minutes=40)
    while desk.now < end:
        control.tick(desk.now)
        comes_at = Watch.objects.aggregate(first=Min("next_at"))["first"]
        seconds = math.ceil((comes_at - desk.now).total_seconds()) if comes_at else 60
        # The worker goes round each second, and looks at nobody until then.
        desk.later(seconds=min(max(seconds, 1), 60))
    rows = Violation.objects.all()
    assert {row.clause for row in rows} >= {"1.1", "2.1", "5.1"}
    assert max(row.found_at - row.at for row in rows) <= FOUND_WITHIN


def test_several_workers_find_each_violation_once(real: Desk) -> None:
    for _ in range(3):
        submits(real)
    at = real.later(hours=3)
    at_once(*[lambda: control.tick(at)] * WORKERS)
    while control.tick(at):
        pass
    keys = list(Violation.objects.values_list("key", flat=True))
    assert len(keys) == len(set(keys)) > 3
    noted = Entry.objects.filter(verb="violation").values_list("facts__violation", flat=True)
    assert sorted(noted) == sorted(Violation.objects.values_list("pk", flat=True))


def test_after_a_standstill_of_ten_days_the_same_is_found(desk: Desk) -> None:
    control.tick(desk.now)
    buys(desk, 3)
    ticket = submits(desk)
    desk.later(minutes=10)
    actions.message(desk.cause(desk.member), ticket.pk, "Is anybody there?")
    desk.later(minutes=10)
    accepts(desk, ticket)
    standing = desk.now
    standard.ticks(desk, "2026-12-08 12:00", timedelta(hours=3))
    undisturbed = set(Violation.objects.values_list("key", "at"))
    assert len(undisturbed) > 20
    found = queries.findings(queries.watched(), desk.now, standing)
    wrong = {
        (one.found.key, one.found.judgement.at)
        for each in found.values()
        for one in each
        if one.found.judgement.outcome in control.WRONG
    }
    assert wrong == undisturbed


def test_a_promise_of_weeks_is_found_at_its_instant(desk: Desk) -> None:
    tops_up(desk, 100_000_00)
    ticket = estimates(desk, accepts(desk, submits(desk), Type.CUSTOMISATION))
    actions.approve(desk.cause(desk.owner), ticket.pk)
    due_at = clock(ticket).due_at
    assert due_at is not None
    proposed = desk.now + timedelta(days=21)
    actions.re_promise(desk.cause(desk.lead), ticket.pk, proposed, "It is bigger.")
    actions.agree(desk.cause(desk.member), ticket.pk)
    due_at = clock(ticket).due_at
    assert due_at is not None and due_at > desk.now + timedelta(days=20)
    standard.publishes(desk.now + timedelta(days=2), number=2)
    control.tick(due_at)
    assert not Violation.objects.filter(clause="3.3").exists()
    control.tick(due_at + timedelta(seconds=2))
    row = Violation.objects.get(clause="3.3")
    assert (row.at, row.edition.number) == (due_at, 1)


def test_a_limit_that_an_absence_moved_by_weeks_is_not_lost(desk: Desk) -> None:
    ticket = submits(desk)
    actions.message(desk.cause(desk.member), ticket.pk, "Is anybody there?")
    is_away(desk, desk.lead, days=14)
    desk.later(days=14, hours=3)
    control.tick(desk.now)
    rows = Violation.objects.filter(clause="3.1", key__contains="answer")
    assert [row.at > desk.now - timedelta(hours=3) for row in rows] == [True]


def test_a_cover_who_accepts_too_late_leaves_the_violation_to_the_lead(desk: Desk) -> None:
    ticket = submits(desk)
    desk.later(hours=2)
    message = actions.Accepting(Type.BUG, "I look at it at once.")
    actions.accept(desk.cause(desk.cover), ticket.pk, message)
    control.look(queries.watched(), desk.now)
    row = Violation.objects.get(clause="2.1", key__contains="/accept:1")
    assert row.person == desk.lead


def test_whoever_is_handed_a_ticket_has_an_hour(desk: Desk) -> None:
    ticket = submits(desk)
    actions.message(desk.cause(desk.member), ticket.pk, "Is anybody there?")
    desk.later(minutes=58)
    actions.hand_over(desk.cause(desk.lead), ticket.pk, desk.cover.pk, "Please take it.")
    desk.later(minutes=30)
    actions.accept(desk.cause(desk.cover), ticket.pk, actions.Accepting(Type.BUG, "I look at it."))
    control.look(queries.watched(), desk.now)
    row = Violation.objects.get(clause="3.1")
    assert (row.person, row.excuse) == (desk.cover, "cover")


def test_a_bug_that_was_no_bug_before_is_held_to_the_limit_of_its_time(desk: Desk) -> None:
    buys(desk, 2)
    ticket = in_work(desk)
    actions.message(desk.cause(desk.member), ticket.pk, "It got worse.")
    desk.later(minutes=20)
    change = actions.Reclassifying(Type.BUG, "It stops everybody.")
    actions.reclassify(desk.cause(desk.lead), ticket.pk, change)
    control.look(queries.watched(), desk.now)
    assert not Violation.objects.filter(clause__in=("3.1", "5.1", "5.2")).exists()
    desk.later(minutes=11)
    control.look(queries.watched(), desk.now)
    begin = Violation.objects.get(clause="5.1")
    assert begin.at == desk.now - timedelta(minutes=1)
    desk.later(minutes=20)
    control.look(queries.watched(), desk.now)
    assert "escalate_production" in Violation.objects.get(clause="5.2").key


def test_one_whose_facts_cannot_be_read_keeps_nobody_from_being_looked_at(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    submits(desk)
    whole = facts.of

    def of(people, since_at, at):  # type: ignore[no-untyped-def]  # a fault, not a function
        if desk.cover.pk in people:
            raise ValueError("unreadable")
        return whole(people, since_at, at)

    monkeypatch.setattr(facts, "of", of)
    desk.later(hours=2)
    control.tick(desk.now)
    assert Violation.objects.filter(person=desk.lead).exists()
    assert not Violation.objects.filter(person=desk.cover).exists()
    assert Entry.objects.get(verb="control_failed").subject == f"person:{desk.cover.pk}"
    control.tick(desk.later(seconds=70))
    assert Entry.objects.filter(verb="control_failed").count() == 1


def test_a_reminder_goes_to_the_specialist_and_a_critical_violation_to_administrators(
    desk: Desk,
) -> None:
    submits(desk, critical=True)
    standard.ticks(desk, "09:40", timedelta(minutes=5))
    post.relayed(desk.now)
    told = {
        (row.verb, row.person_id): row.why
        for row in Notice.objects.filter(verb__in=("remind_standard", "violation"))
    }
    assert told["remind_standard", desk.lead.pk] == told["violation", desk.lead.pk] == "own"
    others = {person for verb, person in told if verb == "remind_standard"}
    assert others <= {desk.lead.pk, desk.cover.pk}
    administrators = StaffMembership.objects.filter(role=StaffRole.ADMINISTRATOR)
    for person_id in administrators.values_list("person_id", flat=True):
        rows = Notice.objects.filter(verb="violation", person=person_id)
        severities = {row.entry.facts["severity"] for row in rows}
        assert severities == {"critical"}


def test_a_critical_violation_is_mailed_with_its_clause_and_a_way_to_it(desk: Desk) -> None:
    submits(desk, critical=True)
    standard.ticks(desk, "09:20", timedelta(minutes=10))
    post.relayed(desk.now)
    post.sent(desk.now)
    mails = [one for one in mail.outbox if "5.1" in one.subject]
    told = {desk.lead, desk.house.administrator, desk.house.second_administrator}
    assert {address for one in mails for address in one.to} == {
        f"{person.name} <{person.email}>" for person in told
    }
    own = next(one for one in mails if desk.lead.email in str(one.to))
    assert "/work/violations/" in str(own.body)


def test_no_partner_and_no_colleague_ever_hears_of_a_violation(desk: Desk) -> None:
    submits(desk, critical=True)
    standard.ticks(desk, "12:00", timedelta(hours=1))
    post.relayed(desk.now)
    entries = Entry.objects.filter(verb__in=("violation", "remind_standard"))
    assert entries.count() > 3
    partners = set(Membership.objects.values_list("person_id", flat=True))
    assert not Notice.objects.filter(entry__in=entries, person__in=partners).exists()
    allowed = {"role:administrator", "role:vendor"}
    for entry in entries:
        assert set(topics.of(entry)) <= {entry.subject, *allowed}
        assert topics.internal(entry)
        assert names.of(entry) is None
        assert words.of_standard(entry.verb, entry.facts)
        for person in (desk.member, desk.owner, desk.cover, desk.house.production):
            own = entry.subject == f"person:{person.pk}"
            assert own or not recipients.may_know(person, entry, None)


def test_what_the_partner_reads_of_a_ticket_names_no_violation(desk: Desk) -> None:
    ticket = submits(desk, critical=True)
    standard.ticks(desk, "12:00", timedelta(hours=1))
    view = tickets.partner_view(ticket, desk.member, desk.now)
    assert Violation.objects.filter(ticket_id=ticket.pk).exists()
    assert {one.verb for one in view.history} <= {"submit", "breach"}
