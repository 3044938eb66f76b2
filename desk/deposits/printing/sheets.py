"""A paper's content as a workbook: the same data, numbers as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from desk.deposits.printing import shown
from desk.deposits.printing.content import payment_purpose
from desk.lib.workbook import Cell, Head, Kopecks, Sheet, workbook
from desk.rules.billing import PaperKind

_INVOICE_HEADS = ("№", "Найменування", "Кількість", "Од.")
_ACT_HEADS = ("№", "Звернення", "Найменування послуги", "Дата", "Кількість", "Од.")
_RECONCILIATION_HEADS = ("№", "Дата", "Документ", "Дебет, грн", "Кредит, грн")


def workbook_of(kind: PaperKind, content: Mapping[str, Any], at: datetime) -> bytes:
    """The workbook of a paper."""
    makers = {
        PaperKind.INVOICE: _invoice,
        PaperKind.ACT: _act,
        PaperKind.RECONCILIATION: _reconciliation,
        PaperKind.CORRECTION: _correction,
    }
    table, widths = makers[kind](content)
    opening = _opening(kind, content)
    heads = len(opening)
    repeated = (heads, heads) if table and kind is not PaperKind.CORRECTION else None
    sheet = Sheet(content["number"], [*opening, *table], widths, repeated)
    return workbook([sheet], at, shown.title(kind, content))


def _opening(kind: PaperKind, content: Mapping[str, Any]) -> list[list[Cell]]:
    """Title and both sides, above the table, in its widest column."""
    rows = [_told(kind, Head(shown.title(kind, content))), []]
    for name, label in (("seller", "Виконавець"), ("buyer", "Замовник")):
        side = shown.party(content[name])
        rows += _named(kind, label, side["name"], *side["lines"])
    if contract := shown.contract(content["contract"]):
        rows += _named(kind, "Підстава", contract)
    if kind in (PaperKind.ACT, PaperKind.RECONCILIATION):
        rows += _named(kind, "Період", shown.period(content))
    return [*rows, []]


def _named(kind: PaperKind, label: str, *values: Cell) -> list[list[Cell]]:
    """A label, and its values below it."""
    return [_told(kind, Head(label)), *(_told(kind, value) for value in values)]


def _told(kind: PaperKind, cell: Cell) -> list[Cell]:
    """A cell that stands in the column of texts."""
    return [*[None] * (1 if kind is PaperKind.INVOICE else 2), cell]


def _invoice(content: Mapping[str, Any]) -> tuple[list[list[Cell]], list[int]]:
    rows: list[list[Cell]] = [_heads(_INVOICE_HEADS, content)]
    for place, one in enumerate(content["lines"], 1):
        price, total = Kopecks(one["price_kopecks"]), Kopecks(one["kopecks"])
        rows.append([place, one["text"], one["quantity"], one["unit"], price, total])
    kind = PaperKind.INVOICE
    rows += _totals(kind, content, len(_INVOICE_HEADS) + 2)
    rows += _named(kind, "Оплатити до", date.fromisoformat(content["due_on"]))
    rows += _named(kind, "Призначення платежу", payment_purpose(content))
    return rows, [5, 60, 11, 8, 14, 16]


def _act(content: Mapping[str, Any]) -> tuple[list[list[Cell]], list[int]]:
    rows: list[list[Cell]] = [_heads(_ACT_HEADS, content)]
    for place, one in enumerate(content["lines"], 1):
        about: list[Cell] = [place, one["number"], shown.service(one)]
        sums: list[Cell] = [Kopecks(one["price_kopecks"]), Kopecks(one["kopecks"])]
        on = date.fromisoformat(one["on"])
        rows.append([*about, on, one["quantity"], one["unit"], *sums])
    rows += _totals(PaperKind.ACT, content, len(_ACT_HEADS) + 2)
    return rows, [5, 16, 50, 12, 11, 8, 14, 16]


def _reconciliation(content: Mapping[str, Any]) -> tuple[list[list[Cell]], list[int]]:
    rows: list[list[Cell]] = [[Head(text) for text in _RECONCILIATION_HEADS]]
    rows.append([None, None, Head("Сальдо початкове"), *_balance(content["opening_kopecks"])])
    for place, one in enumerate(content["lines"], 1):
        on = date.fromisoformat(one["on"])
        sums = [Kopecks(one["debit_kopecks"]), Kopecks(one["credit_kopecks"])]
        rows.append([place, on, one["text"], *sums])
    turnover = [
        Kopecks(content["debit_kopecks"], strong=True),
        Kopecks(content["credit_kopecks"], strong=True),
    ]
    rows.append([None, None, Head("Обороти за період"), *turnover])
    rows.append([None, None, Head("Сальдо кінцеве"), *_balance(content["closing_kopecks"])])
    rows += [[], _told(PaperKind.RECONCILIATION, shown.conclusion(content))]
    return rows, [5, 16, 60, 16, 16]


def _correction(content: Mapping[str, Any]) -> tuple[list[list[Cell]], list[int]]:
    printed = shown.of(PaperKind.CORRECTION, content)
    kind = PaperKind.CORRECTION
    rows = [
        *_named(kind, "Скасовано", printed["what"]),
        *_named(kind, "Причина", content["reason"]),
    ]
    if printed["has_total"]:
        rows += [[], *_totals(kind, content, 5)]
    return rows, [5, 5, 60, 24, 16]


def _heads(names: Sequence[str], content: Mapping[str, Any]) -> list[Cell]:
    """Heads of a table that ends with price and sum, with the tax or without."""
    totals = shown.totals(content)
    return [Head(text) for text in (*names, totals["price_head"], totals["sum_head"])]


def _totals(kind: PaperKind, content: Mapping[str, Any], columns: int) -> list[list[Cell]]:
    """Sum and tax under the last column, the label before it."""
    before: list[Cell] = [None] * (columns - 2)
    totals = shown.totals(content)
    tax = Kopecks(content["vat_kopecks"]) if totals["with_vat"] else None
    return [
        [*before, Head("Разом"), Kopecks(content["total_kopecks"], strong=True)],
        [*before, Head(totals["vat_label"]), tax],
        [],
        *_named(kind, "Сума прописом", totals["in_words"]),
    ]


def _balance(kopecks: int) -> list[Cell]:
    return [Kopecks(max(0, kopecks), strong=True), Kopecks(max(0, -kopecks), strong=True)]
