"""Audits: scored checks of resolved tickets, drawn at random, some of them twice."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q

from desk.oversight.models.editions import Edition
from desk.partners.models import Person
from desk.tickets.models import Ticket


class Audit(models.Model):
    """One check of one resolved ticket by one administrator, against the questions of the edition
    in force when it was drawn. `first` is the audit that this one repeats blindly. `owed_by` took
    it before it was due; None as long as whoever is on duty owes it."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="audits")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="audited")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="audits")
    week_on = models.DateField()
    seed = models.CharField(max_length=64)
    auditor = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="audits")
    owed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    first = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="second")
    drawn_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    remark = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "week_on"], condition=Q(first=None), name="audit_ticket_once"
            ),
            models.CheckConstraint(
                condition=Q(auditor=None) | ~Q(auditor=F("person")), name="audit_not_own"
            ),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(auditor__isnull=False), name="audit_done_by"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(done_at=None), name="audit_open"),
            models.Index(fields=["person", "-week_on"], name="audit_person"),
        ]

    def __str__(self) -> str:
        return f"audit of {self.ticket_id}"


class AuditAnswer(models.Model):
    """The answer to one question of an audit: "yes", "no" or "none" where it does not apply."""

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="answers")
    question = models.CharField(max_length=40)
    answer = models.CharField(max_length=4)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["audit", "question"], name="audit_answer_once"),
            models.CheckConstraint(
                condition=Q(answer__in=("yes", "no", "none")), name="audit_answer_known"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.question}: {self.answer}"
