"""What the database cannot forbid of leads, covers and absences; it reports, a person mends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, F

from desk.lib.findings import Finding
from desk.oversight.models import Offer
from desk.oversight.queries import offers, returns
from desk.partners.models import Assignment, AssignmentRole, StaffMembership, StaffRole
from desk.workdays import queries as workdays

# The loops that hand over, tell and withdraw run every few seconds; later than this they stand.
NOTICED_WITHIN = timedelta(minutes=2)
MOST = {AssignmentRole.LEAD: "projects_max", AssignmentRole.COVER: "covers_max"}


def check(at: datetime) -> Iterator[Finding]:
    """Every fault, as it is found; `at` is the present moment."""
    yield from _caps()
    yield from _holders()
    yield from _absences(at)
    yield from _offers(at)


def counts() -> dict[str, int]:
    """How much is proved, for the report."""
    return {
        "assignments": Assignment.objects.filter(until_at=None).count(),
        "offers": Offer.objects.count(),
    }


def _caps() -> Iterator[Finding]:
    """Nobody leads or covers more than allowed (the trigger refuses it; a restored dump may)."""
    for role, most in MOST.items():
        present = Assignment.objects.filter(until_at=None, role=role)
        full = present.values("specialist", "specialist__person").annotate(n=Count("pk"))
        for row in full.filter(n__gt=F(f"specialist__{most}")):
            sentence = f"{row['n']} projects as {role.value}, more than the limit."
            yield Finding("cap_exceeded", f"person:{row['specialist__person']}", sentence)


def _holders() -> Iterator[Finding]:
    """Who leads or covers is a specialist who may sign in."""
    present = StaffMembership.objects.filter(role=StaffRole.SPECIALIST, until_at=None)
    rows = Assignment.objects.filter(until_at=None).select_related("specialist__person")
    specialists = set(present.values_list("person_id", flat=True))
    for row in rows.order_by("pk"):
        person = row.specialist.person
        if person.pk not in specialists or not person.is_active:
            sentence = f"{row.role.capitalize()} is somebody who is no specialist any more."
            yield Finding("assignment_holder", f"project:{row.project_id}", sentence)


def _absences(at: datetime) -> Iterator[Finding]:
    """What begins is handed over, and who is back is told."""
    for row in workdays.absences_begun(at - NOTICED_WITHIN):
        sentence = "It has begun, and the tickets are not handed over."
        yield Finding("absence_not_handed_over", f"absence:{row.pk}", sentence)
    for row in returns.ended(at - NOTICED_WITHIN):
        sentence = "It is over, and who is back was not told what happened."
        yield Finding("return_not_told", f"absence:{row.pk}", sentence)


def _offers(at: datetime) -> Iterator[Finding]:
    """What has lost its point is taken back."""
    for row in offers.stale(at):
        if row.ticket.changed_at < at - NOTICED_WITHIN and row.offered_at < at - NOTICED_WITHIN:
            sentence = "The ticket needs nobody else any more, and the offer stands."
            yield Finding("offer_not_withdrawn", f"offer:{row.pk}", sentence)
