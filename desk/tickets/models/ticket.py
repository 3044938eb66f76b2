"""The ticket, its parts, and the promises given for it."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from desk.partners.models import CalendarVersion, Partner, Person, PlanVersion, Project
from desk.rules.lifecycle import STATES, ClockState, State, Step, Type


def _states_whose_clock(clock: ClockState) -> list[str]:
    return [state.value for state, row in STATES.items() if row.clock == clock]


class Ticket(models.Model):
    """What a partner submits. `number` counts per partner ("OLH-42" is code and number).

    `state` is assigned on one line of the code base. `clock`, `due_at`, `left_seconds` and
    `stands_since_at` are what the resolution clock of the present cycle says, kept beside the
    ticket so that lists need no computation: `due_at` is None while the clock stands, then
    `left_seconds` of working time are left since `stands_since_at` (R10). `desk check`
    recomputes them.
    """

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="tickets")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="tickets")
    number = models.PositiveIntegerField()
    author = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="tickets_authored"
    )
    filed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="tickets_filed"
    )
    channel = models.CharField(max_length=20)
    external_id = models.CharField(max_length=200, null=True)
    subject = models.CharField(max_length=200)
    critical_claim = models.BooleanField(default=False)
    wanted_by_on = models.DateField(null=True)

    state = models.CharField(
        max_length=20, choices=[(s.value, s.value) for s in State], default=State.SUBMITTED
    )
    before = models.CharField(max_length=20, blank=True)
    type = models.CharField(max_length=15, choices=[(t.value, t.value) for t in Type], blank=True)
    step = models.CharField(max_length=15, choices=[(s.value, s.value) for s in Step], blank=True)
    executor = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="tickets_executed"
    )
    cycle = models.PositiveIntegerField(default=1)
    version = models.PositiveIntegerField(default=1)
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT)
    calendar_version = models.ForeignKey(CalendarVersion, on_delete=models.PROTECT)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True)
    queue_rank = models.FloatField(default=0)

    clock = models.CharField(max_length=6, default=ClockState.RUNS)
    acceptance_due_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    left_seconds = models.IntegerField(null=True)
    stands_since_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)

    promised = models.PositiveIntegerField(default=0)
    billable = models.BooleanField(default=True)
    returns = models.PositiveIntegerField(default=0)
    silent = models.BooleanField(default=True)
    built_at = models.DateTimeField(null=True)
    solution = models.TextField(blank=True)
    changes = models.TextField(blank=True)
    checking = models.TextField(blank=True)
    decline_reason = models.CharField(max_length=30, blank=True)
    rating = models.PositiveSmallIntegerField(null=True)
    rating_comment = models.TextField(blank=True)

    submitted_at = models.DateTimeField()
    received_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "number"], name="ticket_number_once"),
            models.UniqueConstraint(
                fields=["partner", "external_id"], name="ticket_external_id_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    clock=ClockState.RUNS,
                    state__in=_states_whose_clock(ClockState.RUNS),
                )
                | Q(
                    clock=ClockState.PAUSED,
                    state__in=_states_whose_clock(ClockState.PAUSED),
                )
                | Q(
                    clock=ClockState.ENDED,
                    state__in=_states_whose_clock(ClockState.ENDED),
                ),
                name="ticket_clock_follows_state",
            ),
            models.CheckConstraint(
                condition=Q(rating=None) | Q(rating__gte=1, rating__lte=5), name="ticket_rating"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.MERGED) | Q(merged_into__isnull=False),
                name="ticket_merged_somewhere",
            ),
            models.CheckConstraint(
                condition=~Q(merged_into=F("id")), name="ticket_not_into_itself"
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-id"], name="ticket_partner"),
            models.Index(
                fields=["partner", "queue_rank", "id"],
                condition=~Q(clock=ClockState.ENDED),
                name="ticket_partner_open",
            ),
            models.Index(
                fields=["executor", "due_at", "id"],
                condition=~Q(clock=ClockState.ENDED),
                name="ticket_executor_open",
            ),
            models.Index(
                fields=["state", "acceptance_due_at"],
                condition=~Q(clock=ClockState.ENDED),
                name="ticket_state_open",
            ),
            models.Index(fields=["project", "-id"], name="ticket_project"),
            models.Index(
                fields=["due_at"], condition=~Q(clock=ClockState.ENDED), name="ticket_due_open"
            ),
            # Upper case because that is how a search without regard to case asks.
            GinIndex(OpClass(Upper("subject"), name="gin_trgm_ops"), name="ticket_subject_words"),
        ]

    def __str__(self) -> str:
        return f"ticket {self.pk}"

    @property
    def key(self) -> str:
        """The name by which journal, ledger and timeline know this ticket."""
        return f"ticket:{self.pk}"


class PartState(models.TextChoices):
    OPEN = "open"
    WAITING = "waiting"
    FINISHED = "finished"
    RELEASED = "released"


class Part(models.Model):
    """One piece of a ticket, at most an hour of work (T3). Simple tickets and bugs have one.

    `approved` False marks a part added by `split`: free until the partner approves it (L6).
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="parts")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=PartState, default=PartState.OPEN)
    approved = models.BooleanField(default=True)
    refused = models.BooleanField(default=False)
    result = models.TextField(blank=True)
    due_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "number"], name="part_number_once"),
        ]
        ordering = ("number",)

    def __str__(self) -> str:
        return f"part {self.number} of {self.ticket_id}"

    @property
    def key(self) -> str:
        return f"ticket:{self.ticket_id}/part:{self.number}"


class Promise(models.Model):
    """What was agreed on entering `accepted` (T2); immutable. The current deadline is derived
    from it by recorded events only."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="promises")
    cycle = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    target_seconds = models.BigIntegerField()
    executor = models.ForeignKey(Person, on_delete=models.PROTECT, null=True)
    type = models.CharField(max_length=15)
    units = models.PositiveIntegerField()
    kopecks = models.BigIntegerField(default=0)
    cause = models.CharField(max_length=20)
    entry_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["ticket", "id"], name="promise_ticket")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"promise for {self.ticket_id}"
