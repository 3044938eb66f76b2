"""What machine control finds: only administrators, the owner and whom it is about may know. Of
what is not critical, administrators read in their digest."""

from __future__ import annotations

from collections.abc import Iterator

from desk.journal.models import Entry
from desk.partners.models import Person, StaffMembership, StaffRole
from desk.tickets.queries import Access

VERBS = frozenset({"violation", "remind_standard", "explain_violation", "rule_violation"})
CONTROLLERS = frozenset({StaffRole.ADMINISTRATOR, StaffRole.VENDOR})
HELPERS = {"production": StaffRole.PRODUCTION, "administrator": StaffRole.ADMINISTRATOR}


def may_know(known: Access) -> bool:
    """Whether somebody may know of what was found with another person."""
    return bool(known.staff & CONTROLLERS)


def unexcused(entry: Entry) -> bool:
    """Whether no rule has excused the violation by itself."""
    return not entry.facts.get("excuse")


def critical(entry: Entry) -> bool:
    """Whether a violation is told at once, to whoever must act."""
    return unexcused(entry) and entry.facts.get("severity") == "critical"


def asked_to_help(entry: Entry) -> Iterator[Person]:
    """To whom a critical error was escalated: production, or administrators."""
    role = HELPERS.get(str(entry.facts.get("level")))
    present = StaffMembership.objects.filter(role=role, until_at=None)
    yield from (row.person for row in present.select_related("person").order_by("id"))
