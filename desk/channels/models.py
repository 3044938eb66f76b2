"""What goes out of the house, one row for each address, and the entries that cannot pass."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from desk.journal.models import Entry
from desk.partners.models import Person


class Channel(models.TextChoices):
    EMAIL = "email"


class DeliveryState(models.TextChoices):
    """WAITING was not tried yet, FAILED will be tried again, DEAD was given up and waits for a
    person, DROPPED was not sent because its reader may no longer know of it."""

    WAITING = "waiting"
    FAILED = "failed"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"


OPEN = (DeliveryState.WAITING, DeliveryState.FAILED)


class Delivery(models.Model):
    """One journal entry told to one address over one channel, once.

    The text is made from the entry when it is sent, in the reader's language, and never kept: a
    copy of the database holds no link that lets anybody in. `why` is the reason that the reader
    is shown. `next_at` is when it may be tried; while it is being sent, it is the end of the
    sender's lease, so that a sender that dies loses nothing.
    """

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel)
    address = models.CharField(max_length=254)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True)
    why = models.CharField(max_length=20)
    state = models.CharField(max_length=7, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "channel", "address"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, next_at__isnull=False, ended_at=None)
                | (~Q(state__in=OPEN) & Q(next_at=None, ended_at__isnull=False)),
                name="delivery_open_has_next",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state__in=OPEN), name="delivery_due"),
            models.Index(
                fields=["-id"], condition=Q(state=DeliveryState.DEAD), name="delivery_dead"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} delivery of entry {self.entry_id}"


class Stumble(models.Model):
    """An entry that the relay could not pass on. After some tries it is parked: it then waits for
    a person, and nothing waits behind it."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500)
    first_at = models.DateTimeField(db_default=Now())
    parked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(parked_at=None, next_at__isnull=False)
                | Q(parked_at__isnull=False, next_at=None),
                name="stumble_parked_or_next",
            )
        ]

    def __str__(self) -> str:
        return f"entry {self.entry_id} stumbled {self.tries} times"
