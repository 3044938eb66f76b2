"""Another executor: by decision, or because one is away (T9)."""

import pytest

from desk.rules.lifecycle import NotAllowed, State
from desk.tickets import actions
from desk.tickets.actions import Incomplete, watch
from desk.tickets.models import ClockKind, MessageKind
from desk.workdays import actions as workdays
from desk.workdays import queries as timeline
from tests import cast
from tests.language import OPENED, Desk, moment
from tests.scenarios.tickets import (
    accepts,
    buys,
    clock,
    delivers,
    entries,
    fresh,
    in_work,
    is_away,
    submits,
)


def test_hand_over_keeps_history_and_promise_and_tells_the_partner(desk: Desk) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    third = cast.specialist(OPENED, "Nina Tretia")
    cause = desk.cause(desk.lead, "workplace")
    handed = actions.hand_over(cause, ticket.pk, third.pk, "She knows the module.")
    assert handed.executor_id == third.pk
    assert (handed.state, handed.due_at) == (State.IN_WORK, moment("fri 18:00"))
    (told,) = entries(ticket, "hand_over")
    assert told.facts["executor_from"] == desk.lead.pk and told.facts["executor"] == third.pk
    why = ticket.messages.latest("pk")
    assert (why.kind, why.text) == (MessageKind.NOTE, "She knows the module.")
    actions.step(desk.cause(third), ticket.pk, "implementing")  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        actions.step(cause, ticket.pk, "solving")  # type: ignore[arg-type]


def test_running_work_stops_with_the_hand_over(desk: Desk) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    actions.work_start(desk.cause(desk.lead), ticket.pk)
    desk.at("09:30")
    actions.hand_over(desk.cause(desk.house.administrator), ticket.pk, desk.cover.pk)
    assert timeline.running(desk.lead.pk) is None
    assert timeline.worked_seconds(ticket.key, desk.now) == 30 * 60
    assert not ticket.alarms.exists()


def test_only_a_specialist_who_is_there_can_take_over(desk: Desk) -> None:
    ticket = submits(desk)
    lead = desk.cause(desk.lead)
    is_away(desk, desk.cover, days=1)
    refused = {
        desk.lead.pk: "same",
        desk.cover.pk: "away",
        desk.owner.pk: "not_a_specialist",
        desk.house.administrator.pk: "not_a_specialist",
        0: "not_a_specialist",
    }
    for person_id, why in refused.items():
        with pytest.raises(Incomplete) as error:
            actions.hand_over(lead, ticket.pk, person_id)
        assert error.value.why == why
    with pytest.raises(NotAllowed):
        actions.hand_over(desk.cause(desk.owner), ticket.pk, desk.cover.pk)


def test_t9_an_absence_before_acceptance_hands_over_with_the_acceptance_clock(desk: Desk) -> None:
    ticket = submits(desk)
    desk.at("09:20")
    is_away(desk, desk.lead, days=2)
    assert watch.tick(desk.now) == 1
    ticket = fresh(ticket)
    assert ticket.executor_id == desk.cover.pk
    assert ticket.acceptance_due_at == moment("fri 10:00")
    assert clock(ticket, ClockKind.ACCEPTANCE).started_at == moment("fri 09:00")
    assert entries(ticket, "hand_over")[0].by == "system"
    buys(desk, 1)
    assert accepts(desk, ticket).executor_id == desk.cover.pk


def test_t9_all_open_tickets_go_also_delivered_ones_and_once(desk: Desk) -> None:
    buys(desk, 3)
    working, waiting = in_work(desk), delivers(desk, in_work(desk))
    done = delivers(desk, in_work(desk))
    actions.confirm(desk.cause(desk.member), done.pk)
    is_away(desk, desk.lead, days=2)
    assert watch.tick(desk.later(minutes=1)) == 2
    assert watch.tick(desk.later(minutes=1)) == 0
    assert fresh(working).executor_id == fresh(waiting).executor_id == desk.cover.pk
    assert fresh(done).executor_id == desk.lead.pk


def test_t9_both_away_the_ticket_goes_to_the_administrators_pool(desk: Desk) -> None:
    ticket = submits(desk)
    is_away(desk, desk.lead, days=2)
    is_away(desk, desk.cover, days=1)
    watch.tick(desk.now)
    assert fresh(ticket).executor_id is None
    *_, last = entries(ticket, "hand_over")
    assert last.facts["pool"]
    actions.hand_over(
        desk.cause(desk.house.administrator), ticket.pk, cast.specialist(OPENED, "Nina Nova").pk
    )
    assert accepts(desk, fresh(ticket)).accepted_at == desk.now


def test_t9_the_covers_absence_gives_the_lead_s_ticket_back(desk: Desk) -> None:
    ticket = submits(desk)
    first = is_away(desk, desk.lead, hours=1)
    watch.tick(desk.now)
    assert fresh(ticket).executor_id == desk.cover.pk
    desk.at("10:30")
    assert first.until_at < desk.now
    is_away(desk, desk.cover, days=1)
    watch.tick(desk.now)
    assert fresh(ticket).executor_id == desk.lead.pk


def test_t9_a_withdrawn_or_future_absence_hands_nothing_over(desk: Desk) -> None:
    ticket = submits(desk)
    absence = is_away(desk, desk.lead, days=1)
    workdays.withdraw_absence(desk.cause(desk.lead), absence.pk)
    assert watch.tick(desk.now) == 0
    later = is_away(desk, desk.lead, days=1)
    assert watch.tick(moment("thu 18:00")) == 0
    assert actions.hand_over_absent(desk.cause(None), later.pk) == 1
    assert fresh(ticket).executor_id == desk.cover.pk
    assert actions.hand_over_absent(desk.cause(None), later.pk) == 0
