"""Every proof of refunds, expiry, payments, invoices, papers and acts finds its fault (L9)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from desk.deposits import actions, queries
from desk.deposits.checks import PAPER_BYTES, check, codes
from desk.deposits.models import Company, Paper
from desk.lib import files
from desk.partners.models import StaffRole
from tests.scenarios.corruptions import found_after
from tests.scenarios.deposits import MONDAY, a_partner, buys, day, holds, keyed, on, staff, unkeyed


@pytest.fixture
def partner(committed: str) -> Iterator[int]:
    """A partner with a charge, a refund whose money was sent, and a lot that expired."""
    number = a_partner()
    accountant, other = staff(StaffRole.ACCOUNTANT), staff(StaffRole.ACCOUNTANT)
    buys(number, 3)
    holds(number, "ticket:1")
    actions.capture(unkeyed(), ["ticket:1"])
    lot = queries.lots(number)[0].id
    refund = actions.propose_refund(keyed(by=accountant), lot, 1, "Leaves")
    actions.approve_refund(keyed(by=other), refund.id)
    actions.pay_refund(keyed(by=accountant), refund.id, on(0), "No. 8")
    actions.buy(keyed(), number, 2, 100, 200, expires_on=on(1))
    actions.expire_lots(day(2))
    assert check() == []
    yield number


COMPANY = (
    "INSERT INTO deposits_company (id, legal_name, code, tax_number, iban, bank, address, email,"
    " phone, signer, signer_post, name, prefix, is_vat_payer, vat_percent, invoice_days,"
    " is_default, is_active, created_at) VALUES (1, 'Desk', '', '', '', '', '', '', '', '', '',"
    " 'Desk', '', false, 20, 7, true, true, now());"
)
PAPER = (
    "INSERT INTO deposits_paper (id, company_id, partner_id, kind, year, sequence, number,"
    " issued_on, total_kopecks, content, pdf, xlsx, issued_at, issued_by, key)"
    " SELECT {id}, 1, min(partner_id), '{kind}', 2026, {sequence}, 'N-{id}', '2026-11-23', {total},"
    " jsonb_build_object(), 'a', 'b', now(), 'system', 'paper:{id}' FROM deposits_deposit;"
)
SERIES = "INSERT INTO deposits_series (company_id, kind, year, last) VALUES (1, '{kind}', 2026, 1);"
INVOICE_ROW = (
    "INSERT INTO deposits_invoice (paper_id, partner_id, company_id, purpose, quantity, bonus,"
    " unit_price_kopecks, total_kopecks, subject, issued_at, due_on, paid_kopecks, bought)"
    " SELECT 1, partner_id, 1, 'consultations', 5, 0, 20, 100, '', now(), '2026-11-30', {paid},"
    " {bought} FROM deposits_paper;"
)
PAPERS = {
    kind: PAPER.format(id=1, kind=kind, sequence=1, total=total) + SERIES.format(kind=kind)
    for kind, total in {"invoice": 100, "act": 18_000}.items()
}
INVOICE = "".join((PAPERS["invoice"], INVOICE_ROW))
PAYMENT = (
    "INSERT INTO deposits_payment (id, company_id, source, fingerprint, paid_on, amount_kopecks,"
    " left_kopecks, payer_name, payer_code, payer_iban, purpose, reference, hint, at, by,"
    " returned_by, returned_why) VALUES (1, 1, 'hand', 'x', '2026-11-23', 500, 0, '', '', '', '',"
    " '', '', now(), 'system', '', '');"
)
ALLOCATION = (
    "INSERT INTO deposits_allocation (payment_id, partner_id, amount_kopecks, transaction_id, at,"
    " by) SELECT 1, partner_id, 500, min(id), now(), 'system' FROM deposits_transaction"
    " WHERE verb = 'buy' GROUP BY partner_id;"
)
ACT_LINE = (
    "INSERT INTO deposits_actline (paper_id, transaction_id, kopecks, in_force) SELECT 1, min(id),"
    " {kopecks}, {in_force} FROM deposits_transaction WHERE verb = 'capture';"
)
ACT = "".join((PAPERS["act"], ACT_LINE))
RIGHT_LINE = ACT_LINE.format(kopecks=18_000, in_force="true")
RIGHT_ACT = ACT.format(kopecks=18_000, in_force="true")

PERIOD = (
    "INSERT INTO deposits_period (company_id, first_on, closed_at, closed_by, figures)"
    " SELECT 1, '2026-11-01', '2026-12-01', 'system', jsonb_build_object('partners',"
    " jsonb_build_object(min(partner_id)::text, jsonb_build_object("
    " 'sold_kopecks', 54200, 'earned_kopecks', {earned}, 'refunded_kopecks', 18000,"
    " 'expired_kopecks', 200, 'adjusted_kopecks', 0))) FROM deposits_deposit;"
)

CORRUPTIONS = {
    "refund_over": "UPDATE deposits_lot SET unit_price_kopecks = 0",
    "refund_approved": "UPDATE deposits_refund SET quantity = 2",
    "refund_money": "UPDATE deposits_refund SET kopecks = kopecks - 1",
    "refund_paid": "UPDATE deposits_refund SET outcome = 'declined'",
    "expiry_early": "UPDATE deposits_transaction SET facts = jsonb_set(facts, '{on}',"
    " '\"2026-11-24\"') WHERE verb = 'expire'",
    "payment_split": PAYMENT,
    "payment_booked": PAYMENT + ALLOCATION,
    "invoice_paid": INVOICE.format(paid=100, bought=0),
    "invoice_bought": INVOICE.format(paid=0, bought=2),
    "paper_gap": PAPER.format(id=1, kind="act", sequence=2, total=0) + SERIES.format(kind="act"),
    "act_line": ACT.format(kopecks=17_999, in_force="true"),
    "act_total": ACT.format(kopecks=17_000, in_force="true"),
    "act_twice": f"{RIGHT_ACT} DROP INDEX act_line_once; {RIGHT_LINE}",
    "period_touched": "".join(
        (
            PERIOD.format(earned=18_000),
            "UPDATE deposits_period SET closed_at = '2026-01-01';",
            PAPERS["invoice"],
        )
    ),
    "period_figures": PERIOD.format(earned=17_000),
    "act_cancelled": ACT.format(kopecks=18_000, in_force="false"),
}


def test_l9_the_check_finds_every_kind_of_fault_of_billing(partner: int) -> None:
    """The owner plants each fault with the guards down; the check names it in words (I14)."""
    proved = {code for code in codes() if not code.startswith("ledger_")}
    assert set(CORRUPTIONS) | {PAPER_BYTES} == proved
    for code, harm in CORRUPTIONS.items():
        found = found_after(COMPANY + harm)
        assert code in found, f"{code} among {set(found)}"
        assert len(found[code]) > 20
    assert check() == []


def test_l9_a_right_act_and_a_right_closed_month_are_no_faults(partner: int) -> None:
    assert found_after(COMPANY + RIGHT_ACT + PERIOD.format(earned=18_000)) == {}


@pytest.mark.django_db
def test_l9_the_check_reads_the_bytes_of_every_paper(
    tmp_path: Path, settings: LazySettings
) -> None:
    settings.FILES_DIR = tmp_path
    company = Company.objects.create(legal_name="Desk", name="Desk", created_at=MONDAY)
    pdf = files.store(tmp_path, "paper", [b"printed"]).sha256
    lost = hashlib.sha256(b"lost").hexdigest()
    Paper.objects.create(
        company=company,
        partner_id=a_partner(),
        kind="invoice",
        year=2026,
        sequence=1,
        number="R-1",
        issued_on=on(0),
        total_kopecks=1,
        content={},
        pdf=pdf,
        xlsx=lost,
        issued_at=MONDAY,
        issued_by="system",
        key="paper:1",
    )
    assert _damaged() == ["The XLSX of paper R-1 cannot be read."]
    files.path(tmp_path, pdf).write_bytes(b"forged")
    assert _damaged() == [
        "The PDF of paper R-1 is not what was issued.",
        "The XLSX of paper R-1 cannot be read.",
    ]


def _damaged() -> list[str]:
    return [fault.sentence for fault in check() if fault.code == PAPER_BYTES]
