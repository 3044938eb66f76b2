"""XLSX: tables as accountants open them. A text is a text and never a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias

import xlsxwriter

CELL_MAX = 32_767
SHEET_NAME_MAX = 31
WIDTH = 14
MONEY_FORM = "#,##0.00"
DAY_FORM = "dd.mm.yyyy"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Kopecks:
    """A sum of money: a number in hryvnias with two places."""

    kopecks: int
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """A heading: bold, and wrapped where it is long."""

    text: str


Cell: TypeAlias = str | int | date | Kopecks | Head | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its rows from the top, widths of columns in characters, and which rows repeat on
    every printed page (first, last, counted from 0)."""

    name: str
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[int] = ()
    repeated: tuple[int, int] | None = None
    landscape: bool = False
    frozen: int = field(default=0)


def workbook(sheets: Sequence[Sheet], at: datetime, title: str = "") -> bytes:
    """The sheets as a workbook made at `at`: equal input gives equal bytes."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    made_at = at.replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": _clean(title), "created": made_at})
    forms = _forms(book)
    for sheet in sheets:
        _write(book, sheet, forms)
    book.close()
    return target.getvalue()


def _forms(book: Any) -> Mapping[str, Any]:
    return {
        "money": book.add_format({"num_format": MONEY_FORM}),
        "strong money": book.add_format({"num_format": MONEY_FORM, "bold": True}),
        "day": book.add_format({"num_format": DAY_FORM, "align": "left"}),
        "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
    }


def _write(book: Any, sheet: Sheet, forms: Mapping[str, Any]) -> None:
    page = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", sheet.name)[:SHEET_NAME_MAX])
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    if sheet.landscape:
        page.set_landscape()
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width or WIDTH)
    if sheet.repeated:
        page.repeat_rows(*sheet.repeated)
    if sheet.frozen:
        page.freeze_panes(sheet.frozen, 0)
    for row, cells in enumerate(sheet.rows):
        for column, cell in enumerate(cells):
            _put(page, (row, column), cell, forms)


def _put(page: Any, place: tuple[int, int], cell: Cell, forms: Mapping[str, Any]) -> None:
    if isinstance(cell, Kopecks):
        form = forms["strong money" if cell.strong else "money"]
        page.write_number(*place, cell.kopecks / 100, form)
    elif isinstance(cell, Head):
        page.write_string(*place, _clean(cell.text), forms["head"])
    elif isinstance(cell, str):
        page.write_string(*place, _clean(cell), forms["text"])
    elif isinstance(cell, date):
        page.write_datetime(*place, datetime(cell.year, cell.month, cell.day), forms["day"])  # noqa: DTZ001  a day has no zone
    elif cell is not None:
        page.write_number(*place, cell)


def _clean(text: str) -> str:
    """What a cell can hold; the rest would make a workbook that does not open."""
    return _NOT_IN_XML.sub("", text)[:CELL_MAX]
