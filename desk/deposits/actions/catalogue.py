"""Who sells, to whom, and what. Papers, lots and tickets keep what they were given (R12, R15):
a change here counts for what is bought and issued after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from desk.deposits.models import Company, Contract, Pack
from desk.deposits.models.catalogue import (
    CODE_LENGTH,
    IBAN_LENGTH,
    NAME_LENGTH,
    TAX_NUMBER_LENGTH,
    TEXT_LENGTH,
)
from desk.deposits.queries.catalogue import (
    LANGUAGES,
    CompanyDetails,
    CompanyMissing,
    ContractDetails,
    PartyDetails,
)
from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.partners import queries as partners
from desk.partners.actions import checks
from desk.partners.actions.locks import lock_organisation, locked_partner
from desk.partners.models import Plan
from desk.rules import parties

__all__ = [
    "CompanyDetails",
    "CompanyMissing",
    "CompanyNameTaken",
    "ContractDetails",
    "DefaultNeeded",
    "PackEnded",
    "PackTerms",
    "end_pack",
    "offer_pack",
    "set_company",
    "set_contract",
]

PREFIX_LENGTH = 6
PHONE_LENGTH = 40
CONTRACT_NUMBER_LENGTH = 60
QUANTITY_MAX = 100_000
PRICE_MAX = 100_000_00
INVOICE_DAYS_MAX = 365
VALIDITY_DAYS_MAX = 3_660
PERCENT_MAX = 100

_LENGTHS = {
    "legal_name": NAME_LENGTH,
    "code": CODE_LENGTH,
    "tax_number": TAX_NUMBER_LENGTH,
    "iban": IBAN_LENGTH,
    "bank": NAME_LENGTH,
    "address": TEXT_LENGTH,
    "phone": PHONE_LENGTH,
    "signer": NAME_LENGTH,
    "signer_post": NAME_LENGTH,
}
_CODES = {
    "code": parties.is_code,
    "tax_number": parties.is_vat_number,
    "iban": parties.is_iban,
}
# What the journal keeps of a change: the codes by which money finds its way, and no names.
_TOLD = ("code", "tax_number", "iban", "is_vat_payer", "vat_percent", "is_default", "is_active")


class CompanyNameTaken(Exception):
    """Another company has this name in the desk."""


class DefaultNeeded(Exception):
    """One active company has to be the default: name another default first."""


class PackEnded(Exception):
    """The pack's last day has passed, or was to come before the day it is ended from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackTerms:
    """A pack to be offered: `names` in every language of the desk; `plan_id` None is for all
    plans, `validity_days` None what the plan says, `until_on` None until it is ended."""

    names: Mapping[str, str]
    quantity: int
    unit_price_kopecks: int
    since_on: date
    bonus: int = 0
    until_on: date | None = None
    plan_id: int | None = None
    validity_days: int | None = None


@transaction.atomic
def set_company(cause: Cause, details: CompanyDetails, company_id: int | None = None) -> int:
    """Add a company, or change one; the first one is the default. Returns its id.

    Raises `Incomplete` with the field (of partners), CompanyNameTaken, DefaultNeeded, KeyReused.
    """
    checked = _checked_company(details)
    content = {"verb": "set_company", "company": company_id, **checked}
    lock_organisation()
    if entry := journal.repeated(cause, content):
        return int(entry.subject.partition(":")[2])
    named = Company.objects.filter(name=checked["name"]).values_list("pk", flat=True).first()
    if named not in (None, company_id):
        raise CompanyNameTaken
    row = Company(created_at=cause.at)
    if company_id is not None:
        row = Company.objects.select_for_update().get(pk=company_id)
    _settle_default(row, checked)
    changed = _put(row, checked)
    facts = {"changed": changed, **{name: checked[name] for name in _TOLD if name in changed}}
    journal.record(cause, "set_company", f"company:{row.pk}", facts, None, content)
    return row.pk


@transaction.atomic
def set_contract(cause: Cause, partner_id: int, details: ContractDetails) -> None:
    """A partner's details and contract, from now on. Raises `Incomplete`, KeyReused."""
    checked = {
        **_checked_party(details),
        "company_id": details.company_id,
        "number": checks.optional("number", details.number, CONTRACT_NUMBER_LENGTH),
        "signed_on": details.signed_on,
    }
    content = {"verb": "set_contract", **checked}
    locked_partner(partner_id)
    if journal.earlier(cause, f"partner:{partner_id}", content):
        return
    if not Company.objects.filter(pk=details.company_id, is_active=True).exists():
        raise checks.Incomplete("company")
    row = Contract.objects.filter(partner_id=partner_id).first() or Contract(partner_id=partner_id)
    row.changed_at = cause.at
    changed = _put(row, checked)
    facts = {
        "changed": changed,
        "company": details.company_id,
        **{name: checked[name] for name in _TOLD if name in changed},
    }
    journal.record(cause, "set_contract", f"partner:{partner_id}", facts, partner_id, content)


@transaction.atomic
def offer_pack(cause: Cause, terms: PackTerms) -> int:
    """Offer a pack from a day on, today or later; what it says never changes. Returns its id.

    Raises `Incomplete` with the field (of partners), KeyReused.
    """
    checked = _checked_pack(cause, terms)
    content = {"verb": "offer_pack", **checked}
    if entry := journal.repeated(cause, content):
        return int(entry.subject.partition(":")[2])
    row = Pack.objects.create(created_at=cause.at, created_by=cause.by, **checked)
    told = ("quantity", "bonus", "unit_price_kopecks", "validity_days", "plan_id")
    facts = {
        **{name: checked[name] for name in told},
        "since_on": terms.since_on.isoformat(),
        "until_on": terms.until_on.isoformat() if terms.until_on else None,
    }
    journal.record(cause, "offer_pack", f"pack:{row.pk}", facts, None, content)
    return row.pk


@transaction.atomic
def end_pack(cause: Cause, pack_id: int, until_on: date) -> None:
    """Offer a pack until a day, that day included, and no longer; yesterday ends it at once.

    Invoices issued keep it. Raises PackEnded, `Incomplete`, KeyReused.
    """
    row = Pack.objects.select_for_update().get(pk=pack_id)
    content = {"verb": "end_pack", "until_on": until_on.isoformat()}
    if journal.earlier(cause, f"pack:{pack_id}", content):
        return
    yesterday = partners.today(cause.at) - timedelta(days=1)
    if row.until_on is not None and row.until_on <= yesterday:
        raise PackEnded
    if until_on < yesterday:
        raise checks.Incomplete("until_on")
    row.until_on = until_on
    row.save(update_fields=["until_on"])
    facts = {"until_on": until_on.isoformat()}
    journal.record(cause, "end_pack", f"pack:{pack_id}", facts, None, content)


def _checked_company(details: CompanyDetails) -> dict[str, Any]:
    _within("vat_percent", details.vat_percent, 0, PERCENT_MAX)
    _within("invoice_days", details.invoice_days, 1, INVOICE_DAYS_MAX)
    checked = {
        **asdict(details),
        **_checked_party(details),
        "name": checks.text("name", details.name, NAME_LENGTH),
        "prefix": checks.optional("prefix", details.prefix, PREFIX_LENGTH),
    }
    if details.is_vat_payer and not checked["tax_number"]:
        raise checks.Incomplete("tax_number")
    return checked


def _checked_party(details: PartyDetails) -> dict[str, Any]:
    """The details without blanks that say nothing; codes by their check digits."""
    checked: dict[str, Any] = {}
    for name, length in _LENGTHS.items():
        value = getattr(details, name)
        if name in _CODES:
            value = parties.compact(value)
            if value and not _CODES[name](value):
                raise checks.Incomplete(name)
        checked[name] = checks.optional(name, value, length)
    checked["legal_name"] = checks.text("legal_name", details.legal_name, NAME_LENGTH)
    checked["email"] = checks.email(details.email) if details.email.strip() else ""
    return checked


def _checked_pack(cause: Cause, terms: PackTerms) -> dict[str, Any]:
    _within("quantity", terms.quantity, 1, QUANTITY_MAX)
    _within("bonus", terms.bonus, 0, QUANTITY_MAX)
    _within("unit_price_kopecks", terms.unit_price_kopecks, 1, PRICE_MAX)
    if terms.validity_days is not None:
        _within("validity_days", terms.validity_days, 1, VALIDITY_DAYS_MAX)
    if terms.since_on < partners.today(cause.at):
        raise checks.Incomplete("since_on")
    if terms.until_on is not None and terms.until_on < terms.since_on:
        raise checks.Incomplete("until_on")
    if terms.plan_id is not None and not Plan.objects.filter(pk=terms.plan_id).exists():
        raise checks.Incomplete("plan")
    names = {
        language: checks.text(f"name_{language}", terms.names.get(language, ""), NAME_LENGTH)
        for language in LANGUAGES
    }
    return {**asdict(terms), "names": names}


def _within(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise checks.Incomplete(field)


def _settle_default(row: Company, checked: dict[str, Any]) -> None:
    """Keep exactly one default: the first company is it, and gives the place up to another."""
    others = Company.objects.exclude(pk=row.pk)
    if not others.filter(is_default=True).exists():
        if row.pk is not None and not (checked["is_default"] and checked["is_active"]):
            raise DefaultNeeded
        checked["is_default"] = True
    if checked["is_default"] and not checked["is_active"]:
        raise DefaultNeeded
    if checked["is_default"]:
        others.filter(is_default=True).update(is_default=False)


def _put(row: Company | Contract, values: Mapping[str, Any]) -> list[str]:
    """Write the values that differ; their names. A new row is written with all."""
    is_new = row._state.adding
    changed = [name for name, value in values.items() if is_new or getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    row.save()
    return sorted(changed)
