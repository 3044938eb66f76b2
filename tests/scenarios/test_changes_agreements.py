"""New dates, confirmed defects, the end at the partner's wish, and merged tickets."""

from datetime import timedelta

import pytest

from desk.deposits import queries as ledger
from desk.rules.lifecycle import NotAllowed, State, Type
from desk.tickets import actions
from desk.tickets.actions import Incomplete, Reply
from desk.tickets.models import ClockKind, MessageKind, Outcome, PartState, RePromise, Ticket
from desk.workdays import queries as timeline
from tests.language import Desk, moment
from tests.scenarios.tickets import (
    accepted,
    accepts,
    answers,
    asks,
    buys,
    clock,
    delivers,
    entries,
    estimates,
    fresh,
    in_work,
    resolved,
    state,
    submits,
    tops_up,
)


def balance(desk: Desk) -> tuple[int, int]:
    """Consultations available and held."""
    now = ledger.balance(desk.company.partner.pk)
    return now.consultations_available, now.consultations_held


def proposes(desk: Desk, ticket: Ticket, text: str) -> Ticket:
    cause = desk.cause(desk.lead, "workplace")
    return actions.re_promise(cause, ticket.pk, moment(text, desk.now), "A part is missing.")


class TestRePromise:
    def test_without_agreement_the_old_date_stands_and_is_measured(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = proposes(desk, in_work(desk), "mon 15:00")
        assert ticket.due_at == moment("fri 18:00")
        desk.at("17:00")
        ticket = actions.disagree(desk.cause(desk.member), ticket.pk)
        assert ticket.due_at == moment("fri 18:00")
        desk.at("mon 10:00")
        assert delivers(desk, ticket).breached_at == moment("fri 18:00")

    def test_a_date_until_the_end_of_a_day_does_not_become_the_next_morning(
        self, desk: Desk
    ) -> None:
        """Whatever fraction of a second it is proposed and agreed at."""
        buys(desk, 1)
        ticket = in_work(desk)
        desk.later(seconds=10.449)
        proposes(desk, ticket, "mon 18:00")
        assert RePromise.objects.get().due_at == moment("mon 18:00", desk.now)
        desk.later(seconds=10.3)
        ticket = actions.agree(desk.cause(desk.member), ticket.pk)
        assert ticket.due_at is not None
        early = moment("mon 18:00", desk.now) - ticket.due_at
        assert timedelta() <= early < timedelta(seconds=1)

    def test_agreed_the_due_is_that_date_and_parts_follow(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = proposes(desk, in_work(desk), "mon 15:00")
        desk.at("17:00")
        ticket = actions.agree(desk.cause(desk.member), ticket.pk)
        assert ticket.due_at == moment("mon 15:00", desk.now)
        assert clock(ticket).target_seconds == 13 * 3600

    def test_it_may_be_agreed_while_the_clock_stands(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = asks(desk, proposes(desk, in_work(desk), "mon 15:00"))
        desk.at("10:00")
        ticket = actions.agree(desk.cause(desk.member), ticket.pk)
        assert ticket.due_at is None
        # What is left at 10:00 until Monday 15:00: seven hours today and five on Monday.
        assert ticket.left_seconds == 12 * 3600
        desk.at("12:00")
        assert answers(desk, ticket).due_at == moment("mon 17:00", desk.now)

    def test_an_agreed_date_after_a_breach_does_not_erase_it(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = in_work(desk)
        desk.at("mon 09:30")
        ticket = proposes(desk, ticket, "mon 15:00")
        ticket = actions.agree(desk.cause(desk.owner), ticket.pk)
        assert ticket.due_at == moment("mon 15:00", desk.now)
        assert ticket.breached_at == moment("fri 18:00")

    def test_a_date_at_night_means_the_last_working_instant_before_it(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = proposes(desk, in_work(desk), "sat 12:00")
        assert RePromise.objects.get(ticket=ticket).due_at == moment("fri 18:00")

    def test_one_waits_at_a_time_and_it_lies_ahead(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = proposes(desk, in_work(desk), "fri 17:00")
        with pytest.raises(Incomplete) as second:
            proposes(desk, ticket, "mon 15:00")
        assert second.value.why == "one_is_open"
        desk.at("17:30")
        with pytest.raises(Incomplete):
            actions.agree(desk.cause(desk.owner), ticket.pk)
        proposes(desk, ticket, "mon 15:00")
        with pytest.raises(Incomplete) as past:
            actions.re_promise(desk.cause(desk.lead), ticket.pk, desk.now, "Now.")
        assert past.value.why == "not_ahead"

    def test_nothing_proposed_is_nothing_to_agree_to(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = in_work(desk)
        with pytest.raises(NotAllowed):
            actions.agree(desk.cause(desk.owner), ticket.pk)


class TestConfirmDefect:
    def finds(self, desk: Desk, ticket: Ticket) -> Ticket:
        cause = desk.cause(desk.house.production, "production")
        return actions.confirm_defect(cause, ticket.pk, "The rule engine drops it.")

    def test_l5_what_is_held_is_released_and_the_ticket_stays(self, desk: Desk) -> None:
        buys(desk, 2)
        ticket = self.finds(desk, in_work(desk))
        assert (ticket.state, ticket.billable) == (State.IN_WORK, False)
        assert balance(desk) == (2, 0)
        resolved(desk, ticket)
        assert ledger.cost(ticket.key).units_charged == 0

    def test_l5_what_was_charged_is_reversed_after_resolution(self, desk: Desk) -> None:
        buys(desk, 2)
        ticket = resolved(desk, in_work(desk))
        assert balance(desk) == (1, 0)
        self.finds(desk, ticket)
        cost = ledger.cost(ticket.key)
        assert (cost.units_captured, cost.units_reversed) == (1, 1)
        assert balance(desk) == (2, 0)

    def test_a_ticket_that_waits_for_the_deposit_waits_no_longer(self, desk: Desk) -> None:
        ticket = accepted(desk)
        assert ticket.state == State.AWAITING_DEPOSIT
        desk.at("10:00")
        ticket = self.finds(desk, ticket)
        assert ticket.state == State.ACCEPTED
        assert ticket.due_at == moment("mon 10:00", desk.now)
        assert [entry.by for entry in entries(ticket, "fund")] == ["system"]

    def test_a_number_of_parts_needs_no_consent_any_more(self, desk: Desk) -> None:
        ticket = accepted(desk, Type.COMPLEX, "One", "Two", "Three", "Four")
        assert ticket.state == State.AWAITING_APPROVAL
        ticket = self.finds(desk, ticket)
        assert (ticket.state, ticket.promised) == (State.ACCEPTED, 4)
        assert balance(desk) == (0, 0)

    def test_an_estimate_still_needs_its_answer(self, desk: Desk) -> None:
        ticket = estimates(desk, accepted(desk, Type.CUSTOMISATION))
        ticket = self.finds(desk, ticket)
        assert ticket.state == State.AWAITING_APPROVAL
        ticket = actions.approve(desk.cause(desk.owner), ticket.pk)
        assert ticket.state == State.ACCEPTED
        assert ledger.balance(desk.company.partner.pk).money_held_kopecks == 0

    def test_it_is_found_once_and_by_production(self, desk: Desk) -> None:
        ticket = self.finds(desk, accepted(desk, Type.BUG))
        with pytest.raises(Incomplete):
            self.finds(desk, ticket)
        with pytest.raises(NotAllowed):
            actions.confirm_defect(desk.cause(desk.lead), ticket.pk, "It is.")
        last = ticket.messages.latest("pk")
        assert last.kind == MessageKind.NOTE


class TestCancel:
    def test_parts_not_finished_are_released_and_finished_ones_charged(self, desk: Desk) -> None:
        buys(desk, 3)
        ticket = in_work(desk, Type.COMPLEX, "One", "Two", "Three")
        actions.finish_part(desk.cause(desk.lead), ticket.pk, 1, "done")
        ticket = actions.cancel(desk.cause(desk.owner), ticket.pk, "We changed our mind.")
        assert ticket.state == State.CANCELLED
        assert balance(desk) == (2, 0)
        states = [part.state for part in ticket.parts.all()]
        assert states == [PartState.FINISHED, PartState.RELEASED, PartState.RELEASED]
        assert clock(ticket).outcome == Outcome.VOID

    def test_before_acceptance_it_is_free_and_the_clocks_are_void(self, desk: Desk) -> None:
        ticket = actions.cancel(desk.cause(desk.member), submits(desk).pk)
        assert ticket.state == State.CANCELLED
        acceptance = clock(ticket, ClockKind.ACCEPTANCE)
        assert (acceptance.outcome, acceptance.breached_at) == (Outcome.VOID, None)
        assert ticket.acceptance_due_at is None

    def test_r8_a_late_acceptance_stays_a_breach_when_cancelled(self, desk: Desk) -> None:
        ticket = submits(desk)
        desk.at("11:00")
        actions.cancel(desk.cause(desk.member), ticket.pk)
        acceptance = clock(ticket, ClockKind.ACCEPTANCE)
        assert acceptance.outcome == Outcome.VOID
        assert acceptance.breached_at == moment("fri 10:00")

    def test_of_a_customisation_the_hours_logged_are_charged(self, desk: Desk) -> None:
        tops_up(desk, 10_000_00)
        ticket = estimates(desk, accepted(desk, Type.CUSTOMISATION))
        actions.approve(desk.cause(desk.owner), ticket.pk)
        actions.start(desk.cause(desk.lead), ticket.pk)
        production = desk.cause(desk.house.production, "production")
        actions.log(production, ticket.pk, 60, desk.now.date(), "half")
        actions.cancel(desk.cause(desk.owner), ticket.pk, "No longer needed.")
        left = ledger.balance(desk.company.partner.pk)
        assert (left.money_available_kopecks, left.money_held_kopecks) == (9_100_00, 0)

    def test_an_open_consultation_is_withdrawn_with_its_clock(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = in_work(desk)
        actions.consult(desk.cause(desk.lead), ticket.pk, "How does it work?")
        actions.cancel(desk.cause(desk.owner), ticket.pk)
        question = ticket.consultations.get()
        assert question.withdrawn_at == desk.now
        own = clock(ticket, ClockKind.PRODUCTION, f"consultation:{question.pk}")
        assert own.outcome == Outcome.VOID
        with pytest.raises(NotAllowed):
            actions.reply(desk.cause(desk.house.production), ticket.pk, Reply("Like so."))

    def test_work_that_runs_stops(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = accepted(desk)
        actions.work_start(desk.cause(desk.lead), ticket.pk)
        desk.at("09:20")
        actions.cancel(desk.cause(desk.owner), ticket.pk)
        assert timeline.running(desk.lead.pk) is None
        assert timeline.worked_seconds(ticket.key, desk.now) == 20 * 60

    def test_after_delivery_it_is_too_late(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = delivers(desk, in_work(desk))
        with pytest.raises(NotAllowed):
            actions.cancel(desk.cause(desk.owner), ticket.pk)


class TestMerge:
    def merges(self, desk: Desk, ticket: Ticket, into: Ticket) -> Ticket:
        return actions.merge(desk.cause(desk.lead, "workplace"), ticket.pk, into.pk)

    def test_messages_and_followers_move_and_later_replies_follow(self, desk: Desk) -> None:
        buys(desk, 2)
        first, second = in_work(desk), accepts(desk, submits(desk, "The same again"))
        actions.follow(desk.cause(desk.owner), second.pk, desk.owner.pk)
        merged = self.merges(desk, second, first)
        assert (merged.state, merged.merged_into_id) == (State.MERGED, first.pk)
        assert merged.messages.count() == 0
        moved = first.messages.filter(moved_from=second)
        assert [message.text for message in moved] == ["Since this morning.", "Taken."]
        people = set(first.followers.values_list("person_id", flat=True))
        assert people == {desk.member.pk, desk.owner.pk}
        actions.message(desk.cause(desk.member), second.pk, "And one more thing.")
        assert first.messages.latest("pk").text == "And one more thing."

    def test_the_hold_is_released_and_the_targets_n_stays(self, desk: Desk) -> None:
        buys(desk, 5)
        first = in_work(desk)
        second = accepted(desk, Type.COMPLEX, "One", "Two")
        assert balance(desk) == (2, 3)
        self.merges(desk, second, first)
        assert balance(desk) == (4, 1)
        assert fresh(first).promised == 1

    def test_the_earlier_due_and_the_breach_survive_on_the_target(self, desk: Desk) -> None:
        buys(desk, 2)
        bug = accepted(desk, Type.BUG)
        desk.at("11:00")
        simple = accepted(desk)
        assert simple.due_at == moment("mon 11:00", desk.now)
        self.merges(desk, bug, simple)
        assert fresh(simple).due_at == moment("fri 12:00")
        assert fresh(simple).breached_at is None
        (taken,) = entries(simple, "take_in")
        assert taken.facts["merged"] == bug.pk

    def test_r8_a_breach_before_the_target_was_submitted_survives_too(self, desk: Desk) -> None:
        buys(desk, 2)
        late = accepted(desk, Type.BUG)
        desk.at("15:30")
        target = accepted(desk)
        self.merges(desk, late, target)
        target = fresh(target)
        assert target.breached_at == target.due_at == moment("fri 12:00")
        assert clock(target).breached_at == moment("fri 12:00")

    def test_a_later_due_changes_nothing_on_the_target(self, desk: Desk) -> None:
        buys(desk, 2)
        simple, bug = accepted(desk), accepted(desk, Type.BUG)
        self.merges(desk, simple, bug)
        assert fresh(bug).due_at == moment("fri 12:00")

    def test_the_due_of_what_stands_counts_from_the_merge(self, desk: Desk) -> None:
        buys(desk, 2)
        bug = in_work(desk, Type.BUG)
        desk.at("10:00")
        asks(desk, bug)
        desk.at("12:00")
        simple = accepted(desk)
        self.merges(desk, bug, simple)
        # Two hours were left of the bug at 10:00; from 12:00 on they end at 15:00.
        assert fresh(simple).due_at == moment("fri 15:00")

    def test_into_a_ticket_without_a_promise_the_due_waits_for_it(self, desk: Desk) -> None:
        buys(desk, 2)
        bug = accepted(desk, Type.BUG)
        desk.at("09:30")
        unpromised = submits(desk, "The same again")
        self.merges(desk, bug, unpromised)
        target = accepts(desk, fresh(unpromised))
        assert target.due_at == moment("fri 12:00")

    def test_r4_the_acceptance_clock_is_void_and_its_due_survives(self, desk: Desk) -> None:
        early = submits(desk)
        desk.at("09:40")
        late = submits(desk, "The same again")
        self.merges(desk, early, late)
        assert clock(early, ClockKind.ACCEPTANCE).outcome == Outcome.VOID
        assert fresh(late).acceptance_due_at == moment("fri 10:00")

    def test_what_cannot_be_merged(self, desk: Desk) -> None:
        buys(desk, 3)
        ticket, other = in_work(desk), delivers(desk, in_work(desk))
        for into, why in ((ticket, "itself"), (other, "not_open")):
            with pytest.raises(Incomplete) as refused:
                self.merges(desk, ticket, into)
            assert refused.value.why == why
        with pytest.raises(Incomplete):
            actions.merge(desk.cause(desk.lead), ticket.pk, 0)
        with pytest.raises(NotAllowed):
            self.merges(desk, other, ticket)
        assert state(ticket) == State.IN_WORK

    def test_the_same_merge_twice_is_done_once(self, desk: Desk) -> None:
        buys(desk, 2)
        first, second = in_work(desk), in_work(desk)
        cause = desk.cause(desk.lead, key="merge-1")
        actions.merge(cause, second.pk, first.pk)
        desk.later(minutes=1)
        assert actions.merge(cause, second.pk, first.pk).state == State.MERGED
        assert len(entries(first, "take_in")) == 1
        assert desk.now - timedelta(minutes=1) == fresh(first).changed_at
