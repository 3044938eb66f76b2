"""The scenes of a month's end: work that is charged and contested, a payment, acts, the close."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.founding import ACCOUNTANT, PASSWORD, Crew
from tests.browser.main_job import confirm, hand_over
from tests.browser.visitor import Visitor
from tests.language import moment

FRIDAY, TUESDAY = "2026-11-27", "2026-12-01"
PARTNER = "Демо-партнер «Олівець»"
SETTLED, CONTESTED = "Не друкується чек", "Порожній звіт за касою"
WHY = "Це була помилка продукту, а не консультація."


def sell(crew: Crew) -> None:
    """The owner enters the company that issues papers."""
    owner = crew.owner
    owner.open("/setup/companies/new/")
    owner.fill("Name in the desk", "Демо-виробник")
    owner.fill("Full legal name", "ТОВ «Демо-виробник»")
    owner.press("Save")
    owner.sees("Демо-виробник")


def work(crew: Crew) -> None:
    """Two tickets are resolved and charged; the partner contests the charge of one."""
    for hour, (number, subject) in enumerate((("OLV-1", SETTLED), ("OLV-2", CONTESTED))):
        crew.at(moment(f"{FRIDAY} {10 + hour}:00"))
        _resolve(crew, number, subject)
    partner = crew.partner
    partner.open("/cabinet/tickets/OLV-2/")
    partner.unfold("Contest")
    partner.field("What it is about").select_option("charge")
    partner.page.locator("#contest-text").fill(WHY)
    partner.page.locator("form[action$=contest] button").last.click()
    partner.sees("An administrator answers by")


def _resolve(crew: Crew, number: str, subject: str) -> None:
    lead, partner = crew.lead, crew.partner
    partner.open("/cabinet/")
    partner.press("New ticket")
    partner.fill("Subject", subject)
    partner.fill("What happened", "Зранку так, учора працювало.")
    partner.press("Submit")
    partner.sees(number)
    lead.open(f"/work/tickets/{number}/")
    lead.make("Accept", type="simple", message="Дивлюся зараз.")
    lead.press("Start the timer")
    lead.press("Stop the timer")
    hand_over(lead, "Шаблон виправлено.")
    partner.open(f"/cabinet/tickets/{number}/")
    confirm(partner, 5, "Дякую.")


def come(crew: Crew, books: Visitor) -> None:
    """On the first of the month the accountant sees what is to be done."""
    crew.at(moment(f"{TUESDAY} 09:30"))
    books.sign_in(ACCOUNTANT, PASSWORD)
    books.speak("uk").open("/accounting/")
    books.sees("Що треба зробити", "Акти до видачі", PARTNER, "Усі платежі рознесено.")
    crew.tour.show(books, "24-accountants-queue")


def pay(books: Visitor) -> None:
    """A payment that says nothing of an invoice is entered, and booked to its partner."""
    books.open("/accounting/payments/new/")
    books.fill("Сума, грн", "1 500,50")
    books.fill("День", "2026-11-30")
    books.fill("Платник", "ТОВ «Олівець»")
    books.press("Внести")
    books.open("/accounting/")
    books.sees("Платежі, які треба рознести", "ТОВ «Олівець»")
    books.press("ТОВ «Олівець»")
    books.unfold("Рознести як гроші депозиту")
    form = "form[action$='/deposit']"
    books.field("Партнер", form).select_option(label=PARTNER)
    books.page.locator(f"{form} button[type=submit]").click()
    books.sees("Гроші депозиту", PARTNER)


def correct(crew: Crew, books: Visitor) -> None:
    """An opening balance is proposed; the owner is the second person."""
    books.open("/accounting/deposits/")
    books.press(PARTNER)
    books.unfold("Початковий залишок")
    form = "form[action$='/opening']"
    books.fill("Консультації", "4", form)
    books.fill("Придбано по", "150", form)
    books.fill("Звідки він", "Залишок попередньої програми", form)
    books.page.locator(f"{form} button[type=submit]").click()
    books.sees("Залишок попередньої програми")
    owner = crew.owner
    owner.open("/accounting/")
    owner.sees("Corrections to approve", "Залишок попередньої програми")
    owner.press("Approve")
    owner.sees("the deposit is corrected", within="body")


def issue(crew: Crew, books: Visitor) -> None:
    """All acts by one press: the job issues them, the contested charge stays out."""
    books.open("/accounting/months/")
    books.press("Листопад 2026")
    books.sees("1 партнер ще без акта.", "Оскаржене, не внесене до актів", CONTESTED)
    expect(books.button("Закрити місяць", "aside")).to_be_disabled()
    books.press("Видати 1 акт")
    books.sees("Видано 1 акт.", "Показники сходяться до копійки.")
    crew.tour.show(books, "25-months-end")


def look(books: Visitor) -> None:
    """The act is there as PDF, with a number and a sum without the contested charge."""
    books.press("Видані акти")
    books.sees("ще не підписано", PARTNER, "180,00")
    link = books.main.get_by_role("link", name=re.compile("^PDF")).first
    path = link.get_attribute("href")
    assert path is not None
    answer = books.page.request.get(books.desk.url(path))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")


def close(books: Visitor) -> None:
    """The month is closed, and says so."""
    books.open("/accounting/months/")
    books.press("Листопад 2026")
    books.press("Закрити місяць", "aside")
    books.press("Закрити місяць", "dialog[open]")
    books.sees("Усе, що виправляється тепер, потрапляє до наступного місяця.")
