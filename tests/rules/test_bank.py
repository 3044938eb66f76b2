"""Statements of banks: every shipped mapping reads its sample, and hostile files get a reason."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.rules import bank, banks
from desk.rules.bank import Refusal, Skip, StatementRefused
from desk.rules.bank_mapping import BankMapping, Field, MappingWrong

SAMPLES = Path(__file__).parent / "samples" / "bank"
FILES = {
    "ПриватБанк (Приват24 для бізнесу)": "privatbank.csv",
    "monobank": "monobank.csv",
    "Райффайзен Банк": "raiffeisen.csv",
    "ПУМБ": "pumb.csv",
    "iBank 2 UA": "ibank2.csv",
}
SIMPLE = BankMapping(
    {Field.DATE: "Day", Field.AMOUNT: "Sum", Field.PURPOSE: "For", Field.REFERENCE: "Ref"}
)
HEAD = "Day;Sum;For;Ref\n"


def sample(name: str) -> bytes:
    return (SAMPLES / FILES[name]).read_bytes()


@pytest.mark.parametrize("name", banks.SHIPPED)
def test_every_shipped_mapping_reads_its_sample(name: str) -> None:
    found = bank.read(sample(name), banks.SHIPPED[name])
    first = found.rows[0]
    assert (first.paid_on, first.kopecks) == (date(2026, 11, 20), 1_800_00)
    assert "1" in first.purpose
    if name != "monobank":
        assert (first.payer_code, first.payer_iban[:2]) == (
            "99999919",
            "UA" if name != "ПУМБ" else "",
        )
        assert "Демо-партнер" in first.payer_name
    assert Skip.OUTGOING in {one.why for one in found.skipped}
    assert {one.why for one in found.skipped} <= {Skip.OUTGOING, Skip.OTHER_CURRENCY}


def test_a_name_in_quotes_and_a_latin_letter_are_read_as_privatbank_writes_them() -> None:
    found = bank.read(sample("ПриватБанк (Приват24 для бізнесу)"), banks.PRIVATBANK)
    assert found.rows[0].payer_name == 'ТОВ "Демо-партнер"'
    assert [row.kopecks for row in found.rows] == [1_800_00, 50]
    assert [one.why for one in found.skipped] == [Skip.OUTGOING, Skip.OTHER_CURRENCY]


@pytest.mark.parametrize(
    ("text", "decimal", "kopecks"),
    [
        ("1 234,50", ",", 1_234_50),
        ("-70 000.00", ".", -70_000_00),
        ("2000.0", ".", 2_000_00),
        ("1,234.56", ".", 1_234_56),
        ("1.234,56", ",", 1_234_56),
        ("1\u00a0800", ".", 1_800_00),
        ("0.0100", ".", 1),
        ("−5,5", ",", -5_50),
        ("12,34", ".", None),
        ("1.2345", ".", None),
        ("=1+1", ".", None),
        ("١٢", ".", None),
        ("1e3", ".", None),
        ("", ".", None),
        ("9" * 13, ".", None),
        ("1" + ",000" * 6, ".", None),
    ],
)
def test_sums_are_read_to_the_kopiyka_or_not_at_all(
    text: str, decimal: str, kopecks: int | None
) -> None:
    assert bank.kopecks(text, decimal) == kopecks


@pytest.mark.parametrize(
    ("content", "mapping", "why"),
    [
        (b"", SIMPLE, Refusal.EMPTY),
        (b" \n ", SIMPLE, Refusal.EMPTY),
        (b"PK\x03\x04rest", SIMPLE, Refusal.WORKBOOK),
        (b"Day;Sum\x00;For", SIMPLE, Refusal.BINARY),
        ("День;Сума".encode("cp1251"), SIMPLE, Refusal.ENCODING),
        ("День;Сума".encode(), replace(SIMPLE, encoding="cp1251"), Refusal.ENCODING),
        (b"Day;Sum;Why\n1;2;3", SIMPLE, Refusal.COLUMNS),
        (HEAD.encode() + b"20.11.2026;1;x;\n" * 20_100, SIMPLE, Refusal.TOO_MANY_ROWS),
        (b"x" * (bank.BYTES_MAX + 1), SIMPLE, Refusal.TOO_LARGE),
        (b'Day;Sum;For\n"' + b"x" * 200_000, SIMPLE, Refusal.NOT_CSV),
    ],
)
def test_what_is_no_statement_is_refused_with_the_reason(
    content: bytes, mapping: BankMapping, why: Refusal
) -> None:
    with pytest.raises(StatementRefused) as refused:
        bank.read(content, mapping)
    assert refused.value.why is why
    if why is Refusal.COLUMNS:
        assert refused.value.detail == "For, Ref"


def read(*lines: str) -> bank.Statement:
    return bank.read((HEAD + "\n".join(lines)).encode(), SIMPLE)


def test_rows_that_cannot_be_read_say_why() -> None:
    found = read("x;1;a;", "20.11.2026;?;a;", "20.11.2026;0;a;", "20.11.2026", "", ";;;")
    assert [(one.line, one.why) for one in found.skipped] == [
        (2, Skip.BAD_DATE),
        (3, Skip.BAD_AMOUNT),
        (4, Skip.BAD_AMOUNT),
        (5, Skip.SHORT),
    ]


def test_two_equal_rows_are_two_unless_the_bank_numbers_them() -> None:
    one, two = read("20.11.2026;1.00;a;", "20.11.2026;1.00;a;").rows
    assert one.fingerprint != two.fingerprint
    numbered = read("20.11.2026;1.00;a;77", "20.11.2026;1.00;b;77")
    assert (len(numbered.rows), numbered.skipped[0].why) == (1, Skip.REPEATED)


def test_a_row_is_the_same_in_another_file() -> None:
    early = read("20.11.2026;1.00;a;", "20.11.2026;2.00;b;").rows
    later = read("21.11.2026;5.00;c;", "20.11.2026;2,000.00;b;", "20.11.2026;1.00; a ;").rows
    assert early[0].fingerprint == later[2].fingerprint
    assert early[1].fingerprint != later[1].fingerprint


def test_formulas_stay_text_and_control_characters_go() -> None:
    (row,) = read("20.11.2026;1.00;=HYPERLINK(1)\x1b[31m\u202eabc;").rows
    assert row.purpose == "=HYPERLINK(1) [31m abc"


@pytest.mark.parametrize(
    "broken",
    [
        {"columns": {Field.AMOUNT: "Sum"}},
        {"columns": {Field.DATE: "Day"}},
        {"columns": {Field.DATE: "Day", Field.AMOUNT: "a", Field.CREDIT: "b"}},
        {"header": False},
        {"delimiter": "x"},
        {"encoding": "rot13"},
        {"date_formats": ("%c",)},
        {"date_formats": ()},
    ],
)
def test_a_mapping_that_cannot_work_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(MappingWrong):
        replace(SIMPLE, **broken)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("mapping", banks.SHIPPED.values())
def test_a_mapping_survives_its_keeping(mapping: BankMapping) -> None:
    assert BankMapping.parse(mapping.to_dict()) == mapping


@given(st.binary(max_size=400), st.sampled_from(list(banks.SHIPPED.values())))
def test_no_bytes_break_the_reading(content: bytes, mapping: BankMapping) -> None:
    with suppress(StatementRefused):
        bank.read(content, mapping)
