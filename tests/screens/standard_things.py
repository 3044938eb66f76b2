"""What the Standard leaves on a desk with two partners: audits, violations, complaints, offers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from desk.oversight.actions import complaints, editions, manager_requests, outages
from desk.oversight.models import Audit, Edition, Offer, OfferKind, Violation

if TYPE_CHECKING:
    from tests.screens.two_partners import TwoPartners


def stood_in(world: TwoPartners, text: str) -> None:
    """Offer the lead a ticket of OLH, and let its owner ask for another manager."""
    desk = world.desk
    Offer.objects.create(
        ticket=world.ticket,
        kind=OfferKind.DEADLINE,
        cycle=1,
        lead=desk.cover,
        cover=desk.lead,
        reason="full",
        limit_at=desk.now,
        offered_at=desk.now,
    )
    asking = manager_requests.Asking(desk.company.partner.pk, text, desk.company.project.pk)
    manager_requests.ask_manager(desk.cause(desk.owner), asking)


def drawn(world: TwoPartners) -> None:
    """Let the ticket of OLH be drawn for an audit, under an edition that nobody published."""
    at, edition = world.desk.now, editions.draft(world.desk.cause(world.desk.house.vendor), "First")
    Audit.objects.create(
        ticket=world.ticket,
        person=world.desk.lead,
        edition=edition,
        week_on=at.date(),
        drawn_at=at,
        due_at=at + timedelta(days=7),
    )


def judged(world: TwoPartners, text: str) -> None:
    """Let the lead of OLH have a violation, and the member of OLH complain of the lead's work."""
    Violation.objects.create(
        key="3.1:test",
        edition=Edition.objects.latest("id"),
        clause="3.1",
        severity="major",
        person=world.desk.lead,
        at=world.desk.now,
        found_at=world.desk.now,
    )
    early = world.desk.now - timedelta(minutes=5)
    outages.note_outage(
        world.desk.cause(world.desk.house.administrator), early, world.desk.now, "Power"
    )
    asked = complaints.Complaining(world.desk.company.partner.pk, text, world.ticket.pk)
    complaints.complain(world.desk.cause(world.desk.member), asked)
