"""Where events go, what each event said, and every attempt to deliver it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from desk.channels.models import Delivery
from desk.journal.models import Entry
from desk.partners.models import Partner

URL_MAX = 2000
ERROR_MAX = 300
EXCERPT_MAX = 500


class Why(models.TextChoices):
    """Why nothing is sent to an endpoint: paused by a person; 24 hours of failures; it answered
    410 Gone, which by the specification means never again."""

    PAUSED = "paused"
    GIVEN_UP = "given_up"
    GONE = "gone"


class Endpoint(models.Model):
    """A receiver: of one partner's events, or (without a partner) of all, for the vendor's own
    systems. No `events` chosen means all of them. Secrets are sealed (desk.lib.sealed); during a
    rotation the previous one signs too, until `previous_until_at`. `since_entry_id` is the journal
    entry that made it: it hears of later ones only. `failing_since_at` is the first failure after
    the last success; an endpoint that lets us wait rests until `resting_until_at`."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True)
    url = models.CharField(max_length=URL_MAX)
    note = models.CharField(max_length=80, blank=True)
    events = models.JSONField(default=list)
    secret = models.CharField(max_length=300)
    previous_secret = models.CharField(max_length=300, blank=True)
    previous_until_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    since_entry_id = models.BigIntegerField(default=0)
    failing_since_at = models.DateTimeField(null=True)
    resting_until_at = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_why = models.CharField(max_length=10, choices=Why, blank=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(disabled_at=None, disabled_why="")
                | (Q(disabled_at__isnull=False) & ~Q(disabled_why="")),
                name="endpoint_disabled_says_why",
            ),
            models.CheckConstraint(
                condition=Q(previous_until_at=None, previous_secret="")
                | (Q(previous_until_at__isnull=False) & ~Q(previous_secret="")),
                name="endpoint_previous_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"endpoint {self.pk}"

    @property
    def address(self) -> str:
        """How deliveries and the journal name it."""
        return f"endpoint:{self.pk}"


class Event(models.Model):
    """What an entry says to the outside, fixed when it is first told: a repetition is the same.

    `message_id` is the header webhook-id. `sequence` numbers the events of one subject
    ("ticket:42", "deposit:3") without gaps. `endpoint` is set for a test event alone.
    """

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="event")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, null=True)
    name = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    sequence = models.PositiveIntegerField()
    message_id = models.CharField(max_length=40, unique=True)
    body = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "sequence"], name="event_in_order"),
        ]
        indexes = [models.Index(fields=["partner", "-id"], name="event_latest")]

    def __str__(self) -> str:
        return f"{self.name} {self.subject} {self.sequence}"


class Attempt(models.Model):
    """One attempt. `status` is None when there was no answer; `error` then says why not."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="attempts")
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    milliseconds = models.PositiveIntegerField()
    error = models.CharField(max_length=ERROR_MAX, blank=True)
    excerpt = models.CharField(max_length=EXCERPT_MAX, blank=True)

    class Meta:
        indexes = [models.Index(fields=["endpoint", "-id"], name="attempt_latest")]

    def __str__(self) -> str:
        return f"attempt {self.pk} of event {self.event_id}"
