"""What happened: append-only facts, and the rows that wait to be relayed."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Entry(models.Model):
    """One fact. People are named "person:7", things "ticket:42": no foreign keys, so that
    history survives erasure and no area is known from below. Ids order the entries of one
    subject, because they are written under that subject's lock."""

    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    by = models.CharField(max_length=60)
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    partner_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=20)
    facts = models.JSONField(default=dict)
    key = models.CharField(max_length=200, null=True, unique=True)
    digest = models.CharField(max_length=64, default="")
    parent_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "id"], name="entry_subject"),
            models.Index(fields=["partner_id", "-id"], name="entry_partner"),
            # Who held a ticket before is asked of a few among millions of entries.
            models.Index(fields=["at"], condition=Q(verb="hand_over"), name="entry_handed_over"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"


class Pending(models.Model):
    """An entry that the relay has not yet passed on; deleted by the relay."""

    entry = models.OneToOneField(Entry, on_delete=models.CASCADE, primary_key=True)

    def __str__(self) -> str:
        return f"pending {self.entry_id}"
