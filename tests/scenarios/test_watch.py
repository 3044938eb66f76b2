"""The watcher: what time alone brings about, once, at its true instant (R8, R9, T3, T6)."""

import logging
from datetime import date, timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from desk.journal.models import Entry
from desk.partners.models import PlanVersion
from desk.rules.lifecycle import State, Type
from desk.tickets import actions
from desk.tickets.actions import Reclassifying, watch
from desk.tickets.models import Alarm, AlarmKind, Clock, ClockKind, Outcome, Ticket
from desk.workdays import actions as workdays
from desk.workdays.models import Interval
from tests.language import Desk, moment
from tests.scenarios.tickets import (
    accepted,
    answers,
    asks,
    buys,
    clock,
    delivers,
    entries,
    estimates,
    fresh,
    in_work,
    is_away,
    state,
    submits,
)


def warned(ticket: Ticket) -> list[tuple[str, int, list[str]]]:
    """Clock, percent and audience of each warning, in order."""
    return [
        (entry.facts["clock"], entry.facts["percent"], entry.facts["audience"])
        for entry in entries(ticket, "warn")
    ]


def reminded(ticket: Ticket) -> list[str]:
    return [entry.facts["kind"] for entry in entries(ticket, "remind")]


class TestBreaches:
    def test_r8_at_the_due_instant_it_is_recorded_with_its_evidence(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = accepted(desk)
        assert watch.tick(moment("fri 18:00") - timedelta(seconds=1)) == 1
        assert fresh(ticket).breached_at is None
        assert watch.tick(moment("fri 18:00")) == 1
        assert clock(ticket).breached_at == fresh(ticket).breached_at == moment("fri 18:00")
        (breach,) = entries(ticket, "breach")
        assert breach.by == "system"
        assert breach.facts["noticed_after_seconds"] == 0
        assert (breach.facts["clock"], breach.facts["state"]) == ("resolution", "accepted")

    def test_r8_after_an_outage_the_instant_is_the_due_not_the_notice(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = accepted(desk)
        watch.tick(desk.at("tue 09:00"))
        late = clock(ticket)
        assert (late.breached_at, late.breach_noticed_at) == (moment("fri 18:00"), desk.now)
        assert not warned(ticket)

    def test_r8_it_is_recorded_once_per_clock_and_cycle(self, desk: Desk) -> None:
        ticket = submits(desk)
        for hour in ("10:00", "10:01", "11:00"):
            watch.tick(desk.at(hour))
        assert len(entries(ticket, "breach")) == 1
        assert clock(ticket, ClockKind.ACCEPTANCE).next_at is None

    def test_r2_a_move_at_the_due_instant_is_in_time(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = in_work(desk)
        desk.at("18:00")
        delivers(desk, ticket)
        assert watch.tick(desk.now) == 0
        assert clock(ticket).breached_at is None
        assert (fresh(ticket).due_at, fresh(ticket).left_seconds) == (None, 0)
        desk.at("mon 10:00")
        actions.confirm(desk.cause(desk.member), ticket.pk)
        assert (clock(ticket).outcome, clock(ticket).breached_at) == (Outcome.MET, None)

    def test_r2_what_stands_at_the_due_instant_breaks_when_it_runs_again(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = in_work(desk)
        desk.at("18:00")
        asks(desk, ticket)
        assert watch.tick(desk.at("mon 11:00")) == 0
        answers(desk, ticket)
        assert watch.tick(desk.now) == 1
        assert clock(ticket).breached_at == moment("fri 18:00")

    def test_r7_a_standing_clock_breaks_nothing(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = asks(desk, in_work(desk))
        watch.tick(desk.at("wed 18:00"))
        assert clock(ticket).breached_at is None
        assert answers(desk, ticket).due_at == moment("thu 18:00", desk.now)

    def test_t4_a_breached_clock_with_a_new_due_is_left_alone(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = accepted(desk, Type.BUG)
        desk.at("12:30")
        change = Reclassifying(Type.SIMPLE, "No bug.")
        actions.reclassify(desk.cause(desk.lead), ticket.pk, change)
        watch.tick(desk.at("mon 10:00"))
        assert len(entries(ticket, "breach")) == 1
        assert clock(ticket).next_at is None
        assert watch.tick(desk.now) == 0


class TestWarnings:
    def test_r9_half_is_the_executors_then_the_cover_then_everybody(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = accepted(desk)
        for time in ("12:59", "13:00", "16:00", "17:11", "17:12", "17:30"):
            watch.tick(desk.at(time))
        assert warned(ticket) == [
            ("resolution", 50, ["executor"]),
            ("resolution", 75, ["executor", "cover"]),
            ("resolution", 90, ["executor", "cover", "administrators"]),
        ]

    def test_r9_after_an_outage_only_the_highest_is_said(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = accepted(desk)
        assert watch.tick(desk.at("16:30")) == 1
        assert [percent for _, percent, _ in warned(ticket)] == [75]
        watch.tick(desk.at("17:15"))
        assert [percent for _, percent, _ in warned(ticket)] == [75, 90]

    def test_r9_the_acceptance_clock_warns_too(self, desk: Desk) -> None:
        ticket = submits(desk)
        assert clock(ticket, ClockKind.ACCEPTANCE).next_at == moment("fri 09:30")
        watch.tick(desk.at("09:30"))
        assert warned(ticket) == [("acceptance", 50, ["executor"])]

    def test_r9_a_pause_moves_the_warning(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = in_work(desk)
        desk.at("10:00")
        asks(desk, ticket)
        watch.tick(desk.at("13:30"))
        assert not warned(ticket)
        desk.at("14:00")
        answers(desk, ticket)
        watch.tick(desk.at("16:59"))
        assert not warned(ticket)
        watch.tick(desk.at("17:00"))
        assert [percent for _, percent, _ in warned(ticket)] == [50]

    def test_r9_productions_clock_warns_production(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = in_work(desk)
        actions.consult(desk.cause(desk.lead), ticket.pk, "How does it work?")
        watch.tick(desk.at("17:30"))
        assert ("production", 90, ["production", "administrators"]) in warned(ticket)


class TestSilence:
    def test_t6_a_reminder_after_8_hours_and_confirmation_after_16(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = delivers(desk, in_work(desk))
        watch.tick(desk.at("18:00"))
        assert reminded(ticket) == ["remind_delivered"]
        told = entries(ticket, "remind")[0].facts
        assert told["ends_at"] == moment("mon 18:00", desk.now).isoformat()
        watch.tick(desk.at("mon 17:59"))
        assert state(ticket) == State.DELIVERED
        watch.tick(desk.at("mon 18:00"))
        assert state(ticket) == State.RESOLVED
        (confirmed,) = entries(ticket, "confirm")
        assert confirmed.by == "system" and confirmed.facts["by_silence"]
        assert not ticket.alarms.exists()

    def test_t6_a_word_of_the_partner_stops_it(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = delivers(desk, in_work(desk))
        actions.message(desk.cause(desk.member), ticket.pk, "I look at it next week.")
        watch.tick(desk.at("wed 09:00"))
        assert state(ticket) == State.DELIVERED
        assert not reminded(ticket)

    def test_unanswered_it_is_reminded_on_days_1_and_3_and_cancelled_on_5(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = asks(desk, in_work(desk))
        for day in ("mon", "tue", "wed", "thu"):
            watch.tick(desk.at(f"{day} 18:00"))
        assert reminded(ticket) == ["remind_answer"] * 2
        assert state(ticket) == State.AWAITING_PARTNER
        watch.tick(desk.at("fri 18:00"))
        ended = fresh(ticket)
        assert ended.state == State.CANCELLED
        assert clock(ticket).outcome == Outcome.VOID
        assert entries(ticket, "cancel")[0].facts["by_silence"]

    def test_an_answer_in_time_ends_the_waiting(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = asks(desk, in_work(desk))
        desk.at("mon 10:00")
        answers(desk, ticket)
        watch.tick(desk.at("2026-12-20 10:00"))
        assert state(ticket) == State.IN_WORK
        assert not reminded(ticket)

    def test_without_money_it_is_reminded_twice_and_expires_free(self, desk: Desk) -> None:
        ticket = accepted(desk)
        assert ticket.state == State.AWAITING_DEPOSIT
        for day in ("2026-11-30", "2026-12-02"):
            watch.tick(desk.at(f"{day} 18:00"))
        assert reminded(ticket) == ["remind_waiting"] * 2
        watch.tick(desk.at("2026-12-11 17:59"))
        assert state(ticket) == State.AWAITING_DEPOSIT
        watch.tick(desk.at("2026-12-11 18:00"))
        assert state(ticket) == State.CANCELLED

    def test_an_estimate_that_is_valid_longer_is_not_cut_short(self, desk: Desk) -> None:
        ticket = estimates(desk, accepted(desk, Type.CUSTOMISATION), valid_days=30)
        watch.tick(desk.at("2026-12-11 18:00"))
        assert state(ticket) == State.AWAITING_APPROVAL
        watch.tick(desk.at("2026-12-27 09:00"))
        assert state(ticket) == State.CANCELLED

    def test_after_a_long_outage_everything_happens_in_its_order(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = delivers(desk, in_work(desk))
        assert watch.tick(desk.at("wed 12:00")) == 2
        verbs = Entry.objects.filter(subject=ticket.key).order_by("id").values_list("verb")
        assert [verb for (verb,) in verbs][-2:] == ["remind", "confirm"]


class TestHour:
    def test_t3_at_45_minutes_a_warning_and_at_60_a_decision(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = accepted(desk)
        lead = desk.cause(desk.lead, "workplace")
        actions.work_start(lead, ticket.pk)
        watch.tick(desk.at("09:44"))
        assert not entries(ticket, "work_warning")
        watch.tick(desk.at("09:45"))
        watch.tick(desk.at("10:00"))
        (warning,) = entries(ticket, "work_warning")
        (limit,) = entries(ticket, "work_limit")
        assert (warning.facts["worked_seconds"], warning.facts["asks"]) == (45 * 60, False)
        assert (limit.facts["worked_seconds"], limit.facts["asks"]) == (60 * 60, True)

    def test_t3_sessions_add_up_and_it_is_said_once(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = accepted(desk)
        actions.work_start(desk.cause(desk.lead), ticket.pk)
        desk.at("09:40")
        actions.work_stop(desk.cause(desk.lead), ticket.pk)
        watch.tick(desk.at("10:00"))
        assert not entries(ticket, "work_warning")
        actions.work_start(desk.cause(desk.lead), ticket.pk)
        watch.tick(desk.at("10:05"))
        assert len(entries(ticket, "work_warning")) == 1
        actions.work_stop(desk.cause(desk.lead), ticket.pk)
        actions.work_start(desk.cause(desk.lead), ticket.pk)
        watch.tick(desk.at("10:30"))
        assert len(entries(ticket, "work_warning")) == len(entries(ticket, "work_limit")) == 1

    def test_t3_what_was_struck_meanwhile_is_not_counted(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = accepted(desk)
        actions.work_start(desk.cause(desk.lead), ticket.pk)
        desk.at("09:30")
        actions.work_stop(desk.cause(desk.lead), ticket.pk)
        actions.work_start(desk.cause(desk.lead), ticket.pk)
        first = ticket_interval(ticket)
        workdays.strike(desk.cause(desk.lead), first, "I had lunch.")
        watch.tick(desk.at("09:45"))
        assert not entries(ticket, "work_warning")
        watch.tick(desk.at("10:15"))
        assert len(entries(ticket, "work_warning")) == 1

    def test_t3_a_bug_is_exempt(self, desk: Desk) -> None:
        ticket = accepted(desk, Type.BUG)
        actions.work_start(desk.cause(desk.lead), ticket.pk)
        watch.tick(desk.at("10:30"))
        assert not entries(ticket, "work_limit")

    def test_t11_at_the_end_of_the_shift_a_running_timer_is_asked_about(self, desk: Desk) -> None:
        ticket, other = accepted(desk, Type.BUG), accepted(desk, Type.BUG)
        desk.at("17:50")
        actions.work_start(desk.cause(desk.lead), other.pk)
        actions.work_start(desk.cause(desk.lead), ticket.pk)
        watch.tick(desk.at("18:00"))
        (asked,) = entries(ticket, "end_of_shift")
        assert asked.facts["person"] == desk.lead.pk
        assert not entries(other, "end_of_shift")


def ticket_interval(ticket: Ticket) -> int:
    """The first interval on record of the ticket."""
    return Interval.objects.filter(subject__startswith=ticket.key).order_by("id")[0].pk


class TestTrouble:
    def poison(self, ticket: Ticket) -> None:
        """Terms that cannot be read: whatever asks for them fails."""
        spoilt = PlanVersion.objects.create(
            plan=ticket.plan_version.plan,
            effective_on=date(2030, 1, 1),
            calendar=ticket.plan_version.calendar,
            terms={"no such term": 1},
        )
        Ticket.objects.filter(pk=ticket.pk).update(plan_version=spoilt)

    def test_one_that_fails_stops_no_other_and_is_tried_again(
        self, desk: Desk, caplog: pytest.LogCaptureFixture
    ) -> None:
        buys(desk, 2)
        bad, good = delivers(desk, in_work(desk)), delivers(desk, in_work(desk))
        late, other = submits(desk), submits(desk)
        good_plan = fresh(bad).plan_version_id
        self.poison(bad)
        Ticket.objects.filter(pk=late.pk).update(plan_version=fresh(bad).plan_version)
        with caplog.at_level(logging.ERROR):
            watch.tick(desk.at("mon 18:00"))
        assert state(good) == State.RESOLVED
        assert clock(other, ClockKind.ACCEPTANCE).breached_at == moment("fri 10:00")
        assert state(bad) == State.DELIVERED
        assert "Traceback" in caplog.text
        failed = entries(bad, "watch_failed")
        assert {entry.facts["error"] for entry in failed} == {"TermsError"}
        again_at = desk.now + timedelta(minutes=1)
        assert {alarm.at.replace(microsecond=0) for alarm in bad.alarms.all()} == {again_at}
        assert watch.tick(desk.now) == 0
        watch.tick(desk.later(minutes=1, seconds=1))
        assert len(entries(bad, "watch_failed")) == len(failed)
        Ticket.objects.filter(pk=bad.pk).update(plan_version=good_plan)
        watch.tick(desk.later(minutes=1, seconds=1))
        assert state(bad) == State.RESOLVED

    def test_two_alarms_of_one_kind_that_fail_together_keep_apart(self, desk: Desk) -> None:
        buys(desk, 1)
        ticket = delivers(desk, in_work(desk))
        ticket.alarms.create(kind=AlarmKind.CONFIRM_DELIVERED, at=moment("mon 17:00", desk.now))
        self.poison(ticket)
        watch.tick(desk.at("mon 18:00"))
        put_back = ticket.alarms.filter(at__gt=desk.now)
        assert len(put_back) == len({alarm.at for alarm in put_back}) == 2

    def test_t9_a_hand_over_that_fails_is_reported_once_and_tried_again(self, desk: Desk) -> None:
        bad, good = submits(desk), submits(desk)
        self.poison(bad)
        is_away(desk, desk.lead, days=2)
        assert watch.tick(desk.now) == 1
        assert watch.tick(desk.later(seconds=1)) == 0
        assert fresh(good).executor_id == desk.cover.pk
        assert len(entries(bad, "watch_failed")) == 1
        Ticket.objects.filter(pk=bad.pk).update(plan_version=fresh(good).plan_version)
        assert watch.tick(desk.later(minutes=1)) >= 1
        assert fresh(bad).executor_id == desk.cover.pk


class TestCost:
    def test_with_nothing_due_it_asks_three_short_questions(
        self, desk: Desk, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        buys(desk, 1)
        accepted(desk)
        with django_assert_num_queries(3):
            assert watch.tick(desk.now) == 0

    def test_the_limit_holds_and_the_next_tick_goes_on(self, desk: Desk) -> None:
        for _ in range(5):
            submits(desk)
        assert watch.tick(desk.at("10:00"), limit=2) == 2
        assert watch.tick(desk.now, limit=2) == 2
        assert watch.tick(desk.now, limit=2) == 1
        assert watch.tick(desk.now) == 0

    def test_what_is_due_is_found_through_partial_indexes(self, desk: Desk) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        due = Clock.objects.filter(next_at__lte=desk.now).order_by("next_at", "pk")
        assert "clock_next" in due.explain()
        ringing = Alarm.objects.filter(at__lte=desk.now).order_by("at", "pk")
        assert "alarm_at" in ringing.explain()
