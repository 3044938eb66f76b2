"""Partners: the companies that implement the product."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db import transaction

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.partners.actions import checks
from desk.partners.actions.locks import locked_partner
from desk.partners.models import Partner, Plan

CODE_FORM = re.compile(r"[A-Z][A-Z0-9]{1,5}", re.ASCII)


class CodeTaken(Exception):
    """Another partner's tickets are numbered with this code."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What is agreed with a partner. `credit_consultations` may be used before they are paid."""

    name: str
    plan_id: int
    language: str = "uk"
    timezone: str = "Europe/Kyiv"
    credit_consultations: int = 0


def enrol_partner(cause: Cause, code: str, enrolment: Enrolment) -> Partner:
    """Enrol a partner, whose tickets are numbered "OLH-1", "OLH-2" … `CodeTaken`, `Incomplete`."""
    checked = {"code": code, **_checked(enrolment)}
    content = {"verb": "enrol_partner", **checked}
    if not CODE_FORM.fullmatch(code):
        raise checks.Incomplete("code")
    with transaction.atomic():
        if entry := journal.repeated(cause, content):
            return Partner.objects.get(pk=int(entry.subject.partition(":")[2]))
        if Partner.objects.filter(code=code).exists():
            raise CodeTaken
        partner = Partner.objects.create(created_at=cause.at, **checked)
        facts = {"code": code, "plan": enrolment.plan_id}
        subject = f"partner:{partner.pk}"
        journal.record(cause, "enrol_partner", subject, facts, partner.pk, content)
        return partner


def change_partner(cause: Cause, partner_id: int, enrolment: Enrolment) -> Partner:
    """Change what is agreed from now on: tickets keep the plan they came under (R15)."""
    checked = _checked(enrolment)
    with transaction.atomic():
        partner = locked_partner(partner_id)
        changed = {
            name: value for name, value in checked.items() if getattr(partner, name) != value
        }
        for name, value in changed.items():
            setattr(partner, name, value)
        if changed:
            partner.save(update_fields=list(changed))
            facts = {"changed": sorted(changed), "plan": partner.plan_id}
            journal.record(cause, "change_partner", f"partner:{partner_id}", facts, partner_id)
        return partner


def _checked(enrolment: Enrolment) -> dict[str, object]:
    if not Plan.objects.filter(pk=enrolment.plan_id).exists():
        raise checks.Incomplete("plan")
    if not 0 <= enrolment.credit_consultations <= 10_000:
        raise checks.Incomplete("credit_consultations")
    return {
        "name": checks.text("name", enrolment.name, 200),
        "plan_id": enrolment.plan_id,
        "language": checks.language(enrolment.language),
        "timezone": checks.timezone(enrolment.timezone),
        "credit_consultations": enrolment.credit_consultations,
    }
