"""How a deadline came about: every span by whom, why, and the sum (R11, R7, R16)."""

import json
from datetime import datetime

import pytest

from desk.config import cli
from desk.config.commands import _explain
from desk.lib import clock as present
from desk.rules import clock as rules
from desk.rules.lifecycle import Type
from desk.tickets import actions, queries
from desk.tickets.actions import Objection, Reclassifying, Reply
from desk.tickets.models import DisputeAbout, Pause, Ticket
from desk.tickets.queries.lines import ClockAccount, Explanation, SpanWhat
from tests.language import Desk, moment
from tests.scenarios.tickets import (
    accepted,
    answers,
    asks,
    buys,
    clock,
    delivers,
    estimates,
    in_work,
    submits,
    tops_up,
)

HOUR = 3600


def told(desk: Desk, ticket: Ticket) -> Explanation:
    reader = desk.member
    return queries.explain(queries.by_number(reader, f"OLH-{ticket.number}"), reader, desk.now)


def resolution(desk: Desk, ticket: Ticket) -> ClockAccount:
    return [c for c in told(desk, ticket).clocks if c.kind == "resolution"][-1]


def by_rules(ticket: Ticket, at: datetime) -> int:
    """The elapsed time as the rules count it from the stored events."""
    row = clock(ticket)
    pauses = [
        rules.Pause(str(p.pk), p.opened_at, p.closed_at, p.struck)
        for p in Pause.objects.filter(clock=row)
    ]
    until = min(at, row.stopped_at or at)
    return rules.elapsed(row.calendar_version.value(), row.started_at, until, pauses)


def test_the_sum_agrees_with_the_clock_to_the_second(desk: Desk) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    desk.at("fri 10:00:07")
    asks(desk, ticket)
    desk.at("mon 09:30:11")
    answers(desk, ticket)
    desk.at("mon 11:00:40")
    account = resolution(desk, ticket)
    ran = [span for span in account.spans if span.what == SpanWhat.RUNNING]
    assert sum(span.working_seconds for span in ran) == account.elapsed_seconds
    assert account.spans[-1].sum_seconds == account.elapsed_seconds
    assert account.elapsed_seconds == by_rules(ticket, desk.now) == 2 * HOUR + 30 * 60 + 36
    assert account.deadline.elapsed_seconds == account.elapsed_seconds
    full = sum(s.working_seconds for s in account.spans_full if s.what == SpanWhat.RUNNING)
    assert full == account.elapsed_seconds


def test_every_span_says_by_whom_and_why(desk: Desk) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    desk.at("fri 17:00")
    asks(desk, ticket)
    desk.at("mon 10:00")
    answers(desk, ticket)
    desk.at("mon 10:30")
    first, stood, second = resolution(desk, ticket).spans
    assert [span.what for span in (first, stood, second)] == ["running", "paused", "running"]
    assert (first.from_at, first.until_at) == (moment("2026-11-27 09:00"), stood.from_at)
    assert first.working_seconds == 7 * HOUR
    assert (stood.state, stood.verb, stood.reason) == ("awaiting_partner", "ask", "Which order?")
    assert stood.by is not None and stood.by.name == desk.lead.name
    assert stood.ended_by is not None and stood.ended_by.name == desk.member.name
    assert stood.working_seconds == 2 * HOUR
    assert second.sum_seconds == 7 * HOUR + 30 * 60


def test_nights_and_breaks_show_when_asked(desk: Desk) -> None:
    buys(desk, 1)
    ticket = accepted(desk)
    desk.at("mon 09:30")
    kinds = [span.what.value for span in resolution(desk, ticket).spans_full]
    assert kinds == ["running", "closed", "running", "closed", "running"]
    assert len(resolution(desk, ticket).spans) == 1


def test_a_struck_pause_counts_and_is_marked(desk: Desk) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    desk.at("fri 10:00")
    asks(desk, ticket)
    desk.at("fri 12:00")
    answers(desk, ticket)
    pause = Pause.objects.get(clock=clock(ticket))
    objection = Objection(DisputeAbout.PAUSE, "It was in the text.", pause.pk)
    dispute = actions.contest(desk.cause(desk.owner), ticket.pk, objection)
    ruling = actions.Ruling(upheld=True, text="It was.")
    actions.rule(desk.cause(desk.house.administrator), dispute.pk, ruling)
    account = resolution(desk, ticket)
    assert len(account.spans) == 1
    assert account.elapsed_seconds == by_rules(ticket, desk.now) == 3 * HOUR
    assert [struck.working_seconds for struck in account.struck] == [2 * HOUR]
    assert account.struck[0].reason == "Which order?"
    assert account.deadline.due_at == moment("fri 18:00")


def test_other_targets_are_listed_with_the_reason(desk: Desk) -> None:
    """T4: a simple made a bug at 11:00, created Fri 09:00: due Fri 12:00."""
    buys(desk, 1)
    ticket = in_work(desk)
    desk.at("fri 11:00")
    change = Reclassifying(Type.BUG, "The rule itself is broken.")
    actions.reclassify(desk.cause(desk.lead, "workplace"), ticket.pk, change)
    given, changed = resolution(desk, ticket).retargets
    assert (given.verb, given.target_before_seconds, given.target_after_seconds) == (
        "accept",
        None,
        8 * HOUR,
    )
    assert (changed.verb, changed.target_after_seconds) == ("reclassify", 3 * HOUR)
    assert changed.reason == "The rule itself is broken."
    assert (changed.due_before_at, changed.due_after_at) == (
        moment("fri 18:00"),
        moment("fri 12:00"),
    )


def test_the_acceptance_clock_is_explained_too(desk: Desk) -> None:
    buys(desk, 1)
    ticket = submits(desk)
    desk.at("fri 09:20")
    explained = told(desk, ticket)
    assert [c.kind for c in explained.clocks] == ["acceptance", "resolution"]
    assert explained.clocks[0].elapsed_seconds == 20 * 60
    assert explained.clocks[0].deadline.due_at == moment("fri 10:00")
    assert explained.calendar_document["timezone"] == "Europe/Kyiv"


def test_each_cycle_has_its_account(desk: Desk) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    desk.at("fri 11:00")
    delivers(desk, ticket)
    actions.confirm(desk.cause(desk.member), ticket.pk)
    desk.at("mon 16:00")
    actions.reopen(desk.cause(desk.member), ticket.pk, "It is empty again.")
    desk.at("mon 17:00")
    first, second = [c for c in told(desk, ticket).clocks if c.kind == "resolution"]
    assert (first.cycle, first.elapsed_seconds, first.deadline.phase) == (1, 2 * HOUR, "kept")
    assert first.deadline.due_at == moment("2026-11-27 18:00")
    assert (second.cycle, second.elapsed_seconds) == (2, HOUR)


def test_productions_clocks_are_our_own(desk: Desk) -> None:
    tops_up(desk, 10_000_00)
    ticket = accepted(desk, Type.CUSTOMISATION)
    estimates(desk, ticket)
    actions.approve(desk.cause(desk.owner), ticket.pk)
    actions.start(desk.cause(desk.lead, "workplace"), ticket.pk)
    desk.at("fri 10:00")
    actions.consult(desk.cause(desk.lead, "workplace"), ticket.pk, "Which table?")
    desk.at("fri 12:00")
    actions.reply(desk.cause(desk.house.production), ticket.pk, Reply("orders"))
    assert {c.kind for c in told(desk, ticket).clocks} == {"acceptance", "resolution"}
    internal = queries.explain(
        queries.by_number(desk.lead, f"OLH-{ticket.number}"), desk.lead, desk.now
    )
    assert [c.kind for c in internal.clocks].count("production") == 2
    assert resolution(desk, ticket).paused_seconds == 2 * HOUR


def test_r16_resolution_time_ends_at_the_last_delivery(desk: Desk) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    assert queries.resolution_seconds(ticket) is None
    desk.at("fri 11:00")
    asks(desk, ticket)
    desk.at("fri 12:00")
    answers(desk, ticket)
    desk.at("fri 15:00")
    delivers(desk, ticket)
    desk.at("mon 10:00")
    actions.confirm(desk.cause(desk.member), ticket.pk)
    ticket.refresh_from_db()
    time = queries.resolution_seconds(ticket)
    assert time is not None
    assert time.with_pauses_seconds == 5 * HOUR
    assert time.without_pauses_seconds == 4 * HOUR


def test_the_command_prints_the_account(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    desk.at("fri 16:00")
    asks(desk, ticket)
    desk.at("fri 17:00")
    monkeypatch.setenv("DESK_DEMO", "1")
    monkeypatch.setenv("DESK_CLOCK_SHIFT", str((desk.now - present.now()).total_seconds()))
    parser = cli.build_parser()
    assert _explain.explain(parser.parse_args(["clock", "explain", "OLH-1"])) == 0
    said = capsys.readouterr().out
    assert "OLH-1 The report is empty: awaiting_partner" in said
    assert "running  2026-11-27T09:00:00+02:00 2026-11-27T16:00:00+02:00  6:00:00" in said
    assert "elapsed  6:00:00, spared 1:00:00" in said
    assert _explain.explain(parser.parse_args(["clock", "explain", "OLH-1", "--json"])) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["clocks"][1]["elapsed_seconds"] == 6 * HOUR
    assert _explain.explain(parser.parse_args(["clock", "explain", "OLH-9"])) == 1
    assert "no ticket" in capsys.readouterr().err
