"""A partner asks for another manager; administrators decide. The specialist never learns of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db import transaction

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.oversight.actions.refusals import NotToSay
from desk.oversight.models import ManagerRequest
from desk.oversight.queries import manager_requests as queries
from desk.partners import queries as partners
from desk.partners.models import Partner, PartnerRole, ProjectState, StaffRole
from desk.tickets.actions import Incomplete, engine

TEXT_MAX = 5_000
DECIDES = frozenset({StaffRole.ADMINISTRATOR, StaffRole.VENDOR})


@dataclass(frozen=True, slots=True)
class Asking:
    """Another manager for one project, or for all of the partner's (None), and why."""

    partner_id: int
    reason: str
    project_id: int | None = None


@transaction.atomic
def ask_manager(cause: Cause, asking: Asking) -> ManagerRequest:
    """An owner of the partner asks for another manager; at most one such question waits for each
    project. Raises `NotToSay`, `Incomplete`, `KeyReused`, `Project.DoesNotExist`."""
    partner = Partner.objects.select_for_update(no_key=True).get(pk=asking.partner_id)
    content = {"verb": "ask_manager", **asdict(asking)}
    before = journal.repeated(cause, content)
    if before is not None:
        return ManagerRequest.objects.get(pk=before.facts["request"])
    held = partners.membership(cause.person_id, partner.pk) if cause.person_id else None
    if held is None or held.role != PartnerRole.OWNER:
        raise NotToSay("not_complainant")
    reason = engine.text("reason", asking.reason, longest=TEXT_MAX)
    project = None
    if asking.project_id is not None:
        active = partner.projects.exclude(state=ProjectState.ARCHIVED)
        project = active.get(pk=asking.project_id)
    if queries.waiting(partner.pk).filter(project=project).exists():
        raise Incomplete("about", "waits_already")
    row = ManagerRequest.objects.create(
        partner=partner,
        project=project,
        asked_by=held.person,
        reason=reason,
        asked_at=cause.at,
    )
    # Neither project nor person is named: the entry must reach no page of whom it is about.
    facts = {"request": row.pk}
    subject = f"manager_request:{row.pk}"
    journal.record(cause, "ask_manager", subject, facts, partner.pk, content)
    return row


@transaction.atomic
def answer_manager(cause: Cause, request_id: int, *, agreed: bool, answer: str) -> ManagerRequest:
    """Agree to another manager, or say why not; the partner reads the answer. Whom to name is
    decided where leads are named. Raises `NotToSay`, `Incomplete`, `KeyReused`."""
    row = ManagerRequest.objects.select_for_update(no_key=True).get(pk=request_id)
    words = engine.text("text", answer, longest=TEXT_MAX)
    content = {"verb": "answer_manager", "request": row.pk, "agreed": agreed, "answer": words}
    if journal.earlier(cause, f"manager_request:{row.pk}", content) is not None:
        return row
    person_id = cause.person_id
    if person_id is None or not DECIDES & partners.staff_roles(person_id):
        raise NotToSay("not_administrator")
    if row.decided_at is not None:
        raise NotToSay("said", row.decided_by_id)
    row.agreed, row.answer = agreed, words
    row.decided_by_id, row.decided_at = person_id, max(cause.at, row.asked_at)
    row.save()
    facts = {"request": row.pk, "agreed": agreed, "raised_by": row.asked_by_id}
    subject = f"manager_request:{row.pk}"
    journal.record(cause, "answer_manager", subject, facts, row.partner_id, content)
    return row
