"""A call is what its events say together, in whatever order and however often they came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from desk.channels.phone.events import CallEvent, Kind

# An exchange may tell late of a call, after an outage; a beginning further away is a wrong clock.
TOLD_LATE_MAX = timedelta(hours=24)
ENDS = (Kind.ENDED, Kind.MISSED)


class CallState(StrEnum):
    """Where a call is. MISSED: it came in, and nobody answered."""

    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"
    MISSED = "missed"


LIVE = (CallState.RINGING, CallState.ANSWERED)


@dataclass(frozen=True, slots=True)
class Folded:
    """A call as far as it is known. `phone` is the other side's number, "" while nobody told it."""

    state: CallState
    started_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    duration_seconds: int | None = None
    phone: str = ""
    outgoing: bool = False
    number_called: str = ""
    internal: str = ""
    recording: str = ""


def fold(events: Iterable[CallEvent]) -> Folded:
    """The call that these events (one at least) tell of: a function of their set, so that neither
    their order nor repetitions matter. An assumed end counts only while no real one is known."""
    told = sorted(set(events), key=lambda event: (event.at, event.kind, repr(event)))
    heard_at = told[0].at
    ends = [event for event in told if event.kind in ENDS]
    ends = [event for event in ends if not event.assumed] or ends
    picked_up = [event for event in told if event.kind == Kind.ANSWERED]
    talked = bool(picked_up) or any(event.talked or event.duration_seconds for event in told)
    outgoing = any(event.outgoing for event in told)
    started_at = _started(told, heard_at)
    ended_at = max(ends[0].at, started_at) if ends else None
    duration = max((event.duration_seconds or 0 for event in told), default=0) or None
    return Folded(
        state=_state(told, ends, talked=talked, outgoing=outgoing),
        started_at=started_at,
        answered_at=_answered(picked_up, started_at, ended_at, duration) if talked else None,
        ended_at=ended_at,
        duration_seconds=duration,
        phone=_first(told, "phone"),
        outgoing=outgoing,
        number_called=_first(told, "number_called"),
        internal=_first([*picked_up, *told], "internal"),
        recording=_first(told, "recording_url"),
    )


def _state(
    told: list[CallEvent], ends: list[CallEvent], *, talked: bool, outgoing: bool
) -> CallState:
    if ends:
        missed = any(event.kind == Kind.MISSED for event in ends) and not talked and not outgoing
        return CallState.MISSED if missed else CallState.ENDED
    if all(event.kind == Kind.RECORDING for event in told):
        return CallState.ENDED
    return CallState.ANSWERED if talked else CallState.RINGING


def _started(told: list[CallEvent], heard_at: datetime) -> datetime:
    """The beginning that the exchange names, unless its clock is wrong; else the first word."""
    named = [event.started_at for event in told if event.started_at is not None]
    sound = [at for at in named if heard_at - TOLD_LATE_MAX <= at <= heard_at]
    return min(sound, default=heard_at)


def _answered(
    picked_up: list[CallEvent],
    started_at: datetime,
    ended_at: datetime | None,
    duration_seconds: int | None,
) -> datetime:
    if picked_up:
        found = picked_up[0].at
    elif ended_at is not None:
        found = ended_at - timedelta(seconds=duration_seconds or 0)
    else:
        found = started_at
    return max(started_at, min(found, ended_at or found))


def _first(told: list[CallEvent], name: str) -> str:
    return next((str(found) for event in told if (found := getattr(event, name))), "")
