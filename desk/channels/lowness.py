"""Whether a deposit has just become low: a mark of the plan was passed by this very hold."""

from __future__ import annotations

from datetime import datetime

from desk.deposits import queries as deposits
from desk.journal.models import Entry
from desk.partners import queries as partners
from desk.partners.models import Partner
from desk.rules.ledger import Commodity, Cover


def crossed(entry: Entry, at: datetime) -> bool:
    """Whether the hold of `entry` took the available consultations to a low mark, or below."""
    facts = entry.facts
    held = facts.get("commodity") == Commodity.CONSULTATIONS
    if entry.partner_id is None or not held or facts.get("cover") == Cover.UNCOVERED:
        return False
    partner = Partner.objects.get(pk=entry.partner_id)
    marks = partners.plan_version(partner.plan_id, at).value().low_balance
    after = deposits.balance(partner.pk).consultations_available
    before = after + len(facts.get("subjects", ())) * int(facts.get("quantity_each", 1))
    return any(after <= mark < before for mark in marks)
