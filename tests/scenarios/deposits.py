"""Words for the deposit's scenarios: a partner, people of accounting, causes with keys."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count

from desk.deposits import actions
from desk.deposits.values import Held
from desk.journal.cause import Cause, person, system
from desk.partners.models import Calendar, Partner, Person, Plan, StaffMembership, StaffRole
from desk.rules.ledger import Commodity

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PRICE = 18_000
UNITS = Commodity.CONSULTATIONS
MONEY = Commodity.MONEY

_numbers = count(1)


def a_partner(code: str = "OLH") -> int:
    """A partner; the area knows it by number."""
    Calendar.objects.get_or_create(name="Service")
    plan, _ = Plan.objects.get_or_create(name="Personal")
    return Partner.objects.create(
        code=code, name=f"Partner {code}", plan=plan, created_at=MONDAY
    ).pk


def staff(role: StaffRole) -> str:
    """A person with a role of the vendor, as the journal names people."""
    number = next(_numbers)
    someone = Person.objects.create(
        email=f"person{number}@example.com", name=f"Person {number}", created_at=MONDAY
    )
    StaffMembership.objects.create(person=someone, role=role, since_at=MONDAY)
    return f"person:{someone.pk}"


def keyed(key: str | None = None, at: datetime = MONDAY, by: str = "person:7") -> Cause:
    """A person's deed at a form, with the form's key."""
    return Cause(by, at, "accounting", key or f"form:{next(_numbers)}")


def unkeyed(at: datetime = MONDAY) -> Cause:
    """What a ticket's entry entails: no key of its own, the entry as its parent."""
    return system(at, parent=next(_numbers) + 1_000_000)


def buys(partner_id: int, quantity: int, *, price: int = PRICE, at: datetime = MONDAY) -> None:
    """The partner paid a pack in full."""
    actions.buy(keyed(at=at), partner_id, quantity, price, quantity * price)


def holds(partner_id: int, *subjects: str, at: datetime = MONDAY) -> tuple[Held, ...]:
    """One consultation for each subject."""
    return actions.hold(
        unkeyed(at), partner_id, subjects, commodity=UNITS, quantity_each=1, memo="OLH-42 Prices"
    )


def day(days: int) -> datetime:
    """The same hour, so many days after the Monday of the scenarios."""
    return MONDAY + timedelta(days=days)


def on(days: int) -> date:
    return day(days).date()


__all__ = ["MONDAY", "MONEY", "PRICE", "UNITS", "person"]
