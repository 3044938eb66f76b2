"""The bell, what people have chosen to be told of and how, and what waits because of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from desk.channels.models import Channel
from desk.channels.routing import Digest, Hold, Several
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


class Preferences(models.Model):
    """What a person has chosen; whoever has no row has the defaults of routing.py.

    `ticked` is {"messages.email": false, …}: only what differs from the defaults. `quiet_days`
    are weekdays without any sound (Monday is 0). `muted` are tickets of which nothing is told
    beside the bell but what is asked of the person.
    """

    person = models.OneToOneField(
        Person, on_delete=models.PROTECT, primary_key=True, related_name="preferences"
    )
    ticked = models.JSONField(default=dict)
    several = models.CharField(
        max_length=6,
        choices=[(one.value, one.value) for one in Several],
        default=Several.FOLLOW.value,
    )
    quiet_since = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    quiet_days = models.JSONField(default=list)
    digest = models.CharField(
        max_length=6, choices=[(one.value, one.value) for one in Digest], default=Digest.OFF.value
    )
    digest_hour = models.PositiveSmallIntegerField(default=9)
    paused_until_at = models.DateTimeField(null=True)
    muted = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(digest_hour__lt=24), name="preferences_hour"),
            models.CheckConstraint(
                condition=Q(quiet_since=None, quiet_until=None)
                | Q(quiet_since__isnull=False, quiet_until__isnull=False),
                name="preferences_quiet_both",
            ),
        ]

    def __str__(self) -> str:
        return f"preferences of {self.person_id}"


class Held(models.Model):
    """A delivery to a person that waits, and why: for more of its ticket, for the end of quiet
    hours, for a digest. What waits for the same reason is sent as one when it is due."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="held")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="held")
    channel = models.CharField(max_length=10, choices=Channel)
    theme = models.CharField(max_length=14)
    hold = models.CharField(max_length=6, choices=[(one.value, one.value) for one in Hold if one])
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, related_name="+")
    promised = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "entry", "channel"], name="held_once")
        ]

    def __str__(self) -> str:
        return f"{self.channel} of entry {self.entry_id} held for {self.hold}"
