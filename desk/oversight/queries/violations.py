"""Violations: which wait for a ruling and until when, lists for who rules, and one's own record."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from desk.oversight.models import Explanation, Reminder, Ruling, Verdict, Violation
from desk.oversight.queries import involved, limits, scores
from desk.partners.models import Person, StaffRole
from desk.tickets.models import Ticket
from desk.tickets.queries import Access

# In the key of a violation: that another one was not ruled on in time.
OF_A_RULING = ":violation:"
PAGE = 40
REMINDERS_MAX = 100


class Standing(StrEnum):
    """OPEN: waits for a ruling. EXPLAINED: so does it, and the specialist has spoken.
    BY_ITSELF: a rule excused it."""

    OPEN = "open"
    EXPLAINED = "explained"
    RULED = "ruled"
    BY_ITSELF = "by_itself"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a list is narrowed to; "" and None for everything. `week_on` is a Monday."""

    standing: Standing = Standing.OPEN
    clause: str = ""
    severity: str = ""
    person_id: int | None = None
    week_on: date | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class ToRule:
    """A violation that nothing excused by itself, until when a ruling is owed, and when it came."""

    violation: Violation
    due_at: datetime
    ruled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list. `barred` is why the reader may not rule on it ("own", "involved"), or
    ""; `due_at` is None for what needs no ruling."""

    violation: Violation
    ticket: Ticket | None
    due_at: datetime | None
    ruling: Ruling | None
    explanations: int
    barred: str


@dataclass(frozen=True, slots=True)
class Page:
    """Lines of a list, and the `after` of the next page, None on the last one."""

    lines: tuple[Listed, ...]
    after: int | None


def to_rule(since_at: datetime, at: datetime) -> Iterator[ToRule]:
    """Violations known at `at` whose ruling was or is due after `since_at`, by id.

    That a ruling was not given in time is itself ruled on, but owed no further: else each ruling
    that is missing would make one more every day.
    """
    known = limits.at(at)
    rows = Violation.objects.filter(
        excuse="", found_at__gte=known.earliest(since_at), found_at__lte=at
    ).exclude(key__contains=OF_A_RULING)
    ruled = dict(
        Ruling.objects.filter(violation__in=rows.values("pk")).values_list("violation_id", "at")
    )
    found = rows.order_by("id").only("person_id", "ticket_id", "found_at")
    for row in found:
        due_at = known.due_at(row.found_at)
        if due_at >= since_at:
            yield ToRule(row, due_at, ruled.get(row.pk))


def page(chosen: Chosen, reader: Person, at: datetime) -> Page:
    """A page of violations for who rules: what is due first at the top, what is ruled by the
    latest."""
    is_open = chosen.standing in (Standing.OPEN, Standing.EXPLAINED)
    found = _by_due(chosen, at) if is_open else _by_latest(chosen)
    lines = listed(found[:PAGE], reader, at)
    return Page(tuple(lines), found[PAGE - 1].pk if len(found) > PAGE else None)


def listed(rows: Sequence[Violation], reader: Person, at: datetime) -> list[Listed]:
    """Violations as lines of a list; five queries, however many."""
    numbers = [row.ticket_id for row in rows if row.ticket_id is not None]
    tickets = {
        ticket.pk: ticket
        for ticket in Ticket.objects.filter(pk__in=numbers).select_related("partner")
    }
    parts = involved.since(numbers, [reader.pk])
    said = _said([row.pk for row in rows])
    known = limits.at(at) if rows else None
    return [
        Listed(
            row,
            tickets.get(row.ticket_id or 0),
            known.due_at(row.found_at) if known is not None and not row.excuse else None,
            ruling_of(row),
            said.get(row.pk, 0),
            _barred(reader.pk, row, row.ticket_id in parts),
        )
        for row in rows
    ]


def due_of(row: Violation, at: datetime) -> datetime | None:
    """Until when this violation is ruled on; None for what needs no ruling."""
    if row.excuse or ruling_of(row) is not None:
        return None
    return limits.at(at).due_at(row.found_at)


def explained(numbers: Collection[int]) -> frozenset[int]:
    """Which of these violations were explained."""
    return frozenset(_said(numbers))


def earlier(rows: QuerySet[Violation], last: Violation) -> QuerySet[Violation]:
    """Of one's own record, what comes after `last` in it."""
    return rows.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))


def waiting_count() -> int:
    """How many violations wait for a ruling."""
    return _standing(Standing.OPEN).count()


def of_person(person_id: int) -> QuerySet[Violation]:
    """All that is on record of somebody, the latest first."""
    return _rows().filter(person=person_id).order_by("-at", "-pk")


def reminders_of(person_id: int) -> QuerySet[Reminder]:
    """The reminders that somebody got, the latest first."""
    return Reminder.objects.filter(person=person_id).order_by("-at")[:REMINDERS_MAX]


def visible_to(known: Access) -> QuerySet[Violation]:
    """The violations that a person may read: administrators and the owner of the desk all, a
    specialist the own ones, nobody else any."""
    if known.staff & {StaffRole.ADMINISTRATOR, StaffRole.VENDOR}:
        return _rows()
    if known.is_staff:
        return _rows().filter(person=known.person_id)
    return Violation.objects.none()


def ruling_of(row: Violation) -> Ruling | None:
    """The ruling on a violation, if there is one."""
    return getattr(row, "ruling", None)


def may_rule(row: Violation, administrators: Collection[Person]) -> list[tuple[Person, str]]:
    """Each administrator, and what bars them: "own", "involved" or ""."""
    numbers = [row.ticket_id] if row.ticket_id is not None else []
    parts = involved.since(numbers, [person.pk for person in administrators])
    took_part = parts.get(row.ticket_id or 0, {})
    return [(person, _barred(person.pk, row, person.pk in took_part)) for person in administrators]


@dataclass(frozen=True, slots=True)
class Wrong:
    """What was said of a clause's rule that was found wrong: for the next edition."""

    clause: str
    violations: tuple[Violation, ...]


def rule_wrong(edition_id: int | None = None) -> list[Wrong]:
    """By clause, the violations whose rule an administrator called wrong, the latest first; of one
    edition or of all."""
    rows = _rows().filter(ruling__verdict=Verdict.RULE_WRONG).order_by("clause", "-ruling__at")
    if edition_id is not None:
        rows = rows.filter(edition=edition_id)
    found: dict[str, list[Violation]] = {}
    for row in rows:
        found.setdefault(row.clause, []).append(row)
    return [Wrong(clause, tuple(each)) for clause, each in found.items()]


def _rows() -> QuerySet[Violation]:
    return Violation.objects.select_related("person", "edition", "ruling__by")


def _standing(standing: Standing) -> QuerySet[Violation]:
    ruled = Exists(Ruling.objects.filter(violation=OuterRef("pk")))
    explained = Exists(Explanation.objects.filter(violation=OuterRef("pk")))
    match standing:
        case Standing.OPEN:
            return _rows().filter(~ruled, excuse="")
        case Standing.EXPLAINED:
            return _rows().filter(~ruled, explained, excuse="")
        case Standing.RULED:
            return _rows().filter(ruling__isnull=False)
        case Standing.BY_ITSELF:
            return _rows().exclude(excuse="")


def _narrowed(chosen: Chosen) -> QuerySet[Violation]:
    rows = _standing(chosen.standing)
    if chosen.clause:
        rows = rows.filter(clause=chosen.clause)
    if chosen.severity:
        rows = rows.filter(severity=chosen.severity)
    if chosen.person_id is not None:
        rows = rows.filter(person=chosen.person_id)
    if chosen.week_on is not None:
        since_at, until_at = scores.span(chosen.week_on)
        rows = rows.filter(at__gte=since_at, at__lt=until_at)
    return rows


def _by_due(chosen: Chosen, at: datetime) -> list[Violation]:
    """A page, and one more, of what is open: what is to be ruled on first at the top.

    When one is due is counted in working days by the edition of its time, which no index knows:
    of all that are open the instants are read, of a page the rows.
    """
    known = limits.at(at)
    found = _narrowed(chosen).values_list("found_at", "pk")
    order = sorted((known.due_at(found_at), found_at, pk) for found_at, pk in found)
    last = _last(chosen)
    if last is not None:
        beyond = (known.due_at(last.found_at), last.found_at, last.pk)
        order = order[bisect_right(order, beyond) :]
    numbers = [pk for _due_at, _found_at, pk in order[: PAGE + 1]]
    rows = _rows().in_bulk(numbers)
    return [rows[pk] for pk in numbers if pk in rows]


def _by_latest(chosen: Chosen) -> list[Violation]:
    """A page, and one more, of what needs no ruling any more, or none at all."""
    rows, last = _narrowed(chosen).order_by("-found_at", "-pk"), _last(chosen)
    if last is not None:
        same = Q(found_at=last.found_at, pk__lt=last.pk)
        rows = rows.filter(Q(found_at__lt=last.found_at) | same)
    return list(rows[: PAGE + 1])


def _last(chosen: Chosen) -> Violation | None:
    return Violation.objects.filter(pk=chosen.after).first() if chosen.after else None


def _said(numbers: Collection[int]) -> dict[int, int]:
    rows = Explanation.objects.filter(violation__in=numbers).values("violation_id")
    return {row["violation_id"]: row["count"] for row in rows.annotate(count=Count("pk"))}


def _barred(person_id: int, row: Violation, took_part: bool) -> str:
    if row.person_id == person_id:
        return "own"
    return "involved" if took_part else ""
