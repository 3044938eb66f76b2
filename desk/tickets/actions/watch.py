"""The watcher: what time alone brings about. Breaches and warnings of clocks, reminders, silence
that confirms, expires or cancels, the hour of work, and absences that begin.

`tick` is called every second. What is due is found through partial indexes, each ticket is
looked at in a transaction of its own under its lock, and a lock that somebody holds is skipped:
several watchers, or one after an outage, do everything exactly once (R8).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.db import connection, transaction

from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal import queries as history
from desk.journal.cause import Cause
from desk.rules import promises
from desk.rules.lifecycle import Type
from desk.tickets.actions import acceptance, changes, clocks, executors, handover, troubles
from desk.tickets.models import Alarm, AlarmKind, Clock, ClockKind, Ticket
from desk.workdays import queries as timeline

EXECUTOR, COVER, ADMINISTRATORS, PRODUCTION = "executor", "cover", "administrators", "production"
COVER_FROM_PERCENT = 75
ADMINISTRATORS_FROM_PERCENT = 90
REMINDERS = (AlarmKind.REMIND_DELIVERED, AlarmKind.REMIND_WAITING, AlarmKind.REMIND_ANSWER)
ENDS: dict[AlarmKind, Callable[[Cause, int], Ticket]] = {
    AlarmKind.CONFIRM_DELIVERED: handover.confirm,
    AlarmKind.EXPIRE_WAITING: acceptance.expire,
    AlarmKind.CANCEL_UNANSWERED: changes.cancel,
}


def tick(at: datetime, limit: int = 200) -> int:
    """Do what is due at `at`, for at most `limit` tickets with clocks and as many alarms; how
    much was done. What is left over is done by the next tick."""
    handled = 0
    due = Clock.objects.filter(next_at__lte=at).order_by("next_at", "pk")
    for ticket_id in dict.fromkeys(due.values_list("ticket_id", flat=True)[:limit]):
        handled += _guarded(ticket_id, "clocks", at, partial(_look, ticket_id, at))
    alarms = Alarm.objects.filter(at__lte=at).order_by("at", "pk")
    for pk, ticket_id, kind in alarms.values_list("pk", "ticket_id", "kind")[:limit]:
        handled += _guarded(ticket_id, f"{kind}:{pk}", at, partial(_ring, pk, at))
    for absence in timeline.absences_begun(at)[:limit]:
        handled += executors.hand_over_absent(causes.system(at), absence.pk)
    return handled


def _guarded(ticket_id: int, about: str, at: datetime, work: Callable[[], int]) -> int:
    """Let one ticket that fails stop no other: it is reported, and tried again later."""
    try:
        return work()
    except Exception as error:  # whatever it is, other tickets go on
        if not connection.in_atomic_block and not connection.is_usable():
            raise
        with transaction.atomic():
            troubles.report(ticket_id, about, error, at)
            again_at = at + troubles.RETRY_AFTER
            if about == "clocks":
                Clock.objects.filter(ticket=ticket_id, next_at__lte=at).update(next_at=again_at)
            else:
                _postpone(int(about.rpartition(":")[2]), again_at)
        return 0


def _postpone(alarm_id: int, again_at: datetime) -> None:
    """Alarms of one kind keep different instants: two that fail together differ by their ids."""
    apart = timedelta(microseconds=alarm_id % 1_000_000)
    Alarm.objects.filter(pk=alarm_id).update(at=again_at + apart)


@transaction.atomic
def _look(ticket_id: int, at: datetime) -> int:
    """Record breaches at their true instants, and the highest warning that has passed (R9)."""
    ticket = _lock(ticket_id)
    if ticket is None:
        return 0
    running = clocks.load(ticket)
    cause = causes.system(at)
    handled = len(clocks.notice(running, cause, still_running=True))
    for clock in running.running:
        if clock.next_at is None or clock.next_at > at:
            continue
        percent = clocks.look(running, clock, at)
        if percent is not None:
            _warn(cause, ticket, clock, percent)
            handled += 1
    return handled


@transaction.atomic
def _ring(alarm_id: int, at: datetime) -> int:
    """Do what an alarm is for, once: its row is gone with the deed."""
    found = Alarm.objects.filter(pk=alarm_id).first()
    ticket = _lock(found.ticket_id) if found is not None else None
    if ticket is None:
        return 0
    alarm = Alarm.objects.filter(pk=alarm_id, at__lte=at).first()
    if alarm is None:
        return 0
    kind = AlarmKind(alarm.kind)
    alarm.delete()
    cause = causes.system(at)
    if kind in ENDS:
        ENDS[kind](cause, ticket.pk)
    elif kind in REMINDERS:
        _remind(cause, ticket, alarm)
    elif kind == AlarmKind.END_OF_SHIFT:
        _end_of_shift(cause, ticket, alarm)
    else:
        _hour(cause, ticket, alarm)
    return 1


def _lock(ticket_id: int) -> Ticket | None:
    """The ticket, or None while somebody else moves it: they, or the next tick, will see."""
    return (
        Ticket.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("plan_version", "calendar_version")
        .filter(pk=ticket_id)
        .first()
    )


def _warn(cause: Cause, ticket: Ticket, clock: Clock, percent: int) -> None:
    facts = {
        "clock": clock.kind,
        "cycle": clock.cycle,
        "about": clock.subject,
        "percent": percent,
        "audience": audience(ClockKind(clock.kind), percent),
        "due_at": clock.due_at.isoformat() if clock.due_at else None,
        "executor": ticket.executor_id,
    }
    journal.record(cause, "warn", ticket.key, facts, ticket.partner_id)


def audience(kind: ClockKind, percent: int) -> list[str]:
    """Who is warned (R9): whose clock it is, later the cover, then the administrators too."""
    if kind == ClockKind.RULING:
        return [ADMINISTRATORS]
    told = [PRODUCTION] if kind == ClockKind.PRODUCTION else [EXECUTOR]
    if percent >= COVER_FROM_PERCENT and kind != ClockKind.PRODUCTION:
        told.append(COVER)
    if percent >= ADMINISTRATORS_FROM_PERCENT:
        told.append(ADMINISTRATORS)
    return told


def _remind(cause: Cause, ticket: Ticket, alarm: Alarm) -> None:
    """Remind of what waits, and say when it will end without an answer."""
    end = ticket.alarms.filter(kind__in=ENDS).order_by("at").first()
    facts = {
        "kind": alarm.kind,
        "state": ticket.state,
        "cycle": ticket.cycle,
        "ends_at": end.at.isoformat() if end is not None else None,
    }
    journal.record(cause, "remind", ticket.key, facts, ticket.partner_id)


def _hour(cause: Cause, ticket: Ticket, alarm: Alarm) -> None:
    """45 minutes of work on one part: a warning; 60: absorb, split or consult (T3). Noted once a
    part and cycle; where less was worked than foreseen, the alarm is set anew."""
    terms = ticket.plan_version.value()
    of_warning = alarm.kind == AlarmKind.WORK_WARNING
    limit = terms.work_warning_seconds if of_warning else terms.work_max_seconds
    worked = timeline.worked_seconds(alarm.subject, cause.at, ticket.cycle)
    if worked < limit and timeline.running_on(alarm.subject):
        again_at = cause.at + timedelta(seconds=limit - worked)
        ticket.alarms.create(kind=alarm.kind, subject=alarm.subject, at=again_at)
    noted = history.of(ticket.key).filter(
        verb=alarm.kind, facts__subject=alarm.subject, facts__cycle=ticket.cycle
    )
    if not promises.part_work_is_limited(Type(ticket.type)) or worked < limit or noted.exists():
        return
    facts = {
        "subject": alarm.subject,
        "cycle": ticket.cycle,
        "worked_seconds": worked,
        "executor": ticket.executor_id,
        "asks": not of_warning,
    }
    journal.record(cause, alarm.kind, ticket.key, facts, ticket.partner_id)


def _end_of_shift(cause: Cause, ticket: Ticket, alarm: Alarm) -> None:
    """Ask whoever still works on it at the end of the shift (T11)."""
    for running in timeline.running_on(alarm.subject):
        facts = {
            "subject": alarm.subject,
            "executor": ticket.executor_id,
            "person": running.person_id,
        }
        journal.record(cause, alarm.kind, ticket.key, facts, ticket.partner_id)
