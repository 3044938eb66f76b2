"""The scenes of the main job: who does what to three tickets, and what the others see of it live.

Nobody reloads: whatever another person changed is waited for on the page that is open.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE
from tests.browser.founding import Crew
from tests.browser.visitor import Visitor
from tests.language import KYIV, moment

COMPLEX = "Не сходяться залишки по аптеках"
CUSTOMISATION = "Знижка залежно від залишку партії"
CONTESTED = "Не відкривається картка клієнта"
PARTS = ("Звірити залишки зі складом", "Виправити звіт", "Налаштувати щоденну звірку")
# The desk's clock is set to the minute, and then a page takes its seconds.
SLACK = timedelta(seconds=50)
THURSDAY, FRIDAY, MONDAY = "2026-12-03", "2026-12-04", "2026-12-07"


def submit(crew: Crew) -> None:
    """The partner submits three tickets; the lead's day shows each without a reload."""
    crew.at(moment(f"{THURSDAY} 10:10"))
    crew.lead.open("/work/")
    crew.production.open("/production/")
    for number, subject in enumerate((COMPLEX, CUSTOMISATION, CONTESTED), 1):
        crew.partner.open("/cabinet/")
        crew.partner.press("New ticket")
        crew.partner.fill("Subject", subject)
        crew.partner.fill("What happened", f"{subject}. Бачимо це від ранку на двох місцях.")
        crew.partner.press("Submit")
        crew.partner.sees(f"OLV-{number}", "Submitted, waiting for acceptance")
        crew.lead.sees(f"OLV-{number}", subject)
    crew.tour.show(crew.lead, "03-my-day")


def accept_complex(crew: Crew) -> datetime:
    """A complex ticket of three parts: deadline and charge are previewed, then promised."""
    lead, partner = crew.lead, crew.partner
    partner.open("/cabinet/tickets/OLV-1/")
    lead.open("/work/tickets/OLV-1/")
    lead.begin("Accept", type="complex", parts="\n".join(PARTS), message="Беру, почну зі складу.")
    lead.sees("3 consultations · ₴540.00", "20 consultations → 17 consultations", within="#move")
    crew.tour.show(lead, "04-accept", _fill_acceptance)
    previewed = lead.page.locator("#move .preview-due strong").inner_text()
    lead.send()
    partner.sees("Accepted, planned", "Беру, почну зі складу.", "3 consultations, ₴540.00")
    due_at = partner.due()
    assert due_at == lead.due()
    crew.tour.show(partner, "05-promised")
    promised = due_at.astimezone(KYIV).strftime("%A, %-d %B, %H:%M")
    assert previewed.replace("\xa0", " ") == promised
    return due_at


def _fill_acceptance(page: Page) -> None:
    page.goto(f"{page.url}accept")
    page.locator("[name=type][value=complex]").check()
    page.locator("[name=parts]").fill("\n".join(PARTS))
    page.locator("[name=message]").fill("Беру, почну зі складу.")
    page.locator(".preview", has_text="540").wait_for()


def estimate(crew: Crew) -> datetime:
    """A customisation: production estimates, the partner's owner approves, the promise is made."""
    lead, partner, production = crew.lead, crew.partner, crew.production
    partner.open("/cabinet/tickets/OLV-2/")
    lead.open("/work/tickets/OLV-2/")
    lead.make("Accept", type="customisation", message="Передаю на оцінку виробництву.")
    partner.sees("production is estimating", "Production has been estimating since")
    production.sees("OLV-2", CUSTOMISATION)
    crew.tour.show(production, "06-production")
    production.open("/production/tickets/OLV-2/")
    production.make(
        "Send the estimate",
        includes="Правило знижки за залишком партії, налаштування і перевірка.",
        hours_max="6",
        working_hours="16",
    )
    partner.sees("Approve the estimate", "₴5,400.00 in all")
    crew.tour.show(partner, "07-approve")
    partner.press("Approve")
    partner.sees("Accepted, planned", "₴5,400.00")
    lead.sees("Accepted, planned")
    return partner.due()


def race(crew: Crew) -> Visitor:
    """Two specialists accept the same ticket at once: one wins, the other is told."""
    both = (crew.lead, crew.cover)
    for each in both:
        each.open("/work/tickets/OLV-3/")
        each.begin("Accept", type="simple", message=f"Дивлюся, {each.name}.")
    crew.partner.open("/cabinet/tickets/OLV-3/")
    for each in both:
        each.page.locator("#move button[type=submit]").click(no_wait_after=True)
    lost = [each for each in both if _lost(each)]
    assert len(lost) == 1, "exactly one of the two lost"
    crew.partner.sees("Accepted, planned")
    expect(crew.partner.main.locator(".message", has_text="Дивлюся")).to_have_count(1)
    return crew.cover if crew.lead in lost else crew.lead


def _lost(somebody: Visitor) -> bool:
    told = somebody.main.get_by_text("Nothing was done", exact=False).first
    won = somebody.main.get_by_role("button", name="Start the timer").first
    expect(told.or_(won)).to_be_visible()
    return told.is_visible()


def reclassify(crew: Crew, winner: Visitor) -> None:
    """What was accepted as simple is a bug: three hours from the original start, then done."""
    lead, partner = winner, crew.partner
    lead.open("/work/tickets/OLV-3/")
    submitted_at = _submitted_at(partner)
    lead.make("Change the type", type="bug", reason="Помилка продукту: картка падає у всіх.")
    expect(partner.main.locator(".page-head")).to_contain_text("Bug")
    # Three working hours from submission, with the lunch hour between them.
    assert partner.due() - submitted_at == timedelta(hours=4)
    lead.press("Start the timer")
    partner.sees("In work")
    crew.at(moment(f"{THURSDAY} 11:10"))
    lead.press("Stop the timer")
    hand_over(lead, "Виправлено показ картки.")
    confirm(partner, 4, "Швидко.")


def _submitted_at(partner: Visitor) -> datetime:
    first = partner.main.locator(".message time").first.get_attribute("datetime")
    assert first is not None
    return datetime.fromisoformat(first)


def work(crew: Crew) -> None:
    """The parts of the complex ticket: timer, a question and its answer, results, the handover."""
    lead, partner = crew.lead, crew.partner
    crew.at(moment(f"{THURSDAY} 14:00"))
    partner.open("/cabinet/tickets/OLV-1/")
    lead.open("/work/tickets/OLV-1/")
    lead.press(f"Start {PARTS[0]}")
    partner.sees("In work")
    crew.at(moment(f"{THURSDAY} 14:30"))
    crew.tour.show(lead, "08-work")
    lead.press(f"Stop {PARTS[0]}")
    _finish(lead, 1)
    partner.sees("1 of 3")
    lead.make("Ask the partner", text="Яка аптека відкривається першою?")
    partner.sees("Your answer is needed", "Яка аптека відкривається першою?")
    crew.tour.show(partner, "09-question")
    crew.at(moment(f"{THURSDAY} 15:30"))
    partner.fill("Your answer", "Центральна, о восьмій.")
    partner.press("Send")
    lead.sees("Центральна, о восьмій.", "In work")
    for number in (2, 3):
        _finish(lead, number)
    partner.sees("3 of 3")
    hand_over(lead, "Залишки сходяться, звірка щодня о сьомій.")
    confirm(partner, 5, "Дякую, усе сходиться.")


def _finish(lead: Visitor, number: int) -> None:
    lead.make("Finish the part", part=str(number), result=f"Готово: {PARTS[number - 1]}.")


def hand_over(lead: Visitor, solution: str) -> None:
    """The specialist hands over a result."""
    lead.make(
        "Hand over the result",
        solution=solution,
        changes="Налаштування звіту.",
        checking="Відкрийте звіт і порівняйте зі складом.",
        nothing_new="on",
    )


def confirm(partner: Visitor, rating: int, comment: str) -> None:
    """The partner checks the result and confirms it."""
    partner.sees("Done, please check")
    partner.main.locator(f"[name=rating][value='{rating}']").check()
    partner.fill("Comment", comment)
    partner.press("Confirm")
    partner.sees("Resolved", f"{rating} / 5", "Charged")


def consult(crew: Crew, due_at: datetime) -> None:
    """БП over a weekend: the deadline moves by exactly the working time that production took."""
    lead, partner, production = crew.lead, crew.partner, crew.production
    crew.at(moment(f"{FRIDAY} 15:00"))
    partner.open("/cabinet/tickets/OLV-2/")
    lead.open("/work/tickets/OLV-2/")
    production.open("/production/")
    lead.press("Start the timer")
    partner.sees("In work")
    crew.at(moment(f"{FRIDAY} 16:00"))
    lead.make("Consult production", text="Чи можна брати залишок партії з реєстру?")
    partner.sees("production is consulted", "Production has been consulted since")
    production.sees("Чи можна брати залишок партії з реєстру?")
    crew.tour.show(partner, "10-production-consulted")
    crew.at(moment(f"{MONDAY} 11:00"))
    production.open("/production/tickets/OLV-2/")
    production.make(
        "Reply", text="Так, метод batchRest.", released="Залишок беремо з реєстру партій."
    )
    partner.sees("Залишок беремо з реєстру партій.", "In work")
    production.make("Log hours", minutes="150", note="Правило знижки")
    production.make("Hand over to the specialist", text="Викладено, перевірте на тестовій партії.")
    lead.sees("Викладено, перевірте на тестовій партії.")
    # Two working hours of Friday and two of Monday; the lunch hour lies between the two dates.
    stood = partner.due() - due_at - timedelta(hours=1)
    assert abs(stood - timedelta(hours=4)) < SLACK, stood


def returned(crew: Crew) -> None:
    """The customisation is handed over, returned, mended, and confirmed."""
    lead, partner = crew.lead, crew.partner
    crew.at(moment(f"{MONDAY} 12:00"))
    hand_over(lead, "Знижка рахується за залишком партії.")
    partner.sees("Done, please check")
    crew.tour.show(partner, "11-check-it")
    crew.tour.show(partner, "12-check-it-on-a-phone", size=PHONE)
    crew.at(moment(f"{MONDAY} 12:20"))
    partner.unfold("It is not right yet")
    partner.fill("What is not right?", "На порожній партії знижка лишається.")
    partner.press("Return")
    lead.sees("returned 1 time", "На порожній партії знижка лишається.")
    crew.at(moment(f"{MONDAY} 12:50"))
    hand_over(lead, "Порожня партія тепер без знижки.")
    confirm(partner, 5, "Тепер правильно.")
