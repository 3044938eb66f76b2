"""Tables for the accounting program, as XLSX and CSV: of a month, a year, or as of a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from desk.deposits.queries import catalogue, figures, first_events, invoices, papers, payments
from desk.deposits.queries.catalogue import CompanyRow
from desk.deposits.queries.invoices import Sought
from desk.deposits.queries.payments import Wanted
from desk.lib.csv_table import csv_bytes
from desk.lib.workbook import Cell, Head, Kopecks, Sheet, workbook
from desk.partners import queries as partners
from desk.rules.billing import PaperKind
from desk.staff.accounting import worth
from desk.staff.accounting.home import SEES
from desk.web import edge, formats, labels, labels_of_money
from desk.web.access import staff_page

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"
# So many lines a table has at most: more is taken by shorter periods.
LINES_MAX = 100_000
WIDTH = 20
Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which company, and of which days, both included."""

    company: CompanyRow
    from_on: date
    until_on: date

    @property
    def partner_ids(self) -> list[int]:
        return figures.partners_of(self.company.id)

    @property
    def moments(self) -> tuple[datetime, datetime]:
        return figures.bounds(self.from_on, self.until_on)


@require_GET
@staff_page(*SEES)
def export(request: HttpRequest, table: str, sheet: str) -> HttpResponse:
    """One table; 404 for a name or a form that is not known, and before there is a company."""
    rows_of, company = TABLES.get(table), worth.asked_company(request)
    if rows_of is None or company is None or sheet not in ("xlsx", "csv"):
        raise Http404
    asked = _asked(request, company, table)
    rows = list(rows_of(asked))[:LINES_MAX]
    content, kind = (_workbook(table, rows), XLSX) if sheet == "xlsx" else (csv_bytes(rows), CSV)
    answer = HttpResponse(content, content_type=kind)
    period = f"{asked.from_on:%Y-%m-%d}_{asked.until_on:%Y-%m-%d}"
    answer["Content-Disposition"] = f'attachment; filename="{table}_{period}.{sheet}"'
    return answer


def _workbook(name: str, rows: Sequence[Row]) -> bytes:
    widths = [WIDTH] * len(rows[0])
    sheet = Sheet(name, rows, widths, repeated=(0, 0), landscape=True, frozen=1)
    return workbook([sheet], edge.now(), name)


def _asked(request: HttpRequest, company: CompanyRow, name: str) -> Asked:
    """A month ("month=2026-11"), or up to a day ("on=2026-11-30"): a year of revenue."""
    today = timezone.localdate(edge.now(), timezone.get_default_timezone())
    text = request.GET.get("month", "")
    if text:
        first_on = worth.asked_day(f"{text}-01", today).replace(day=1)
        return Asked(company, first_on, papers.month_end(first_on))
    on = worth.asked_day(request.GET.get("on", ""), today)
    back = worth.MONTHS - 1 if name == "revenue" else 0
    return Asked(company, worth.months_before(on, back), on)


def _names(ids: set[int]) -> Callable[[int | None], str]:
    """Partners by the name of their papers, else by ours."""
    contracts = catalogue.contracts(ids)
    known = {row.pk: row.name for row in partners.partners_among(ids)}

    def name(partner_id: int | None) -> str:
        contract = contracts.get(partner_id or 0)
        return (contract and contract.legal_name) or known.get(partner_id or 0, "")

    return name


def _heads(*texts: str) -> Row:
    return [Head(text) for text in texts]


def _invoices(asked: Asked) -> Iterator[Row]:
    rows = [
        row
        for row in papers.papers(
            kinds=[PaperKind.INVOICE], issued=(asked.from_on, asked.until_on), most=LINES_MAX
        )
        if row.company_id == asked.company.id
    ]
    known = {
        row.id: row
        for row in invoices.invoices(Sought(company_id=asked.company.id), most=LINES_MAX)
    }
    name = _names({row.partner_id for row in rows})
    yield _heads(
        _("Number"), _("Day"), _("Partner"), _("Consultations"), _("Sum"), _("Paid"), _("Left"),
        _("To be paid by"), _("Cancelled"),
    )  # fmt: skip
    for paper in reversed(rows):
        row = known[paper.id]
        yield [
            row.number,
            row.issued_on,
            name(row.partner_id),
            row.quantity or None,
            Kopecks(row.total_kopecks),
            Kopecks(row.paid_kopecks),
            Kopecks(row.left_kopecks),
            row.due_on,
            _("yes") if row.cancelled_at else "",
        ]


def _payments(asked: Asked) -> Iterator[Row]:
    rows = [
        row
        for row in payments.payments(Wanted(company_id=asked.company.id), most=LINES_MAX)
        if asked.from_on <= row.paid_on <= asked.until_on
    ]
    name = _names({row.partner_id for row in rows if row.partner_id})
    yield _heads(
        _("Day"), _("Payer"), _("Code"), _("Partner"), _("Sum"), _("Not booked"), _("Purpose"),
        _("Bank reference"), _("Sent back"),
    )  # fmt: skip
    for row in reversed(rows):
        yield [
            row.paid_on,
            row.payer_name,
            row.payer_code,
            name(row.partner_id),
            Kopecks(row.amount_kopecks),
            Kopecks(row.left_kopecks),
            row.purpose,
            row.reference,
            _("yes") if row.returned_at else "",
        ]


def _acts(asked: Asked) -> Iterator[Row]:
    kinds = [PaperKind.ACT, PaperKind.CORRECTION]
    rows = [
        row
        for row in papers.papers(
            kinds=kinds, issued=(asked.from_on, asked.until_on), most=LINES_MAX
        )
        if row.company_id == asked.company.id
    ]
    name = _names({row.partner_id for row in rows})
    yield _heads(
        _("Number"), _("Paper"), _("Day"), _("Partner"), _("From"), _("Until"), _("Sum"),
        _("Signed"), _("Cancelled by"),
    )  # fmt: skip
    for row in reversed(rows):
        yield [
            row.number,
            labels_of_money.paper_label(row.kind),
            row.issued_on,
            name(row.partner_id),
            row.from_on,
            row.until_on,
            Kopecks(row.total_kopecks),
            row.signed_on,
            row.cancelled_by,
        ]


def _charges(asked: Asked) -> Iterator[Row]:
    rows = first_events.charges(asked.partner_ids, *asked.moments)
    name = _names({row.partner_id for row in rows})
    yield _heads(
        _("Day"), _("Partner"), _("Ticket"), _("Quantity"), _("Sum"), _("Lot"), _("Paid on"),
        _("Invoice"), _("Bank reference"),
    )  # fmt: skip
    for row in rows:
        yield [
            figures.local_day(row.at),
            name(row.partner_id),
            row.memo,
            row.amount if row.is_units else None,
            Kopecks(row.kopecks),
            f"{row.lot_id} {labels.lot_source_label(row.source)}",
            ", ".join(f"{one.paid_on:%d.%m.%Y}" for one in row.payments),
            ", ".join(one.invoice for one in row.payments if one.invoice),
            ", ".join(one.reference for one in row.payments if one.reference),
        ]


def _revenue(asked: Asked) -> Iterator[Row]:
    yield _heads(
        _("Month"), _("Consultations"), _("of them bonus"), _("Revenue of consultations"),
        _("Revenue of hours"), _("of it reversed"), _("Revenue"), _("Sold"), _("Refunded"),
        _("Expired"),
    )  # fmt: skip
    for row in figures.revenue(asked.partner_ids, *asked.moments):
        yield [
            formats.month(row.first_on),
            row.units,
            row.bonus_units,
            Kopecks(row.consultations_kopecks),
            Kopecks(row.hours_kopecks),
            Kopecks(row.reversed_kopecks),
            Kopecks(row.earned_kopecks),
            Kopecks(row.sold_kopecks),
            Kopecks(row.refunded_kopecks),
            Kopecks(row.expired_kopecks),
        ]


def _liability(asked: Asked) -> Iterator[Row]:
    rows = figures.outstanding(asked.partner_ids, worth.day_end(asked.until_on))
    name = _names({row.partner_id for row in rows})
    yield _heads(
        _("Partner"), _("Lot"), _("Kind"), _("Bought"), _("Usable until"), _("Price"),
        _("Available"), _("Held"), _("Worth"),
    )  # fmt: skip
    for row in rows:
        yield [
            name(row.partner_id),
            row.lot_id,
            labels.lot_source_label(row.source),
            figures.local_day(row.bought_at),
            row.expires_on,
            Kopecks(row.unit_price_kopecks),
            row.available if row.is_units else Kopecks(row.available),
            row.held if row.is_units else Kopecks(row.held),
            Kopecks(row.kopecks),
        ]
    worth_all = sum(row.kopecks for row in rows)
    yield [Head(_("All together")), *[None] * 7, Kopecks(worth_all, strong=True)]


def _first_events(asked: Asked) -> Iterator[Row]:
    rows = first_events.first_events(asked.company.id, asked.from_on, asked.until_on)
    ids = {row.partner_id for row in rows if row.partner_id}
    name, contracts = _names(ids), catalogue.contracts(ids)
    yield _heads(
        _("Day"), _("What it is"), _("Partner"), _("Tax number"), _("Sum"), _("Base"), _("VAT"),
        _("Invoices"), _("Bank reference"), _("Purpose"),
    )  # fmt: skip
    for row in rows:
        contract = contracts.get(row.partner_id or 0)
        yield [
            row.on,
            labels_of_money.first_event_label(row.kind),
            name(row.partner_id),
            contract.tax_number if contract else "",
            Kopecks(row.kopecks),
            Kopecks(row.base_kopecks),
            Kopecks(row.vat_kopecks),
            ", ".join(row.invoices),
            row.reference,
            row.text,
        ]


TABLES: dict[str, Callable[[Asked], Iterator[Row]]] = {
    "invoices": _invoices,
    "payments": _payments,
    "acts": _acts,
    "charges": _charges,
    "revenue": _revenue,
    "liability": _liability,
    "first-events": _first_events,
}
