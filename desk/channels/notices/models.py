"""The bell: what a person is told inside the desk."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from desk.journal.models import Entry
from desk.partners.models import Person
from desk.tickets.models import Ticket


class Notice(models.Model):
    """One entry told to one person. `why` is the reason shown beside it."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notices")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="notices")
    verb = models.CharField(max_length=40)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True)
    why = models.CharField(max_length=20)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "entry"], name="notice_once")]
        indexes = [
            models.Index(fields=["person", "-id"], name="notice_person"),
            models.Index(
                fields=["person", "ticket"], condition=Q(read_at=None), name="notice_unread"
            ),
        ]

    def __str__(self) -> str:
        return f"notice of {self.verb} to {self.person_id}"
