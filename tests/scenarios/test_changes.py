"""Reclassification, as T4 wants it: from the original start, reported, never dearer unasked."""

import pytest

from desk.deposits import queries as ledger
from desk.rules.lifecycle import NotAllowed, State, Type
from desk.tickets import actions
from desk.tickets.actions import Incomplete, Reclassifying, watch
from desk.tickets.models import MessageKind, PartState, Ticket
from tests.language import Desk, moment
from tests.scenarios.tickets import (
    accepted,
    accepts,
    answers,
    asks,
    buys,
    clock,
    entries,
    estimates,
    fresh,
    in_work,
    resolved,
    state,
    submits,
    tops_up,
)


def becomes(desk: Desk, ticket: Ticket, kind: Type, *parts: str) -> Ticket:
    change = Reclassifying(kind, "It is what it is.", parts)
    return actions.reclassify(desk.cause(desk.lead, "workplace"), ticket.pk, change)


def balance(desk: Desk) -> tuple[int, int]:
    """Consultations available and held."""
    now = ledger.balance(desk.company.partner.pk)
    return now.consultations_available, now.consultations_held


def test_t4_a_simple_ticket_made_a_bug_at_11_is_due_at_12(desk: Desk) -> None:
    buys(desk, 1)
    ticket = accepted(desk)
    desk.at("11:00")
    ticket = becomes(desk, ticket, Type.BUG)
    assert ticket.due_at == moment("fri 12:00")
    assert (ticket.state, ticket.type) == (State.ACCEPTED, Type.BUG)
    assert balance(desk) == (0, 1)


def test_t4_made_a_bug_after_five_hours_it_has_one_hour_left(desk: Desk) -> None:
    buys(desk, 1)
    ticket = accepted(desk)
    desk.at("15:00")
    assert becomes(desk, ticket, Type.BUG).due_at == moment("fri 16:00")
    assert clock(ticket).breached_at is None


def test_t4_pauses_count_and_the_hour_is_working_time(desk: Desk) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    desk.at("10:00")
    asks(desk, ticket)
    desk.at("12:00")
    answers(desk, ticket)
    desk.at("12:30")
    # 3 h from 09:00 with two of pause end at 15:00, over the lunch hour.
    assert becomes(desk, ticket, Type.BUG).due_at == moment("fri 15:00")


def test_t4_an_old_breach_stays_and_the_rescue_is_reported(desk: Desk) -> None:
    buys(desk, 1)
    ticket = accepted(desk, Type.BUG)
    desk.at("14:30")
    ticket = becomes(desk, ticket, Type.SIMPLE)
    assert ticket.due_at == moment("fri 18:00")
    assert clock(ticket).breached_at == ticket.breached_at == moment("fri 12:00")
    (rescue,) = entries(ticket, "rescue")
    assert rescue.facts["late"] and rescue.facts["by"] == desk.lead.pk
    assert rescue.by == "system"


def test_t4_a_downgrade_in_time_rescues_nothing(desk: Desk) -> None:
    buys(desk, 1)
    ticket = accepted(desk, Type.BUG)
    desk.at("10:00")
    becomes(desk, ticket, Type.SIMPLE)
    assert not entries(ticket, "rescue")


def test_t4_a_downgrade_in_the_last_hour_is_reported_as_not_yet_late(desk: Desk) -> None:
    buys(desk, 1)
    ticket = accepted(desk, Type.BUG)
    desk.at("11:30")
    becomes(desk, ticket, Type.SIMPLE)
    assert [rescue.facts["late"] for rescue in entries(ticket, "rescue")] == [False]


def test_t4_a_critical_claim_found_to_be_none_becomes_simple_with_the_reason(desk: Desk) -> None:
    buys(desk, 1)
    ticket = accepts(desk, submits(desk, critical=True), Type.BUG)
    ticket = becomes(desk, ticket, Type.SIMPLE)
    (change,) = entries(ticket, "reclassify")
    assert change.facts["claim_refused"]
    told = ticket.messages.latest("pk")
    assert (told.kind, told.text) == (MessageKind.STAFF, "It is what it is.")


def test_t4_without_a_reason_nothing_changes(desk: Desk) -> None:
    ticket = accepted(desk, Type.BUG)
    with pytest.raises(Incomplete) as missing:
        actions.reclassify(desk.cause(desk.lead), ticket.pk, Reclassifying(Type.SIMPLE, "  "))
    assert missing.value.field == "reason"
    with pytest.raises(Incomplete) as same:
        becomes(desk, ticket, Type.BUG)
    assert same.value.why == "same"
    assert fresh(ticket).type == Type.BUG


def test_l6_more_parts_wait_for_approval_and_cost_nothing_until_then(desk: Desk) -> None:
    buys(desk, 5)
    ticket = in_work(desk)
    ticket = becomes(desk, ticket, Type.COMPLEX, "The report", "The export")
    assert ticket.state == State.AWAITING_APPROVAL
    assert ticket.promised == 1
    assert balance(desk) == (4, 1)
    assert [part.approved for part in ticket.parts.all()] == [True, False]
    desk.at("11:00")
    ticket = actions.approve(desk.cause(desk.owner), ticket.pk)
    assert (ticket.state, ticket.promised) == (State.IN_WORK, 2)
    assert balance(desk) == (3, 2)
    # Two parts have the same eight hours; two hours of waiting are not counted.
    assert ticket.due_at == moment("mon 11:00", desk.now)


def test_l6_refused_more_parts_end_the_ticket_free(desk: Desk) -> None:
    buys(desk, 5)
    ticket = becomes(desk, accepted(desk), Type.COMPLEX, "The report", "The export")
    ticket = actions.refuse(desk.cause(desk.owner), ticket.pk)
    assert ticket.state == State.CANCELLED
    assert balance(desk) == (5, 0)


def test_t4_fewer_parts_release_what_is_held_for_them(desk: Desk) -> None:
    buys(desk, 3)
    ticket = accepted(desk, Type.COMPLEX, "One", "Two", "Three")
    ticket = becomes(desk, ticket, Type.COMPLEX, "Three", "One")
    assert ticket.promised == 2
    assert balance(desk) == (1, 2)
    kept = ticket.parts.exclude(state=PartState.RELEASED)
    assert [part.title for part in kept] == ["One", "Three"]
    ticket = becomes(desk, ticket, Type.SIMPLE)
    assert (ticket.promised, ticket.parts.exclude(state=PartState.RELEASED).count()) == (1, 1)
    assert balance(desk) == (2, 1)


def test_t4_n_never_falls_below_the_finished_parts(desk: Desk) -> None:
    buys(desk, 3)
    ticket = in_work(desk, Type.COMPLEX, "One", "Two", "Three")
    for number in (1, 2):
        actions.finish_part(desk.cause(desk.lead), ticket.pk, number, "done")
    for kind in (Type.SIMPLE, Type.CUSTOMISATION):
        with pytest.raises(Incomplete) as refused:
            becomes(desk, ticket, kind)
        assert refused.value.why == "fewer_than_finished"
    ticket = becomes(desk, ticket, Type.COMPLEX)
    assert ticket.promised == 2
    assert balance(desk) == (1, 2)


def test_t4_a_customisation_waits_for_the_estimate_and_releases_the_consultation(
    desk: Desk,
) -> None:
    buys(desk, 1)
    tops_up(desk, 10_000_00)
    ticket = in_work(desk)
    desk.at("11:00")
    ticket = becomes(desk, ticket, Type.CUSTOMISATION)
    assert ticket.state == State.AWAITING_ESTIMATE
    assert balance(desk) == (1, 0)
    assert ticket.due_at is None and ticket.left_seconds is None
    estimates(desk, ticket)
    desk.at("12:00")
    ticket = actions.approve(desk.cause(desk.owner), ticket.pk)
    assert ticket.state == State.IN_WORK
    assert ticket.due_at == moment("mon 12:00", desk.now)


def test_t4_from_a_customisation_a_consultation_needs_consent(desk: Desk) -> None:
    buys(desk, 1)
    tops_up(desk, 10_000_00)
    ticket = estimates(desk, accepted(desk, Type.CUSTOMISATION))
    ticket = actions.approve(desk.cause(desk.owner), ticket.pk)
    ticket = becomes(desk, ticket, Type.SIMPLE)
    assert ticket.state == State.AWAITING_APPROVAL
    assert ledger.balance(desk.company.partner.pk).money_held_kopecks == 0
    assert actions.approve(desk.cause(desk.owner), ticket.pk).state == State.ACCEPTED
    assert balance(desk) == (0, 1)


def test_l2_an_uncovered_bug_made_simple_waits_for_the_deposit(desk: Desk) -> None:
    ticket = accepted(desk, Type.BUG)
    ticket = becomes(desk, ticket, Type.SIMPLE)
    assert ticket.state == State.AWAITING_DEPOSIT
    buys(desk, 1)
    actions.fund_waiting(desk.cause(None), desk.company.partner.pk)
    assert state(ticket) == State.ACCEPTED
    assert balance(desk) == (0, 1)


def test_t4_a_reopened_ticket_counts_what_the_first_cycle_used(desk: Desk) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    desk.at("11:00")
    resolved(desk, ticket)
    desk.at("mon 16:00")
    ticket = actions.reopen(desk.cause(desk.member), ticket.pk, "Again.")
    assert ticket.due_at == moment("tue 13:00", desk.now)
    desk.at("16:30")
    # 3 h of a bug, 2 of them used in the first cycle: 17:00, but an hour is left.
    ticket = becomes(desk, ticket, Type.BUG)
    assert ticket.due_at == moment("mon 17:30", desk.now)


def test_t1_an_administrator_may_reclassify_and_a_partner_may_not(desk: Desk) -> None:
    ticket = accepted(desk, Type.BUG)
    change = Reclassifying(Type.SIMPLE, "No bug.")
    with pytest.raises(NotAllowed):
        actions.reclassify(desk.cause(desk.owner), ticket.pk, change)
    buys(desk, 1)
    ticket = actions.reclassify(desk.cause(desk.house.administrator), ticket.pk, change)
    assert ticket.type == Type.SIMPLE


def test_r9_a_new_target_warns_anew(desk: Desk) -> None:
    buys(desk, 1)
    ticket = accepted(desk, Type.BUG)
    watch.tick(desk.at("11:45"))
    assert [warned.facts["percent"] for warned in entries(ticket, "warn")] == [90]
    becomes(desk, ticket, Type.SIMPLE)
    watch.tick(desk.at("14:00"))
    assert [warned.facts["percent"] for warned in entries(ticket, "warn")] == [90, 50]
