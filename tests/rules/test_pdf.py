"""PDF from data: what people wrote is printed, never read as source; equal in, equal out."""

from __future__ import annotations

import re
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.lib import pdf

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOSTILE = {
    "an import": '#import "/etc/passwd": *',
    "a read": '#read("/etc/passwd")',
    "a package": '#import "@preview/cetz:0.2.0": canvas',
    "mathematics": "$ x^2 $ and $",
    "brackets": "] } ) [ { ( */ /* //",
    "quotes": '"\'`\\"\\\\ \\u{41}',
    "a label": "<label> @reference = heading *bold* _slant_ - list",
    "hebrew": "\u202eשלום\u202c \u2066abc\u2069",
    "emoji": "🙂 👩‍👩‍👧 🇺🇦",
    "null": "a\x00b\x07c\ud800".encode("utf-8", "replace").decode(),
    "nothing": "",
    "long": "слово " * 1_000,
    "unbroken": "x" * 5_000,
    "chinese": "漢字",
}
TEMPLATE = """
#let data = json(bytes(sys.inputs.data))
#set document(title: data.text)
#set text(font: ("Golos Text", "Libertinus Serif"))
#data.text
#table(columns: 2, data.text, [1])
"""
FONTS = Path(__file__).resolve().parents[2] / "desk" / "deposits" / "printing" / "fonts"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "one.typ"
    path.write_text(TEMPLATE)
    return path


@pytest.mark.parametrize("what", HOSTILE)
def test_a_text_of_a_person_is_only_printed(template: Path, what: str) -> None:
    data = {"text": pdf.printable(HOSTILE[what])}
    assert pdf.document(template, data, AT, FONTS).startswith(b"%PDF-")


def test_a_template_that_reads_elsewhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "inside" / "one.typ"
    path.parent.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    path.write_text('#read("../secret.txt")')
    with pytest.raises(RuntimeError):
        pdf.document(path, {}, AT, FONTS)


def test_equal_data_give_equal_bytes_and_a_day_is_part_of_them(template: Path) -> None:
    first = pdf.document(template, {"text": "Ґанок"}, AT, FONTS)
    assert pdf.document(template, {"text": "Ґанок"}, AT, FONTS) == first
    assert pdf.document(template, {"text": "Ґанок"}, AT.replace(day=24), FONTS) != first
    assert pdf.document(template, {"text": "Ганок"}, AT, FONTS) != first


def test_it_is_an_archives_pdf_unless_a_letter_has_no_glyph(template: Path) -> None:
    plain = pdf.document(template, {"text": "ґ є і ї Ґ Є І Ї ₴ № « » ’ — −"}, AT, FONTS)
    assert b"pdfaid" in plain
    assert b"pdfaid" not in pdf.document(template, {"text": "漢字"}, AT, FONTS)


def test_the_letters_of_ukrainian_come_from_our_own_font(template: Path) -> None:
    made = pdf.document(template, {"text": "ґєії ҐЄІЇ ₴ 12 345,60"}, AT, FONTS)
    fonts = set(re.findall(rb"/BaseFont ?/([A-Za-z+\-]+)", made + _streams(made)))
    assert {name.partition(b"+")[2][:5] for name in fonts} == {b"Golos"}


def test_a_printable_text_is_one_line_that_can_be_broken() -> None:
    assert pdf.printable(" a\n\tb  c ") == "a b c"
    assert pdf.printable("e\u0301\u202e\x00\u200bd") == "éd"
    broken = pdf.printable("x" * 70)
    assert [len(part) for part in broken.split(pdf.ZERO_WIDTH_SPACE)] == [30, 30, 10]
    assert broken.replace(pdf.ZERO_WIDTH_SPACE, "") == "x" * 70


def _streams(made: bytes) -> bytes:
    """What is packed inside a PDF."""
    unpacked = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL):
        try:
            unpacked.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(unpacked)
