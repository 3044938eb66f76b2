"""What a partner does not believe, and what an administrator who is not involved decides (R11)."""

from datetime import timedelta

import pytest

from desk.rules.lifecycle import NotAllowed, Reason, State, Type
from desk.tickets import actions
from desk.tickets.actions import Incomplete, Involved, Objection, Ruling, watch
from desk.tickets.models import (
    Clock,
    ClockKind,
    Dispute,
    DisputeAbout,
    DisputeKind,
    MessageKind,
    Outcome,
    Pause,
    Ticket,
)
from tests.language import Desk, moment
from tests.scenarios.tickets import (
    accepted,
    answers,
    asks,
    buys,
    clock,
    delivers,
    entries,
    fresh,
    in_work,
    resolved,
    submits,
)


def contests(
    desk: Desk, ticket: Ticket, about: DisputeAbout, pause: Pause | None = None
) -> Dispute:
    objection = Objection(about, "We see it otherwise.", pause.pk if pause else None)
    return actions.contest(desk.cause(desk.owner), ticket.pk, objection)


def rules(desk: Desk, dispute: Dispute, *, upheld: bool = True, clause: str = "R2") -> Dispute:
    cause = desk.cause(desk.house.administrator, "control")
    return actions.rule(cause, dispute.pk, Ruling(upheld, "The question was needless.", clause))


def asked(desk: Desk, ticket: Ticket, until: str) -> Pause:
    """The executor asks now and is answered then."""
    asks(desk, ticket)
    desk.at(until)
    answers(desk, ticket)
    return clock(ticket).pauses.latest("pk")


def test_r15_a_contest_of_any_fraction_of_a_second_is_due_at_the_end_of_a_day(desk: Desk) -> None:
    """Rounded up, the end of a day would be the next morning."""
    buys(desk, 1)
    ticket = in_work(desk)
    desk.later(seconds=10.449)
    dispute = contests(desk, ticket, DisputeAbout.TYPE)
    assert dispute.due_at == moment("tue 18:00", desk.now)
    own = Clock.objects.get(ticket=ticket, kind=ClockKind.RULING)
    assert own.due_at is not None
    assert timedelta() <= dispute.due_at - own.due_at < timedelta(seconds=1)


class TestPause:
    def test_r11_an_upheld_contest_strikes_the_pause_and_moves_the_due(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = in_work(desk)
        desk.at("10:00")
        pause = asked(desk, ticket, "12:00")
        assert fresh(ticket).due_at == moment("mon 11:00", desk.now)
        rules(desk, contests(desk, ticket, DisputeAbout.PAUSE, pause))
        pause.refresh_from_db()
        assert pause.struck
        assert fresh(ticket).due_at == moment("fri 18:00")
        assert fresh(ticket).breached_at is None

    def test_r11_a_breach_so_found_counts_as_of_its_instant_by_ruling(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = in_work(desk, Type.BUG)
        desk.at("10:00")
        pause = asked(desk, ticket, "17:00")
        dispute = contests(desk, ticket, DisputeAbout.PAUSE, pause)
        desk.at("mon 10:00")
        rules(desk, dispute)
        found = clock(ticket)
        assert found.breached_at == fresh(ticket).breached_at == moment("fri 12:00")
        assert found.breach_by_ruling
        (breach,) = entries(ticket, "breach")
        assert breach.facts["by_ruling"]

    def test_r11_also_on_a_clock_that_has_ended(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = in_work(desk, Type.BUG)
        desk.at("10:00")
        pause = asked(desk, ticket, "16:00")
        desk.at("17:00")
        ticket = resolved(desk, ticket)
        assert clock(ticket).outcome == Outcome.MET
        rules(desk, contests(desk, ticket, DisputeAbout.PAUSE, pause))
        ended = clock(ticket)
        assert (ended.outcome, ended.breached_at) == (Outcome.LATE, moment("fri 12:00"))
        assert ended.breach_by_ruling and ended.next_at is None
        assert fresh(ticket).breached_at == moment("fri 12:00")

    def test_r11_an_ended_clock_that_still_kept_its_promise_stays_met(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = in_work(desk)
        desk.at("10:00")
        pause = asked(desk, ticket, "11:00")
        ticket = resolved(desk, ticket)
        rules(desk, contests(desk, ticket, DisputeAbout.PAUSE, pause))
        ended = clock(ticket)
        assert (ended.outcome, ended.breached_at) == (Outcome.MET, None)

    def test_r11_a_struck_pause_that_is_still_open_stops_nothing(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = in_work(desk, Type.BUG)
        desk.at("10:00")
        asks(desk, ticket)
        pause = clock(ticket).pauses.get()
        desk.at("10:30")
        rules(desk, contests(desk, ticket, DisputeAbout.PAUSE, pause))
        assert fresh(ticket).due_at == moment("fri 12:00")
        assert fresh(ticket).state == State.AWAITING_PARTNER
        watch.tick(desk.at("12:00"))
        assert fresh(ticket).breached_at == moment("fri 12:00")

    def test_r11_a_refused_contest_changes_no_clock(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = in_work(desk)
        desk.at("10:00")
        pause = asked(desk, ticket, "12:00")
        before = fresh(ticket).due_at
        dispute = rules(desk, contests(desk, ticket, DisputeAbout.PAUSE, pause), upheld=False)
        assert dispute.upheld is False
        assert fresh(ticket).due_at == before

    def test_it_names_a_pause_of_this_ticket_once(self, desk: Desk) -> None:
        buys(desk, 2)
        ticket, other = in_work(desk), in_work(desk)
        pause = asked(desk, ticket, "10:00")
        for of, which in ((other, pause), (ticket, None)):
            with pytest.raises(Incomplete):
                contests(desk, of, DisputeAbout.PAUSE, which)
        dispute = contests(desk, ticket, DisputeAbout.PAUSE, pause)
        with pytest.raises(Incomplete) as second:
            contests(desk, ticket, DisputeAbout.PAUSE, pause)
        assert second.value.why == "waits_already"
        rules(desk, dispute)
        with pytest.raises(Incomplete) as struck:
            contests(desk, ticket, DisputeAbout.PAUSE, pause)
        assert struck.value.why == "struck_before"


class TestRuling:
    def test_it_is_due_at_the_end_of_the_second_working_day_after(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = accepted(desk)
        dispute = contests(desk, ticket, DisputeAbout.UNITS)
        assert dispute.due_at == moment("tue 18:00", desk.now)
        own = clock(ticket, ClockKind.RULING, f"dispute:{dispute.pk}")
        assert own.due_at == dispute.due_at
        desk.at("tue 17:00")
        rules(desk, dispute)
        own.refresh_from_db()
        assert (own.outcome, own.stopped_at) == (Outcome.MET, desk.now)

    def test_r8_a_late_ruling_is_a_breach_of_its_own_clock(self, desk: Desk) -> None:
        ticket = submits(desk)
        actions.decline(desk.cause(desk.lead), ticket.pk, Reason.ABUSE, "No.")
        dispute = contests(desk, ticket, DisputeAbout.DECLINE)
        watch.tick(desk.at("wed 09:00"))
        own = clock(ticket, ClockKind.RULING, f"dispute:{dispute.pk}")
        assert own.breached_at == moment("tue 18:00", moment("fri 09:00"))
        assert fresh(ticket).breached_at is None
        rules(desk, dispute)
        own.refresh_from_db()
        assert own.outcome == Outcome.LATE

    def test_the_partner_reads_it_and_units_change_by_no_ruling(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = accepted(desk)
        dispute = rules(desk, contests(desk, ticket, DisputeAbout.UNITS))
        assert (dispute.upheld, dispute.clause) == (True, "R2")
        said = ticket.messages.latest("pk")
        assert (said.kind, said.text) == (MessageKind.STAFF, "The question was needless.")
        assert fresh(ticket).promised == 1

    def test_who_moved_the_ticket_does_not_rule_on_it(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = accepted(desk)
        house = desk.house
        actions.hand_over(desk.cause(house.administrator), ticket.pk, desk.cover.pk)
        dispute = contests(desk, ticket, DisputeAbout.TYPE)
        with pytest.raises(Involved):
            rules(desk, dispute)
        assert Dispute.objects.get(pk=dispute.pk).ruled_at is None
        ruling = Ruling(upheld=True, text="It is simple.")
        actions.rule(desk.cause(house.second_administrator), dispute.pk, ruling)
        assert Dispute.objects.get(pk=dispute.pk).ruled_by == house.second_administrator

    def test_a_ruling_is_given_once_and_by_an_administrator(self, desk: Desk) -> None:
        buys(desk, 1)
        dispute = contests(desk, accepted(desk), DisputeAbout.TYPE)
        for person in (desk.lead, desk.owner, desk.house.production):
            with pytest.raises(NotAllowed):
                actions.rule(desk.cause(person), dispute.pk, Ruling(upheld=True, text="So."))
        with pytest.raises(Incomplete):
            actions.rule(
                desk.cause(desk.house.administrator), dispute.pk, Ruling(upheld=True, text=" ")
            )
        rules(desk, dispute)
        with pytest.raises(NotAllowed):
            rules(desk, dispute)

    def test_the_same_ruling_twice_is_one(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = accepted(desk)
        cause = desk.cause(desk.owner, key="contest-1")
        objection = Objection(DisputeAbout.UNITS, "Why?")
        first = actions.contest(cause, ticket.pk, objection)
        assert actions.contest(cause, ticket.pk, objection).pk == first.pk
        ruling = desk.cause(desk.house.administrator, key="rule-1")
        for _ in range(2):
            actions.rule(ruling, first.pk, Ruling(upheld=False, text="As agreed."))
        assert len(entries(ticket, "rule")) == 1


class TestContest:
    def test_a_decline_is_contestable_and_stays_declined(self, desk: Desk) -> None:
        ticket = submits(desk)
        with pytest.raises(Incomplete):
            contests(desk, ticket, DisputeAbout.DECLINE)
        actions.decline(desk.cause(desk.lead), ticket.pk, Reason.DUPLICATE, "Asked before.")
        dispute = contests(desk, ticket, DisputeAbout.DECLINE)
        assert rules(desk, dispute).upheld
        assert fresh(ticket).state == State.DECLINED

    def test_a_charge_is_contestable_for_sixty_days(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = in_work(desk)
        with pytest.raises(Incomplete):
            contests(desk, ticket, DisputeAbout.CHARGE)
        resolved(desk, ticket)
        desk.later(days=60)
        dispute = contests(desk, ticket, DisputeAbout.CHARGE)
        rules(desk, dispute, upheld=False)
        desk.later(seconds=1)
        with pytest.raises(Incomplete) as late:
            contests(desk, ticket, DisputeAbout.CHARGE)
        assert late.value.why == "too_late"

    def test_n_and_type_are_contestable_once_they_are_stated(self, desk: Desk) -> None:
        ticket = submits(desk)
        for about in (DisputeAbout.UNITS, DisputeAbout.TYPE, DisputeAbout.WORK):
            with pytest.raises(Incomplete):
                contests(desk, ticket, about)

    def test_only_who_pays_or_asked_contests(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = accepted(desk)
        objection = Objection(DisputeAbout.UNITS, "Why?")
        for person in (desk.lead, desk.company.viewer):
            with pytest.raises(NotAllowed):
                actions.contest(desk.cause(person), ticket.pk, objection)
        actions.contest(desk.cause(desk.company.finance), ticket.pk, objection)

    def test_t6_it_breaks_the_silence_after_a_delivery(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = delivers(desk, in_work(desk))
        contests(desk, ticket, DisputeAbout.UNITS)
        assert not fresh(ticket).silent
        assert not ticket.alarms.exists()


class TestDoubt:
    def test_it_is_answered_with_the_clause_in_four_hours_and_stops_no_clock(
        self, desk: Desk
    ) -> None:
        buys(desk, 1)
        ticket = in_work(desk)
        due_at = fresh(ticket).due_at
        dispute = actions.doubt(desk.cause(desk.member), ticket.pk, "Is this right?")
        assert (dispute.kind, dispute.about) == (DisputeKind.DOUBT, DisputeAbout.WORK)
        assert dispute.due_at == moment("fri 13:00")
        assert (fresh(ticket).state, fresh(ticket).due_at) == (State.IN_WORK, due_at)
        with pytest.raises(Incomplete) as missing:
            rules(desk, dispute, clause="")
        assert missing.value.field == "clause"
        assert rules(desk, dispute).clause == "R2"

    def test_a_result_found_bad_is_redone_free_after_any_window(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = in_work(desk)
        dispute = actions.doubt(desk.cause(desk.member), ticket.pk, "Is this right?")
        ticket = resolved(desk, ticket)
        desk.later(days=30)
        rules(desk, dispute, clause="6.1")
        again = fresh(ticket)
        assert (again.state, again.cycle) == (State.ACCEPTED, 2)
        said = again.messages.order_by("-id").values_list("text", flat=True)
        assert said[0] == "The question was needless." and said[0] != said[1]

    def test_work_that_goes_on_is_not_begun_anew(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = in_work(desk)
        dispute = actions.doubt(desk.cause(desk.member), ticket.pk, "Is this right?")
        rules(desk, dispute, clause="6.1")
        assert (fresh(ticket).state, fresh(ticket).cycle) == (State.IN_WORK, 1)

    def test_an_involved_administrator_may_answer_a_doubt(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = accepted(desk)
        actions.hand_over(desk.cause(desk.house.administrator), ticket.pk, desk.cover.pk)
        dispute = actions.doubt(desk.cause(desk.member), ticket.pk, "Is this right?")
        assert rules(desk, dispute, upheld=False).ruled_by == desk.house.administrator

    def test_one_waits_at_a_time_and_only_on_an_open_ticket(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = in_work(desk)
        actions.doubt(desk.cause(desk.member), ticket.pk, "Is this right?")
        with pytest.raises(Incomplete):
            actions.doubt(desk.cause(desk.member), ticket.pk, "Is this right?")
        resolved(desk, ticket)
        with pytest.raises(NotAllowed):
            actions.doubt(desk.cause(desk.member), ticket.pk, "And now?")


class TestExcuse:
    def test_r8_an_excused_breach_stays_visible(self, desk: Desk) -> None:
        ticket = submits(desk)
        watch.tick(desk.at("10:00"))
        late = clock(ticket, ClockKind.ACCEPTANCE)
        cause = desk.cause(desk.house.administrator, "control")
        excused = actions.excuse(cause, late.pk, "The power was cut in the whole city.")
        assert excused.breached_at == moment("fri 10:00")
        assert excused.excused_by == cause.by
        assert excused.excuse == "The power was cut in the whole city."
        with pytest.raises(Incomplete):
            actions.excuse(cause, late.pk, "Again.")

    def test_only_a_breach_by_an_administrator_with_a_reason(self, desk: Desk) -> None:
        ticket = submits(desk)
        running = clock(ticket, ClockKind.ACCEPTANCE)
        administrator = desk.cause(desk.house.administrator)
        with pytest.raises(Incomplete) as early:
            actions.excuse(administrator, running.pk, "Just in case.")
        assert early.value.why == "not_breached"
        watch.tick(desk.at("10:00"))
        with pytest.raises(NotAllowed):
            actions.excuse(desk.cause(desk.lead), running.pk, "It was hard.")
        with pytest.raises(Incomplete):
            actions.excuse(administrator, running.pk, " ")
