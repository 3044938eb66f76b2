"""Corrections of a deposit: what one person proposes and another approves."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from desk.deposits import guards
from desk.deposits.models.ledger import MEMO_LENGTH, Transaction
from desk.journal.models import Entry
from desk.partners.models import Partner
from desk.rules.ledger import Commodity


class Adjustment(models.Model):
    """A correction that one person proposes and another approves; it counts when approved."""

    APPROVED = "approved"
    DECLINED = "declined"

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, db_index=False)
    commodity = models.CharField(
        max_length=15, choices=[(one.value, one.value) for one in Commodity]
    )
    delta = models.BigIntegerField()
    unit_price_kopecks = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=MEMO_LENGTH)
    proposed_by = models.CharField(max_length=60)
    proposed_at = models.DateTimeField()
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(
        max_length=10, null=True, choices=[(APPROVED, APPROVED), (DECLINED, DECLINED)]
    )
    decided_by = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True)
    transaction = models.OneToOneField(
        Transaction, on_delete=models.PROTECT, null=True, related_name="adjustment"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["proposed_at"], condition=Q(outcome__isnull=True), name="adjustment_open"
            ),
            models.Index(fields=["partner", "-id"], name="adjustment_partner"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(delta=0), name="adjustment_delta"),
            models.CheckConstraint(condition=~Q(reason=""), name="adjustment_reason"),
            models.CheckConstraint(
                condition=~Q(outcome="approved")
                | (Q(transaction__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="adjustment_second_person",
            ),
        ]
        triggers = [
            guards.kept_for_ever(),
            guards.facts(
                "partner_id",
                "commodity",
                "delta",
                "unit_price_kopecks",
                "reason",
                "proposed_by",
                "proposed_at",
                "entry_id",
            ),
            guards.decided_once("outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.delta:+} {self.commodity}"
