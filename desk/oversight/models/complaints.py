"""A partner's complaint: to the administrators, never to whom it is about."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from desk.oversight import guards
from desk.partners.models import Partner, Person
from desk.tickets.models import Ticket


class Complaint(models.Model):
    """What a partner complains of, with its own clock; it ends with an answer to the partner and
    the clause that was followed. `about` is the specialist that it is about, None for the service
    as such. `redone` tells that the work is done again, free."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="complaints")
    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, null=True, related_name="complaints"
    )
    about = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    raised_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    upheld = models.BooleanField(null=True)
    answer = models.TextField(blank=True)
    clause = models.CharField(max_length=20, blank=True)
    redone = models.BooleanField(default=False)
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, upheld=None)
                | Q(answered_at__isnull=False, upheld__isnull=False),
                name="complaint_answered",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None)
                | Q(about=None) & ~Q(answered_by=F("raised_by"))
                | ~Q(answered_by=F("about")) & ~Q(answered_by=F("raised_by")),
                name="complaint_not_own",
            ),
            models.CheckConstraint(
                condition=Q(redone=False) | Q(upheld=True, ticket__isnull=False),
                name="complaint_redone",
            ),
        ]
        triggers = [guards.ON_RECORD, guards.KEPT]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(answered_at=None), name="complaint_open"),
            models.Index(fields=["partner", "-at"], name="complaint_partner"),
        ]

    def __str__(self) -> str:
        return f"complaint {self.pk}"
