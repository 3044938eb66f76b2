"""Two partners, everybody who could hold a token, and the things that a call can name."""

from __future__ import annotations

import re

import pytest

from desk.channels.api import actions, admission
from desk.channels.api.scopes import Scope
from desk.channels.webhooks.models import Endpoint, Event
from desk.deposits.models import Invoice, Paper
from desk.lib import clock
from desk.oversight.models import Complaint
from desk.partners.models import PartnerRole
from tests.channels.api_client import Program, integration, program
from tests.screens import two_partners
from tests.screens.two_partners import TwoPartners


def opened(monkeypatch: pytest.MonkeyPatch) -> TwoPartners:
    """Two partners with one thing of every kind; the API goes by the desk's time, and counts no
    calls."""
    found = two_partners.furnished()
    monkeypatch.setattr(clock, "now", lambda: found.desk.now)
    monkeypatch.setattr(admission, "RATE_MAX", 10**6)
    return found


def holder(world: TwoPartners, role: str, *scopes: Scope) -> Program:
    """Whoever stands above a column, with a token for everything, or for these scopes alone."""
    if role == "A":
        return Program("")
    if role in "IJ":
        company = world.desk.company if role == "I" else world.other
        return integration(company.owner, company.partner.pk, PartnerRole.MEMBER)
    person = world.people()["O" if role == "R" else role]
    assert person is not None
    made = program(person, *scopes)
    if role == "R":
        actions.revoke(world.desk.cause(person), made.token_id)
    return made


def filled(world: TwoPartners, text: str) -> str:
    """An address or a body with the things of OLH in it."""
    known = things(world)
    return re.sub(r"\{(\w+)\}", lambda name: str(known[name[1]]), text)


def things(world: TwoPartners) -> dict[str, object]:
    """What addresses and bodies of calls can name, all of OLH."""
    company = world.desk.company
    return {
        "number": "OLH-1",
        "token": world.file.token,
        "project_id": company.project.pk,
        "person_id": company.member.pk,
        "partner_id": company.partner.pk,
        "invitation_id": world.invitation.pk,
        "dispute_id": world.doubt.pk,
        "clock_id": world.breached.pk,
        "pause_id": world.pause.pk,
        "executor_id": world.desk.cover.pk,
        "complaint_id": Complaint.objects.latest("id").pk,
        "webhook_id": Endpoint.objects.latest("id").pk,
        "invoice_id": Invoice.objects.latest("paper_id").pk,
        "paper_id": Paper.objects.latest("id").pk,
        "form": "pdf",
        "event_id": Event.objects.latest("id").pk,
    }
