"""Issued papers: gapless numbers, what they say, their bytes, and what cancels them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from desk.deposits import guards
from desk.deposits.models.catalogue import Company
from desk.deposits.models.ledger import Transaction
from desk.partners.models import Partner
from desk.rules.billing import PaperKind

KINDS = [(kind.value, kind.value) for kind in PaperKind]
NUMBER_LENGTH = 40
KEY_LENGTH = 300


class Series(models.Model):
    """The last number of a company's papers of one kind in one year. The row is locked until
    the paper that takes the next number is committed, so that there is no gap."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="series")
    kind = models.CharField(max_length=15, choices=KINDS)
    year = models.PositiveIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "kind", "year"], name="series_once"),
        ]
        triggers = [
            guards.kept_for_ever(),
            guards.facts("company_id", "kind", "year"),
            guards.one_by_one("last"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"


class Paper(models.Model):
    """A paper that was issued; it never changes. `content` is everything it prints, with both
    parties' details as they were; `pdf` and `xlsx` are the SHA-256 of its stored files.
    [`from_on`, `until_on`] is the period of an act or a reconciliation, both days included.
    `cancels`: the wrong paper that this one takes back."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_index=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=15, choices=KINDS)
    year = models.PositiveIntegerField()
    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=NUMBER_LENGTH)
    issued_on = models.DateField()
    from_on = models.DateField(null=True)
    until_on = models.DateField(null=True)
    total_kopecks = models.BigIntegerField()
    content = models.JSONField()
    pdf = models.CharField(max_length=64)
    xlsx = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=60)
    key = models.CharField(max_length=KEY_LENGTH, unique=True)
    cancels = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="cancelled_by"
    )

    class Meta:
        indexes = [
            models.Index(fields=["partner", "-id"], name="paper_partner"),
            models.Index(fields=["number"], name="paper_number"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "kind", "year", "sequence"], name="paper_number_once"
            ),
            models.CheckConstraint(
                condition=Q(cancels__isnull=True) | Q(kind=PaperKind.CORRECTION),
                name="paper_only_a_correction_cancels",
            ),
            models.CheckConstraint(
                condition=Q(from_on__isnull=True, until_on__isnull=True)
                | Q(from_on__lte=F("until_on")),
                name="paper_period",
            ),
        ]
        triggers = [guards.append_only()]

    def __str__(self) -> str:
        return self.number


class Signing(models.Model):
    """An act or a reconciliation came back signed by the partner."""

    paper = models.OneToOneField(
        Paper, on_delete=models.PROTECT, primary_key=True, related_name="signing"
    )
    signed_on = models.DateField()
    by = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        triggers = [guards.append_only()]

    def __str__(self) -> str:
        return f"{self.paper_id} signed on {self.signed_on}"


class ActLine(models.Model):
    """A charge, or its reversal, that an act settled; on one act at a time. A cancelled act's
    lines are not in force, so that the next act takes them up."""

    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="act_lines")
    transaction = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, related_name="act_lines", db_index=False
    )
    kopecks = models.BigIntegerField()
    in_force = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["transaction"], condition=Q(in_force=True), name="act_line_once"
            ),
        ]
        indexes = [models.Index(fields=["transaction"], name="act_line_transaction")]
        triggers = [
            guards.kept_for_ever(),
            guards.facts("paper_id", "transaction_id", "kopecks"),
        ]

    def __str__(self) -> str:
        return f"{self.kopecks} of {self.transaction_id}"


class Period(models.Model):
    """A month that a company's accountant closed; `figures` are those of that moment."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="periods")
    first_on = models.DateField()
    closed_at = models.DateTimeField()
    closed_by = models.CharField(max_length=60)
    figures = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "first_on"], name="period_once"),
        ]
        triggers = [guards.append_only()]

    def __str__(self) -> str:
        return f"{self.first_on:%Y-%m}"
