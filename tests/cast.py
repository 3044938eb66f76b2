"""The people and companies of the scenarios, made through the product's own actions.

All names are plainly invented. The organisation works Monday to Friday 09–13 and 14–18 Kyiv time,
with 25 December off, as in the checked vectors of the specification.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.partners import actions as partners
from desk.partners.models import (
    AssignmentRole,
    Calendar,
    Partner,
    PartnerRole,
    Person,
    Plan,
    Project,
    StaffRole,
)

PASSWORD = "a password of the tests"
KYIV_DAY = [["09:00", "13:00"], ["14:00", "18:00"]]
KYIV: dict[str, Any] = {
    "timezone": "Europe/Kyiv",
    "week": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), KYIV_DAY),
    "days_off": ["2026-12-25"],
}
ALWAYS: dict[str, Any] = {
    "timezone": "Europe/Kyiv",
    "week": {
        day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    },
}


@dataclass
class House:
    """The vendor: calendar, plan, and one person or two in each role."""

    calendar: Calendar
    plan: Plan
    vendor: Person
    administrator: Person
    second_administrator: Person
    production: Person
    accountant: Person
    lead: Person
    cover: Person


@dataclass
class Company:
    """A partner with one person in each role and one project, led and covered."""

    partner: Partner
    project: Project
    owner: Person
    finance: Person
    member: Person
    viewer: Person
    others: dict[str, Person] = field(default_factory=dict)


def cause(at: datetime, by: Person | None = None) -> Cause:
    """A cause at `at`: by a person through the desk's pages, or by the system."""
    return causes.person(by.pk, at, "setup") if by else causes.system(at)


def person(at: datetime, name: str, email: str = "", **words: Any) -> Person:
    """Somebody who signs in with PASSWORD; the address follows from the first name."""
    address = email or f"{name.split(maxsplit=1)[0].lower()}@people.example"
    return partners.add_person(cause(at), address, partners.Card(name=name, **words), PASSWORD)


def staff(at: datetime, name: str, *roles: StaffRole, email: str = "") -> Person:
    """One of the vendor's people."""
    made = person(at, name, email)
    for role in roles:
        partners.appoint(cause(at), made.pk, role)
    return made


def specialist(at: datetime, name: str, projects_max: int = 12, covers_max: int = 24) -> Person:
    """A specialist with these caps."""
    made = staff(at, name, StaffRole.SPECIALIST)
    partners.set_caps(cause(at), made.pk, projects_max, covers_max)
    return made


def house(at: datetime, terms: dict[str, Any] | None = None) -> House:
    """The vendor with its team, from `at` on; `terms` differ from the defaults of a plan."""
    partners.organise(cause(at), "Demo Desk", "uk", "Europe/Kyiv")
    calendar = partners.add_calendar(cause(at), "Kyiv", KYIV)
    plan = partners.add_plan(cause(at), "Partner Support Manager", calendar.pk, terms or {})
    return House(
        calendar=calendar,
        plan=plan,
        vendor=staff(at, "Vira Vendorova", StaffRole.VENDOR),
        administrator=staff(at, "Adam Kontrol", StaffRole.ADMINISTRATOR),
        second_administrator=staff(at, "Ada Nahliad", StaffRole.ADMINISTRATOR),
        production=staff(at, "Petro Kod", StaffRole.PRODUCTION),
        accountant=staff(at, "Alla Rakhunok", StaffRole.ACCOUNTANT),
        lead=specialist(at, "Olha Persha"),
        cover=specialist(at, "Taras Druhyi"),
    )


def company(at: datetime, home: House, code: str = "OLH", name: str = "Olhivka Demo") -> Company:
    """A partner with its people and a project, led by the house's lead, covered by its cover."""
    enrolment = partners.Enrolment(name=name, plan_id=home.plan.pk)
    partner = partners.enrol_partner(cause(at), code, enrolment)
    people = {role: _member(at, partner, role) for role in PartnerRole}
    project = led_project(at, partner, home, f"{name} CRM")
    return Company(
        partner=partner,
        project=project,
        owner=people[PartnerRole.OWNER],
        finance=people[PartnerRole.FINANCE],
        member=people[PartnerRole.MEMBER],
        viewer=people[PartnerRole.VIEWER],
    )


def led_project(at: datetime, partner: Partner, home: House, name: str) -> Project:
    """One more project of the partner, led and covered by the house's specialists."""
    made = partners.add_project(cause(at), partner.pk, name, "Demo client", "")
    partners.assign(cause(at), made.pk, home.lead.pk, AssignmentRole.LEAD)
    partners.assign(cause(at), made.pk, home.cover.pk, AssignmentRole.COVER)
    made.refresh_from_db()
    return made


def _member(at: datetime, partner: Partner, role: PartnerRole) -> Person:
    names = {"owner": "Oksana", "finance": "Fedir", "member": "Marko", "viewer": "Valia"}
    code = partner.code.lower()
    made = person(at, f"{names[role]} {partner.code.title()}", f"{role}@{code}.example")
    partners.add_membership(cause(at), partner.pk, made.pk, role)
    return made
