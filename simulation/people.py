"""Who lives in the simulated world. Every name says that it is a demonstration."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from desk.deposits import actions as deposits
from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.partners import actions as partners
from desk.partners.models import AssignmentRole, Partner, PartnerRole, Person, Project, StaffRole
from simulation import trade

PASSWORD = "demo-desk-2026"  # noqa: S105  # printed at start: the way into the demonstration
# Who can sign in; everybody else only acts. Hashing a password takes a while, by design.
LOGINS = frozenset(
    {
        "owner",
        "admin",
        "admin2",
        "production",
        "accountant",
        "accountant2",
        "specialist",
        "specialist2",
        "partner-owner",
        "partner-finance",
        "partner-member",
        "partner-viewer",
    }
)
KYIV_WEEK = {
    day: [["09:00", "13:00"], ["14:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")
}
CALENDAR = {"timezone": "Europe/Kyiv", "week": KYIV_WEEK, "days_off": ["2026-12-25"]}
SPECIALISTS = ("Олена Демо", "Тарас Демо", "Марія Демо", "Богдан Демо")
PARTNERS = (
    ("OLV", "Демо-партнер «Олівець»", ("CRM аптек", "CRM будмаркету", "Склад меблів")),
    ("BUK", "Демо-партнер «Бук»", ("CRM клініки", "Інтернет-магазин насіння")),
    ("KLN", "Демо-партнер «Калина»", ("CRM автосервісу", "CRM школи мов")),
    ("RIK", "Демо-партнер «Ріка»", ("CRM доставки", "Облік пекарні", "CRM готелю")),
    ("SVT", "Демо-партнер «Світло»", ("CRM енергоаудиту",)),
)


@dataclass(slots=True)
class Company:
    """A partner with its people and projects."""

    partner: Partner
    owner: Person
    finance: Person
    member: Person
    viewer: Person
    projects: list[Project] = field(default_factory=list)


@dataclass(slots=True)
class Cast:
    """Everybody in the world."""

    vendor: Person
    administrators: list[Person]
    production: list[Person]
    accountants: list[Person]
    specialists: list[Person]
    companies: list[Company] = field(default_factory=list)


def settle(at: datetime, terms: dict[str, object] | None = None) -> Cast:
    """Make the vendor, its people, its partners and their first purchases at `at`."""
    system = causes.system(at)
    partners.organise(system, "Демо-виробник", "uk", "Europe/Kyiv")
    calendar = partners.add_calendar(system, "Київ, будні 9–18", CALENDAR)
    plan = partners.add_plan(system, "Partner Support Manager", calendar.pk, terms or {})
    cast = Cast(
        vendor=_staff(at, "Віра Демо-Власниця", "owner", StaffRole.VENDOR),
        administrators=[
            _staff(at, "Адам Демо-Контроль", "admin", StaffRole.ADMINISTRATOR),
            _staff(at, "Ада Демо-Контроль", "admin2", StaffRole.ADMINISTRATOR),
        ],
        production=[
            _staff(at, "Петро Демо-Код", "production", StaffRole.PRODUCTION),
            _staff(at, "Павло Демо-Код", "production2", StaffRole.PRODUCTION),
        ],
        accountants=[
            _staff(at, "Алла Демо-Рахунок", "accountant", StaffRole.ACCOUNTANT),
            _staff(at, "Аліна Демо-Рахунок", "accountant2", StaffRole.ACCOUNTANT),
        ],
        specialists=[_specialist(at, name, n) for n, name in enumerate(SPECIALISTS, 1)],
    )
    sellers = trade.open_shop(at)
    for number, (code, name, projects) in enumerate(PARTNERS):
        company = _company(at, cast, (code, name, plan.pk), projects, number)
        trade.sign(at, sellers, company.partner.pk, name, number)
        cast.companies.append(company)
    return cast


def cause_of(person: Person | None, at: datetime, channel: str, key: str | None = None) -> Cause:
    """Why something happens in the world: a person through a channel, or the system."""
    return causes.person(person.pk, at, channel, key) if person else causes.system(at, key)


def _person(at: datetime, name: str, login: str, position: str = "") -> Person:
    card = partners.Card(name=name, position=position)
    password = PASSWORD if login in LOGINS else None
    return partners.add_person(causes.system(at), f"{login}@desk.example", card, password)


def _staff(at: datetime, name: str, login: str, role: StaffRole) -> Person:
    person = _person(at, name, login)
    partners.appoint(causes.system(at), person.pk, role)
    return person


def _specialist(at: datetime, name: str, number: int) -> Person:
    login = "specialist" if number == 1 else f"specialist{number}"
    person = _staff(at, name, login, StaffRole.SPECIALIST)
    partners.set_caps(causes.system(at), person.pk, 6, 12)
    return person


def _short(name: str) -> str:
    """Олівець of Демо-партнер «Олівець»."""
    return name.partition("«")[2].rstrip("»") or name


def _company(
    at: datetime, cast: Cast, named: tuple[str, str, int], projects: tuple[str, ...], number: int
) -> Company:
    code, name, plan_id = named
    system = causes.system(at)
    partner = partners.enrol_partner(
        system, code, partners.Enrolment(name=name, plan_id=plan_id, credit_consultations=2)
    )
    prefix = f"{code.lower()}-" if number else "partner-"
    people = {
        role: _person(at, f"{first} Демо-{_short(name)}", f"{prefix}{role}")
        for role, first in zip(PartnerRole, ("Оксана", "Федір", "Марко", "Валя"), strict=True)
    }
    for role, person in people.items():
        partners.add_membership(system, partner.pk, person.pk, role)
    company = Company(
        partner,
        people[PartnerRole.OWNER],
        people[PartnerRole.FINANCE],
        people[PartnerRole.MEMBER],
        people[PartnerRole.VIEWER],
    )
    lead = cast.specialists[number % len(cast.specialists)]
    cover = cast.specialists[(number + 1) % len(cast.specialists)]
    for title in projects:
        project = partners.add_project(system, partner.pk, title, "Демо-клієнт", "")
        partners.assign(system, project.pk, lead.pk, AssignmentRole.LEAD)
        partners.assign(system, project.pk, cover.pk, AssignmentRole.COVER)
        company.projects.append(project)
    accountant = cast.accountants[0]
    buys = cause_of(accountant, at, "accounting", f"demo-first-{code}")
    deposits.buy(buys, partner.pk, 15, 180_00, 15 * 180_00)
    money = cause_of(accountant, at, "accounting", f"demo-money-{code}")
    deposits.top_up(money, partner.pk, 60_000_00, "Аванс на доопрацювання")
    return company
