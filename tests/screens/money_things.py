"""What money leaves on a desk with two partners: papers, payments, a refund, an online order."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from desk.deposits.actions import online, refunding
from desk.deposits.actions.invoicing import Order, issue_invoice
from desk.deposits.actions.paying import Incoming, take_payment
from desk.deposits.models import (
    BankMapping,
    Checkout,
    Company,
    Import,
    Invoice,
    Lot,
    LowBalance,
    Pack,
    Paper,
    Payment,
    Refund,
)
from desk.journal import cause as causes
from desk.lib import sealed
from desk.partners import queries as partners
from desk.rules import banks
from tests.scenarios import billing

if TYPE_CHECKING:
    from tests.screens.two_partners import TwoPartners


def furnish(world: TwoPartners) -> None:
    """A company and a contract, a pack, an invoice that waits, a payment that nobody knows what
    for, a statement of a bank, a refund that was proposed, and an order at LiqPay."""
    desk = world.desk
    at, partner = desk.now, desk.company.partner.pk
    company = billing.a_company()
    billing.a_contract(partner, company)
    billing.a_pack()
    by_accountant = causes.person(desk.house.accountant.pk, at, "accounting", desk.key())
    invoice = issue_invoice(desk.cause(desk.owner, key=desk.key()), partner, Order(quantity=10))
    take_payment(by_accountant, Incoming(company_id=company, kopecks=77_00, paid_on=_today(world)))
    LowBalance.objects.create(partner_id=partner, kind="consultations", mark=3, since_at=at)
    _imported(world, company)
    lot = Lot.objects.filter(partner_id=partner, available__gt=0).earliest("id")
    refunding.propose_refund(desk.cause(desk.house.accountant, key=desk.key()), lot.pk, 1, "Asked")
    keys = sealed.seal(json.dumps({"public": "i1", "private": "nobody's"}))
    cause = desk.cause(desk.house.vendor, key=desk.key())
    online.set_account(cause, company, "liqpay", keys, is_sandbox=True)
    online.open_checkout(desk.cause(desk.owner, key=desk.key()), partner, invoice.id, "liqpay")


def things() -> dict[str, object]:
    """What an address of money can name, by the word in it."""
    return {
        "first": "2026-11",
        "form": "pdf",
        "sheet": "csv",
        "table": "acts",
        "episode_id": LowBalance.objects.latest("id").pk,
        "company_id": Company.objects.latest("id").pk,
        "import_id": Import.objects.latest("id").pk,
        "invoice_id": Invoice.objects.latest("paper_id").pk,
        "lot_id": Lot.objects.latest("id").pk,
        "mapping_id": BankMapping.objects.latest("id").pk,
        "order": Checkout.objects.latest("id").order,
        "pack_id": Pack.objects.latest("id").pk,
        "paper_id": Paper.objects.latest("id").pk,
        "payment_id": Payment.objects.latest("id").pk,
        "provider": "liqpay",
        "refund_id": Refund.objects.latest("id").pk,
    }


def _imported(world: TwoPartners, company: int) -> None:
    """A statement that was read, without a row."""
    by, at = f"person:{world.desk.house.accountant.pk}", world.desk.now
    content = banks.MONOBANK.to_dict()
    mapping = BankMapping.objects.create(
        name="Demo bank", content=content, changed_at=at, changed_by=by
    )
    Import.objects.create(
        company_id=company,
        mapping=mapping,
        file_name="statement.csv",
        sha256="0" * 64,
        at=at,
        by=by,
        rows=0,
    )


def _today(world: TwoPartners) -> date:
    return partners.today(world.desk.now)
