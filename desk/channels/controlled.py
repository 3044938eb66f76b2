"""What machine control finds: only administrators, the owner and whom it is about may know."""

from __future__ import annotations

from desk.journal.models import Entry
from desk.partners.models import StaffRole
from desk.tickets.queries import Access

VERBS = frozenset({"violation", "remind_standard", "explain_violation", "rule_violation"})
CONTROLLERS = frozenset({StaffRole.ADMINISTRATOR, StaffRole.VENDOR})


def may_know(known: Access) -> bool:
    """Whether somebody may know of what was found with another person."""
    return bool(known.staff & CONTROLLERS)


def unexcused(entry: Entry) -> bool:
    """Whether no rule has excused the violation by itself."""
    return not entry.facts.get("excuse")


def critical(entry: Entry) -> bool:
    """Whether a violation is told at once, to whoever must act."""
    return unexcused(entry) and entry.facts.get("severity") == "critical"
