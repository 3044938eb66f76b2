"""What a partner buys and what it is billed: packs, invoices, papers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from ninja import Query
from pydantic import BaseModel, ConfigDict, Field

from desk.channels.api import calls, paging, problems, whose
from desk.channels.api.calls import Call
from desk.channels.api.deposit import BOOKS, PAYS, keyed
from desk.channels.api.money import Amount, money
from desk.channels.api.paging import Page, Paging
from desk.channels.api.routing import MADE, Area
from desk.channels.api.scopes import Scope
from desk.channels.api.shapes import Id
from desk.channels.api.whose import OfPartner, PartnerId
from desk.deposits.actions import invoicing
from desk.deposits.actions.invoicing import KOPECKS_MAX, QUANTITY_MAX, Order
from desk.deposits.printing import payment_purpose
from desk.deposits.queries import catalogue, invoices, papers
from desk.deposits.queries.catalogue import PackRow
from desk.deposits.queries.invoices import InvoiceRow, Sought
from desk.deposits.queries.papers import PaperRow
from desk.partners import queries as partners
from desk.rules.billing import PaperKind, Purpose
from desk.rules.settlement import InvoiceState
from desk.tickets import queries as tickets
from desk.web import formats

billing = Area("billing", "What can be bought, invoices and what was paid of them, papers.")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA = {"pdf": "application/pdf", "xlsx": XLSX}
NUMBER_MAX = 30


class Pack(BaseModel):
    """Consultations offered together; the bonus costs nothing once all is paid."""

    id: int
    name: str
    quantity: int
    bonus: int
    unit_price: Amount
    total: Amount
    validity_days: int | None = Field(description="From the payment; null: without end.")
    until_on: date | None = Field(description="The last day of the offer, if it has one.")


class Packs(BaseModel):
    """What the partner may buy today, the smallest first, and one consultation by itself."""

    items: list[Pack]
    price: Amount = Field(description="Of one consultation today, in any other quantity.")


class Invoice(BaseModel):
    """What is to be paid. Its id is that of its paper."""

    id: int
    number: str
    state: InvoiceState
    purpose: Purpose
    quantity: int = Field(description="Consultations without the bonus; 0 of money.")
    bonus: int
    total: Amount
    paid: Amount
    left: Amount
    issued_on: date
    due_on: date
    paid_at: datetime | None
    payment_purpose: str = Field(description="To write into the transfer, so that it is credited.")
    iban: str = Field(description="Where to pay to.")


class Invoices(Page[Invoice]):
    """A page of invoices."""


class OfPartnerPaged(Paging):
    """A list of a partner."""

    partner_id: PartnerId = None


class Buying(BaseModel):
    """What to issue an invoice for: a pack, a quantity at the price of the day, or a sum of money,
    and the ticket whose estimate waits for that. One of the three."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"quantity": 10}})

    pack_id: Id | None = None
    quantity: Annotated[int, Field(strict=True, ge=1, le=QUANTITY_MAX)] | None = None
    kopecks: Annotated[int, Field(strict=True, ge=1, le=KOPECKS_MAX)] | None = None
    ticket: Annotated[str, Field(max_length=NUMBER_MAX, examples=["OLH-42"])] | None = None


class PaperCard(BaseModel):
    """An issued paper; it never changes. `url` + `.pdf` or `.xlsx` is its file."""

    id: int
    kind: PaperKind
    number: str
    issued_on: date
    from_on: date | None
    until_on: date | None
    total: Amount
    signed_on: date | None
    cancelled_by: str | None = Field(description="Number of the paper that took it back.")
    url: str


class Papers(Page[PaperCard]):
    """A page of papers."""


@billing.get("/packs", Scope.DEPOSIT_READ, Packs)
def list_packs(request: HttpRequest, wanted: Query[OfPartner]) -> Packs:
    """List the packs.

    What may be bought today, with the price of one consultation besides.
    """
    call = calls.of(request)
    owned = _spoken_of(call, wanted.partner_id)
    offered = catalogue.packs_for(owned, partners.today(call.at))
    return Packs(
        items=[_pack(call, owned, one) for one in offered],
        price=money(partners.price_kopecks(owned, call.at)),
    )


@billing.get("/invoices", Scope.DEPOSIT_READ, Invoices)
def list_invoices(request: HttpRequest, wanted: Query[OfPartnerPaged]) -> Invoices:
    """List the invoices.

    The latest first.
    """
    call = calls.of(request)
    owned, place = _spoken_of(call, wanted.partner_id), paging.opened("invoices", wanted)
    before = int(str(place[0])) if place else None
    found = invoices.invoices(Sought(partner_id=owned), before, wanted.limit + 1)
    shown, cursor = paging.cut("invoices", wanted, found, lambda row: (row.id,))
    # An invoice is its paper: the same numbers in the same order, read at once.
    kinds = [PaperKind.INVOICE]
    printed = papers.papers(partner_id=owned, kinds=kinds, before=before, most=wanted.limit)
    contents = {row.id: row.content for row in printed}
    items = [_invoice(call, row, contents[row.id]) for row in shown]
    return Invoices(items=items, next_cursor=cursor)


@billing.post("/invoices", Scope.DEPOSIT_WRITE, Invoice, MADE)
def issue_invoice(request: HttpRequest, body: Buying, wanted: Query[OfPartner]) -> Invoice:
    """Issue an invoice.

    At the terms of today, which stay as they are. Its paper is there at once.
    """
    call = calls.of(request)
    owned = whose.partner_id(call, wanted.partner_id, PAYS)
    row = invoicing.issue_invoice(keyed(call), owned, _order(call, owned, body))
    return _invoice(call, row, papers.paper(row.id).content)


@billing.get("/invoices/{invoice_id}", Scope.DEPOSIT_READ, Invoice)
def read_invoice(request: HttpRequest, invoice_id: Id, wanted: Query[OfPartner]) -> Invoice:
    """Read an invoice."""
    call = calls.of(request)
    row = invoices.invoice(invoice_id, _spoken_of(call, wanted.partner_id))
    return _invoice(call, row, papers.paper(row.id).content)


@billing.get("/papers", Scope.DEPOSIT_READ, Papers)
def list_papers(request: HttpRequest, wanted: Query[OfPartnerPaged]) -> Papers:
    """List the papers.

    Invoices, acts, reconciliations and corrections, the latest first.
    """
    call = calls.of(request)
    owned, place = _spoken_of(call, wanted.partner_id), paging.opened("papers", wanted)
    before = int(str(place[0])) if place else None
    found = papers.papers(partner_id=owned, before=before, most=wanted.limit + 1)
    shown, cursor = paging.cut("papers", wanted, found, lambda row: (row.id,))
    return Papers(items=[_paper(row) for row in shown], next_cursor=cursor)


@billing.get("/papers/{paper_id}.{form}", Scope.DEPOSIT_READ, None)
def download_paper(
    request: HttpRequest, paper_id: Id, form: Literal["pdf", "xlsx"], wanted: Query[OfPartner]
) -> HttpResponse:
    """Download a paper.

    The very bytes that were issued, as PDF or as a workbook of the same data.
    """
    call = calls.of(request)
    owned, row = _spoken_of(call, wanted.partner_id), papers.found(paper_id)
    if row is None or row.partner_id != owned:
        raise ObjectDoesNotExist
    response = HttpResponse(papers.content_of(row.id, form), content_type=MEDIA[form])
    name = f"{row.number.replace('/', '-')}.{form}"
    named = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = named or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def _spoken_of(call: Call, wanted: PartnerId) -> int:
    return whose.partner_id(call, wanted, PAYS, BOOKS)


def _order(call: Call, owned: int, body: Buying) -> Order:
    given = [body.pack_id, body.quantity, body.kopecks]
    if sum(one is not None for one in given) != 1 or (body.ticket and body.kopecks is None):
        said = _("Name one of pack_id, quantity and kopecks; a ticket goes with kopecks.")
        raise problems.invalid([("quantity", "missing", said)])
    if body.ticket is None:
        return Order(body.pack_id, body.quantity, body.kopecks)
    ticket = tickets.by_number(call.person, body.ticket, call.access)
    if ticket.partner_id != owned:
        raise ObjectDoesNotExist
    memo = f"{tickets.number(ticket)} {ticket.subject}"
    return Order(kopecks=body.kopecks, subject=ticket.key, memo=memo)


def _pack(call: Call, owned: int, one: PackRow) -> Pack:
    return Pack(
        id=one.id,
        name=one.name(formats.language()),
        quantity=one.quantity,
        bonus=one.bonus,
        unit_price=money(one.unit_price_kopecks),
        total=money(one.total_kopecks),
        validity_days=catalogue.validity_days(owned, call.at, one),
        until_on=one.until_on,
    )


def _invoice(call: Call, row: InvoiceRow, content: Mapping[str, Any]) -> Invoice:
    return Invoice(
        id=row.id,
        number=row.number,
        state=row.state(partners.today(call.at)),
        purpose=row.purpose,
        quantity=row.quantity,
        bonus=row.bonus,
        total=money(row.total_kopecks),
        paid=money(row.paid_kopecks),
        left=money(row.left_kopecks),
        issued_on=row.issued_on,
        due_on=row.due_on,
        paid_at=row.paid_at,
        payment_purpose=payment_purpose(content),
        iban=content["seller"]["iban"],
    )


def _paper(row: PaperRow) -> PaperCard:
    return PaperCard(
        id=row.id,
        kind=row.kind,
        number=row.number,
        issued_on=row.issued_on,
        from_on=row.from_on,
        until_on=row.until_on,
        total=money(row.total_kopecks),
        signed_on=row.signed_on,
        cancelled_by=row.cancelled_by or None,
        url=f"/api/v1/papers/{row.id}",
    )
