"""Complaints: the partner's own, those that wait, and what a specialist gets to read of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet

from desk.oversight.models import Complaint
from desk.oversight.queries import involved
from desk.partners.models import PartnerRole, Person, StaffRole
from desk.tickets.queries import Access

LIST_MAX = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """A complaint with what bars the reader from answering it: "own", "involved" or ""."""

    complaint: Complaint
    barred: str


def visible_to(known: Access) -> QuerySet[Complaint]:
    """The complaints that a person may read, the newest first.

    A partner's owner reads all of the partner's, others those that they made themselves; of our
    people the administrators and the owner of the desk. A specialist reads none.
    """
    rows = Complaint.objects.select_related(
        "partner", "ticket__partner", "about", "raised_by", "answered_by"
    ).order_by("-at", "-pk")
    if known.staff & {StaffRole.ADMINISTRATOR, StaffRole.VENDOR}:
        return rows
    if known.is_staff:
        return rows.none()
    owned = [role.partner_id for role in known.roles if role.role == PartnerRole.OWNER]
    present = [role.partner_id for role in known.roles]
    own = rows.filter(raised_by=known.person_id, partner__in=present)
    return own | rows.filter(partner__in=owned)


def may_know(known: Access, complaint_id: int) -> bool:
    """Whether a person may learn of a complaint."""
    return visible_to(known).filter(pk=complaint_id).exists()


def waiting(administrator: Person) -> list[Waiting]:
    """Complaints without an answer, the one that is due first at the top."""
    rows = list(
        Complaint.objects.filter(answered_at=None)
        .select_related("partner", "ticket__partner", "about", "raised_by")
        .order_by("due_at", "pk")[:LIST_MAX]
    )
    stepped_in = _stepped_in(administrator, rows)
    return [Waiting(row, _barred(administrator, row, stepped_in)) for row in rows]


def answered() -> QuerySet[Complaint]:
    """Complaints with their answers, the latest first."""
    rows = Complaint.objects.exclude(answered_at=None)
    return rows.select_related(
        "partner", "ticket__partner", "about", "raised_by", "answered_by"
    ).order_by("-answered_at", "-pk")


def upheld_against(person_id: int) -> QuerySet[Complaint]:
    """What stands on record of a specialist: the outcome of upheld complaints. Who complained and
    in which words is not for them."""
    rows = Complaint.objects.filter(about=person_id, upheld=True)
    return rows.select_related("ticket__partner").order_by("-answered_at", "-pk")


def _stepped_in(administrator: Person, rows: Collection[Complaint]) -> frozenset[int]:
    tickets = [row.ticket_id for row in rows if row.ticket_id is not None]
    return frozenset(involved.since(tickets, [administrator.pk]))


def _barred(administrator: Person, row: Complaint, stepped_in: frozenset[int]) -> str:
    if row.about_id == administrator.pk:
        return "own"
    return "involved" if row.ticket_id in stepped_in else ""
