"""The day of each role against a running desk: the first page, and what its owner does there."""

from __future__ import annotations

import re
from datetime import date, timedelta

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.demo import accepted, funded, signed_in, submitted
from tests.browser.main_job import hand_over
from tests.browser.tour import Tour
from tests.running import RunningDesk


def test_the_day_of_a_partners_owner(demo: RunningDesk, visit: Visit, tour: Tour) -> None:
    owner = signed_in(visit, demo, "partner-owner")
    owner.sees("Your turn", "With us", "Your personal manager", "Deposit", "Available")
    tour.show(owner, "15-cabinet")
    number = submitted(owner, "Не приходять листи клієнтам")
    owner.unfold("Is this right?")
    owner.fill("What do you doubt?", "Чи потрапить це до моєї команди?")
    owner.press("Ask an administrator")
    owner.sees("An administrator answers by")
    owner.open("/cabinet/deposit/")
    owner.sees("Statement", "Lots", "At the beginning")
    owner.press("Last month")
    owner.sees("At the end")
    owner.open("/cabinet/team/")
    owner.fill("E-mail", "nova@olivets.example")
    owner.press("Invite")
    owner.sees("nova@olivets.example")
    owner.open(f"/cabinet/tickets/{number}/")
    owner.unfold("Cancel the ticket")
    owner.press("Cancel the ticket", "form[action$=cancel]")
    owner.sees("Cancelled")


def test_the_day_of_a_partners_finance(demo: RunningDesk, visit: Visit) -> None:
    finance = signed_in(visit, demo, "partner-finance")
    finance.sees("Deposit")
    finance.press("Statement")
    available = finance.main.locator(".stat", has_text="Available").first
    before = available.inner_text()
    finance.fill("Consultations", "2")
    finance.press("Convert")
    finance.sees("2 consultations bought for money of the deposit")
    expect(available).not_to_have_text(before)
    finance.open("/cabinet/")
    waiting = finance.main.locator("section[aria-labelledby=my-turn] .list-item")
    waiting.filter(has_text="Approve").first.get_by_role("link").first.click()
    finance.press("Approve")
    finance.sees("Accepted, planned")


def test_the_day_of_a_partners_member(demo: RunningDesk, visit: Visit) -> None:
    funded(visit, demo)
    member = signed_in(visit, demo, "partner-member")
    lead = signed_in(visit, demo, "specialist")
    number = submitted(member, "Як змінити шаблон рахунку?")
    accepted(lead, number)
    member.sees("Accepted, planned", "Беру в роботу.")
    lead.make("Ask the partner", text="Який саме шаблон?")
    member.sees("Your answer is needed")
    member.fill("Your answer", "Рахунок на оплату.")
    member.press("Send")
    lead.sees("Рахунок на оплату.")
    expect(member.page.locator("nav").get_by_role("link", name="Deposit")).to_have_count(0)


def test_what_is_chosen_outlives_what_others_do(demo: RunningDesk, visit: Visit) -> None:
    """A page that follows the clock and others must not take back what was chosen and typed."""
    funded(visit, demo)
    owner = signed_in(visit, demo, "partner-owner")
    lead = signed_in(visit, demo, "specialist")
    number = submitted(owner, "Не відкривається картка клієнта")
    accepted(lead, number)
    lead.press("Start the timer")
    lead.sees("Stop the timer")
    hand_over(lead, "Права доступу виправлено.")
    owner.sees("Done, please check")
    chosen = owner.main.locator("[name=rating][value='4']")
    chosen.check()
    owner.fill("Comment", "Гаразд.")
    owner.main.locator("h1").click()
    lead.fill("Reply to the partner", "Перевірте, будь ласка, ще й список.")
    lead.press("Send to the partner")
    owner.sees("Перевірте, будь ласка, ще й список.")
    expect(chosen).to_be_checked()
    owner.press("Confirm")
    owner.sees("Resolved", "4 / 5", "Гаразд.")


def test_the_day_of_a_partners_viewer(demo: RunningDesk, visit: Visit) -> None:
    viewer = signed_in(visit, demo, "partner-viewer")
    viewer.sees("With us")
    expect(viewer.main.get_by_role("link", name="New ticket")).to_have_count(0)
    viewer.main.locator(".list-title").first.click()
    viewer.sees("Conversation")
    expect(viewer.main.locator("textarea")).to_have_count(0)
    viewer.press("How this deadline came about")
    viewer.sees("Only working time of the desk's calendar counts.")


def test_the_day_of_a_specialist(demo: RunningDesk, visit: Visit, tour: Tour) -> None:
    partner = signed_in(visit, demo, "partner-owner")
    lead = signed_in(visit, demo, "specialist")
    lead.sees("My day", "Now", "Waiting for others")
    tour.show(lead, "16-day-in-the-dark", theme="dark")
    number = submitted(partner, "Подвійні замовлення з сайту")
    lead.sees(number)
    lead.open(f"/work/tickets/{number}/")
    lead.begin("Accept", type="bug", message="Дивлюся негайно.")
    lead.sees("1 consultation", "counted from submission", within="#move")
    lead.send()
    lead.press("Start the timer")
    lead.sees("Stop the timer")
    partner.sees("In work")
    lead.fill("Internal note", "Схоже на повтор запиту з сайту.")
    lead.press("Save the note")
    lead.sees("Схоже на повтор запиту з сайту.")
    partner.sees_not("Схоже на повтор")
    lead.open("/work/")
    lead.press("Break")
    lead.sees("Break")
    lead.press("Stop")
    lead.sees("Nothing runs")
    lead.open("/work/record/")
    lead.sees(number)


def test_the_day_of_an_administrator(demo: RunningDesk, visit: Visit, tour: Tour) -> None:
    admin = signed_in(visit, demo, "admin")
    admin.sees("Where is it going wrong?", "Specialists now")
    tour.show(admin, "17-board")
    admin.open("/control/disputes/")
    dispute = admin.main.locator("article").first
    title = dispute.get_by_role("link").first.inner_text()
    dispute.get_by_role("radio").last.check()
    dispute.locator("textarea").fill("Відлік зупинено за правилами: чекали на вашу відповідь.")
    dispute.get_by_role("button", name="Rule").click()
    admin.sees_not(title)
    admin.open("/control/absences/")
    admin.field("Specialist").select_option(index=3)
    away_on = date.today() + timedelta(days=10)  # noqa: DTZ011  # a day soon, whatever the zone
    admin.fill("From", f"{away_on}T09:00")
    admin.fill("Until", f"{away_on}T18:00")
    admin.fill("Note", "Конференція", "form[action$=note]")
    admin.main.get_by_role("button", name="Note it", exact=True).click()
    admin.sees("Конференція")
    admin.open("/control/wall")
    admin.sees("Specialists now")


def test_the_day_of_production(demo: RunningDesk, visit: Visit) -> None:
    production = signed_in(visit, demo, "production")
    production.sees("What waits for production", "Consultations", "Estimates", "Being built")
    question = production.main.locator("section[aria-labelledby=consultations] h3 a").first
    question.click()
    production.make("Reply", text="Так, це підтримує версія 3.2.", released="Буде у версії 3.2.")
    production.sees("Answered before", "Буде у версії 3.2.")
    production.open("/production/")
    production.main.locator("section[aria-labelledby=estimates] h3 a").first.click()
    production.make(
        "Send the estimate", includes="Новий екран і перевірка.", hours_max="4", working_hours="8"
    )
    production.sees("4 × ₴900.00 = ₴3,600.00")


def test_the_day_of_an_accountant(demo: RunningDesk, visit: Visit, tour: Tour) -> None:
    accountant = signed_in(visit, demo, "accountant")
    accountant.open("/accounting/deposits/")
    accountant.press("Демо-партнер «Ріка»")
    accountant.fill("Consultations", "5", "form[action$=buy]")
    accountant.fill("Paid", "950", "form[action$=buy]")
    accountant.press("Book", "form[action$=buy]")
    accountant.sees("Bought: 5 consultations.", "Left as money: ₴50.00.")
    tour.show(accountant, "18-accounting")
    accountant.unfold("Propose a correction")
    accountant.fill("How much", "1", "form[action$=adjust]")
    accountant.fill("Reason", "Помилка у рахунку.", "form[action$=adjust]")
    accountant.press("Propose", "form[action$=adjust]")
    accountant.sees("It counts when a second person approves it.")


def test_the_day_of_the_desks_owner(demo: RunningDesk, visit: Visit, tour: Tour) -> None:
    owner = signed_in(visit, demo, "owner")
    owner.open("/setup/people/")
    owner.fill("E-mail address", "novyi@desk.example")
    owner.fill("Name", "Новий Демо")
    owner.field("Role").select_option("specialist")
    owner.press("Let in")
    owner.sees("An invitation goes to novyi@desk.example")
    tour.show(owner, "19-set-up")
    link = owner.main.get_by_label("Link for novyi@desk.example").input_value()
    newcomer = visit(demo, "newcomer").open(link)
    newcomer.fill("Password", "a password of the tests")
    newcomer.press("Accept and sign in")
    newcomer.sees("Welcome, Новий Демо", "My day")
    owner.open("/setup/health/")
    owner.main.locator("form[action$=check] button").click()
    owner.sees("0")
    owner.open("/setup/audit/")
    expect(owner.main).to_contain_text(re.compile("Новий Демо|novyi@desk.example"))
