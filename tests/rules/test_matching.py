"""Which invoice a payment is for: as people write numbers, and never a guess."""

from __future__ import annotations

import pytest

from desk.rules import matching
from desk.rules.matching import Candidate, Hint, Said

OURS = Candidate(1, "ДВ-Р-2026-000042", 42, 1_800_00, "99999919")
NEXT = Candidate(2, "ДВ-Р-2026-000043", 43, 900_00)
LAST_YEAR = Candidate(3, "ДВ-Р-2025-000042", 42, 0)
KNOWN = (OURS, NEXT, LAST_YEAR)


def judged(purpose: str, kopecks: int = 1_800_00, code: str = "") -> matching.Verdict:
    return matching.judge(Said(purpose, kopecks, code), KNOWN)


@pytest.mark.parametrize(
    "purpose",
    [
        "Оплата за послуги згідно з рахунком № ДВ-Р-2026-000042 від 20.11.2026, без ПДВ",
        "дв р 2026 42",
        "ДB-P-2026-42",
        "ДВ–Р–2026–000042.",
        "рах.№ДВ/Р/2026/42",
        "Р-2026-000042",
        "сплата 2026-0042",
        "Оплата за рах. 42 від 20.11.2026",
        "рахунок на оплату N 42",
        "РАХУНКУ №000042",
        "рахунок-фактура № 42 від 01.11.26 в т.ч. ПДВ 300.00",
        "оплата по счету №42 от 20.11.2026",
        "invoice No. 42",
        "дог. № 43 від 01.09.2026, рах. 42",
    ],
)
def test_a_number_is_found_as_people_write_it(purpose: str) -> None:
    assert judged(purpose).invoice_id == OURS.id


@pytest.mark.parametrize(
    ("purpose", "hint"),
    [
        ("Оплата за консультації", Hint.NO_NUMBER),
        ("оплата 42", Hint.NO_NUMBER),
        ("договір № 42", Hint.NO_NUMBER),
        ("договір 2026-42", Hint.NO_NUMBER),
        ("АБ-2026-42", Hint.NO_NUMBER),
        ("за листопад 2026-11-42", Hint.NO_NUMBER),
        ("на рахунок 26001234567", Hint.UNKNOWN_INVOICE),
        ("рахунок 99", Hint.UNKNOWN_INVOICE),
        ("рах. 42, 43", Hint.SEVERAL_NUMBERS),
        ("рах. № 42 та 99", Hint.SEVERAL_NUMBERS),
        ("рахунок ДВ-Р-2026-000042 і ДВ-Р-2026-000043", Hint.SEVERAL_NUMBERS),
        ("рах. 43", Hint.OTHER_SUM),
        ("рах. ДВ-Р-2025-000042", Hint.PAID_ALREADY),
    ],
)
def test_what_is_not_certain_is_a_hint(purpose: str, hint: Hint) -> None:
    found = judged(purpose)
    assert (found.invoice_id, found.hint) == (None, hint)


def test_another_payers_code_contradicts_and_none_does_not() -> None:
    assert judged("рах. 42", code="99999902").hint is Hint.OTHER_PAYER
    assert judged("рах. 42", code="99999919").invoice_id == OURS.id
    assert judged("рах. 43", 900_00, "99999902").invoice_id == NEXT.id


def test_a_cancelled_invoice_is_named_as_such() -> None:
    cancelled = Candidate(1, "ДВ-Р-2026-000042", 42, 0, is_cancelled=True)
    assert matching.judge(Said("рах. 42", 1), [cancelled]).hint is Hint.CANCELLED_INVOICE


def test_only_so_many_figures_are_looked_at() -> None:
    purpose = " ".join(str(figure) for figure in range(1, 1_000))
    assert len(matching.sequences(purpose)) == matching.SEQUENCES_MAX
    assert matching.sequences("0 00 1234567 7 007") == (7,)


def test_a_purpose_cannot_be_written_so_that_reading_it_never_ends() -> None:
    """Who pays writes the purpose: "фактура" over and over was tried in every way to cut it."""
    assert judged("рахунок " + "фактура" * 500 + "!").hint is Hint.NO_NUMBER
    assert judged("рахунок-" + "фактура" * 20 + " 42").invoice_id == OURS.id
