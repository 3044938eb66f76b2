"""What comes in and goes out: raw arrivals, one row for each address, entries that cannot pass."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from desk.journal.models import Entry
from desk.partners.models import Person


class Channel(models.TextChoices):
    """Ways out of the house."""

    EMAIL = "email"
    WEBHOOK = "webhook"
    ONEBOX = "onebox"
    PUSH = "push"
    TELEGRAM = "telegram"


class Intake(models.TextChoices):
    """Ways in for what is stored raw before anybody looks at it."""

    EMAIL = "email"
    ONEBOX = "onebox"
    PHONE = "phone"


class ArrivalState(models.TextChoices):
    """WAITING was not looked at yet, FAILED will be tried again, QUARANTINED waits for a person,
    DISMISSED was put aside by one."""

    WAITING = "waiting"
    FAILED = "failed"
    DONE = "done"
    QUARANTINED = "quarantined"
    DISMISSED = "dismissed"


UNREAD = (ArrivalState.WAITING, ArrivalState.FAILED)
USED = (ArrivalState.DONE, ArrivalState.DISMISSED)


class Arrival(models.Model):
    """One thing that came in, as it came, before anything is made of it.

    `source` is where it came from ("mailbox:3", "connection:2"); `key` is what makes it the same
    thing when it is delivered again (IMAP: UIDVALIDITY and UID). `facts` is what came around the
    bytes: headers of a request, the envelope of a mail. `outcome` is what was made of it. Bytes
    and facts are forgotten after a time (`actions.KEPT_DAYS`); then `forgotten_at` says when.
    """

    channel = models.CharField(max_length=10, choices=Intake)
    source = models.CharField(max_length=60)
    key = models.CharField(max_length=128)
    sha256 = models.CharField(max_length=64)
    raw = models.BinaryField()
    facts = models.JSONField(default=dict)
    state = models.CharField(max_length=11, choices=ArrivalState, default=ArrivalState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)
    outcome = models.CharField(max_length=80, blank=True)
    received_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "source", "key"], name="arrival_once"),
            models.CheckConstraint(
                condition=Q(state__in=UNREAD, next_at__isnull=False, ended_at=None)
                | (~Q(state__in=UNREAD) & Q(next_at=None, ended_at__isnull=False)),
                name="arrival_unread_has_next",
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "source", "id"],
                condition=Q(state__in=UNREAD),
                name="arrival_due",
            ),
            models.Index(
                fields=["-id"],
                condition=Q(state=ArrivalState.QUARANTINED),
                name="arrival_quarantined",
            ),
            models.Index(fields=["channel", "-id"], name="arrival_latest"),
            models.Index(
                fields=["ended_at"],
                condition=Q(state__in=USED, forgotten_at=None),
                name="arrival_to_forget",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} arrival {self.pk}"


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


class TroubleKind(models.TextChoices):
    """QUARANTINE: something came in that nobody could use. DEAD: something was given up. PARKED:
    an entry cannot be passed on. LATE: what is due is not taken up. AWAY: deliveries have failed
    for long. SILENT: a source has not been reached for long."""

    QUARANTINE = "quarantine"
    DEAD = "dead"
    PARKED = "parked"
    LATE = "late"
    AWAY = "away"
    SILENT = "silent"


class Trouble(models.Model):
    """A time in which a channel needed somebody: told when it begins, and again each day on which
    it has grown. `subject` is "inbox:email", "outbox:onebox", "mailbox:3", "relay"; `reason` is
    what the channel says about it."""

    subject = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=TroubleKind)
    count = models.PositiveIntegerField()
    told_count = models.PositiveIntegerField()
    reason = models.CharField(max_length=500, blank=True)
    since_at = models.DateTimeField()
    told_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "kind"], condition=Q(ended_at=None), name="trouble_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.subject}"
