"""A statement as rows to draw and as a file to take along: the same lines, the same sums (L9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from desk.channels.cabinet.periods import Period
from desk.deposits import queries as ledger
from desk.deposits.printing.rendering import FONTS
from desk.deposits.queries import statements
from desk.deposits.values import Balance, LotLeft, Movement
from desk.lib import pdf
from desk.lib.csv_table import csv_bytes
from desk.lib.workbook import Cell, Head, Kopecks, Sheet, workbook
from desk.partners.models import Partner
from desk.rules.ledger import Commodity
from desk.tickets import queries
from desk.web import formats, labels

# More rows than this are no paper that anybody reads: a table has them all.
PDF_ROWS_MAX = 3_000
TEMPLATE = Path(__file__).parent / "printing" / "statement.typ"
WIDTHS = (17, 30, 12, 44, 24, 14, 14, 14, 14, 14, 14, 14, 14, 14)
Row = list[Cell]


class TooLong(Exception):
    """The period has more movements than the form of the file can hold."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole statement: movements in their order, lots as they are now."""

    partner: Partner
    period: Period
    opening: Balance
    closing: Balance
    movements: tuple[Movement, ...]
    lots: list[LotLeft]
    names: dict[str, str]
    made_at: datetime


def of(partner_id: int, period: Period, at: datetime, most: int = statements.EXPORT_MAX) -> Whole:
    """Everything of a period. Raises `TooLong`."""
    found = tuple(statements.whole(partner_id, period.from_at, period.until_at, most + 1))[::-1]
    if len(found) > most:
        raise TooLong
    opening = ledger.balance_before(partner_id, period.from_at)
    return Whole(
        partner=Partner.objects.get(pk=partner_id),
        period=period,
        opening=opening,
        closing=found[-1].after if found else opening,
        movements=found,
        lots=ledger.lots(partner_id),
        names=queries.names_of([one.by for one in found]),
        made_at=at,
    )


def file_name(whole: Whole, form: str) -> str:
    """A name that sorts: "statement-OLH-2026-11-01-2026-11-30.xlsx"."""
    days = f"{whole.period.from_on.isoformat()}-{whole.period.until_on.isoformat()}"
    return f"statement-{whole.partner.code}-{days}.{form}"


def as_xlsx(whole: Whole) -> bytes:
    """Two sheets: the statement and the lots."""
    heads: list[Row] = [[Head(text) for text in _heads()]]
    statement = Sheet(
        _("Statement"), [*heads, *_rows(whole)], WIDTHS, repeated=(0, 0), landscape=True, frozen=1
    )
    lots = Sheet(
        _("Lots"),
        [[Head(text) for text in _lot_heads()], *(_lot(one) for one in whole.lots)],
        (14, 16, 22, 14, 12, 12, 12, 14),
        frozen=1,
    )
    return workbook([statement, lots], whole.made_at, _("Statement"))


def as_csv(whole: Whole) -> bytes:
    """One table: the statement."""
    return csv_bytes([_heads(), *_rows(whole)])


def as_pdf(whole: Whole) -> bytes:
    """A paper to read; statements are no papers of account, and have no number."""
    return pdf.document(TEMPLATE, _printed(whole), whole.made_at, FONTS)


def _heads() -> list[str]:
    """The columns of the statement."""
    consultations, held = _("Consultations available"), _("Consultations held")
    money, money_held = _("Money available, UAH"), _("Money held, UAH")
    return [
        _("When"),
        _("What"),
        _("Ticket"),
        pgettext("statement", "Subject"),
        pgettext("statement", "Person"),
        consultations,
        held,
        money,
        money_held,
        _("Charged, UAH"),
        *(_("%(what)s: balance") % {"what": one} for one in (consultations, held)),
        *(_("%(what)s: balance") % {"what": one} for one in (money, money_held)),
    ]


def _lot_heads() -> list[str]:
    return [
        pgettext("lot", "Bought"),
        _("What"),
        pgettext("lot", "How it came"),
        _("Price, UAH"),
        _("Quantity"),
        pgettext("lot", "Left"),
        _("Held"),
        _("Valid until"),
    ]


def _rows(whole: Whole) -> list[Row]:
    """Opening, each movement, closing: the closing is the opening plus every change."""
    period = whole.period
    return [
        [period.from_on, _("At the beginning"), *([None] * 8), *_figures(whole.opening)],
        *(_row(one, whole.names) for one in whole.movements),
        [period.until_on, _("At the end"), *([None] * 8), *_figures(whole.closing)],
    ]


def _row(one: Movement, names: dict[str, str]) -> Row:
    number, subject = ticket_of(one)
    return [
        f"{formats.local(one.at):%Y-%m-%d %H:%M}",
        labels.movement_label(one.verb),
        number,
        subject,
        names.get(one.by, ""),
        *_figures(one.change),
        Kopecks(one.kopecks),
        *_figures(one.after),
    ]


def ticket_of(one: Movement) -> tuple[str, str]:
    """The number of a movement's ticket, and its subject; a memo of no ticket is all subject."""
    number, _space, subject = one.memo.partition(" ")
    if one.subject.startswith("ticket:") and "-" in number:
        return number, subject
    return "", one.memo


def _figures(balance: Balance) -> Row:
    return [
        balance.consultations_available,
        balance.consultations_held,
        Kopecks(balance.money_available_kopecks),
        Kopecks(balance.money_held_kopecks),
    ]


def _lot(one: LotLeft) -> Row:
    """Of money a unit is a kopiyka, written as a sum."""
    is_money = one.commodity == Commodity.MONEY
    counts: Sequence[Cell] = (
        [Kopecks(one.quantity), Kopecks(one.available), Kopecks(one.held)]
        if is_money
        else [one.quantity, one.available, one.held]
    )
    return [
        formats.local(one.bought_at).date(),
        _("money") if is_money else _("consultations"),
        labels.lot_source_label(one.source),
        None if is_money else Kopecks(one.unit_price_kopecks),
        *counts,
        one.expires_on,
    ]


def _printed(whole: Whole) -> dict[str, Any]:
    """What the template prints, ready: it computes nothing."""
    period = whole.period
    has_money = any(
        one.money_available_kopecks or one.money_held_kopecks
        for one in (whole.opening, whole.closing, *(row.change for row in whole.movements))
    )
    return {
        "title": _("Statement of the deposit"),
        "partner": pdf.printable(whole.partner.name),
        "period": f"{period.from_on:%d.%m.%Y} – {period.until_on:%d.%m.%Y}",
        "made": _("Made on %(day)s") % {"day": formats.moment(whole.made_at, whole.made_at)},
        "page": _("Page"),
        "heads": _printed_heads(has_money=has_money),
        "opening": f"{_('At the beginning')}: {balance_text(whole.opening)}",
        "closing": f"{_('At the end')}: {balance_text(whole.closing)}",
        "rows": [_printed_row(one, whole.names, has_money=has_money) for one in whole.movements],
        "lots_title": _("Lots"),
        "lot_heads": _lot_heads(),
        "lots": [[_text(cell) for cell in _lot(one)] for one in whole.lots],
        "lang": formats.language(),
    }


def _printed_heads(*, has_money: bool) -> list[str]:
    heads = [_("When"), _("What"), _("Available"), _("Held"), _("Balance")]
    money = [_("Money"), _("Money: balance")] if has_money else []
    return [*heads, *money, _("Charged, UAH")]


def _printed_row(one: Movement, names: dict[str, str], *, has_money: bool) -> list[str]:
    number, subject = ticket_of(one)
    about = " ".join(part for part in (number, pdf.printable(subject)) if part)
    what = labels.movement_label(one.verb)
    who = names.get(one.by, "")
    change, after = one.change, one.after
    money = [_sum(change.money_available_kopecks), _sum(after.money_available_kopecks)]
    return [
        f"{formats.local(one.at):%d.%m.%Y %H:%M}",
        ": ".join(part for part in (what, about) if part) + (f" · {who}" if who else ""),
        _count(change.consultations_available),
        _count(change.consultations_held),
        formats.number(after.consultations_available),
        *(money if has_money else []),
        _sum(one.kopecks),
    ]


def balance_text(balance: Balance) -> str:
    """A balance in one line; money only where there is some."""
    counts = _("%(available)s available, %(held)s held") % {
        "available": formats.number(balance.consultations_available),
        "held": formats.number(balance.consultations_held),
    }
    if not balance.money_available_kopecks and not balance.money_held_kopecks:
        return counts
    sums = _("money: %(available)s available, %(held)s held") % {
        "available": formats.money(balance.money_available_kopecks),
        "held": formats.money(balance.money_held_kopecks),
    }
    return f"{counts}; {sums}"


def _count(count: int) -> str:
    return f"{'+' if count > 0 else '−'}{formats.number(abs(count))}" if count else ""


def _sum(kopecks: int) -> str:
    return formats.money(kopecks) if kopecks else ""


def _text(cell: Cell) -> str:
    match cell:
        case Kopecks():
            return formats.money(cell.kopecks)
        case date():
            return f"{cell:%d.%m.%Y}"
        case int():
            return formats.number(cell)
        case str():
            return cell
    return ""
