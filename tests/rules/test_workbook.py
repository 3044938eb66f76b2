"""Workbooks: a text is a text, a number is a number, equal input gives equal bytes."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, date, datetime

import pytest

from desk.lib.workbook import CELL_MAX, Cell, Head, Kopecks, Sheet, workbook

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FORMULAS = ("=cmd|' /C calc'!A0", "+1", "-1+2", "@SUM(A1)", "\t=1", "{=1}", "https://evil.example")


def made(*rows: list[Cell]) -> dict[str, str]:
    """The parts of a workbook with one sheet, by name."""
    with zipfile.ZipFile(io.BytesIO(workbook([Sheet("Папір", rows)], AT))) as book:
        return {name: book.read(name).decode() for name in book.namelist()}


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_is_never_a_formula_or_a_link(text: str) -> None:
    parts = made([text, Head(text)])
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert re.findall(r'<c [^>]*t="(\w+)"', sheet) == ["s", "s"]


def test_sums_are_numbers_in_hryvnias() -> None:
    sheet = made([Kopecks(12_345_67), Kopecks(-1), 5, date(2026, 11, 23), None])
    values = re.findall(r"<v>([^<]*)</v>", sheet["xl/worksheets/sheet1.xml"])
    assert values == ["12345.67", "-0.01", "5", "46349"]
    assert "#,##0.00" in sheet["xl/styles.xml"]


def test_what_a_workbook_cannot_hold_is_left_out() -> None:
    texts = made(["a\x00b\x0bc", "x" * (CELL_MAX + 5)])["xl/sharedStrings.xml"]
    assert "<t>abc</t>" in texts
    assert f"<t>{'x' * CELL_MAX}</t>" in texts


def test_a_name_of_a_sheet_is_made_to_fit() -> None:
    book = workbook([Sheet("[a]:*?/\\" + "b" * 40, [["1"]])], AT)
    assert book.startswith(b"PK")


def test_equal_data_give_equal_bytes() -> None:
    sheets = [Sheet("Папір", [["Ґанок", Kopecks(1)]], widths=[10, 12], repeated=(0, 0))]
    assert workbook(sheets, AT, "Назва") == workbook(sheets, AT, "Назва")
