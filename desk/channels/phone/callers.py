"""Who calls: people by their number, their partners and projects, and who of us is there."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Func, TextField, Value

from desk.channels.phone import events
from desk.channels.phone.models import Call, Line
from desk.partners import queries as partners
from desk.partners.models import Membership, PartnerRole, Person, Project, StaffRole
from desk.rules.worktime import Calendar as WorkCalendar
from desk.workdays import queries as workdays

# So many digits at the end tell numbers apart; the rest is written in many ways.
TAIL = 7
CANDIDATES_MAX = 50
PROJECTS_MAX = 20
SUBMITTERS = (PartnerRole.OWNER, PartnerRole.MEMBER)
_BETWEEN = re.compile(r"[,;/]|\s{2,}")


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose number it is: each part None where that is not certain. `memberships` are of all who
    have the number."""

    memberships: tuple[Membership, ...] = ()
    person: Person | None = None
    partner_id: int | None = None
    project: Project | None = None


def by_number(phone: str) -> Caller:
    """The partners' people who have this number (E.164) on their card."""
    if not phone:
        return Caller()
    found = tuple(row for row in _written_alike(phone) if phone in numbers(row.person.phone))
    people = {row.person_id: row.person for row in found}
    companies = {row.partner_id for row in found}
    partner_id = companies.pop() if len(companies) == 1 else None
    projects = partners.projects_open(partner_id) if partner_id else []
    return Caller(
        memberships=found,
        person=next(iter(people.values())) if len(people) == 1 else None,
        partner_id=partner_id,
        project=projects[0] if len(projects) == 1 else None,
    )


def numbers(written: str) -> frozenset[str]:
    """The numbers that a person has written on the card, as E.164."""
    found = {events.phone(each) for each in [written, *_BETWEEN.split(written)]}
    return frozenset(found - {""})


def authors(call: Call) -> list[Person]:
    """Whose request a ticket of this call can be: the caller, where he or she may submit tickets;
    else the partner's people who may."""
    if call.partner_id is None:
        return []
    may = [row.person for row in partners.people_of(call.partner_id) if row.role in SUBMITTERS]
    of_number = {row.person_id for row in by_number(call.phone).memberships}
    return [person for person in may if person.pk in of_number] or may


def duty(partner_id: int | None, project: Project | None, at: datetime) -> Person | None:
    """Who takes the call (T9): the lead, else the cover; None means the administrators. Where the
    project is open, whoever has most of the partner's."""
    if project is not None:
        return workdays.executor_for(project.pk, at)
    projects = partners.projects_open(partner_id)[:PROJECTS_MAX] if partner_id else []
    present = [workdays.executor_for(each.pk, at) for each in projects]
    known = {person.pk: person for person in present if person is not None}
    if not known:
        return None
    counted = Counter(person.pk for person in present if person is not None)
    return known[counted.most_common(1)[0][0]]


def cover(partner_id: int | None, project: Project | None, at: datetime) -> Person | None:
    """Who stands in, and is there."""
    projects = [project] if project else partners.projects_open(partner_id) if partner_id else []
    for each in projects[:PROJECTS_MAX]:
        found = partners.cover_of(each.pk, at)
        if found is not None and not workdays.away(found.pk, at):
            return found
    return None


def administrators() -> list[int]:
    """The ids of whoever is told where nobody else is."""
    return list(partners.staff_with(StaffRole.ADMINISTRATOR).values_list("pk", flat=True))


def hours(line: Line, partner_id: int | None, at: datetime) -> WorkCalendar | None:
    """The calendar that a call's clocks count by: that of the partner's plan (which may be around
    the clock); of an unknown caller the line's, else the desk's. None where there is none yet."""
    chosen = line.calendar_id
    if partner_id is not None:
        chosen = partners.partner_plan(partner_id, at).calendar_id
    elif chosen is None:
        organisation = partners.organisation()
        chosen = organisation.calendar_id if organisation else None
    return partners.calendar_version(chosen, at).value() if chosen is not None else None


def after(calendar: WorkCalendar | None, at: datetime, seconds: int) -> datetime:
    """So many working seconds later: outside the hours they count from the opening."""
    return calendar.add(at, seconds) if calendar else at + timedelta(seconds=seconds)


def _written_alike(phone: str) -> list[Membership]:
    digits = Func(
        F("person__phone"),
        Value(r"\D"),
        Value(""),
        Value("g"),
        function="regexp_replace",
        output_field=TextField(),
    )
    rows = Membership.objects.filter(until_at=None, person__is_active=True)
    alike = rows.annotate(digits=digits).filter(digits__contains=phone[-TAIL:])
    return list(alike.select_related("person", "partner").order_by("id")[:CANDIDATES_MAX])
