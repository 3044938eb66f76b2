"""A partner's finance person buys a pack on a phone, in Ukrainian: from the alert to the statement.

Nobody reloads: the alert and the payment arrive on the page that is open.
"""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.demo import signed_in
from tests.browser.visitor import Visitor
from tests.running import RunningDesk

PARTNER = "Демо-партнер «Олівець»"
LEFT = 2
UNITS = re.compile(r"(\d+)")


def test_a_finance_person_buys_a_pack(demo: RunningDesk, visit: Visit) -> None:
    finance = signed_in(visit, demo, "partner-finance", viewport=PHONE).speak("uk")
    finance.open("/cabinet/deposit/")
    runs_low(visit, demo, available(finance) - LEFT)
    finance.sees("Депозит закінчується")
    number = invoiced(finance)
    downloads(finance)
    paid(visit, demo, number)
    finance.sees("сплачено")
    finance.open("/cabinet/deposit/")
    assert available(finance) > LEFT
    finance.sees("Консультації куплено", "На початок")
    finance.press("Документи")
    finance.sees(number, "сплачено")


def available(finance: Visitor) -> int:
    """How many consultations the page of the deposit shows."""
    text = finance.main.locator(".stat .stat-value").first.inner_text()
    found = UNITS.search(text.replace("\xa0", ""))
    assert found is not None, text
    return int(found[1])


def runs_low(visit: Visit, demo: RunningDesk, less: int) -> None:
    """A correction that two people make takes the deposit below its mark."""
    accountant = signed_in(visit, demo, "accountant").open("/accounting/deposits/")
    accountant.press(PARTNER)
    accountant.unfold("Propose a correction")
    form = "form[action$=adjust]"
    accountant.main.locator(f"{form} [value=down]").check()
    accountant.fill("How much", str(less), form)
    accountant.fill("Reason", "Звірено з актом за жовтень", form)
    accountant.press("Propose", form)
    accountant.sees("waits for a second person")
    second = signed_in(visit, demo, "accountant2").open(accountant.page.url)
    second.press("Approve")
    second.sees("Approved: the deposit is corrected.")


def invoiced(finance: Visitor) -> str:
    """The alert leads to the ready invoice, which one press issues; its number."""
    finance.press("До готового рахунку")
    finance.sees("Готовий рахунок")
    finance.press("Отримати рахунок")
    finance.sees("очікує оплати", "Призначення платежу")
    heading = finance.main.get_by_role("heading", level=1).inner_text()
    number = heading.removeprefix("Рахунок").strip()
    purpose = finance.main.locator("#purpose").input_value()
    assert number in purpose
    return number


def downloads(finance: Visitor) -> None:
    """The paper comes as a file."""
    with finance.page.expect_download() as coming:
        finance.press("Завантажити PDF")
    saved = coming.value.path()
    assert saved.read_bytes().startswith(b"%PDF")


def paid(visit: Visit, demo: RunningDesk, number: str) -> None:
    """The accountant enters what the bank's statement shows; it finds its invoice by itself."""
    accountant = signed_in(visit, demo, "accountant").open("/accounting/invoices/")
    row = accountant.main.locator("tr", has_text=number).first
    total = re.search(r"₴([\d,]+\.\d\d)", row.inner_text())
    assert total is not None
    accountant.open("/accounting/payments/new/")
    accountant.fill("Sum, UAH", total[1].replace(",", ""))
    accountant.fill("Purpose", f"Оплата за послуги згідно з рахунком {number}")
    accountant.press("Enter")
    accountant.open("/accounting/invoices/")
    expect(accountant.main.locator("tr", has_text=number).first).to_contain_text("paid")
