"""The partner's main job in a browser without JavaScript; the specialist's by keyboard alone."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.demo import funded, signed_in, submitted
from tests.running import RunningDesk


def test_a_partner_submits_answers_and_confirms_without_javascript(
    demo: RunningDesk, visit: Visit
) -> None:
    funded(visit, demo)
    partner = signed_in(visit, demo, "partner-owner", java_script_enabled=False)
    lead = signed_in(visit, demo, "specialist", java_script_enabled=False)
    number = submitted(partner, "Без скриптів")
    cabinet, work = f"/cabinet/tickets/{number}/", f"/work/tickets/{number}/"
    lead.open(work)
    lead.make("Accept", type="simple", message="Беру.")
    lead.press("Start the timer")
    lead.make("Ask the partner", text="Де саме?")
    partner.open(cabinet)
    partner.sees("Your answer is needed", "Де саме?", "the clock stands")
    partner.fill("Your answer", "У звіті за місяць.")
    partner.press("Send")
    partner.sees("In work", "У звіті за місяць.")
    lead.open(work)
    words = {"solution": "Готово.", "changes": "Нічого.", "checking": "Звіт."}
    lead.make("Hand over the result", **words, nothing_new="on")
    partner.open(cabinet)
    partner.sees("Done, please check")
    partner.main.locator("[name=rating][value='5']").check()
    partner.press("Confirm")
    partner.sees("Resolved", "5 / 5", "1 consultation, ₴180.00")


def test_a_specialist_accepts_by_keyboard(demo: RunningDesk, visit: Visit) -> None:
    funded(visit, demo)
    partner = signed_in(visit, demo, "partner-owner")
    lead = signed_in(visit, demo, "specialist")
    number = submitted(partner, "Самою клавіатурою")
    lead.open("/work/")
    keyboard = lead.page.keyboard
    keyboard.press("Control+k")
    keyboard.type(number)
    expect(lead.page.locator(".palette-option[aria-selected=true]")).to_contain_text(number)
    keyboard.press("Enter")
    lead.page.wait_for_url(f"**/work/tickets/{number}/")
    keyboard.press("a")
    expect(lead.page.locator("#move [name=type]").first).to_be_focused()
    keyboard.press("Space")
    lead.sees("counted from submission", within="#move")
    for _ in range(9):
        if lead.page.locator("#move [name=message]:focus").count():
            break
        keyboard.press("Tab")
    keyboard.type("Беру, відповім за годину.")
    keyboard.press("Control+Enter")
    lead.sees("Accepted, planned")
    partner.sees("Accepted, planned", "Беру, відповім за годину.")
    keyboard.press("t")
    partner.sees("In work")
