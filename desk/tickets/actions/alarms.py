"""Setting the instants at which the worker must look at a ticket again."""

from __future__ import annotations

from datetime import datetime

from desk.rules import promises
from desk.rules.lifecycle import State, Type
from desk.rules.promises import Terms
from desk.rules.worktime import Calendar
from desk.tickets.actions import rows
from desk.tickets.models import Alarm, AlarmKind, EstimateKind, Ticket

OF_WORK = (AlarmKind.WORK_WARNING, AlarmKind.WORK_LIMIT, AlarmKind.END_OF_SHIFT)


def follow(ticket: Ticket, calendar: Calendar, terms: Terms, at: datetime) -> None:
    """Replace the alarms of the state that was left by those of the present one."""
    clear(ticket)
    instants: list[tuple[AlarmKind, datetime]] = []
    match State(ticket.state):
        case State.DELIVERED:
            instants = _delivered(ticket, calendar, terms, at)
        case State.AWAITING_APPROVAL | State.AWAITING_DEPOSIT:
            instants = _waiting(ticket, calendar, terms, at)
        case State.AWAITING_PARTNER:
            instants = _unanswered(calendar, terms, at)
    if instants:
        Alarm.objects.bulk_create(
            Alarm(ticket=ticket, kind=kind, at=when) for kind, when in instants
        )


def clear(ticket: Ticket) -> None:
    """Forget the alarms of a state; those of running work stay."""
    rows.delete_alarms(ticket, OF_WORK, others=True)


def _delivered(
    ticket: Ticket, calendar: Calendar, terms: Terms, at: datetime
) -> list[tuple[AlarmKind, datetime]]:
    remind_at, confirm_at = promises.silence(calendar, terms, at)
    instants = [(AlarmKind.REMIND_DELIVERED, remind_at)]
    if not needs_real_confirmation(ticket, terms):
        instants.append((AlarmKind.CONFIRM_DELIVERED, confirm_at))
    return instants


def needs_real_confirmation(ticket: Ticket, terms: Terms) -> bool:
    """A customisation above a sum is never confirmed by silence (T6)."""
    if ticket.type != Type.CUSTOMISATION:
        return False
    approved = ticket.estimates.filter(approved_at__isnull=False)
    sum_kopecks = sum(e.hours_max * e.hour_kopecks for e in approved)
    return sum_kopecks > terms.real_confirmation_above_kopecks


def _waiting(
    ticket: Ticket, calendar: Calendar, terms: Terms, at: datetime
) -> list[tuple[AlarmKind, datetime]]:
    estimate = (
        ticket.estimates.filter(approved_at=None, refused_at=None, expired_at=None)
        .exclude(kind=EstimateKind.SUPPLEMENT)
        .last()
    )
    valid_until = estimate.valid_until if estimate else None
    reminders = promises.days_after(calendar, at, terms.expire_reminder_days)
    return [
        *((AlarmKind.REMIND_WAITING, when) for when in reminders),
        (AlarmKind.EXPIRE_WAITING, promises.expires_at(calendar, terms, at, valid_until)),
    ]


def _unanswered(calendar: Calendar, terms: Terms, at: datetime) -> list[tuple[AlarmKind, datetime]]:
    reminders = promises.days_after(calendar, at, terms.answer_reminder_days)
    return [
        *((AlarmKind.REMIND_ANSWER, when) for when in reminders),
        (AlarmKind.CANCEL_UNANSWERED, calendar.end_of_working_day(at, terms.answer_days)),
    ]
