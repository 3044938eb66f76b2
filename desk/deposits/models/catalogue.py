"""Who sells, to whom, and what: the vendor's companies, the partners' contracts, the packs."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from desk.deposits import guards
from desk.partners.models import Partner, Plan

NAME_LENGTH = 200
TEXT_LENGTH = 300
CODE_LENGTH = 12
TAX_NUMBER_LENGTH = 20
IBAN_LENGTH = 34


class Party(models.Model):
    """Details that a paper prints of one side; a paper keeps its own copy of them."""

    legal_name = models.CharField(max_length=NAME_LENGTH)
    code = models.CharField(max_length=CODE_LENGTH, blank=True)
    tax_number = models.CharField(max_length=TAX_NUMBER_LENGTH, blank=True)
    iban = models.CharField(max_length=IBAN_LENGTH, blank=True)
    bank = models.CharField(max_length=NAME_LENGTH, blank=True)
    address = models.CharField(max_length=TEXT_LENGTH, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    signer = models.CharField(max_length=NAME_LENGTH, blank=True)
    signer_post = models.CharField(max_length=NAME_LENGTH, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.legal_name


class Company(Party):
    """A company of the vendor that issues papers. `vat_percent` counts for a VAT payer only;
    `prefix` opens the numbers of its papers; an invoice of it is to be paid within
    `invoice_days` calendar days."""

    name = models.CharField(max_length=NAME_LENGTH, unique=True)
    prefix = models.CharField(max_length=6, blank=True)
    is_vat_payer = models.BooleanField(default=False)
    vat_percent = models.PositiveIntegerField(default=20)
    invoice_days = models.PositiveIntegerField(default=7)
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="company_one_default"
            ),
        ]
        triggers = [guards.kept_for_ever()]


class Contract(Party):
    """A partner's details and its contract with one of our companies."""

    partner = models.OneToOneField(
        Partner, on_delete=models.PROTECT, primary_key=True, related_name="contract"
    )
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="contracts")
    number = models.CharField(max_length=60, blank=True)
    signed_on = models.DateField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        triggers = [guards.kept_for_ever()]


class Pack(models.Model):
    """Consultations offered together, from a day to a day: `quantity` at one price, and `bonus`
    for nothing once all is paid. `plan`: for partners of that plan only. `validity_days`: how
    long the lot may be used, from its purchase; None is what the plan says."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, related_name="+")
    names = models.JSONField(default=dict)
    quantity = models.PositiveIntegerField()
    bonus = models.PositiveIntegerField(default=0)
    unit_price_kopecks = models.BigIntegerField()
    validity_days = models.PositiveIntegerField(null=True)
    since_on = models.DateField()
    until_on = models.DateField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, unit_price_kopecks__gt=0), name="pack_sells_something"
            ),
            models.CheckConstraint(
                condition=Q(validity_days__isnull=True) | Q(validity_days__gt=0),
                name="pack_validity",
            ),
        ]
        triggers = [
            guards.kept_for_ever(),
            guards.facts(
                "plan_id",
                "names",
                "quantity",
                "bonus",
                "unit_price_kopecks",
                "validity_days",
                "since_on",
                "created_at",
                "created_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} + {self.bonus}"
