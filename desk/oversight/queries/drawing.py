"""What the audits of a week are drawn from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from desk.journal.models import Entry
from desk.oversight.models import Complaint, Ruling
from desk.oversight.queries import editions, involved
from desk.oversight.queries.editions import InForce
from desk.partners import queries as partners
from desk.partners.models import StaffMembership, StaffRole
from desk.rules.lifecycle import State
from desk.rules.standard.parameters import Share
from desk.tickets.models import Ticket

DRAW = "draw_audits"
RULE = "audited_in_time"
WEEK = timedelta(days=7)
# After a standstill of the desk so many weeks are still drawn.
WEEKS_BACK = 4
# An edition whose clauses leave audits to people asks for this share all the same.
SHARE_PERCENT = 5


@dataclass(frozen=True, slots=True)
class Week:
    """A week of the organisation's calendar, Monday to Sunday: [since_at, until_at)."""

    on: date
    since_at: datetime
    until_at: datetime

    @property
    def subject(self) -> str:
        """Under what the journal keeps its draw."""
        return f"audits:{self.on.isoformat()}"

    @property
    def key(self) -> str:
        """What makes the draw happen once over all time."""
        return f"{DRAW}:{self.on.isoformat()}"


@dataclass(frozen=True, slots=True)
class Frame:
    """The resolved tickets of a week by specialist, and who may audit each."""

    resolved: dict[int, tuple[int, ...]]
    auditors: dict[int, frozenset[int]]

    def from_which(self) -> dict[int, tuple[int, ...]]:
        """Each one's tickets that somebody may audit; all of them where nobody may any."""
        return {
            person_id: tuple(one for one in tickets if self.auditors[one]) or tickets
            for person_id, tickets in self.resolved.items()
        }


def week_of(on: date) -> Week:
    """The week that holds a date."""
    organisation = partners.organisation()
    assert organisation is not None, "weeks are those of the organisation"
    zone = ZoneInfo(organisation.timezone)
    monday = on - timedelta(days=on.weekday())
    begins = datetime(monday.year, monday.month, monday.day, tzinfo=zone)
    ends = (begins.replace(tzinfo=None) + WEEK).replace(tzinfo=zone)
    return Week(monday, begins.astimezone(UTC), ends.astimezone(UTC))


def midnight(at: datetime) -> datetime:
    """When the day of `at` began at the organisation."""
    organisation = partners.organisation()
    zone = ZoneInfo(organisation.timezone) if organisation else UTC
    local = at.astimezone(zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def undrawn(at: datetime) -> list[Week]:
    """The weeks that have ended since the first edition came into force and were not drawn from,
    the earliest first."""
    first = editions.published().first()
    if first is None or first.effective_at is None or partners.organisation() is None:
        return []
    today = partners.today(at)
    weeks = [week_of(today - back * WEEK) for back in range(WEEKS_BACK, 0, -1)]
    drawn = set(
        Entry.objects.filter(key__in=[week.key for week in weeks]).values_list("key", flat=True)
    )
    return [week for week in weeks if week.until_at > first.effective_at and week.key not in drawn]


def frame(week: Week) -> Frame:
    """The tickets that were resolved in a week and still are."""
    rows = Ticket.objects.filter(
        state=State.RESOLVED,
        resolved_at__gte=week.since_at,
        resolved_at__lt=week.until_at,
        executor__isnull=False,
    )
    resolved: dict[int, list[int]] = defaultdict(list)
    for ticket_id, person_id in rows.order_by("pk").values_list("pk", "executor_id"):
        if person_id is not None:
            resolved[person_id].append(ticket_id)
    tickets = [ticket_id for each in resolved.values() for ticket_id in each]
    return Frame(
        {person_id: tuple(each) for person_id, each in sorted(resolved.items())},
        may_audit(tickets),
    )


def may_audit(ticket_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """The administrators who neither stepped into each ticket nor ruled on a violation in it."""
    everybody = frozenset(administrators())
    parts = involved.of_tickets(ticket_ids, everybody)
    judged = _judged(ticket_ids)
    return {
        ticket_id: everybody - parts.get(ticket_id, frozenset()) - judged[ticket_id]
        for ticket_id in ticket_ids
    }


def _judged(ticket_ids: Collection[int]) -> defaultdict[int, set[int]]:
    """Who ruled on the violations in each ticket, or answered a complaint of it."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    ruled = Ruling.objects.filter(violation__ticket_id__in=ticket_ids)
    for ticket_id, person_id in ruled.values_list("violation__ticket_id", "by_id"):
        found[ticket_id or 0].add(person_id)
    answered = Complaint.objects.filter(ticket__in=ticket_ids, answered_by__isnull=False)
    for ticket_id, answerer_id in answered.values_list("ticket_id", "answered_by_id"):
        found[ticket_id or 0].add(answerer_id or 0)
    return found


def administrators() -> list[int]:
    """Present administrators, who has been one for longest first."""
    rows = StaffMembership.objects.filter(
        role=StaffRole.ADMINISTRATOR, until_at=None, person__is_active=True
    )
    return list(rows.order_by("since_at", "id").values_list("person_id", flat=True))


def share_percent(found: InForce) -> int:
    """The least share of resolved tickets that the edition asks to be audited."""
    for clause in found.rules.clauses:
        for rule in clause.rules:
            if rule.kind == RULE and isinstance(rule.parameters, Share):
                return rule.parameters.share_percent
    return SHARE_PERCENT
