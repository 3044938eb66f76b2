"""What the machine found, what people said to it, and what administrators ruled."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q

from desk.oversight import guards
from desk.oversight.models.editions import Edition
from desk.partners.models import Person

APPEND_ONLY = pgtrigger.Update | pgtrigger.Delete


class Watch(models.Model):
    """When somebody's obligations must be looked at again: at the next reminder or limit. Who has
    none is looked at when something happens, and now and then. `entry_id` is the latest journal
    entry at the last look."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True)
    looked_at = models.DateTimeField()
    entry_id = models.BigIntegerField(default=0)
    next_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"watch on {self.person_id}"


class Reminder(models.Model):
    """A specialist was reminded of a limit that comes near; once for each obligation."""

    key = models.CharField(max_length=200, primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    clause = models.CharField(max_length=20)
    limit_at = models.DateTimeField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"reminder of {self.key}"


class Violation(models.Model):
    """A limit that was not kept. `key` makes it once, whenever it is found; `at` is the instant
    of the limit, `found_at` when it was noticed. `evidence` names what stands on record.

    `excuse` is set when a rule excused it by itself ("absence", "outage", "bug", "cover"): it is
    then on record and needs no ruling.
    """

    key = models.CharField(max_length=200, unique=True)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="violations")
    clause = models.CharField(max_length=20)
    severity = models.CharField(max_length=8)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="violations")
    ticket_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    found_at = models.DateTimeField()
    evidence = models.JSONField(default=list)
    excuse = models.CharField(max_length=10, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-at"], name="violation_person"),
            models.Index(fields=["-at"], name="violation_at"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=APPEND_ONLY)]

    def __str__(self) -> str:
        return f"{self.clause} by {self.person_id} at {self.at}"


class Explanation(models.Model):
    """What the specialist says to a violation; more may be added, nothing is rewritten."""

    violation = models.ForeignKey(Violation, on_delete=models.PROTECT, related_name="explanations")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        triggers = [
            pgtrigger.Protect(name="append_only", operation=APPEND_ONLY),
            guards.OWN_WORDS,
        ]

    def __str__(self) -> str:
        return f"explanation of {self.violation_id}"


class Verdict(models.TextChoices):
    """RULE_WRONG: the rule should not have found it; it feeds the next edition."""

    UPHELD = "upheld"
    EXCUSED = "excused"
    RULE_WRONG = "rule_wrong"


class Ruling(models.Model):
    """An administrator's word on a violation, once, never on one's own case."""

    violation = models.OneToOneField(Violation, on_delete=models.PROTECT, related_name="ruling")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="ruling_verdict")
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=APPEND_ONLY),
            guards.NOT_OWN_CASE,
        ]

    def __str__(self) -> str:
        return f"{self.verdict} on {self.violation_id}"


class Outage(models.Model):
    """A time in which our own systems were out: it excuses what could not be done meanwhile."""

    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300)
    noted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gt=F("since_at")), name="outage_forward"
            )
        ]

    def __str__(self) -> str:
        return f"outage from {self.since_at}"


class Heartbeat(models.Model):
    """When something was last known to be usable: "pages", by those who serve them. `at` is the
    desk's time, which a demo may shift; `real_at` the database's."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    real_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"


class WeekScore(models.Model):
    """What a specialist's week came to: how many obligations of each severity were kept, counted
    once the week is over. Violations and rulings are read from their own rows."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    week_on = models.DateField()
    kept = models.JSONField(default=dict)
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "week_on"], name="week_score_once")
        ]

    def __str__(self) -> str:
        return f"week {self.week_on} of {self.person_id}"
