"""What those who pay are told of money: a sentence with its sum, and where it leads."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from desk.channels import money_told, words
from desk.journal.models import Entry

PAPER = {"number": "ДВ-Р-2026-000007", "kopecks": 5130_00}
# Verb, subject, facts, the sentence in Ukrainian, where it leads.
TOLD: list[tuple[str, str, dict[str, Any], str, str]] = [
    (
        "issue_invoice",
        "paper:7",
        PAPER,
        "Рахунок ДВ-Р-2026-000007 на 5 130,00 ₴ готовий до сплати",
        "/cabinet/deposit/invoices/7/",
    ),
    (
        "issue_act",
        "paper:7",
        PAPER,
        "Акт ДВ-Р-2026-000007 на 5 130,00 ₴ випущено: підпишіть, будь ласка",
        "/cabinet/deposit/papers/",
    ),
    (
        "buy",
        "deposit:1",
        {"bought": 5, "filled": 0, "paid_kopecks": 1000_00, "rest_kopecks": 100_00},
        "Ваш платіж 1 000,00 ₴ зараховано: 5 консультацій і 100,00 ₴ грошима",
        "/cabinet/deposit/",
    ),
    (
        "buy",
        "deposit:1",
        {"bought": 2, "bonus": True},
        "Вам подаровано: 2 консультації",
        "/cabinet/deposit/",
    ),
    (
        "low_balance",
        "deposit:1",
        {"episode": 4, "kind": "consultations", "available": 3},
        "Депозит закінчується: лишилося 3 консультації",
        "/cabinet/deposit/low/4/",
    ),
    (
        "low_balance",
        "deposit:1",
        {"episode": 4, "kind": "consultations", "available": -1},
        "Депозит вичерпано: нові звернення чекають, критична помилка — ніколи",
        "/cabinet/deposit/low/4/",
    ),
    (
        "announce_expiry",
        "deposit:1",
        {"quantity": 4, "expires_on": "2026-12-30"},
        "Скоро завершується строк дії: 4 консультації, останній день ср 30 груд.",
        "/cabinet/deposit/",
    ),
    (
        "pay_refund",
        "deposit:1",
        {"kopecks": 900_00},
        "Вам повернуто 900,00 ₴",
        "/cabinet/deposit/",
    ),
]


@pytest.mark.parametrize(("verb", "subject", "facts", "said", "path"), TOLD)
def test_a_notice_of_money_says_its_sum_and_leads_on(
    verb: str, subject: str, facts: dict[str, Any], said: str, path: str
) -> None:
    """L10"""
    entry = Entry(verb=verb, subject=subject, facts=facts, partner_id=1)
    with translation.override("uk"):
        assert money_told.sentence(entry).replace("\xa0", " ") == said
    assert money_told.path(entry) == path


@pytest.mark.parametrize("verb", sorted(money_told.VERBS))
def test_what_is_told_of_money_has_a_headline_too(verb: str) -> None:
    assert verb in words.HEADLINES
