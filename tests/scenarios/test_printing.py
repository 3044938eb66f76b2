"""How papers look: every kind is printed, whatever people wrote into it, on as many pages as it
takes. Pictures of them were looked at; here is what a machine can hold."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from desk.deposits import printing
from desk.deposits.printing import Charge, SoldLine, shown
from desk.deposits.queries.catalogue import CompanyRow, ContractRow, Parties
from desk.deposits.queries.settlements import Posting
from desk.rules.billing import PaperKind
from tests.rules.test_pdf import HOSTILE
from tests.scenarios.billing import company_details, contract_details
from tests.scenarios.deposits import MONDAY, PRICE, on

LONG = "Товариство з обмеженою відповідальністю «" + "Європейські Ґрунтовні Їдальні " * 5 + "»"
PERIOD = {"from_on": "2026-11-01", "until_on": "2026-11-30"}


def parties(name: str = "ФОП Їжакевич О. Ю.", *, vat: bool = False) -> Parties:
    company = company_details(is_vat_payer=vat, signer=name, bank=name)
    contract = contract_details(1, legal_name=name, signer=name, address=name, number=name)
    return Parties(
        CompanyRow(id=1, **_values(company)),
        ContractRow(partner_id=1, changed_at=MONDAY, **_values(contract)),
        name,
    )


def _values(details: object) -> dict[str, Any]:
    names: tuple[str, ...] = tuple(getattr(type(details), "__dataclass_fields__"))  # noqa: B009
    return {name: getattr(details, name) for name in names}


def contents(sides: Parties, text: str, lines: int = 1) -> dict[PaperKind, dict[str, Any]]:
    """One paper of each kind, about so many lines."""
    charges = [Charge("OLH-1", text, on(0), 1, PRICE, PRICE) for _ in range(lines)]
    postings = [Posting(on(0), text, credit_kopecks=PRICE) for _ in range(lines)]
    act = issued(PaperKind.ACT, printing.act(sides, charges))
    return {
        PaperKind.INVOICE: printing.invoice(sides, [SoldLine(text, 1, PRICE)] * lines, on(7)),
        PaperKind.ACT: act,
        PaperKind.RECONCILIATION: printing.reconciliation(sides, -PRICE, postings),
        PaperKind.CORRECTION: printing.correction(act, text),
    }


def issued(kind: PaperKind, content: dict[str, Any]) -> dict[str, Any]:
    """The content as it is kept."""
    named = {"kind": kind.value, "number": "ПД-Р-2026-000123", "issued_on": "2026-11-30"}
    return {**content, **named, **PERIOD}


@pytest.mark.parametrize("kind", PaperKind)
def test_what_people_wrote_never_breaks_a_paper(kind: PaperKind) -> None:
    everything = " ".join(HOSTILE.values())
    content = issued(kind, contents(parties(everything[:200]), everything)[kind])
    pdf, xlsx = printing.render(kind, content)
    assert (pdf[:5], xlsx[:2]) == (b"%PDF-", b"PK")


@pytest.mark.parametrize("kind", PaperKind)
def test_equal_papers_have_equal_bytes(kind: PaperKind) -> None:
    content = issued(kind, contents(parties(LONG, vat=True), "Послуга")[kind])
    first = printing.render(kind, content)
    assert printing.render(kind, content) == first
    assert b"pdfaid" in first[0]


def test_a_long_act_goes_over_pages() -> None:
    kind = PaperKind.ACT
    content = issued(kind, contents(parties(LONG), "Не оновлюються залишки", 60)[kind])
    pages = printing.pictures(kind, content)
    assert len(pages) == 2
    assert all(page.startswith(b"\x89PNG") for page in pages)


def test_an_invoice_asks_to_be_paid_with_its_number() -> None:
    content = issued(PaperKind.INVOICE, contents(parties(vat=True), "Пакет")[PaperKind.INVOICE])
    assert printing.payment_purpose(content) == (
        "Оплата за інформаційно-консультаційні послуги згідно з рахунком"
        " № ПД-Р-2026-000123 від 30.11.2026, у т.ч. ПДВ 20 % — 30,00 грн"
    )
    content = issued(PaperKind.INVOICE, contents(parties(), "Пакет")[PaperKind.INVOICE])
    assert printing.payment_purpose(content).endswith("без ПДВ")
    assert shown.of(PaperKind.INVOICE, content)["vat_label"] == "Без ПДВ"


def test_a_reconciliation_says_who_owes_whom() -> None:
    sides = parties("ТОВ «Б»")
    for opening, owed in ((-PRICE, "на користь ТОВ «Б»"), (PRICE, "«Демо-виробник»")):
        content = issued(PaperKind.RECONCILIATION, printing.reconciliation(sides, opening, []))
        sentence = shown.conclusion(content)
        assert owed in sentence
        assert "180,00 грн (Сто вісімдесят гривень 00 копійок)" in sentence
    content = issued(PaperKind.RECONCILIATION, printing.reconciliation(sides, 0, []))
    assert shown.conclusion(content) == "Станом на 30.11.2026 заборгованість відсутня."


def test_an_account_is_printed_whole_to_be_copied() -> None:
    iban = "MT84MALT011000012345MTLCAST001S9999"[:34]
    details = {
        **shown_details(),
        "iban": iban,
        "email": "a.very.long.address.of.accounts@partner.example",
    }
    party = shown.party(details)
    assert party["iban"] == iban
    assert any(details["email"] in line for line in party["lines"])


def shown_details() -> dict[str, str]:
    """A side of a paper as it is kept."""
    kept: dict[str, str] = printing.invoice(parties(), [], on(0))["buyer"]
    return kept


def test_hours_and_reversals_are_named_on_an_act() -> None:
    def named(**changes: Any) -> str:
        values = {"subject": "Звіт", "minutes": None, "kopecks": 1, "quantity": 1}
        return shown.service({**values, **changes})

    assert named() == "Звіт"
    assert named(minutes=150) == "Звіт (робота програміста: 2 год 30 хв)"
    assert named(minutes=60) == "Звіт (робота програміста: 1 год)"
    assert named(kopecks=-1) == "Сторно: Звіт"
    assert named(kopecks=0, quantity=-1) == "Сторно: Звіт"


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 2, 1), date(2026, 2, 28), "лютий 2026 р."),
        (date(2026, 2, 1), date(2026, 2, 27), "01.02.2026 – 27.02.2026"),
        (date(2026, 1, 1), date(2026, 12, 31), "01.01.2026 – 31.12.2026"),
    ],
)
def test_a_period_reads_as_a_month_where_it_is_one(first: date, last: date, words: str) -> None:
    content = {"from_on": first.isoformat(), "until_on": last.isoformat()}
    assert shown.period(content) == words


def test_sums_stand_with_spaces_that_do_not_break() -> None:
    assert shown.money(1_234_567_89) == "1\u00a0234\u00a0567,89"
    assert shown.money(-5) == "\u22120,05"
