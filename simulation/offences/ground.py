"""The desk of the proof: four specialists in a ring of lead and cover, two administrators."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from desk.deposits import actions as deposits
from desk.journal import cause as causes
from desk.oversight.actions import editions
from desk.partners import actions as partners
from desk.partners.models import AssignmentRole, Partner, PartnerRole, Person, Project, StaffRole
from desk.workdays import actions as workdays
from simulation.offences import hours
from simulation.offences.hours import Hours

SPECIALISTS = 4
CONSULTATIONS = 5_000
PRICE = 180_00


@dataclass(frozen=True, slots=True)
class House:
    """A partner whose tickets come to one lead, or to the cover where the lead is away."""

    partner: Partner
    project: Project
    owner: Person
    lead: Person
    cover: Person


@dataclass(slots=True)
class Ground:
    """Everybody of the proof. Neighbours in the ring of specialists stand in for each other."""

    vendor: Person
    administrators: list[Person]
    production: Person
    specialists: list[Person]
    hours: dict[int, Hours]
    houses: list[House] = field(default_factory=list)

    def neighbours(self, person: Person) -> list[Person]:
        place = self.specialists.index(person)
        count = len(self.specialists)
        return [self.specialists[(place + step) % count] for step in (-1, 1)]


def settle(at: datetime) -> Ground:
    """Make the desk at `at`, with the first edition in force."""
    system = causes.system(at)
    partners.organise(system, "Демо-виробник", "uk", "Europe/Kyiv")
    calendar = partners.add_calendar(system, "9-18", Hours(hours.SERVICE).calendar())
    plan = partners.add_plan(system, "Partner Support Manager", calendar.pk, {})
    people = [_staff(at, f"specialist{n}", StaffRole.SPECIALIST) for n in range(1, SPECIALISTS + 1)]
    ground = Ground(
        vendor=_staff(at, "owner", StaffRole.VENDOR),
        administrators=[_staff(at, f"admin{n}", StaffRole.ADMINISTRATOR) for n in (1, 2)],
        production=_staff(at, "production", StaffRole.PRODUCTION),
        specialists=people,
        hours={
            person.pk: Hours(hours.LATE if place % 2 else hours.EARLY)
            for place, person in enumerate(people)
        },
    )
    for person in people:
        partners.set_caps(system, person.pk, 6, 12)
        own = ground.hours[person.pk].calendar()
        workdays.set_schedule(system, person.pk, hours.local_date(at), own)
    accountant = _staff(at, "accountant", StaffRole.ACCOUNTANT)
    for place in range(SPECIALISTS):
        ground.houses.append(_house(at, ground, accountant, plan.pk, place))
    _publish(at, ground)
    return ground


def _publish(at: datetime, ground: Ground) -> None:
    owner = causes.person(ground.vendor.pk, at, "setup")
    reader = causes.person(ground.administrators[0].pk, at, "setup")
    row = editions.draft(owner, "Перша редакція")
    # Reminders are held elsewhere; without them a month goes by in half the time.
    content = editions.first_content()
    for clause in cast("list[dict[str, object]]", content["clauses"]):
        clause["remind_seconds"] = 0
    editions.change(owner, row.pk, row.title, content)
    editions.review(reader, row.pk)
    editions.publish(owner, row.pk, at)
    for person in ground.specialists:
        editions.acknowledge(causes.person(person.pk, at, "workplace"), row.pk)


def _staff(at: datetime, login: str, role: StaffRole) -> Person:
    person = _person(at, login)
    partners.appoint(causes.system(at), person.pk, role)
    return person


def _person(at: datetime, login: str) -> Person:
    card = partners.Card(name=f"Демо {login}", position="")
    return partners.add_person(causes.system(at), f"{login}@desk.example", card, None)


def _house(at: datetime, ground: Ground, accountant: Person, plan_id: int, place: int) -> House:
    system = causes.system(at)
    code = f"HS{'ABCDEFGH'[place]}"
    enrolment = partners.Enrolment(name=f"Демо-партнер {place + 1}", plan_id=plan_id)
    partner = partners.enrol_partner(system, code, enrolment)
    owner = _person(at, f"owner-{place + 1}")
    partners.add_membership(system, partner.pk, owner.pk, PartnerRole.OWNER)
    project = partners.add_project(system, partner.pk, "CRM", "Демо-клієнт", "")
    lead = ground.specialists[place]
    cover = ground.neighbours(lead)[1]
    partners.assign(system, project.pk, lead.pk, AssignmentRole.LEAD)
    partners.assign(system, project.pk, cover.pk, AssignmentRole.COVER)
    buys = causes.person(accountant.pk, at, "accounting", f"first-{code}")
    deposits.buy(buys, partner.pk, CONSULTATIONS, PRICE, CONSULTATIONS * PRICE)
    return House(partner, project, owner, lead, cover)
