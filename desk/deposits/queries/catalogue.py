"""Who sells, to whom, and what: companies, contracts and packs as frozen values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q, Sum

from desk.deposits.models import Company, Contract, Invoice, Lot, Pack
from desk.partners import queries as partners
from desk.partners.models import Partner
from desk.rules import settlement
from desk.rules.ledger import Commodity

LANGUAGES = ("uk", "ru", "en")
LIST_MAX = 500


class CompanyMissing(Exception):
    """No company of ours can issue a paper: set-up has to name one first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyDetails:
    """What a paper prints of one side. `code`: 8 digits of a company, 10 of a person."""

    legal_name: str
    code: str = ""
    tax_number: str = ""
    iban: str = ""
    bank: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""
    signer: str = ""
    signer_post: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyDetails(PartyDetails):
    """A company of the vendor: `prefix` opens the numbers of its papers; its invoices are to be
    paid within `invoice_days`. The default company sells to who has no contract with another."""

    name: str
    prefix: str = ""
    is_vat_payer: bool = False
    vat_percent: int = 20
    invoice_days: int = 7
    is_default: bool = False
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyRow(CompanyDetails):
    """A company as it is now."""

    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractDetails(PartyDetails):
    """A partner's own details, and its contract with one of our companies."""

    company_id: int
    number: str = ""
    signed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRow(ContractDetails):
    """A contract as it is now."""

    partner_id: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Parties:
    """The two sides of a paper. Without a contract the partner has a name and nothing else."""

    company: CompanyRow
    contract: ContractRow | None
    partner_name: str


@dataclass(frozen=True, slots=True)
class PackRow:
    """A pack. `validity_days` None: what the partner's plan says. `plan_id` None: for all."""

    id: int
    plan_id: int | None
    plan_name: str
    names: Mapping[str, str]
    quantity: int
    bonus: int
    unit_price_kopecks: int
    validity_days: int | None
    since_on: date
    until_on: date | None

    @property
    def total_kopecks(self) -> int:
        """What the pack costs; its bonus costs nothing."""
        return self.quantity * self.unit_price_kopecks

    def name(self, language: str) -> str:
        """The pack's name in a language of the desk."""
        return self.names[language]


@dataclass(frozen=True, slots=True)
class Kept:
    """Lots with something left, the consultations in them, and invoices that wait for money."""

    lots: int
    consultations: int
    invoices: int


def companies() -> list[CompanyRow]:
    """All companies, the default one first, those that issue no more last."""
    rows = Company.objects.order_by("-is_active", "-is_default", "name")[:LIST_MAX]
    return [_company(row) for row in rows]


def company(company_id: int) -> CompanyRow:
    """One company; `Company.DoesNotExist`."""
    return _company(Company.objects.get(pk=company_id))


def default_company() -> CompanyRow | None:
    """Who sells where no contract says otherwise; None before the first company."""
    row = Company.objects.filter(is_default=True).first()
    return _company(row) if row else None


def contract_of(partner_id: int) -> ContractRow | None:
    """A partner's details and contract, once somebody entered them."""
    row = Contract.objects.filter(partner_id=partner_id).first()
    return _contract(row) if row else None


def contracts(partner_ids: Collection[int]) -> dict[int, ContractRow]:
    """The contracts of several partners, by partner."""
    rows = Contract.objects.filter(partner_id__in=partner_ids)
    return {row.partner_id: _contract(row) for row in rows}


def parties(partner_id: int) -> Parties:
    """The two sides of a paper of today: the contract's company, or the default one where there
    is no contract, or its company issues no more. `CompanyMissing`, `Partner.DoesNotExist`."""
    name = Partner.objects.values_list("name", flat=True).get(pk=partner_id)
    contract = contract_of(partner_id)
    seller = company(contract.company_id) if contract else None
    if seller is None or not seller.is_active:
        seller = default_company()
    if seller is None:
        raise CompanyMissing
    return Parties(seller, contract, name)


def packs() -> list[PackRow]:
    """All packs, the newest first."""
    rows = Pack.objects.select_related("plan").order_by("-since_on", "-id")[:LIST_MAX]
    return [_pack(row) for row in rows]


def packs_for(partner_id: int, on: date) -> list[PackRow]:
    """What a partner may buy on a day, the smallest first."""
    plan_id = Partner.objects.values_list("plan_id", flat=True).get(pk=partner_id)
    offered = Pack.objects.filter(
        Q(plan_id=None) | Q(plan_id=plan_id), Q(until_on=None) | Q(until_on__gte=on)
    ).filter(since_on__lte=on)
    rows = offered.select_related("plan").order_by("quantity", "bonus", "id")[:LIST_MAX]
    return [_pack(row) for row in rows]


def pack(pack_id: int) -> PackRow:
    """One pack, also an ended one; `Pack.DoesNotExist`."""
    return _pack(Pack.objects.select_related("plan").get(pk=pack_id))


def validity_days(partner_id: int, at: datetime, bought: PackRow | None = None) -> int | None:
    """How long a lot bought now may be used: what the pack says, else the plan; None for ever."""
    if bought is not None and bought.validity_days is not None:
        return bought.validity_days
    return partners.partner_plan(partner_id, at).value().lot_validity_days or None


def last_day_of_use(partner_id: int, at: datetime) -> date | None:
    """Until when consultations of the plan bought now can be used, that day included."""
    return settlement.expires_on(partners.today(at), validity_days(partner_id, at))


def kept_by(partner_ids: Collection[int]) -> Kept:
    """What these partners bought and were billed, which no change of a price touches (R12)."""
    units = Lot.objects.filter(
        Q(available__gt=0) | Q(held__gt=0),
        partner_id__in=partner_ids,
        commodity=Commodity.CONSULTATIONS,
    )
    lots = units.aggregate(count=Count("pk"), left=Sum(F("available") + F("held")))
    unpaid = Invoice.objects.filter(
        partner_id__in=partner_ids, paid_at__isnull=True, cancelled_at__isnull=True
    )
    return Kept(lots["count"], lots["left"] or 0, unpaid.count())


def names_of(kind: str, ids: Collection[int]) -> dict[int, str]:
    """Names of companies ("company") or packs ("pack"), for lists of what happened."""
    if kind == "company":
        return dict(Company.objects.filter(pk__in=ids).values_list("pk", "name"))
    rows = Pack.objects.filter(pk__in=ids)
    return {row.pk: row.names.get("uk", str(row)) for row in rows}


def _values(row: Company | Contract, kind: type) -> dict[str, Any]:
    """The columns of a row that the dataclass has, by name."""
    return {one.name: getattr(row, one.name) for one in fields(kind)}


def _company(row: Company) -> CompanyRow:
    return CompanyRow(**_values(row, CompanyRow))


def _contract(row: Contract) -> ContractRow:
    return ContractRow(**_values(row, ContractRow))


def _pack(row: Pack) -> PackRow:
    return PackRow(
        row.pk,
        row.plan_id,
        row.plan.name if row.plan else "",
        row.names,
        row.quantity,
        row.bonus,
        row.unit_price_kopecks,
        row.validity_days,
        row.since_on,
        row.until_on,
    )
