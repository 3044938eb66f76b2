"""What is forecast to be missed by its lead, and the offers that were made of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from desk.oversight.models import Offer, OfferKind
from desk.oversight.queries import days
from desk.partners import queries as partners
from desk.partners.models import Assignment, AssignmentRole, Person
from desk.rules import forecast
from desk.rules.forecast import Kind, Lead, Reason, Risk, Task
from desk.rules.lifecycle import ClockState, State, Type
from desk.rules.worktime import Calendar, Window
from desk.tickets.models import Ticket
from desk.tickets.queries import number
from desk.workdays import queries as workdays
from desk.workdays.models import Activity, Interval

# Over a weekend and a holiday: whatever is due later is no matter of today.
AHEAD = timedelta(days=5)
SEEN_WITHIN = timedelta(minutes=5)
TICKETS_MAX = 20_000
OPEN_MAX = 200
KEPT_BY = {
    Activity.BREAK: Reason.PAUSE,
    Activity.LUNCH: Reason.PAUSE,
    Activity.MEETING: Reason.MEETING,
    Activity.TRAINING: Reason.MEETING,
}
ROLES = (AssignmentRole.LEAD, AssignmentRole.COVER)


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """An offer that waits for its cover. `limit_at` is the instant that is forecast to be missed,
    `reason` a word of `forecast.Reason`."""

    id: int
    ticket: str
    subject: str
    partner: str
    kind: str
    reason: str
    limit_at: datetime
    offered_at: datetime
    lead: Person
    cover: Person


@dataclass(frozen=True, slots=True)
class Proposed:
    """A risk with whom the work is offered to."""

    ticket: Ticket
    risk: Risk
    cover_id: int


@dataclass(slots=True)
class Known:
    """Everybody's hours, absences, work and activity, fetched once."""

    at: datetime
    service: Calendar | None
    hours: Mapping[int, Calendar]
    away: Mapping[int, list[Window]]
    running: Mapping[int, Interval]
    bugs: Collection[str]
    seen: Collection[int]
    tasks: dict[int, list[Task]] = field(default_factory=dict)

    def lead(self, person_id: int) -> Lead | None:
        hours = self.hours.get(person_id) or self.service
        if hours is None:
            return None
        return Lead(hours, tuple(self.away.get(person_id, ())), self.kept_by(person_id))

    def kept_by(self, person_id: int) -> Reason | None:
        """What keeps somebody from an acceptance now. Planning and looking at the intake do not;
        whoever does nothing on record must at least be at the desk."""
        row = self.running.get(person_id)
        if row is None:
            return None if person_id in self.seen else Reason.GONE
        if row.activity == Activity.WORK:
            return Reason.CRITICAL if _ticket_key(row.subject) in self.bugs else Reason.BUSY
        return KEPT_BY.get(Activity(row.activity))

    def is_there(self, person_id: int) -> bool:
        hours = self.hours.get(person_id) or self.service
        gone = any(start <= self.at < end for start, end in self.away.get(person_id, ()))
        return hours is not None and hours.is_open(self.at) and not gone


def open_offers() -> tuple[OpenOffer, ...]:
    """Offers that wait, the nearest limit first: for the board."""
    return tuple(_shown(row) for row in _open()[:OPEN_MAX])


def of_cover(person_id: int) -> tuple[OpenOffer, ...]:
    """What is offered to somebody now, the nearest limit first."""
    return tuple(_shown(row) for row in _open().filter(cover=person_id)[:OPEN_MAX])


def offer_of(person_id: int, offer_id: int) -> Offer:
    """An offer made to somebody, also one that has ended; `Offer.DoesNotExist` for others'."""
    return Offer.objects.get(pk=offer_id, cover=person_id)


def stale(at: datetime) -> list[Offer]:
    """Open offers that have lost their point: the lead has acted, the clock stands or has ended,
    somebody else has the ticket, or the cover is away."""
    rows = list(Offer.objects.filter(ended_at=None).select_related("ticket"))
    away = workdays.away_among({row.cover_id for row in rows}, at)
    running = workdays.running_among({row.lead_id for row in rows})
    return [row for row in rows if row.cover_id in away or is_over(row, row.ticket, running)]


def is_over(offer: Offer, ticket: Ticket, running: Mapping[int, Interval]) -> bool:
    """Whether the ticket needs nobody else any more."""
    if ticket.executor_id != offer.lead_id or ticket.cycle != offer.cycle:
        return True
    if offer.kind == OfferKind.ACCEPTANCE:
        return ticket.state != State.SUBMITTED
    works = running.get(offer.lead_id)
    at_hand = works is not None and _ticket_key(works.subject) == ticket.key
    return ticket.clock != ClockState.RUNS or at_hand


def proposed(at: datetime) -> list[Proposed]:
    """What is to be offered now: risks of leads for whom somebody else is there and makes it."""
    tickets = _at_stake(at)
    people = {row.executor_id for row in tickets if row.executor_id is not None}
    holders = _holders({row.project_id for row in tickets})
    covers = {person_id for held in holders.values() for person_id in held}
    known = _known(people | covers, at)
    _fill(known, tickets, people | covers)
    by_id = {row.pk: row for row in tickets}
    made = _made(by_id)
    own = {person_id: tuple(known.tasks[person_id]) for person_id in people}
    found = []
    for person_id in sorted(people):
        lead = known.lead(person_id)
        for risk in forecast.risks(lead, own[person_id], at) if lead else ():
            ticket = by_id[risk.ticket]
            if (ticket.pk, risk.kind, ticket.cycle, person_id) in made:
                continue
            cover_id = _cover(known, holders[ticket.project_id], person_id, risk)
            if cover_id is not None:
                found.append(Proposed(ticket, risk, cover_id))
    return found


def _cover(known: Known, held: Iterable[int], executor_id: int, risk: Risk) -> int | None:
    """The project's other one, if there and able to do it in time, beside what is offered to
    them already."""
    task = next(row for row in known.tasks[executor_id] if row.ticket == risk.ticket)
    for person_id in held:
        who = known.lead(person_id)
        if person_id == executor_id or who is None or not known.is_there(person_id):
            continue
        if forecast.fits(who, known.tasks[person_id], task, known.at):
            known.tasks[person_id].append(task)
            return person_id
    return None


def _open() -> QuerySet[Offer]:
    rows = Offer.objects.filter(ended_at=None)
    rows = rows.select_related("ticket__partner", "lead", "cover")
    return rows.order_by("limit_at", "pk")


def _shown(row: Offer) -> OpenOffer:
    return OpenOffer(
        id=row.pk,
        ticket=number(row.ticket),
        subject=row.ticket.subject,
        partner=row.ticket.partner.name,
        kind=row.kind,
        reason=row.reason,
        limit_at=row.limit_at,
        offered_at=row.offered_at,
        lead=row.lead,
        cover=row.cover,
    )


def _at_stake(at: datetime) -> list[Ticket]:
    """Tickets in somebody's hands whose acceptance or deadline comes soon."""
    soon = {"gt": at, "lte": at + AHEAD}
    accept = Q(state=State.SUBMITTED, **{f"acceptance_due_at__{k}": v for k, v in soon.items()})
    runs = Q(clock=ClockState.RUNS, **{f"due_at__{k}": v for k, v in soon.items()})
    rows = Ticket.objects.filter(accept | runs, executor__isnull=False)
    wanted = ("id", "partner", "project", "executor", "state", "clock", "type", "cycle")
    limits = ("due_at", "acceptance_due_at", "critical_claim")
    return list(rows.only(*wanted, *limits).order_by("id")[:TICKETS_MAX])


def _holders(project_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Lead and cover of each project, in this order."""
    rows = Assignment.objects.filter(project__in=project_ids, until_at=None)
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for project_id, role, person_id in rows.values_list(
        "project_id", "role", "specialist__person_id"
    ):
        found[project_id][role] = person_id
    pairs = {key: tuple(held[r] for r in ROLES if r in held) for key, held in found.items()}
    return {project_id: pairs.get(project_id, ()) for project_id in project_ids}


def _known(person_ids: Collection[int], at: datetime) -> Known:
    away: dict[int, list[Window]] = defaultdict(list)
    for row in workdays.absences_between(at, at + AHEAD):
        away[row.person_id].append((row.since_at, row.until_at))
    running = workdays.running_among(person_ids)
    keys = {_ticket_key(row.subject) for row in running.values() if row.subject}
    bugs = Ticket.objects.filter(pk__in=[_number(key) for key in keys], type=Type.BUG)
    seen = Person.objects.filter(pk__in=person_ids, seen_at__gte=at - SEEN_WITHIN)
    return Known(
        at=at,
        service=partners.service_calendar(at),
        hours=workdays.own_schedules(person_ids, at),
        away=away,
        running=running,
        bugs={row.key for row in bugs.only("id")},
        seen=set(seen.values_list("pk", flat=True)),
    )


def _fill(known: Known, tickets: Iterable[Ticket], person_ids: Collection[int]) -> None:
    """Everybody's tickets as tasks: what they take is what the day plan counts with."""
    seconds: dict[int, int] = defaultdict(int)
    for planned in days.tasks_of(person_ids, known.at).values():
        for piece in planned:
            seconds[_number(_ticket_key(piece.subject))] += piece.seconds
    offered = dict(Offer.objects.filter(ended_at=None).values_list("ticket_id", "cover_id"))
    known.tasks = {person_id: [] for person_id in person_ids}
    for ticket in tickets:
        assert ticket.executor_id is not None, "chosen so"
        works = known.running.get(ticket.executor_id)
        at_hand = works is not None and _ticket_key(works.subject) == ticket.key
        task = _task(ticket, seconds.get(ticket.pk, 0), at_hand=at_hand)
        known.tasks[ticket.executor_id].append(task)
        if ticket.pk in offered and offered[ticket.pk] in known.tasks:
            known.tasks[offered[ticket.pk]].append(task)


def _task(ticket: Ticket, seconds: int, *, at_hand: bool) -> Task:
    """A ticket that the day plan does not count takes its executor no time now."""
    waits = ticket.state == State.SUBMITTED
    return Task(
        ticket=ticket.pk,
        seconds=seconds,
        accept_by_at=ticket.acceptance_due_at if waits else None,
        due_at=ticket.due_at if not waits and seconds else None,
        critical=ticket.type == Type.BUG or (waits and ticket.critical_claim),
        at_hand=at_hand,
    )


def _made(ticket_ids: Collection[int]) -> set[tuple[int, str, int, int]]:
    rows = Offer.objects.filter(ticket__in=ticket_ids)
    found: Iterator[tuple[int, str, int, int]] = rows.values_list(
        "ticket_id", "kind", "cycle", "lead_id"
    ).iterator()
    return {(ticket_id, Kind(kind), cycle, lead) for ticket_id, kind, cycle, lead in found}


def _ticket_key(subject: str) -> str:
    return subject.partition("/")[0]


def _number(key: str) -> int:
    return int(key.removeprefix("ticket:")) if key.startswith("ticket:") else 0
