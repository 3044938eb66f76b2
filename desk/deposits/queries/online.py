"""Online payment: our accounts at providers, and the orders that were paid there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from desk.deposits.models import Checkout, Invoice, ProviderAccount

# An order of which nothing was heard is asked about for so long, and not in its first minutes.
ASKED_AFTER = timedelta(minutes=2)
ASKED_FOR = timedelta(days=3)
ASKED_MAX = 50


class Result(StrEnum):
    """What became of an order at its provider."""

    PAID = "paid"
    FAILED = "failed"
    PENDING = "pending"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider says of an order. `status` is its own word, `reference` its number of the
    payment, `facts` what is worth keeping; nothing of a card."""

    order: str
    result: Result
    kopecks: int
    status: str
    reference: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """Our account at a provider; `keys` are sealed."""

    id: int
    company_id: int
    company: str
    provider: str
    keys: str
    is_sandbox: bool
    is_active: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class CheckoutRow:
    """An order at a provider. `outcome`: "paid", "failed", or None while nothing is known."""

    order: str
    provider: str
    company_id: int
    partner_id: int
    invoice_id: int
    number: str
    amount_kopecks: int
    at: datetime
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Payable:
    """An invoice as a provider needs it; `left_kopecks` 0 when nothing is to be paid any more."""

    id: int
    partner_id: int
    company_id: int
    number: str
    left_kopecks: int


def accounts(company_id: int | None = None) -> list[AccountRow]:
    """Accounts that can be used, of one company or of all."""
    rows = ProviderAccount.objects.select_related("company").order_by("company_id", "provider")
    if company_id is not None:
        rows = rows.filter(company_id=company_id, is_active=True)
    return [_account(row) for row in rows]


def account(company_id: int, provider: str) -> AccountRow | None:
    """The account of a company at a provider, switched on or off."""
    rows = ProviderAccount.objects.select_related("company")
    found = rows.filter(company_id=company_id, provider=provider).first()
    return _account(found) if found else None


def payable(invoice_id: int, partner_id: int) -> Payable | None:
    """The partner's invoice, or None where it is none of theirs."""
    rows = Invoice.objects.filter(pk=invoice_id, partner_id=partner_id).select_related("paper")
    found = rows.first()
    if found is None:
        return None
    return Payable(found.pk, partner_id, found.company_id, found.paper.number, left(found))


def left(invoice: Invoice) -> int:
    """Kopiykas that are still to be paid."""
    is_open = invoice.cancelled_at is None and invoice.paid_at is None
    return max(0, invoice.total_kopecks - invoice.paid_kopecks) if is_open else 0


def checkout(provider: str, order: str) -> CheckoutRow | None:
    """An order by our number of it."""
    rows = Checkout.objects.filter(provider=provider, order=order)
    found = rows.select_related("invoice__paper").first()
    return checkout_row(found) if found else None


def unheard(at: datetime) -> list[CheckoutRow]:
    """Orders of which no outcome came, the youngest first: their provider is asked."""
    rows = Checkout.objects.filter(
        outcome=None, at__lte=at - ASKED_AFTER, at__gte=at - ASKED_FOR
    ).select_related("invoice__paper")
    return [checkout_row(row) for row in rows.order_by("-at")[:ASKED_MAX]]


def checkout_row(row: Checkout) -> CheckoutRow:
    """The row as a value; its invoice and paper are read with it."""
    return CheckoutRow(
        row.order,
        row.provider,
        row.invoice.company_id,
        row.invoice.partner_id,
        row.invoice_id,
        row.invoice.paper.number,
        row.amount_kopecks,
        row.at,
        row.outcome,
    )


def _account(row: ProviderAccount) -> AccountRow:
    return AccountRow(
        row.pk,
        row.company_id,
        row.company.name,
        row.provider,
        row.keys,
        row.is_sandbox,
        row.is_active,
        row.changed_at,
    )
