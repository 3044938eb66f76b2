"""The people of the demonstration at their browsers, and tickets of their own to work on."""

from __future__ import annotations

from playwright.sync_api import StorageState

from simulation.people import PASSWORD
from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor
from tests.running import RunningDesk

# Who has signed in at which desk: whoever comes again brings the cookies of the first time.
_cookies: dict[tuple[str, str], StorageState] = {}


def signed_in(visit: Visit, desk: RunningDesk, role: str, **options: object) -> Visitor:
    """Somebody of the demonstration, signed in, at the first page: through the page of sign-in
    the first time, and where that sign-in has ended since."""
    known = _cookies.get((desk.address, role))
    visitor = visit(desk, role, storage_state=known, **options)
    if known is not None and "/account/login/" not in visitor.open("/").here():
        return visitor
    visitor.sign_in(f"{role}@desk.example", PASSWORD)
    _cookies[desk.address, role] = visitor.page.context.storage_state()
    return visitor


def submitted(partner: Visitor, subject: str) -> str:
    """Submit a ticket from the cabinet; returns its number, the page stays open."""
    partner.open("/cabinet/tickets/new")
    partner.fill("Subject", subject)
    partner.fill("What happened", f"{subject}. Так з учорашнього дня.")
    partner.press("Submit")
    partner.sees(subject, "Submitted, waiting for acceptance")
    return partner.here().split("#")[0].rstrip("/").rsplit("/", 1)[-1]


def funded(visit: Visit, desk: RunningDesk) -> None:
    """Let the first partner's deposit suffice for whatever waits for it and for what comes."""
    accountant = signed_in(visit, desk, "accountant")
    accountant.press("Демо-партнер «Олівець»")
    accountant.fill("Consultations", "50", "form[action$=buy]")
    accountant.fill("Paid", "9000", "form[action$=buy]")
    accountant.press("Book", "form[action$=buy]")
    accountant.sees("Bought: ")


def accepted(lead: Visitor, number: str) -> None:
    """Accept a ticket as a simple one; its page stays open."""
    lead.open(f"/work/tickets/{number}/")
    lead.make("Accept", type="simple", message="Беру в роботу.")
    lead.sees("Accepted")
