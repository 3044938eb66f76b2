"""Missed calls: ten working minutes, told to more and more people, done once they are reached."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.channels.notices.models import Notice
from desk.channels.phone import actions, watch
from desk.channels.phone.fold import CallState
from desk.channels.phone.models import Call, CallBack, Provider
from desk.journal.models import Entry
from desk.partners import actions as partners
from desk.tickets.actions import Incomplete
from tests import cast
from tests.channels import exchanges, post
from tests.channels.exchanges import CALLER, Exchange
from tests.language import Desk
from tests.scenarios import tickets

How = CallBack.How
FORGET_DAYS = 90


@pytest.fixture
def exchange(desk: Desk) -> Exchange:
    exchanges.has_number(desk, desk.member)
    return exchanges.connected(desk, Provider.GENERIC, consent=exchanges.CONSENT)


def misses(desk: Desk, exchange: Exchange, call_id: str = "a", **more: object) -> CallBack:
    """Somebody calls, and nobody answers."""
    exchanges.tells(desk, exchange, exchanges.generic("ringing", call_id, **more))
    exchanges.tells(desk, exchange, exchanges.generic("missed", call_id))
    return CallBack.objects.latest("id")


def watched(desk: Desk) -> None:
    while watch.tick(desk.now):
        pass
    post.relayed(desk.now)


def told() -> list[tuple[str, str]]:
    """Who was told what of the hotline, in order."""
    verbs = ("miss_call", "escalate_call")
    rows = Notice.objects.filter(verb__in=verbs).select_related("person").order_by("id")
    return [(row.person.name.split()[0], row.verb) for row in rows]


def test_a_missed_call_is_told_to_executor_cover_and_administrators(
    desk: Desk, exchange: Exchange
) -> None:
    task = misses(desk, exchange)
    assert task.due_at - task.since_at == timedelta(minutes=10)
    watched(desk)
    assert told() == [("Olha", "miss_call")]
    desk.now = task.since_at + timedelta(minutes=5)
    for _ in range(3):
        watched(desk)
    assert told()[1:] == [("Taras", "escalate_call")]
    desk.now = task.due_at
    for _ in range(3):
        watched(desk)
    administrators = [("Adam", "escalate_call"), ("Ada", "escalate_call")]
    assert sorted(told()[2:]) == sorted(administrators)
    task.refresh_from_db()
    assert (task.level, task.next_at) == (2, None)


def test_after_an_outage_everybody_is_told_at_once(desk: Desk, exchange: Exchange) -> None:
    misses(desk, exchange)
    desk.later(hours=2)
    watched(desk)
    assert [who for who, _verb in told()] == ["Olha", "Taras", "Adam", "Ada"]


def test_without_a_cover_who_is_there_the_administrators_are_next(
    desk: Desk, exchange: Exchange
) -> None:
    tickets.is_away(desk, desk.cover, days=1)
    task = misses(desk, exchange)
    desk.now = task.since_at + timedelta(minutes=5)
    watched(desk)
    assert [who for who, _verb in told()] == ["Olha", "Adam", "Ada"]


def test_one_person_who_calls_five_times_is_one_task(desk: Desk, exchange: Exchange) -> None:
    for number in range(5):
        misses(desk, exchange, f"call {number}")
        desk.later(seconds=20)
    watched(desk)
    assert CallBack.objects.get().calls.count() == 5
    assert told() == [("Olha", "miss_call")]


def test_outside_the_hours_the_clock_counts_from_the_opening(
    desk: Desk, exchange: Exchange
) -> None:
    desk.at("fri 22:00")
    task = misses(desk, exchange)
    assert Call.objects.get().state == CallState.MISSED
    assert task.due_at == desk.at("mon 09:10")
    desk.now = task.due_at - timedelta(minutes=6)
    watched(desk)
    assert told() == [("Olha", "miss_call")]


def test_a_plan_around_the_clock_counts_at_night(desk: Desk, exchange: Exchange) -> None:
    always = partners.add_calendar(desk.cause(None), "Always", cast.ALWAYS)
    partners.add_plan_version(desk.cause(None), desk.house.plan.pk, desk.now.date(), always.pk, {})
    desk.at("sat 23:00")
    task = misses(desk, exchange)
    assert task.due_at - task.since_at == timedelta(minutes=10)


@pytest.mark.parametrize("outgoing", [True, False])
def test_talking_with_them_ends_the_task(desk: Desk, exchange: Exchange, *, outgoing: bool) -> None:
    task = misses(desk, exchange)
    desk.later(minutes=3)
    said = {"outgoing": True} if outgoing else {}
    exchanges.tells(desk, exchange, exchanges.generic("ringing", "b", **said))
    exchanges.tells(desk, exchange, exchanges.generic("answered", "b", **said))
    task.refresh_from_db()
    assert (task.how, task.next_at) == (How.REACHED, None)
    desk.later(hours=1)
    watched(desk)
    assert told() == [("Olha", "miss_call")]


def test_a_call_that_they_do_not_take_is_an_attempt(desk: Desk, exchange: Exchange) -> None:
    task = misses(desk, exchange)
    for kind in ("ringing", "ended", "recording"):
        exchanges.tells(desk, exchange, exchanges.generic(kind, "b", outgoing=True))
    task.refresh_from_db()
    assert (task.done_at, task.attempts) == (None, 1)


def test_a_person_says_what_was_done_instead(desk: Desk, exchange: Exchange) -> None:
    task = misses(desk, exchange)
    with pytest.raises(Incomplete):
        actions.called_back(desk.cause(desk.lead, "phone"), task.pk, " ")
    cause = desk.cause(desk.lead, "phone", "k")
    for _ in range(2):
        done = actions.called_back(cause, task.pk, "Reached by my own phone.")
    assert (done.how, done.done_by) == (How.NOTED, desk.lead)
    assert Entry.objects.filter(verb="call_back").count() == 1


def test_a_late_word_that_it_was_answered_withdraws_the_task(
    desk: Desk, exchange: Exchange
) -> None:
    task = misses(desk, exchange)
    exchanges.tells(desk, exchange, exchanges.generic("answered", "a"))
    task.refresh_from_db()
    call = Call.objects.get()
    assert (task.how, call.state, call.callback) == (How.NOT_MISSED, CallState.ENDED, None)


def test_a_missed_call_learned_of_after_they_were_reached_makes_no_work(
    desk: Desk, exchange: Exchange
) -> None:
    started_at = desk.now.isoformat()
    desk.later(minutes=1)
    exchanges.tells(desk, exchange, exchanges.generic("answered", "b"))
    exchanges.tells(desk, exchange, exchanges.generic("missed", "a", started_at=started_at))
    assert CallBack.objects.get().how == How.REACHED
    watched(desk)
    assert told() == []


def test_an_unknown_number_is_told_to_the_administrators(desk: Desk, exchange: Exchange) -> None:
    exchanges.tells(desk, exchange, {**exchanges.generic("missed"), "phone": "0670000000"})
    watched(desk)
    assert sorted(told()) == [("Ada", "miss_call"), ("Adam", "miss_call")]
    desk.now = CallBack.objects.get().due_at - timedelta(minutes=1)
    watched(desk)
    assert len(told()) == 2
    desk.later(minutes=1)
    watched(desk)
    assert len(told()) == 4
    assert CallBack.objects.get().partner is None


def test_a_number_that_is_told_after_the_end_is_called_back_too(desk: Desk) -> None:
    line = exchanges.connected(desk, Provider.BINOTEL)
    _kind, hung_up = exchanges.missed(Provider.BINOTEL)
    exchanges.tells(desk, line, hung_up)
    watched(desk)
    assert (told(), CallBack.objects.count()) == ([], 0)
    exchanges.tells(desk, line, next(iter(exchanges.answered_call(Provider.BINOTEL)))[1])
    watched(desk)
    assert sorted(told()) == [("Ada", "miss_call"), ("Adam", "miss_call")]


def test_a_hidden_number_cannot_be_called_back(desk: Desk, exchange: Exchange) -> None:
    exchanges.tells(desk, exchange, {**exchanges.generic("missed"), "phone": "anonymous"})
    assert (Call.objects.get().state, CallBack.objects.count()) == (CallState.MISSED, 0)


def test_a_call_whose_end_was_lost_ends_by_itself(desk: Desk, exchange: Exchange) -> None:
    exchanges.tells(desk, exchange, exchanges.generic("ringing"))
    desk.later(minutes=2)
    assert watch.tick(desk.now) == 0
    desk.later(minutes=2)
    watched(desk)
    assert Call.objects.get().state == CallState.MISSED
    exchanges.tells(desk, exchange, exchanges.generic("ended", duration_seconds=200))
    call = Call.objects.get()
    assert (call.state, CallBack.objects.get().how) == (CallState.ENDED, How.NOT_MISSED)
    assert watch.tick(desk.now) == 0


def _recorded(desk: Desk, exchange: Exchange) -> Call:
    for kind in ("answered", "ended"):
        exchanges.tells(desk, exchange, exchanges.generic(kind))
    link = "https://pbx.example/r/77"
    exchanges.tells(desk, exchange, exchanges.generic("recording", recording_url=link))
    return Call.objects.get()


def test_a_recording_is_kept_sealed_and_forgotten_in_time(desk: Desk, exchange: Exchange) -> None:
    call = _recorded(desk, exchange)
    assert "pbx.example" not in call.recording
    assert call.recording_consent == exchanges.CONSENT
    assert call.recording_until_at == call.started_at + timedelta(days=FORGET_DAYS)
    link = actions.listen(desk.cause(desk.lead, "phone", "k"), call.pk)
    assert link == "https://pbx.example/r/77"
    assert Entry.objects.filter(verb="listen_call", by=f"person:{desk.lead.pk}").count() == 1
    assert watch.tick(desk.now) == 0
    desk.later(days=FORGET_DAYS)
    assert watch.tick(desk.now) == 1
    call.refresh_from_db()
    assert not call.recording
    assert Call.objects.filter(recording_until_at=None).exists()
    assert all(not word.facts["recording_url"] for word in call.words.all())
    assert all(not bytes(word.arrival.raw) for word in call.words.all() if word.arrival)
    assert actions.listen(desk.cause(desk.lead, "phone"), call.pk) == ""
    assert watch.tick(desk.now) == 0


def test_without_consent_no_recording_is_kept(desk: Desk) -> None:
    silent = exchanges.connected(desk, Provider.GENERIC)
    call = _recorded(desk, silent)
    assert call.recording == ""
    assert b"pbx.example" not in b"".join(
        bytes(word.arrival.raw) for word in call.words.all() if word.arrival
    )


def test_the_number_called_back_is_the_callers(desk: Desk, exchange: Exchange) -> None:
    assert misses(desk, exchange).phone == CALLER
