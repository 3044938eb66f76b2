"""CSV for accountants: its mark, semicolons, sums with a comma, and no formula ever."""

from datetime import date

import pytest

from desk.lib.csv_table import csv_bytes
from desk.lib.workbook import Head, Kopecks


def test_a_row_of_every_kind() -> None:
    row = (Head("No."), 5, date(2026, 11, 30), Kopecks(118050), Kopecks(-5), None, "a;b")
    assert csv_bytes([row]).decode() == '\ufeffNo.;5;30.11.2026;1180,50;-0,05;;"a;b"\r\n'


@pytest.mark.parametrize(
    "text", ["=1+1", "+380", "-5", "@sum", "\t=1", "\r=1", " =1", "\u00a0=1", "\uff1d1"]
)
def test_a_text_is_never_a_formula(text: str) -> None:
    written = csv_bytes([(text,)]).decode().removeprefix("\ufeff").lstrip('"')
    assert written.startswith("'")
