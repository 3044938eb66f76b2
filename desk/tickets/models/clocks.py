"""Clocks, their pauses, and the instants at which somebody must look again."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from desk.partners.models import CalendarVersion
from desk.tickets.models.ticket import Ticket


class ClockKind(models.TextChoices):
    ACCEPTANCE = "acceptance"
    RESOLUTION = "resolution"
    PRODUCTION = "production"
    RULING = "ruling"


class Outcome(models.TextChoices):
    RUNNING = "running"
    MET = "met"
    LATE = "late"
    VOID = "void"


class Clock(models.Model):
    """One clock of one cycle: a pure function of its start, target, pauses and stop (R2).

    `target_seconds` is None until a type is given at acceptance: the resolution clock runs from
    submission, unseen until promised. `due_at` is None while it stands. `subject` tells several
    production or ruling clocks of one ticket apart ("consultation:7", "dispute:3"). `next_at` is
    when the watcher must look again: the next warning or the due instant. A breach is at the
    due instant whenever it was noticed (R8).
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="clocks")
    kind = models.CharField(max_length=10, choices=ClockKind)
    cycle = models.PositiveIntegerField(default=1)
    subject = models.CharField(max_length=40, blank=True)
    calendar_version = models.ForeignKey(CalendarVersion, on_delete=models.PROTECT)
    started_at = models.DateTimeField()
    target_seconds = models.BigIntegerField(null=True)
    due_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=7, choices=Outcome, default=Outcome.RUNNING)
    breached_at = models.DateTimeField(null=True)
    breach_noticed_at = models.DateTimeField(null=True)
    breach_by_ruling = models.BooleanField(default=False)
    excused_at = models.DateTimeField(null=True)
    excused_by = models.CharField(max_length=60, blank=True)
    excuse = models.TextField(blank=True)
    warned_percent = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "kind", "cycle", "subject"], name="clock_once_per_cycle"
            ),
            models.CheckConstraint(
                condition=Q(stopped_at=None, outcome=Outcome.RUNNING)
                | (Q(stopped_at__isnull=False) & ~Q(outcome=Outcome.RUNNING)),
                name="clock_stopped_has_outcome",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at=None) | Q(next_at=None), name="clock_stopped_is_silent"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="clock_next"),
            models.Index(
                fields=["breached_at"],
                condition=Q(breached_at__isnull=False),
                name="clock_breached",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} clock of {self.ticket_id}"


class Pause(models.Model):
    """A span in which a clock stands, with the state that made it stand. `struck` by a ruling:
    it then counts as running (R11)."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="pauses")
    state = models.CharField(max_length=20)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    opened_entry_id = models.BigIntegerField()
    closed_entry_id = models.BigIntegerField(null=True)
    struck = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clock"], condition=Q(closed_at=None), name="pause_one_open"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at")),
                name="pause_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"pause of clock {self.clock_id}"


class AlarmKind(models.TextChoices):
    REMIND_DELIVERED = "remind_delivered"
    CONFIRM_DELIVERED = "confirm_delivered"
    REMIND_WAITING = "remind_waiting"
    EXPIRE_WAITING = "expire_waiting"
    REMIND_ANSWER = "remind_answer"
    CANCEL_UNANSWERED = "cancel_unanswered"
    WORK_WARNING = "work_warning"
    WORK_LIMIT = "work_limit"
    END_OF_SHIFT = "end_of_shift"


class Alarm(models.Model):
    """An instant at which the worker must do something about a ticket. Leaving the state that
    set it deletes it; the worker deletes it when done."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="alarms")
    kind = models.CharField(max_length=20, choices=AlarmKind)
    subject = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "kind", "subject", "at"], name="alarm_once")
        ]
        indexes = [models.Index(fields=["at"], name="alarm_at")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.ticket_id}"
