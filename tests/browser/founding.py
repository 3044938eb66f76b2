"""An empty desk is set up through its pages: the first-run wizard, the people, the first money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from playwright.sync_api import expect

from tests.browser.tour import Tour
from tests.browser.visitor import Visitor
from tests.running import RunningDesk

PASSWORD = "a password of the tests"
OWNER = "vira@desk.example"
ACCOUNTANT = "alla@desk.example"
COVER = "taras@desk.example"
LEAD = "olha@desk.example"
PRODUCTION = "petro@desk.example"
PARTNER = "oksana@olivets.example"
CODE = "OLV"


@dataclass
class Crew:
    """Everybody of the journey, each at a browser of their own."""

    desk: RunningDesk
    tour: Tour
    owner: Visitor
    lead: Visitor
    cover: Visitor
    production: Visitor
    accountant: Visitor
    partner: Visitor

    @classmethod
    def gather(cls, desk: RunningDesk, come: Callable[..., Visitor], tour: Tour) -> Crew:
        """All browsers, nobody signed in yet."""
        names = ("owner", "lead", "cover", "production", "accountant", "partner")
        return cls(desk, tour, **{name: come(desk, name) for name in names})

    def at(self, moment: datetime) -> datetime:
        """Let it be this moment on the desk: all its processes see it at once."""
        self.desk.shift((moment - datetime.now(UTC)).total_seconds())
        return moment


def found(crew: Crew) -> None:
    """The owner goes through the wizard, everybody comes in, the accountant books two payments."""
    _organisation(crew.owner)
    crew.tour.show(crew.owner, "01-wizard")
    _calendar_and_plan(crew.owner)
    _team(crew)
    _partner(crew)
    _lead_and_cover(crew.owner)
    _money(crew)


def _organisation(owner: Visitor) -> None:
    owner.open("/")
    owner.sees("Set up your desk")
    owner.fill("Name of your company", "Демо-виробник")
    owner.fill("Your name", "Віра Демо-Власниця")
    owner.fill("Your e-mail address", OWNER)
    owner.fill("Password", PASSWORD)
    owner.press("Begin")
    owner.sees("Working hours", "step 2 of 9")


def _calendar_and_plan(owner: Visitor) -> None:
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"):
        owner.fill(day, "09:00–13:00, 14:00–18:00")
    for day in ("Saturday", "Sunday"):
        owner.fill(day, "")
    owner.press("Save and go on")
    owner.sees("step 3 of 9", "Plan and price")
    owner.press("Save and go on")
    owner.sees("step 4 of 9", "Let somebody in")


def _team(crew: Crew) -> None:
    _admit(crew.owner, ACCOUNTANT, "Алла Демо-Рахунок", "accountant", PASSWORD)
    _admit(crew.owner, COVER, "Тарас Демо", "specialist", PASSWORD)
    _admit(crew.owner, LEAD, "Ольга Демо", "specialist")
    _admit(crew.owner, PRODUCTION, "Петро Демо-Код", "production")
    _accept(crew.lead, _link(crew.owner, LEAD))
    _accept(crew.production, _link(crew.owner, PRODUCTION))
    crew.accountant.sign_in(ACCOUNTANT, PASSWORD)
    crew.cover.sign_in(COVER, PASSWORD)
    crew.tour.show(crew.owner, "02-people")
    crew.owner.press("Go on")


def _admit(owner: Visitor, email: str, name: str, role: str, password: str = "") -> None:
    owner.fill("E-mail address", email)
    owner.fill("Name", name)
    owner.field("Role").select_option(role)
    if password:
        owner.unfold("Give a password at once")
        owner.fill("Password", password)
    owner.press("Let in")
    owner.sees("can sign in now" if password else f"An invitation goes to {email}")


def _link(owner: Visitor, email: str) -> str:
    """The link of an invitation, read from the screen."""
    return owner.main.get_by_label(f"Link for {email}").input_value()


def _accept(somebody: Visitor, link: str) -> None:
    somebody.open(link)
    somebody.sees("You are invited")
    somebody.fill("Password", PASSWORD)
    somebody.press("Accept and sign in")
    somebody.sees("Welcome")


def _partner(crew: Crew) -> None:
    owner = crew.owner
    owner.sees("First partner")
    owner.fill("Name of the partner", "Демо-партнер «Олівець»")
    owner.fill("Code of ticket numbers", CODE)
    owner.fill("First project", "CRM аптек")
    owner.fill("E-mail address of the partner", PARTNER)
    owner.fill("Name of the partner's owner", "Оксана Олівець")
    owner.press("Enrol and invite")
    owner.sees("This step is done")
    _accept(crew.partner, _link(owner, PARTNER))
    owner.press("Go on")


def _lead_and_cover(owner: Visitor) -> None:
    owner.sees("Lead and cover")
    for label, name in (("Lead", "Ольга Демо"), ("Cover", "Тарас Демо")):
        choice = owner.field(label)
        option = choice.locator("option", has_text=name).first
        choice.select_option(option.get_attribute("value"))
        owner.press(f"Save {label}")
        chosen = owner.field(label).locator("option:checked")
        expect(chosen).to_contain_text(name)
    owner.press("Go on")
    owner.press("Go on")
    owner.sees("nobody is judged before it is published")
    owner.press("Leave it for later")
    owner.sees("The desk is open")


def _money(crew: Crew) -> None:
    accountant, partner = crew.accountant, crew.partner
    partner.open("/cabinet/deposit/")
    accountant.open("/accounting/deposits/")
    accountant.press("Демо-партнер «Олівець»")
    accountant.fill("Consultations", "20", "form[action$=buy]")
    accountant.fill("Paid", "3600", "form[action$=buy]")
    accountant.page.locator("form[action$=buy] button[type=submit]").click()
    accountant.sees("Bought: 20")
    partner.sees("20 consultations")
    accountant.unfold("Money paid in")
    accountant.fill("Paid in", "30000", "form[action$=top-up]")
    accountant.page.locator("form[action$=top-up] button[type=submit]").click()
    accountant.sees("Paid in: ₴30,000.00")
    partner.sees("₴30,000.00")
