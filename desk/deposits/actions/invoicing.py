"""issue_invoice, cancel_invoice: what a partner is asked to pay, with its paper at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from desk.deposits import printing
from desk.deposits.actions import papering
from desk.deposits.actions.papering import Draft
from desk.deposits.actions.posting import lock, one_transaction, writing
from desk.deposits.models import Invoice
from desk.deposits.printing import SoldLine
from desk.deposits.printing.content import SERVICE_UNIT
from desk.deposits.queries import catalogue, invoices
from desk.deposits.queries.catalogue import PackRow, Parties
from desk.deposits.queries.invoices import InvoiceRow
from desk.journal.cause import Cause
from desk.partners import queries as partners
from desk.rules.billing import PaperKind, Purpose
from desk.rules.ledger import whole

OPEN_INVOICES_MAX = 20
QUANTITY_MAX = 10_000
KOPECKS_MAX = 10_000_000_00
# Words of a paper, which is in Ukrainian as the law wants.
CONSULTATIONS = "Інформаційно-консультаційні послуги (консультації)"
ADVANCE = "Попередня оплата інформаційно-консультаційних послуг"
WORK = "Послуги з доопрацювання програмного забезпечення"


class ContractMissing(Exception):
    """Nobody entered the partner's details and contract, which a paper prints."""


class OrderWrong(ValueError):
    """An order names one thing: a pack that is offered, a quantity, or a sum, within the limits."""


class TooManyOpen(Exception):
    """The partner has too many invoices that wait for money."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most


@dataclass(frozen=True, slots=True)
class Order:
    """What is bought: a pack, `quantity` consultations at the plan's price of the day, or money,
    for a customisation's estimate with its ticket ("ticket:42") and, to print, its number and
    subject. One of the three."""

    pack_id: int | None = None
    quantity: int | None = None
    kopecks: int | None = None
    subject: str = ""
    memo: str = ""

    def asked(self) -> dict[str, object]:
        """What the key of an invoice stands for."""
        names = ("pack_id", "quantity", "kopecks", "subject")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class _Sold:
    """The order at today's terms."""

    purpose: Purpose
    line: SoldLine
    pack: PackRow | None
    validity_days: int | None

    @property
    def quantity(self) -> int:
        return self.line.quantity if self.purpose is Purpose.CONSULTATIONS else 0


@one_transaction
def issue_invoice(cause: Cause, partner_id: int, order: Order) -> InvoiceRow:
    """Issue an invoice with its paper; prices and validity stay as they are today, whatever
    becomes of the pack or the plan (R12). Repeated with its key, it answers the first one (L3).

    Raises CompanyMissing, ContractMissing, OrderWrong, TooManyOpen, MonthClosed, KeyMissing,
    KeyReused.
    """
    lock(partner_id)
    verb = f"issue_{PaperKind.INVOICE.value}"
    if done := papering.issued(cause, verb, partner_id, order.asked()):
        return invoices.invoice(done.id)
    parties = _parties(partner_id)
    sold = _sold(cause, partner_id, order)
    if invoices.open_count(partner_id) >= OPEN_INVOICES_MAX:
        raise TooManyOpen(OPEN_INVOICES_MAX)
    draft = _draft(cause, partner_id, parties, sold)
    with writing():
        paper = papering.issue(cause, replace(draft, asked=order.asked()))
        _write(cause, paper.id, draft, sold, order.subject)
    return invoices.invoice(paper.id)


@one_transaction
def cancel_invoice(cause: Cause, invoice_id: int, reason: str) -> InvoiceRow:
    """Take an unpaid invoice back, by a correction. Raises what `cancel_paper` does:
    InvoicePaid (also in part), AlreadyCancelled, MonthClosed."""
    papering.cancel_paper(cause, invoice_id, reason)
    return invoices.invoice(invoice_id)


def _parties(partner_id: int) -> Parties:
    found = catalogue.parties(partner_id)
    if found.contract is None:
        raise ContractMissing
    return found


def _sold(cause: Cause, partner_id: int, order: Order) -> _Sold:
    given = [one for one in (order.pack_id, order.quantity, order.kopecks) if one is not None]
    if len(given) != 1:
        raise OrderWrong("one of pack, quantity and sum")
    if order.pack_id is not None:
        return _pack(cause, partner_id, order.pack_id)
    if order.kopecks is not None:
        return _money(order)
    quantity = whole(order.quantity or 0)
    if quantity > QUANTITY_MAX:
        raise OrderWrong("quantity")
    price = partners.price_kopecks(partner_id, cause.at)
    validity = catalogue.validity_days(partner_id, cause.at)
    line = SoldLine(CONSULTATIONS, quantity, price)
    return _Sold(Purpose.CONSULTATIONS, line, None, validity)


def _pack(cause: Cause, partner_id: int, pack_id: int) -> _Sold:
    """A pack that this partner may buy today."""
    offered = catalogue.packs_for(partner_id, partners.today(cause.at))
    pack = next((one for one in offered if one.id == pack_id), None)
    if pack is None:
        raise OrderWrong("pack")
    text = CONSULTATIONS
    if pack.bonus:
        text = f"{text}, з них {pack.bonus} понад пакет безоплатно"
    line = SoldLine(text, pack.quantity, pack.unit_price_kopecks)
    validity = catalogue.validity_days(partner_id, cause.at, pack)
    return _Sold(Purpose.CONSULTATIONS, line, pack, validity)


def _money(order: Order) -> _Sold:
    if whole(order.kopecks or 0) > KOPECKS_MAX:
        raise OrderWrong("sum")
    text = f"{WORK}: {order.memo}" if order.memo else (WORK if order.subject else ADVANCE)
    line = SoldLine(text, 1, order.kopecks or 0, SERVICE_UNIT)
    return _Sold(Purpose.MONEY, line, None, None)


def _draft(cause: Cause, partner_id: int, parties: Parties, sold: _Sold) -> Draft:
    issued_on = partners.today(cause.at)
    due_on = issued_on + timedelta(days=parties.company.invoice_days)
    content = printing.invoice(parties, [sold.line], due_on)
    return Draft(
        kind=PaperKind.INVOICE,
        company_id=parties.company.id,
        partner_id=partner_id,
        issued_on=issued_on,
        content=content,
        total_kopecks=sold.line.kopecks,
    )


def _write(cause: Cause, paper_id: int, draft: Draft, sold: _Sold, subject: str) -> None:
    is_units = sold.purpose is Purpose.CONSULTATIONS
    Invoice.objects.create(
        paper_id=paper_id,
        partner_id=draft.partner_id,
        company_id=draft.company_id,
        purpose=sold.purpose,
        pack_id=sold.pack.id if sold.pack else None,
        quantity=sold.quantity,
        bonus=sold.pack.bonus if sold.pack else 0,
        unit_price_kopecks=sold.line.price_kopecks if is_units else 0,
        total_kopecks=draft.total_kopecks,
        validity_days=sold.validity_days,
        subject=subject,
        issued_at=cause.at,
        due_on=draft.content["due_on"],
    )
