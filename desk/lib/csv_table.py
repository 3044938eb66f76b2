"""CSV as the accountants' programs here open it: UTF-8 with its mark, semicolons, decimal comma.

A text is a text: what a spreadsheet would run as a formula gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date

from desk.lib.workbook import Cell, Head, Kopecks

MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
# What spreadsheets take for the beginning of a formula, also behind blanks that they drop.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}")


def csv_bytes(rows: Sequence[Sequence[Cell]]) -> bytes:
    """The rows as a file; equal input gives equal bytes."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([_text(cell) for cell in row])
    return (MARK + target.getvalue()).encode()


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Kopecks():
            return _hryvnias(cell.kopecks)
        case Head():
            return _guarded(cell.text)
        case str():
            return _guarded(cell)
        case date():
            return f"{cell:%d.%m.%Y}"
    return str(cell)


def _hryvnias(kopecks: int) -> str:
    whole, part = divmod(abs(kopecks), 100)
    return f"{'-' if kopecks < 0 else ''}{whole},{part:02}"


def _guarded(text: str) -> str:
    plain = text.replace("\x00", "")
    return f"'{plain}" if plain.lstrip(" \u00a0").startswith(FORMULA_STARTS) else plain
