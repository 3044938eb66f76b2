"""Requests for another manager: the partner's own, and those that wait for a decision."""

from __future__ import annotations

from django.db.models import QuerySet

from desk.oversight.models import ManagerRequest
from desk.partners.models import PartnerRole, StaffRole
from desk.tickets.queries import Access

LIST_MAX = 100


def visible_to(known: Access) -> QuerySet[ManagerRequest]:
    """What a person may read: an owner of a partner that partner's, administrators and the
    desk's owner all of them, nobody else any."""
    rows = ManagerRequest.objects.select_related("partner", "project", "asked_by", "decided_by")
    rows = rows.order_by("-asked_at", "-pk")
    if known.staff & {StaffRole.ADMINISTRATOR, StaffRole.VENDOR}:
        return rows
    owned = [role.partner_id for role in known.roles if role.role == PartnerRole.OWNER]
    return rows.filter(partner__in=owned) if owned and not known.is_staff else rows.none()


def may_know(known: Access, request_id: int) -> bool:
    """Whether a person may learn of a request."""
    return visible_to(known).filter(pk=request_id).exists()


def waiting(partner_id: int | None = None) -> QuerySet[ManagerRequest]:
    """Requests without a decision, the oldest first; of one partner, or of all."""
    rows = ManagerRequest.objects.filter(decided_at=None)
    if partner_id is not None:
        rows = rows.filter(partner=partner_id)
    chosen = rows.select_related("partner", "project", "asked_by")
    return chosen.order_by("asked_at", "pk")


def of_partner(partner_id: int) -> QuerySet[ManagerRequest]:
    """What the partner asked for, the latest first, with the decisions."""
    rows = ManagerRequest.objects.filter(partner=partner_id)
    chosen = rows.select_related("project", "asked_by", "decided_by")
    return chosen.order_by("-asked_at", "-pk")


def decided() -> QuerySet[ManagerRequest]:
    """Decided ones, the latest first."""
    rows = ManagerRequest.objects.exclude(decided_at=None)
    chosen = rows.select_related("partner", "project", "asked_by", "decided_by")
    return chosen.order_by("-decided_at", "-pk")
