"""Invoices as debts to be paid, the payments that came, and which paid what."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from desk.deposits import guards
from desk.deposits.models.catalogue import IBAN_LENGTH, NAME_LENGTH, Company, Pack
from desk.deposits.models.ledger import SUBJECT_LENGTH, Transaction
from desk.deposits.models.papers import KEY_LENGTH, Paper
from desk.partners.models import Partner
from desk.rules.billing import PaidBy, Purpose

PURPOSE_LENGTH = 500
REFERENCE_LENGTH = 100


class Invoice(models.Model):
    """What an invoice's payment buys. `quantity` consultations at `unit_price_kopecks` with
    `bonus` more once all is paid, or money (`quantity` 0). `validity_days`: life of the lot.
    `paid_kopecks` and `bought` (of `quantity`) follow the allocations. `subject`: the ticket
    whose estimate it is for ("ticket:42")."""

    paper = models.OneToOneField(
        Paper, on_delete=models.PROTECT, primary_key=True, related_name="invoice"
    )
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_index=False)
    purpose = models.CharField(max_length=15, choices=[(one.value, one.value) for one in Purpose])
    pack = models.ForeignKey(Pack, on_delete=models.PROTECT, null=True, related_name="invoices")
    quantity = models.PositiveIntegerField(default=0)
    bonus = models.PositiveIntegerField(default=0)
    unit_price_kopecks = models.BigIntegerField(default=0)
    total_kopecks = models.BigIntegerField()
    validity_days = models.PositiveIntegerField(null=True)
    subject = models.CharField(max_length=SUBJECT_LENGTH, blank=True)
    issued_at = models.DateTimeField()
    due_on = models.DateField()
    paid_kopecks = models.BigIntegerField(default=0)
    bought = models.PositiveIntegerField(default=0)
    paid_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["partner", "-paper"], name="invoice_partner"),
            models.Index(
                fields=["company", "due_on"],
                condition=Q(paid_at__isnull=True, cancelled_at__isnull=True),
                name="invoice_open",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(total_kopecks__gt=0, paid_kopecks__gte=0, bought__lte=F("quantity")),
                name="invoice_sums",
            ),
            models.CheckConstraint(
                condition=Q(paid_at__isnull=True) | Q(paid_kopecks__gte=F("total_kopecks")),
                name="invoice_paid_when_all_is_paid",
            ),
        ]
        triggers = [
            guards.kept_for_ever(),
            guards.facts(
                "paper_id",
                "partner_id",
                "company_id",
                "purpose",
                "pack_id",
                "quantity",
                "bonus",
                "unit_price_kopecks",
                "total_kopecks",
                "validity_days",
                "subject",
                "issued_at",
                "due_on",
            ),
        ]

    def __str__(self) -> str:
        return f"invoice {self.paper_id}"


class BankMapping(models.Model):
    """How one bank writes its statement: which column is what (desk.rules.bank reads it)."""

    name = models.CharField(max_length=NAME_LENGTH, unique=True)
    content = models.JSONField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=60)

    def __str__(self) -> str:
        return self.name


class Import(models.Model):
    """A bank statement that was read. `known`: rows that were there before."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="imports")
    mapping = models.ForeignKey(BankMapping, on_delete=models.PROTECT, related_name="imports")
    file_name = models.CharField(max_length=NAME_LENGTH)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    rows = models.PositiveIntegerField()
    known = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)

    class Meta:
        triggers = [guards.append_only()]

    def __str__(self) -> str:
        return self.file_name


class Payment(models.Model):
    """Money that came to a company of ours. `fingerprint`: one bank row is one payment, however
    often its statement is imported. `left_kopecks`: what no allocation took yet. `partner`: whose
    it is, once known. `hint`: why the system left it to a person. `returned_at`: sent back."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_index=False)
    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, null=True, related_name="payments", db_index=False
    )
    source = models.CharField(max_length=10, choices=[(one.value, one.value) for one in PaidBy])
    imported = models.ForeignKey(
        Import, on_delete=models.PROTECT, null=True, related_name="payments"
    )
    fingerprint = models.CharField(max_length=KEY_LENGTH)
    paid_on = models.DateField()
    amount_kopecks = models.BigIntegerField()
    left_kopecks = models.BigIntegerField()
    payer_name = models.CharField(max_length=NAME_LENGTH, blank=True)
    payer_code = models.CharField(max_length=20, blank=True)
    payer_iban = models.CharField(max_length=IBAN_LENGTH, blank=True)
    purpose = models.CharField(max_length=PURPOSE_LENGTH, blank=True)
    reference = models.CharField(max_length=REFERENCE_LENGTH, blank=True)
    hint = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    returned_at = models.DateTimeField(null=True)
    returned_by = models.CharField(max_length=60, blank=True)
    returned_why = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["paid_on", "id"],
                condition=Q(returned_at__isnull=True) & ~Q(left_kopecks=0),
                name="payment_unclear",
            ),
            models.Index(fields=["company", "-paid_on", "-id"], name="payment_latest"),
            models.Index(fields=["partner", "-paid_on", "-id"], name="payment_partner"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "fingerprint"], name="payment_once"),
            models.CheckConstraint(
                condition=Q(
                    amount_kopecks__gt=0, left_kopecks__gte=0, left_kopecks__lte=F("amount_kopecks")
                ),
                name="payment_sums",
            ),
        ]
        triggers = [
            guards.kept_for_ever(),
            guards.facts(
                "company_id",
                "source",
                "imported_id",
                "fingerprint",
                "paid_on",
                "amount_kopecks",
                "payer_name",
                "payer_code",
                "payer_iban",
                "purpose",
                "reference",
                "at",
                "by",
            ),
        ]

    def __str__(self) -> str:
        return f"payment {self.pk}"


class Allocation(models.Model):
    """What a payment, or a piece of it, paid: an invoice, or money of the deposit (no invoice).
    Its transaction is what the ledger made of it: so each lot leads to the payment of it (VAT)."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, related_name="allocations"
    )
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, db_index=False)
    amount_kopecks = models.BigIntegerField()
    transaction = models.OneToOneField(
        Transaction, on_delete=models.PROTECT, related_name="allocation"
    )
    at = models.DateTimeField()
    by = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_kopecks__gt=0), name="allocation_amount"),
        ]
        triggers = [guards.append_only()]

    def __str__(self) -> str:
        return f"{self.amount_kopecks} of payment {self.payment_id}"


class Checkout(models.Model):
    """A partner went to pay an invoice online. `order` is our number at the provider."""

    PAID = "paid"
    FAILED = "failed"

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="checkouts")
    provider = models.CharField(max_length=20)
    order = models.CharField(max_length=80, unique=True)
    amount_kopecks = models.BigIntegerField()
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    outcome = models.CharField(max_length=10, null=True, choices=[(PAID, PAID), (FAILED, FAILED)])
    outcome_at = models.DateTimeField(null=True)
    said = models.JSONField(default=dict)
    payment = models.OneToOneField(
        Payment, on_delete=models.PROTECT, null=True, related_name="checkout"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_kopecks__gt=0), name="checkout_amount"),
        ]
        triggers = [
            guards.kept_for_ever(),
            guards.facts("invoice_id", "provider", "order", "amount_kopecks", "at", "by"),
        ]

    def __str__(self) -> str:
        return self.order


class ProviderAccount(models.Model):
    """Our account at a provider of online payments; `keys` are sealed (desk.lib.sealed)."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="providers")
    provider = models.CharField(max_length=20)
    keys = models.TextField()
    is_sandbox = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "provider"], name="provider_once"),
        ]

    def __str__(self) -> str:
        return self.provider
