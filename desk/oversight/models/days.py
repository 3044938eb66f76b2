"""The plan of a specialist's day."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from desk.partners.models import Person
from desk.workdays.models import Activity


class DayPlan(models.Model):
    """The plan of one shift, confirmed by its specialist. `version` counts re-orderings and
    re-plannings after that; `misfit` names what did not fit when it was last planned."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="day_plans")
    since_at = models.DateTimeField()
    until_at = models.DateTimeField()
    confirmed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    planned_at = models.DateTimeField()
    misfit = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "since_at"], name="day_plan_once"),
            models.CheckConstraint(
                condition=Q(until_at__gt=F("since_at")), name="day_plan_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"day of {self.person_id} from {self.since_at}"

    @property
    def changes(self) -> int:
        """How often it was changed, or planned anew, since it was confirmed."""
        return self.version - 1


class Slot(models.Model):
    """One stretch of a plan. `version` is the plan's in which it stands: the slots of the highest
    version are the present plan, and those of an earlier one that began before the next version
    was planned: clause 1.2 holds work against the plan in force when the slot began."""

    plan = models.ForeignKey(DayPlan, on_delete=models.PROTECT, related_name="slots")
    version = models.PositiveIntegerField()
    planned_at = models.DateTimeField()
    activity = models.CharField(max_length=10, choices=Activity)
    subject = models.CharField(max_length=80, blank=True)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "version", "since_at"], name="slot_once"),
            models.CheckConstraint(condition=Q(until_at__gt=F("since_at")), name="slot_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.activity} at {self.since_at}"
