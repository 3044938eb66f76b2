"""What hangs on a ticket besides talk: consultations, estimates, hours, re-promises, disputes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from desk.partners.models import Person
from desk.tickets.models.clocks import Pause
from desk.tickets.models.ticket import Part, Ticket


class ConsultationKind(models.TextChoices):
    CONSULT = "consult"
    ESTIMATE = "estimate"


class Consultation(models.Model):
    """A question to production with its own target and clock; internal text (specification 2)."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="consultations")
    kind = models.CharField(max_length=10, choices=ConsultationKind)
    part = models.ForeignKey(Part, on_delete=models.PROTECT, null=True)
    question = models.TextField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    released = models.TextField(blank=True)
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    pauses = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["asked_at"],
                condition=Q(answered_at=None, withdrawn_at=None),
                name="consultation_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.ticket_id}"


class EstimateKind(models.TextChoices):
    ESTIMATE = "estimate"
    SUPPLEMENT = "supplement"


class Estimate(models.Model):
    """Production's offer for a customisation: at most `hours_max` programmer hours at
    `hour_kopecks`, done within `working_seconds` from approval."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="estimates")
    kind = models.CharField(max_length=10, choices=EstimateKind)
    hours_max = models.PositiveIntegerField()
    hour_kopecks = models.BigIntegerField()
    working_seconds = models.BigIntegerField()
    includes = models.TextField()
    valid_until = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hours_max__gt=0), name="estimate_has_hours"),
            models.CheckConstraint(condition=Q(hour_kopecks__gte=0), name="estimate_price"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.ticket_id}"


class HoursLog(models.Model):
    """Programmer's work on a customisation, in minutes (T8)."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="hours")
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    minutes = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True)
    worked_on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(minutes__gt=0), name="hours_positive")]

    def __str__(self) -> str:
        return f"{self.minutes} min on {self.ticket_id}"


class RePromise(models.Model):
    """A new date that the executor proposes; without agreement the old one stands."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="re_promises")
    due_at = models.DateTimeField()
    reason = models.TextField()
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    agreed = models.BooleanField(null=True)
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(answered_at=None), name="re_promise_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"re-promise on {self.ticket_id}"


class DisputeKind(models.TextChoices):
    CONTEST = "contest"
    DOUBT = "doubt"


class DisputeAbout(models.TextChoices):
    UNITS = "units"
    TYPE = "type"
    PAUSE = "pause"
    DECLINE = "decline"
    CHARGE = "charge"
    WORK = "work"


class Dispute(models.Model):
    """A partner's contest, or doubt ("is this right?"), for an administrator who is not
    involved, with its own clock; ends with a ruling in text."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="disputes")
    kind = models.CharField(max_length=10, choices=DisputeKind)
    about = models.CharField(max_length=10, choices=DisputeAbout)
    pause = models.ForeignKey(Pause, on_delete=models.PROTECT, null=True)
    text = models.TextField()
    raised_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    raised_at = models.DateTimeField()
    due_at = models.DateTimeField()
    upheld = models.BooleanField(null=True)
    ruling = models.TextField(blank=True)
    clause = models.CharField(max_length=20, blank=True)
    ruled_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    ruled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(ruled_at=None), name="dispute_open")]

    def __str__(self) -> str:
        return f"{self.kind} on {self.ticket_id}"
