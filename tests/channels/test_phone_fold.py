"""A call is a function of the set of its events: order and repetitions change nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from desk.channels.phone.events import CallEvent, Kind
from desk.channels.phone.fold import TOLD_LATE_MAX, CallState, fold

NOON = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
MOMENTS = st.integers(0, 7200).map(lambda seconds: NOON + timedelta(seconds=seconds))
EVENTS = st.builds(
    CallEvent,
    provider=st.just("generic"),
    call_id=st.just("a"),
    kind=st.sampled_from(Kind),
    at=MOMENTS,
    phone=st.sampled_from(["", "+380501234567", "+380670000000"]),
    outgoing=st.booleans(),
    number_called=st.sampled_from(["", "+380443334023"]),
    internal=st.sampled_from(["", "101", "102"]),
    started_at=st.none() | MOMENTS,
    duration_seconds=st.none() | st.integers(0, 600),
    talked=st.none() | st.booleans(),
    recording_url=st.sampled_from(["", "https://pbx.example/1", "https://pbx.example/2"]),
    assumed=st.booleans(),
)


def told(kind: Kind, second: int, **more: object) -> CallEvent:
    at = NOON + timedelta(seconds=second)
    return CallEvent("generic", "a", kind, at, **more)  # type: ignore[arg-type]  # names of fields


@given(st.lists(EVENTS, min_size=1, max_size=8), st.randoms(use_true_random=False), st.data())
def test_any_order_and_any_repetition_give_the_same_call(
    events: list[CallEvent], random: Random, data: DataObject
) -> None:
    repeated = events + data.draw(st.lists(st.sampled_from(events), max_size=4))
    random.shuffle(repeated)
    assert fold(repeated) == fold(events)


@given(st.lists(EVENTS, min_size=1, max_size=8))
def test_moments_of_a_call_are_in_order(events: list[CallEvent]) -> None:
    call = fold(events)
    moments = [call.started_at, call.answered_at, call.ended_at]
    known = [at for at in moments if at is not None]
    assert known == sorted(known)
    assert (call.state in (CallState.ENDED, CallState.MISSED)) >= (call.ended_at is not None)
    assert not (call.state == CallState.MISSED and (call.answered_at or call.outgoing))


def test_a_hang_up_that_overtakes_the_answer_is_no_missed_call() -> None:
    call = fold([told(Kind.MISSED, 9), told(Kind.ANSWERED, 12), told(Kind.RINGING, 15)])
    assert (call.state, call.ended_at) == (CallState.ENDED, NOON + timedelta(seconds=9))


def test_an_end_that_was_assumed_gives_way_to_the_real_one() -> None:
    ringing, lost = told(Kind.RINGING, 0), told(Kind.MISSED, 180, assumed=True)
    assert fold([ringing, lost]).state == CallState.MISSED
    real = told(Kind.ENDED, 240, talked=True, duration_seconds=200)
    call = fold([lost, real, ringing])
    assert (call.state, call.ended_at) == (CallState.ENDED, real.at)
    assert call.answered_at == real.at - timedelta(seconds=200)


def test_the_wrong_clock_of_an_exchange_moves_no_beginning() -> None:
    named = NOON - timedelta(seconds=5)
    assert fold([told(Kind.RINGING, 0, started_at=named)]).started_at == named
    for wrong in (NOON + timedelta(hours=2), NOON - TOLD_LATE_MAX - timedelta(seconds=1)):
        assert fold([told(Kind.RINGING, 0, started_at=wrong)]).started_at == NOON


def test_a_recording_alone_rings_nowhere() -> None:
    assert fold([told(Kind.RECORDING, 0, recording_url="x")]).state == CallState.ENDED
