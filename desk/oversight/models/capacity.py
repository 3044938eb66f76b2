"""Standing in for each other: work offered to the cover, briefs, returns, and requests for another
manager."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from desk.partners.models import Partner, Person, Project
from desk.tickets.models import Ticket
from desk.workdays.models import Absence


class OfferKind(models.TextChoices):
    """Which promise the lead is forecast to miss."""

    ACCEPTANCE = "acceptance"
    DEADLINE = "deadline"


class OfferEnd(models.TextChoices):
    TAKEN = "taken"
    WITHDRAWN = "withdrawn"


class Offer(models.Model):
    """Work offered to the cover because its lead is forecast to miss a promise; once for each
    promise of a lead. `reason` is a word of `rules.forecast.Reason`; an end is `taken` or
    `withdrawn`, and both stay on record."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="offers")
    kind = models.CharField(max_length=10, choices=OfferKind)
    cycle = models.PositiveIntegerField()
    lead = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    cover = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="offers")
    reason = models.CharField(max_length=10)
    limit_at = models.DateTimeField()
    offered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=OfferEnd, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "kind", "cycle", "lead"], name="offer_once_an_episode"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="")
                | Q(ended_at__isnull=False, outcome__in=OfferEnd.values),
                name="offer_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["cover"], condition=Q(ended_at=None), name="offer_open"),
        ]

    def __str__(self) -> str:
        return f"offer of {self.ticket_id} to {self.cover_id}"


class BriefNote(models.Model):
    """What somebody who will be away, or is, adds to the brief of a project or of a ticket:
    `subject` is "project:5" or "ticket:42"."""

    absence = models.ForeignKey(Absence, on_delete=models.PROTECT, related_name="brief_notes")
    subject = models.CharField(max_length=80)
    text = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["absence", "subject"], name="brief_note_once")
        ]

    def __str__(self) -> str:
        return f"brief of {self.subject} for absence {self.absence_id}"


class Return(models.Model):
    """Somebody is back and was told what happened meanwhile, once."""

    absence = models.OneToOneField(
        Absence, on_delete=models.PROTECT, primary_key=True, related_name="back"
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"return from absence {self.absence_id}"


class ManagerRequest(models.Model):
    """A partner asks for another manager, of one project or of all (None). Only administrators
    and the desk's owner read it; never the specialist it is about."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="manager_requests")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, related_name="+")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    agreed = models.BooleanField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "partner",
                Coalesce("project_id", 0),
                condition=Q(decided_at=None),
                name="manager_request_open_once",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, agreed=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False, agreed__isnull=False),
                name="manager_request_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"request of {self.partner_id} for another manager"
