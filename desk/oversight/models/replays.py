"""A draft tried on past weeks, before it is published."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from desk.oversight.models.editions import Edition
from desk.partners.models import Person

WEEKS_MAX = 8


class Replay(models.Model):
    """What a draft would have found in past weeks, beside what the edition in force finds there.

    It is done slice by slice (a week of some people), so that it goes on where it stopped.
    `content` is the draft as it was when this was asked for, in `version`; `held` the edition it
    is compared with, None where there is none. `result` sums up the slices that are done, as
    `queries.replays` writes it. Nobody is judged by it.
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="replays")
    version = models.PositiveIntegerField()
    content = models.JSONField()
    held = models.ForeignKey(Edition, on_delete=models.PROTECT, null=True, related_name="+")
    since_at = models.DateTimeField()
    until_at = models.DateTimeField()
    people = models.JSONField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    slices = models.PositiveIntegerField()
    slices_done = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    failures = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until_at__gt=F("since_at")), name="replay_forward"),
            models.UniqueConstraint(
                fields=["edition"], condition=Q(ended_at=None), name="replay_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"replay of edition {self.edition_id}"
