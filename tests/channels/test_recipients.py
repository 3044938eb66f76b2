"""Who is told of what: each once, never the doer, never who may not see it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.channels import recipients, words
from desk.channels.models import Delivery
from desk.channels.notices.models import Notice
from desk.journal import actions as journal
from desk.journal.models import Entry
from desk.partners import actions as partners
from desk.partners.models import PartnerRole
from desk.rules.lifecycle import Type
from desk.tickets import actions
from desk.tickets.actions import watch
from desk.tickets.models import ClockKind, DisputeAbout
from tests.channels import post
from tests.language import Desk
from tests.scenarios import tickets


def last(desk: Desk, verb: str) -> dict[str, str]:
    """Who is told of the last entry of a verb, and why."""
    post.relayed(desk.now)
    entry = Entry.objects.filter(verb=verb).latest("id")
    rows = Notice.objects.filter(entry=entry).select_related("person")
    return {row.person.name.split()[0]: row.why for row in rows}


def test_a_submission_is_told_to_its_executor_and_to_nobody_else(desk: Desk) -> None:
    post.submitted(desk)
    assert last(desk, "submit") == {"Olha": "executor"}


def test_a_submission_nobody_is_there_for_is_told_to_the_administrators(desk: Desk) -> None:
    from desk.workdays import actions as workdays
    from desk.workdays.models import AbsenceKind

    until_at = desk.now + timedelta(days=3)
    for person in (desk.lead, desk.cover):
        cause = desk.cause(desk.house.administrator)
        workdays.note_absence(cause, person.pk, AbsenceKind.SICK, desk.now, until_at, "")
    desk.later(minutes=1)
    post.submitted(desk)
    assert last(desk, "submit") == {"Adam": "administrator", "Ada": "administrator"}


def test_an_acceptance_is_told_to_author_and_followers_once_each(desk: Desk) -> None:
    ticket = post.submitted(desk)
    viewer = desk.company.viewer
    actions.follow(desk.cause(viewer), ticket.pk, viewer.pk)
    accepting = actions.Accepting(type=Type.BUG, message="At once.")
    actions.accept(desk.cause(desk.lead), ticket.pk, accepting)
    assert last(desk, "accept") == {"Marko": "author", "Valia": "follower"}
    assert Delivery.objects.filter(entry__verb="accept").count() == 2


def test_what_costs_money_is_told_to_those_who_pay(desk: Desk) -> None:
    ticket = post.submitted(desk)
    accepting = actions.Accepting(type=Type.SIMPLE, message="When the deposit is there.")
    actions.accept(desk.cause(desk.lead), ticket.pk, accepting)
    assert last(desk, "accept") == {"Oksana": "pays", "Fedir": "pays", "Marko": "author"}


def test_nobody_is_told_of_what_they_did(desk: Desk) -> None:
    ticket = post.accepted(desk)
    actions.message(desk.cause(desk.company.member), ticket.pk, "One more thing.")
    assert last(desk, "message") == {"Olha": "executor"}
    actions.message(desk.cause(desk.lead), ticket.pk, "Thank you.")
    assert last(desk, "message") == {"Marko": "author"}


def test_a_member_who_sees_only_own_tickets_is_not_told_of_others(desk: Desk) -> None:
    ticket = post.accepted(desk)
    other = partners.add_person(
        desk.cause(None), "other@olh.example", partners.Card(name="Nina Olh"), None
    )
    partners.add_membership(
        desk.cause(None), desk.company.partner.pk, other.pk, PartnerRole.MEMBER, sees_all=False
    )
    entry = Entry.objects.filter(subject=ticket.key, verb="accept").get()
    assert not recipients.may_know(other, entry, ticket)
    actions.follow(desk.cause(desk.company.member), ticket.pk, other.pk)
    assert recipients.may_know(other, entry, ticket)


def test_a_note_is_for_our_people_only(desk: Desk) -> None:
    ticket = post.accepted(desk)
    actions.follow(desk.cause(desk.cover), ticket.pk, desk.cover.pk)
    actions.note(desk.cause(desk.lead), ticket.pk, "Between us.")
    assert last(desk, "note") == {"Taras": "follower"}
    assert not Delivery.objects.filter(entry__verb="note").exists()


def test_warnings_climb_by_percent_and_a_breach_reaches_the_administrators(desk: Desk) -> None:
    ticket = post.accepted(desk)
    post.relayed(desk.now)
    clock = ticket.clocks.get(kind=ClockKind.RESOLUTION)
    seen = []
    while clock.next_at is not None:
        desk.now = clock.next_at
        watch.tick(desk.now)
        seen.append(set(last(desk, "warn").values()))
        clock.refresh_from_db()
    assert seen[0] == {"executor"}
    assert seen[1] == {"executor", "cover"}
    assert seen[2] == {"executor", "cover", "administrator"}
    desk.later(minutes=1)
    watch.tick(desk.now)
    assert last(desk, "breach") == {
        "Olha": "executor",
        "Adam": "administrator",
        "Ada": "administrator",
    }


def test_another_executor_is_told_to_all_three_sides(desk: Desk) -> None:
    ticket = post.accepted(desk)
    actions.hand_over(desk.cause(desk.house.administrator), ticket.pk, desk.cover.pk, "Holiday.")
    assert last(desk, "hand_over") == {"Taras": "executor", "Marko": "author", "Olha": "before"}


def test_who_is_no_longer_active_is_told_nothing(desk: Desk) -> None:
    ticket = post.accepted(desk)
    viewer = desk.company.viewer
    actions.follow(desk.cause(viewer), ticket.pk, viewer.pk)
    partners.deactivate(desk.cause(desk.house.vendor), viewer.pk)
    actions.message(desk.cause(desk.lead), ticket.pk, "Look.")
    assert last(desk, "message") == {"Marko": "author"}


@pytest.mark.parametrize("verb", sorted(recipients.RULES))
def test_every_verb_that_is_told_has_its_words(verb: str) -> None:
    assert words.headline(verb) != verb
    assert all(words.why(rule.who) for rule in recipients.RULES[verb])


def test_a_contest_reaches_administrators_and_its_ruling_the_raiser(desk: Desk) -> None:
    ticket = post.accepted(desk)
    objection = actions.Objection(about=DisputeAbout.TYPE, text="This is no bug.")
    actions.contest(desk.cause(desk.company.owner), ticket.pk, objection)
    told = last(desk, "contest")
    assert told == {"Adam": "administrator", "Ada": "administrator", "Olha": "executor"}
    dispute = ticket.disputes.get()
    ruling = actions.Ruling(upheld=False, text="It is.", clause="3.1")
    actions.rule(desk.cause(desk.house.administrator), dispute.pk, ruling)
    assert last(desk, "rule") == {"Oksana": "raiser", "Olha": "executor", "Marko": "author"}


def test_an_entry_that_concerns_nobody_tells_nobody(desk: Desk) -> None:
    entry = journal.record(desk.cause(None), "set_schedule", "person:1", {})
    assert recipients.of(entry, desk.now) == []


def test_hours_that_come_to_their_end_are_told_to_all_sides(desk: Desk) -> None:
    """Specification 3: production, the executor, and who pays at the partner."""
    ticket = tickets.accepts(desk, tickets.submits(desk), Type.CUSTOMISATION)
    tickets.tops_up(desk, 10_000_00)
    tickets.estimates(desk, ticket)
    actions.approve(desk.cause(desk.owner), ticket.pk)
    actions.start(desk.cause(desk.lead), ticket.pk)
    desk.later(minutes=1)
    by_production = desk.cause(desk.house.production, "production")
    actions.log(by_production, ticket.pk, 200, desk.now.date(), "")
    assert last(desk, "hours_warning") == {
        "Oksana": "pays",
        "Fedir": "pays",
        "Petro": "production",
        "Olha": "executor",
    }
