"""Schedules, absences, and the one line of what a specialist does."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

PERSON = settings.AUTH_USER_MODEL


def _span(start: str, end: str) -> models.Func:
    return models.Func(F(start), F(end), function="tstzrange")


class Activity(models.TextChoices):
    WORK = "work"
    PLANNING = "planning"
    INTAKE = "intake"
    BREAK = "break"
    LUNCH = "lunch"
    MEETING = "meeting"
    TRAINING = "training"


class AbsenceKind(models.TextChoices):
    VACATION = "vacation"
    SICK = "sick"
    OTHER = "other"


class Schedule(models.Model):
    """A specialist's own working hours from a date on, in the calendar's JSON form."""

    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="schedules")
    effective_on = models.DateField()
    content = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "effective_on"], name="schedule_once")
        ]

    def __str__(self) -> str:
        return f"schedule of {self.person_id}"


class Absence(models.Model):
    """Away from one moment to another; spans of one person never overlap. A withdrawn absence
    stays on record."""

    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="absences")
    kind = models.CharField(max_length=10, choices=AbsenceKind)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)
    noted_by = models.CharField(max_length=60)
    noted_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until_at__gt=F("since_at")), name="absence_forward"),
            models.CheckConstraint(condition=Q(kind__in=AbsenceKind.values), name="absence_kind"),
            ExclusionConstraint(
                name="absence_one_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (_span("since_at", "until_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id}"


# What was recorded is struck and entered anew, never rewritten; a running one may only end.
_REWRITTEN = """
    IF (NEW.person_id, NEW.activity, NEW.subject, NEW.partner_id, NEW.cycle, NEW.since_at,
        NEW.late, NEW.reason, NEW.entered_by, NEW.corrects_id)
        IS DISTINCT FROM
       (OLD.person_id, OLD.activity, OLD.subject, OLD.partner_id, OLD.cycle, OLD.since_at,
        OLD.late, OLD.reason, OLD.entered_by, OLD.corrects_id)
    OR OLD.until_at IS NOT NULL AND NEW.until_at IS DISTINCT FROM OLD.until_at
    OR OLD.struck_at IS NOT NULL AND (NEW.struck_at, NEW.struck_by, NEW.struck_reason)
        IS DISTINCT FROM (OLD.struck_at, OLD.struck_by, OLD.struck_reason)
    THEN
        RAISE EXCEPTION 'interval % is on record', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'interval_on_record';
    END IF;
    RETURN NEW;
"""


class Interval(models.Model):
    """One stretch of a day. The only record of work time: `subject` is "ticket:42/part:3" or
    "ticket:42" for work, empty for a break. `until_at` None means it runs now (T11).

    `late` marks what was entered by hand afterwards. `struck_at` takes a row out of every sum
    but not off the record; the row that `corrects` it carries the reason.
    """

    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="intervals")
    activity = models.CharField(max_length=10, choices=Activity)
    subject = models.CharField(max_length=80, blank=True)
    partner_id = models.BigIntegerField(null=True)
    cycle = models.PositiveIntegerField(default=1)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    late = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)
    entered_by = models.CharField(max_length=60)
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True)
    struck_at = models.DateTimeField(null=True)
    struck_by = models.CharField(max_length=60, blank=True)
    struck_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gte=F("since_at")),
                name="interval_forward",
            ),
            models.CheckConstraint(
                condition=Q(activity__in=Activity.values), name="interval_activity"
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(until_at=None, struck_at=None),
                name="interval_one_running",
            ),
            ExclusionConstraint(
                name="interval_one_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (_span("since_at", "until_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(struck_at=None),
            ),
        ]
        indexes = [
            # The pattern operators serve "this ticket and its parts" in any collation.
            models.Index(
                fields=["subject"], name="interval_subject", opclasses=["varchar_pattern_ops"]
            ),
            models.Index(fields=["person", "since_at"], name="interval_person"),
            models.Index(
                fields=["partner_id", "since_at"],
                condition=Q(partner_id__isnull=False),
                name="interval_partner",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="on_record",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=_REWRITTEN,
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.activity} {self.subject}"
