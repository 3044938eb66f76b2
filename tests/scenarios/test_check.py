"""`desk check` proves what is stored, and names what was broken by hand (L9, R8, T1)."""

import argparse
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F

from desk.config.commands import check as command
from desk.lib import clock
from desk.partners.models import Partner
from desk.rules.lifecycle import Reason, Type
from desk.tickets import actions, checks
from desk.tickets.actions import Objection, Reclassifying, Reply
from desk.tickets.models import Clock, ClockKind, DisputeAbout, Part, Pause, Ticket
from tests.language import Desk
from tests.scenarios.tickets import (
    accepted,
    answers,
    asks,
    buys,
    delivers,
    estimates,
    in_work,
    resolved,
    submits,
    tops_up,
)
from tests.scenarios.tickets import (
    clock as clock_of,
)


def codes(desk: Desk) -> set[str]:
    return {finding.code for finding in checks.check(desk.now)}


def a_month(desk: Desk) -> list[Ticket]:
    """Tickets that went every way there is."""
    buys(desk, 40)
    tops_up(desk, 50_000_00)
    lead = "workplace"
    waiting, estimated = submits(desk), accepted(desk, Type.CUSTOMISATION)
    declined = submits(desk)
    actions.decline(desk.cause(desk.lead, lead), declined.pk, Reason.NOT_OUR_PRODUCT, "Not ours.")
    asked = asks(desk, in_work(desk))
    bug = in_work(desk, Type.BUG)
    parts = in_work(desk, Type.COMPLEX, "One", "Two", "Three")
    done = resolved(desk, in_work(desk))
    defect = resolved(desk, in_work(desk))
    actions.confirm_defect(desk.cause(desk.house.production, "production"), defect.pk, "Ours.")
    merged = accepted(desk)
    actions.merge(desk.cause(desk.lead, lead), merged.pk, parts.pk)
    desk.at("fri 10:30")
    actions.accept(desk.cause(desk.lead, lead), waiting.pk, actions.Accepting(Type.SIMPLE, "Late."))
    estimates(desk, estimated)
    actions.approve(desk.cause(desk.owner), estimated.pk)
    actions.start(desk.cause(desk.lead, lead), estimated.pk)
    actions.consult(desk.cause(desk.lead, lead), estimated.pk, "Which table?")
    actions.finish_part(desk.cause(desk.lead, lead), parts.pk, 1, "Done.")
    cancelled = in_work(desk)
    actions.cancel(desk.cause(desk.member), cancelled.pk, "Found it.")
    desk.at("fri 14:30")
    answers(desk, asked)
    actions.note(desk.cause(desk.lead, lead), bug.pk, "It broke at noon.")
    desk.at("fri 16:00")
    delivers(desk, asked)
    desk.at("mon 10:00")
    actions.return_(desk.cause(desk.member), asked.pk, "Not quite.")
    actions.reply(desk.cause(desk.house.production), estimated.pk, Reply("orders"))
    change = Reclassifying(Type.COMPLEX, "It is two things.", ("One", "Two"))
    actions.reclassify(desk.cause(desk.lead, lead), waiting.pk, change)
    actions.reopen(desk.cause(desk.member), done.pk, "It is empty again.")
    a_struck_pause(desk, asked)
    return [waiting, estimated, declined, asked, bug, parts, done, defect, merged, cancelled]


def a_struck_pause(desk: Desk, asked: Ticket) -> None:
    """The pause of the question is contested, and the ruling strikes it."""
    pause = Pause.objects.filter(clock__ticket=asked, state="awaiting_partner").get()
    dispute = actions.contest(
        desk.cause(desk.owner),
        asked.pk,
        Objection(DisputeAbout.PAUSE, "It was in the text.", pause.pk),
    )
    actions.rule(
        desk.cause(desk.house.administrator),
        dispute.pk,
        actions.Ruling(upheld=True, text="It was."),
    )


def test_all_ways_through_the_lifecycle_leave_nothing_wrong(desk: Desk) -> None:
    a_month(desk)
    faults = [str(finding) for finding in checks.check(desk.now) if _not_late(finding.code)]
    assert faults == []


def _not_late(code: str) -> bool:
    """Nobody watches the clocks in this test: what breaks between two moves is not noticed."""
    return code != "clock_unnoticed"


def _state(ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(state="accepted", clock="runs")


def _due(ticket: Ticket) -> None:
    Clock.objects.filter(ticket=ticket, kind=ClockKind.RESOLUTION).update(
        due_at=F("due_at") + timedelta(hours=1)
    )


def _beside(ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(due_at=F("due_at") + timedelta(hours=1))


def _breach(ticket: Ticket) -> None:
    broken = clock_of(ticket)
    at = broken.started_at + timedelta(minutes=10)
    Clock.objects.filter(pk=broken.pk).update(breached_at=at, breach_noticed_at=at)


def _number(ticket: Ticket) -> None:
    Partner.objects.update(tickets_count=F("tickets_count") + 1)


def _units(ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(promised=2)


def _fewer(ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(promised=0)


def _pause(ticket: Ticket) -> None:
    Pause.objects.create(
        clock=clock_of(ticket), state="delivered", opened_at=ticket.changed_at, opened_entry_id=1
    )


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (_state, "ticket_state"),
        (_due, "clock_due"),
        (_beside, "ticket_deadline"),
        (_breach, "clock_breach"),
        (_number, "ticket_numbers"),
        (_units, "ticket_undercharged"),
        (_fewer, "ticket_overcharged"),
        (_pause, "pause_open"),
    ],
)
def test_each_harm_is_named(desk: Desk, harm: Callable[[Ticket], None], code: str) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    assert codes(desk) == set()
    harm(ticket)
    assert code in codes(desk)


def test_a_breach_that_nobody_noticed_is_named(desk: Desk) -> None:
    submits(desk)
    desk.at("fri 10:02")
    assert codes(desk) == {"clock_unnoticed"}


def test_a_number_of_queries_that_does_not_grow(desk: Desk) -> None:
    from django.test.utils import CaptureQueriesContext

    buys(desk, 20)
    counted = []
    for _ in range(2):
        for _ in range(3):
            in_work(desk, Type.COMPLEX, "One", "Two")
        with CaptureQueriesContext(connection) as captured:
            assert codes(desk) == set()
        counted.append(len(captured))
    assert counted[0] == counted[1] <= 15


def _run(as_json: bool) -> int:
    return command.run(argparse.Namespace(json=as_json))


def test_the_command_says_what_it_checked(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    monkeypatch.setenv("DESK_DEMO", "1")
    monkeypatch.setenv("DESK_CLOCK_SHIFT", str((desk.now - clock.now()).total_seconds()))
    assert _run(as_json=False) == 0
    said = capsys.readouterr().out
    assert "tickets 1" in said and "Nothing is wrong." in said
    Part.objects.filter(ticket=ticket).update(state="released")
    _beside(ticket)
    assert _run(as_json=True) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0]["code"] == "ticket_deadline"
    assert lines[0]["subject"] == ticket.key
    assert lines[-1]["findings"] == 1
