"""How units leave a deposit otherwise than by work: refunds, expiry; and low-balance episodes."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from desk.deposits import guards
from desk.deposits.models.ledger import MEMO_LENGTH, Lot, Transaction
from desk.deposits.models.papers import Paper
from desk.journal.models import Entry
from desk.partners.models import Partner


class Refund(models.Model):
    """Units of a lot given back for money: one person proposes, another approves (spec 3).
    `kopecks` is the money, at the price of the lot; a payout says when it was sent."""

    APPROVED = "approved"
    DECLINED = "declined"

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, db_index=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="refunds")
    quantity = models.BigIntegerField()
    kopecks = models.BigIntegerField()
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
        Transaction, on_delete=models.PROTECT, null=True, related_name="refund"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["proposed_at"], condition=Q(outcome__isnull=True), name="refund_open"
            ),
            models.Index(fields=["partner", "-id"], name="refund_partner"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0, kopecks__gt=0), name="refund_sums"),
            models.CheckConstraint(condition=~Q(reason=""), name="refund_reason"),
            models.CheckConstraint(
                condition=~Q(outcome="approved")
                | (Q(transaction__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="refund_second_person",
            ),
        ]
        triggers = [
            guards.kept_for_ever(),
            guards.facts(
                "partner_id",
                "lot_id",
                "quantity",
                "kopecks",
                "reason",
                "proposed_by",
                "proposed_at",
                "entry_id",
            ),
            guards.decided_once("outcome"),
        ]

    def __str__(self) -> str:
        return f"refund of {self.quantity}"


class Payout(models.Model):
    """The money of an approved refund was sent."""

    refund = models.OneToOneField(
        Refund, on_delete=models.PROTECT, primary_key=True, related_name="payout"
    )
    paid_on = models.DateField()
    reference = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)

    class Meta:
        triggers = [guards.append_only()]

    def __str__(self) -> str:
        return f"payout of {self.refund_id}"


class ExpiryNotice(models.Model):
    """A partner was told that a lot expires in so many days; once for each expiry and day."""

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="expiry_notices")
    days = models.PositiveIntegerField()
    expires_on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lot", "days", "expires_on"], name="expiry_notice_once"
            ),
        ]
        triggers = [guards.append_only()]

    def __str__(self) -> str:
        return f"{self.days} days before {self.expires_on}"


class LowBalance(models.Model):
    """An episode of a low deposit: one alert, until the balance rose clearly above (L10).
    `kind` "consultations" or "days"; `mark` the threshold; `invoice` the ready invoice's paper."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=15)
    mark = models.PositiveIntegerField()
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    invoice = models.ForeignKey(Paper, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "kind", "mark"],
                condition=Q(until_at__isnull=True),
                name="low_balance_one_episode",
            ),
        ]
        triggers = [guards.kept_for_ever(), guards.facts("partner_id", "kind", "mark", "since_at")]

    def __str__(self) -> str:
        return f"{self.kind} {self.mark}"
