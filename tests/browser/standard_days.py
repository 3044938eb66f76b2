"""The scenes of the Standard: it is published and read, a specialist's day, mornings after it."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.founding import PASSWORD, Crew
from tests.browser.main_job import confirm, hand_over
from tests.browser.visitor import Visitor
from tests.language import moment

WEDNESDAY, THURSDAY, FRIDAY, MONDAY = "2026-12-02", "2026-12-03", "2026-12-04", "2026-12-07"
ADMINISTRATOR = "nina@desk.example"
DONE, MISSED = "Не друкується накладна", "Не відкривається прайс"
EXPLANATION = "Була на дзвінку з іншим партнером, не побачила вчасно."


def appoint(crew: Crew, administrator: Visitor) -> None:
    """The owner lets an administrator in."""
    owner = crew.owner
    owner.open("/setup/people/")
    owner.fill("E-mail address", ADMINISTRATOR)
    owner.fill("Name", "Ніна Демо-Нагляд")
    owner.field("Role").select_option("administrator")
    owner.unfold("Give a password at once")
    owner.fill("Password", PASSWORD)
    owner.press("Let in")
    owner.sees("can sign in now")
    administrator.sign_in(ADMINISTRATOR, PASSWORD)


def publish(crew: Crew) -> None:
    """The owner reads the first edition and publishes it from tomorrow on."""
    owner = crew.owner
    owner.open("/setup/standard/")
    owner.press("Read the first edition")
    owner.sees("Publish it", "Clauses")
    owner.fill("In force from", THURSDAY)
    owner.press("Publish")
    owner.sees("in force from")
    crew.tour.show(owner, "21-edition")


def acknowledge(crew: Crew) -> None:
    """The specialist is asked on each page of the workplace, reads the edition, acknowledges it."""
    crew.at(moment(f"{WEDNESDAY} 17:00"))
    lead = crew.lead
    lead.open("/work/")
    lead.sees("The Standard: read and acknowledge", within="body")
    lead.press("Read it", within="body")
    lead.sees("Read it, then acknowledge it before your first shift under it.", "2.1")
    lead.press("I have read it")
    lead.sees("You acknowledged it")
    lead.open("/work/")
    lead.sees_not("read and acknowledge", within="body")


def plan(crew: Crew) -> None:
    """At the start of the shift the day is proposed, and confirmed by one press."""
    crew.at(moment(f"{THURSDAY} 09:05"))
    lead = crew.lead
    lead.open("/work/")
    lead.sees("Confirm the plan of the day", "Until 09:15, by the Standard.")
    lead.press("Confirm the plan")
    lead.sees("by the plan")
    lead.sees_not("Confirm the plan of the day")


def work(crew: Crew) -> None:
    """A ticket from submission to its confirmation; intake is looked at, a break is taken."""
    lead, partner = crew.lead, crew.partner
    _submit(partner, DONE)
    lead.sees("OLV-1", DONE)
    lead.open("/work/tickets/OLV-1/")
    lead.make("Accept", type="simple", message="Дивлюся зараз.")
    lead.press("Start the timer")
    partner.sees("In work")
    crew.at(moment(f"{THURSDAY} 09:40"))
    lead.press("Stop the timer")
    hand_over(lead, "Шаблон накладної знову друкується.")
    confirm(partner, 5, "Дякую.")
    lead.open("/work/")
    lead.press("Checked")
    crew.at(moment(f"{THURSDAY} 10:30"))
    lead.open("/work/")
    lead.press("Break")
    lead.sees("Break", "since 10:30")
    crew.at(moment(f"{THURSDAY} 10:45"))
    lead.press("Stop")
    lead.sees("Nothing runs")
    crew.tour.show(lead, "22-specialists-day")


def miss(crew: Crew) -> None:
    """Nobody accepts a ticket: at the hour the machine finds it, and the specialist explains."""
    lead, partner = crew.lead, crew.partner
    crew.at(moment(f"{THURSDAY} 11:00"))
    _submit(partner, MISSED)
    lead.open("/work/violations/")
    crew.at(moment(f"{THURSDAY} 12:01"))
    found = _found(lead)
    expect(found).to_contain_text("waits for a ruling")
    found.get_by_role("link", name="2.1").click()
    lead.sees("OLV-2", "2.1")
    lead.fill("Your explanation", EXPLANATION)
    lead.press("Explain")
    lead.sees(EXPLANATION)
    crew.tour.show(lead, "23-violation")
    lead.open("/work/tickets/OLV-2/")
    lead.make("Accept", type="simple", message="Вибачте за затримку, беру.")
    partner.sees("Accepted, planned")


def evening(crew: Crew) -> None:
    """The specialist sees all that the day left on record."""
    crew.at(moment(f"{THURSDAY} 18:05"))
    crew.lead.open("/work/record/")
    crew.lead.sees("OLV-1", "Break", "Intake")


def morning(crew: Crew, administrator: Visitor) -> None:
    """The administrator sees what is owed, reads the evidence, and rules."""
    crew.at(moment(f"{FRIDAY} 09:10"))
    administrator.open("/control/morning/")
    administrator.sees("What waits for your word", "Ольга Демо")
    crew.tour.show(administrator, "24-morning")
    administrator.open("/control/violations/")
    _found(administrator).get_by_role("link", name="2.1").click()
    administrator.sees(EXPLANATION, "OLV-2", "Who may rule")
    administrator.main.locator("[name=verdict][value=upheld]").check()
    administrator.fill("Why", "Дзвінок не був критичним, друга людина мала прийняти.")
    administrator.press("Rule")
    administrator.sees("The ruling is on record.")
    crew.lead.open("/work/violations/")
    expect(_found(crew.lead)).to_contain_text("Upheld")


def audit(crew: Crew, administrator: Visitor) -> None:
    """On Monday the audits of the past week are drawn; the administrator answers one."""
    crew.at(moment(f"{MONDAY} 09:10"))
    administrator.open("/control/audits/")
    administrator.sees("OLV-1", DONE)
    administrator.press("OLV-1")
    administrator.sees("Шаблон накладної знову друкується.")
    administrator.press("Take this audit")
    for each in administrator.main.locator("[type=radio][value=yes]").all():
        each.check()
    crew.tour.show(administrator, "25-audit")
    administrator.press("Answer", "#audit-form .actions")
    administrator.sees("audited", "Ніна Демо-Нагляд")
    crew.lead.open("/work/audits/")
    crew.lead.sees("OLV-1")
    administrator.open("/control/")
    administrator.sees("Where is it going wrong?", "OLV-2")


def _submit(partner: Visitor, subject: str) -> None:
    partner.open("/cabinet/")
    partner.press("New ticket")
    partner.fill("Subject", subject)
    partner.fill("What happened", f"{subject}. Бачимо це від ранку.")
    partner.press("Submit")
    partner.sees("Submitted, waiting for acceptance")


def _found(somebody: Visitor) -> Locator:
    """The row of the ticket that was not accepted by twelve."""
    row = somebody.main.locator("tr", has_text="12:00").filter(has_text="2.1").first
    expect(row).to_be_visible()
    return row
