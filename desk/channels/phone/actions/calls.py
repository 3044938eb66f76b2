"""A call as it is told, event by event; what is kept of it, and for how long."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from desk.channels.models import Arrival
from desk.channels.phone import callers, fold
from desk.channels.phone.actions import callbacks
from desk.channels.phone.events import CallEvent, Kind
from desk.channels.phone.fold import CallState
from desk.channels.phone.models import Call, Line, Word
from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.lib import sealed

# An exchange that tells more of one call than this is out of order: the rest is not looked at.
WORDS_MAX = 200
# So long a call rings, or lasts, at most; then its end was lost on the way.
RINGS_MAX = timedelta(minutes=3)
TALKS_MAX = timedelta(hours=4)
VERBS = {
    CallState.RINGING: "ring",
    CallState.ANSWERED: "pick_up",
    CallState.ENDED: "hang_up",
    CallState.MISSED: "miss_call",
}
MOMENTS = ("at", "started_at")


def hear(line: Line, event: CallEvent, arrival: Arrival | None, at: datetime) -> Call:
    """Add what an exchange told to its call. In any order, however often: the same call."""
    with transaction.atomic():
        call = Call.objects.select_for_update().filter(line=line, call_id=event.call_id).first()
        if call is None:
            call = _begun(line, event, at)
        if call.words.count() >= WORDS_MAX:
            return call
        if event.recording_url and not _keeps(line, call, at):
            event = _without_recording(event, arrival)
        Word.objects.create(
            call=call, arrival=arrival, kind=event.kind, at=event.at, facts=_facts(event)
        )
        _settle(call, at)
        Line.objects.filter(pk=line.pk).update(heard_at=at)
        return call


def assume_over(call_id: int, at: datetime) -> int:
    """End a call whose end nobody told us of; how many were ended. A real end replaces it."""
    with transaction.atomic():
        rows = Call.objects.select_for_update(skip_locked=True).select_related("line")
        call = rows.filter(pk=call_id, state__in=fold.LIVE).first()
        if call is None:
            return 0
        kind = Kind.MISSED if call.state == CallState.RINGING else Kind.ENDED
        event = CallEvent(call.line.provider, call.call_id, kind, at, assumed=True)
        Word.objects.create(call=call, kind=kind, at=at, facts=_facts(event))
        _settle(call, at)
        return 1


def match(cause: Cause, call_id: int) -> Call:
    """Look again whose number it is, after it was written on somebody's card."""
    with transaction.atomic():
        call = Call.objects.select_for_update().get(pk=call_id)
        if call.ticket_id is None:
            _identify(call, cause.at)
            call.save()
            facts = {"caller": call.person_id, "people": audience(call)}
            journal.record(cause, "match_call", call.key, facts, call.partner_id)
        return call


def listen(cause: Cause, call_id: int) -> str:
    """The link of a call's recording, "" when there is none; who asked for it is on record."""
    with transaction.atomic():
        call = Call.objects.get(pk=call_id)
        link = sealed.unseal(call.recording) if call.recording else ""
        if link and journal.earlier(cause, call.key, {"verb": "listen_call"}) is None:
            journal.record(
                cause, "listen_call", call.key, {}, call.partner_id, {"verb": "listen_call"}
            )
        return link


def forget(call_id: int, at: datetime) -> int:
    """Take a recording's link away whose time is over, everywhere it is; 1 when it was there."""
    with transaction.atomic():
        due = Call.objects.filter(pk=call_id, recording_until_at__lte=at)
        call = due.select_for_update(skip_locked=True).first()
        if call is None:
            return 0
        for word in call.words.all():
            word.facts["recording_url"] = ""
            word.save(update_fields=["facts"])
        Arrival.objects.filter(word__call=call).update(raw=b"")
        call.recording, call.recording_until_at = "", None
        call.save(update_fields=["recording", "recording_until_at"])
        journal.record(causes.system(at), "forget_recording", call.key, {}, call.partner_id)
        return 1


def audience(call: Call) -> list[int]:
    """The ids of those who see the call live."""
    return [call.duty_id] if call.duty_id is not None else callers.administrators()


def _begun(line: Line, event: CallEvent, at: datetime) -> Call:
    """A call of which nothing is known yet; nobody sees it before it is settled."""
    return Call.objects.create(
        line=line, call_id=event.call_id, heard_at=at, started_at=event.at, state=""
    )


def _settle(call: Call, at: datetime) -> None:
    """Fold the call anew, and let follow what its new state brings about."""
    before, known = call.state, (call.duty_id, call.partner_id, call.phone)
    folded = fold.fold([_event(word) for word in call.words.select_related("call__line")])
    number_is_new = call.phone != folded.phone or not before
    call.state = str(folded.state)
    for name in ("phone", "outgoing", "number_called", "internal", "duration_seconds"):
        setattr(call, name, getattr(folded, name))
    call.started_at, call.answered_at = folded.started_at, folded.answered_at
    call.ended_at = folded.ended_at
    if folded.recording and not call.recording:
        _keep_recording(call, folded.recording)
    if number_is_new:
        _identify(call, at)
    callbacks.follow(call, before, at)
    call.save()
    if (call.state, call.duty_id, call.partner_id, call.phone) != (before, *known):
        people = [] if call.outgoing else audience(call)
        told = people if _is_news(call) else []
        verb = VERBS[CallState(call.state)]
        facts = {"people": people, "told": told}
        journal.record(causes.system(at), verb, call.key, facts, call.partner_id)


def _is_news(call: Call) -> bool:
    """Whether people are told of a missed call: the first one of a number, while it is open."""
    task = call.callback
    first = task is not None and task.done_at is None and task.since_at == call.started_at
    return call.state == CallState.MISSED and first


def _identify(call: Call, at: datetime) -> None:
    caller = callers.by_number(call.phone)
    call.person, call.partner_id, call.project = caller.person, caller.partner_id, caller.project
    call.duty = callers.duty(caller.partner_id, caller.project, at)


def _keeps(line: Line, call: Call, at: datetime) -> bool:
    """Whether a recording may be kept: callers are told of it, and its time is not over."""
    return bool(line.consent) and call.started_at + timedelta(days=line.recording_days) > at


def _without_recording(event: CallEvent, arrival: Arrival | None) -> CallEvent:
    if arrival is not None:
        Arrival.objects.filter(pk=arrival.pk).update(raw=b"")
    return CallEvent(**{**asdict(event), "recording_url": ""})


def _keep_recording(call: Call, link: str) -> None:
    call.recording, call.recording_consent = sealed.seal(link), call.line.consent
    call.recording_until_at = call.started_at + timedelta(days=call.line.recording_days)


def _facts(event: CallEvent) -> dict[str, Any]:
    """An event as JSON; the recording's link is sealed, for it opens what was said."""
    facts = asdict(event)
    for name in MOMENTS:
        facts[name] = facts[name].isoformat() if facts[name] else None
    if event.recording_url:
        facts["recording_url"] = sealed.seal(event.recording_url)
    return facts


def _event(word: Word) -> CallEvent:
    facts = dict(word.facts)
    for name in MOMENTS:
        facts[name] = datetime.fromisoformat(facts[name]) if facts[name] else None
    if facts["recording_url"]:
        facts["recording_url"] = sealed.unseal(facts["recording_url"])
    return CallEvent(**{**facts, "kind": Kind(word.kind)})
