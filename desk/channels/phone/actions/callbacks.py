"""Whom to call back: ten working minutes from the missed call, told to more and more people."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from desk.channels.phone import callers
from desk.channels.phone.fold import CallState
from desk.channels.phone.models import NOTE_MAX, Call, CallBack
from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.tickets.actions.engine import text

MINUTE = 60
DUE_SECONDS = 10 * MINUTE
# When each level is told, in working seconds after the missed call: the executor hears of the call
# itself, then the cover, at the end the administrators.
LEVEL_SECONDS = (0, 5 * MINUTE, DUE_SECONDS)
COVER, ADMINISTRATORS = 1, 2
How = CallBack.How


def follow(call: Call, before: str, at: datetime) -> None:
    """What a call's state means for calling back; `call` is saved by the caller."""
    missed = call.state == CallState.MISSED
    if before == CallState.MISSED and not missed:
        _was_not_missed(call, at)
    if not call.phone:
        return
    if missed and call.callback_id is None:
        call.callback = _open(call.phone) or _begun(call, at)
    elif call.answered_at is not None:
        _reached(call)
    elif call.outgoing and call.state == CallState.ENDED:
        _tried(call)


def called_back(cause: Cause, callback_id: int, note: str) -> CallBack:
    """A person writes what was done: reached by another phone, or not at all and why. Raises
    `Incomplete` without words."""
    with transaction.atomic():
        found = CallBack.objects.select_for_update().get(pk=callback_id)
        if found.done_at is not None:
            return found
        found.note = text("note", note, longest=NOTE_MAX)
        found.done_by_id = cause.person_id
        late = cause.at > found.due_at
        _end(found, How.NOTED, max(cause.at, found.since_at))
        call = found.calls.order_by("started_at")[0]
        facts = {"people": callers.administrators(), "late": late}
        journal.record(cause, "call_back", call.key, facts, found.partner_id)
        return found


def escalate(callback_id: int, at: datetime) -> int:
    """Tell the next level that nobody has called back yet; 1 when it was due, else 0."""
    with transaction.atomic():
        due = CallBack.objects.filter(pk=callback_id, next_at__lte=at, done_at=None)
        found = due.select_for_update(skip_locked=True).select_related("line").first()
        if found is None:
            return 0
        call = found.calls.order_by("started_at").select_related("project")[0]
        found.level += 1
        people = _people(found, call, at)
        found.next_at = _next_at(found, call)
        found.save(update_fields=["level", "next_at"])
        due_at = found.due_at.isoformat()
        facts = {"people": people, "told": people, "level": found.level, "due_at": due_at}
        journal.record(causes.system(at), "escalate_call", call.key, facts, found.partner_id)
        return 1


def _people(found: CallBack, call: Call, at: datetime) -> list[int]:
    """Whom this level is told; without a cover who is there, the administrators at once."""
    cover = callers.cover(call.partner_id, call.project, at)
    if found.level == COVER and cover is not None and cover.pk != call.duty_id:
        return [cover.pk]
    found.level = ADMINISTRATORS
    return callers.administrators()


def _next_at(found: CallBack, call: Call) -> datetime | None:
    if found.level >= ADMINISTRATORS:
        return None
    calendar = callers.hours(found.line, call.partner_id, found.since_at)
    return callers.after(calendar, found.since_at, LEVEL_SECONDS[found.level + 1])


def _begun(call: Call, at: datetime) -> CallBack:
    """A new task; done at once where we learn of the missed call after they were reached."""
    since_at = call.started_at
    calendar = callers.hours(call.line, call.partner_id, at)
    # Without anybody on duty the administrators know at once, and are told again when it is due.
    level = COVER if call.duty_id is not None else ADMINISTRATORS
    made = CallBack(
        line=call.line,
        phone=call.phone,
        partner_id=call.partner_id,
        since_at=since_at,
        due_at=callers.after(calendar, since_at, DUE_SECONDS),
        next_at=callers.after(calendar, since_at, LEVEL_SECONDS[level]),
    )
    talks = Call.objects.filter(phone=call.phone, answered_at__gte=since_at).exclude(pk=call.pk)
    spoken = talks.order_by("answered_at").first()
    if spoken is not None:
        _end(made, How.REACHED, spoken.answered_at)
    else:
        made.save()
    return made


def _reached(call: Call) -> None:
    """We talked with the number: nothing is left to call back for."""
    found = _open(call.phone)
    if found is not None and call.answered_at is not None and call.answered_at >= found.since_at:
        _end(found, How.REACHED, call.answered_at)
        call.callback = found


def _tried(call: Call) -> None:
    """They were called and did not take it: the task stays, the attempt is counted once."""
    found = _open(call.phone)
    if found is not None and call.started_at >= found.since_at and call.callback_id is None:
        found.attempts += 1
        found.save(update_fields=["attempts"])
        call.callback = found


def _was_not_missed(call: Call, at: datetime) -> None:
    """A later word says that the call was answered after all."""
    found, call.callback = call.callback, None
    if found is None or found.done_at is not None:
        return
    others = found.calls.filter(state=CallState.MISSED).exclude(pk=call.pk)
    if not others.exists():
        _end(found, How.NOT_MISSED, max(at, found.since_at))


def _open(phone: str) -> CallBack | None:
    return CallBack.objects.select_for_update().filter(phone=phone, done_at=None).first()


def _end(found: CallBack, how: str, at: datetime | None) -> None:
    found.how, found.done_at, found.next_at = how, at, None
    found.save()
