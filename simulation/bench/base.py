"""The world that is measured: about a hundred real tickets that end now, made by real actions."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from desk.deposits import actions as deposits
from desk.journal import actions as journal
from desk.journal.models import Pending
from desk.partners.models import Person
from desk.rules.lifecycle import State
from desk.tickets import queries
from desk.tickets.models import Ticket
from simulation import plot, stage
from simulation.bench.pages import Page
from simulation.people import Company, cause_of
from simulation.world import World

SEED = 11
DAYS = 7
CONSULTATIONS = 20_000
PRICE = 180_00


def make(now: datetime) -> World:
    """Live a week at sixteen tickets a day, then bring one ticket into every state."""
    first = (now - timedelta(days=DAYS)).replace(hour=6, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    world = World.make(SEED, first)
    plot.begin(world)
    for number in range(DAYS):
        day = first + timedelta(days=number)
        if world.calendar.is_working_date(day.date()):
            plot.arrivals(world, day, plot.TICKETS_A_DAY)
        world.run(min(day + timedelta(days=1), now))
    world.queue.clear()
    stage.every_state(world, now)
    journal.relayed(list(Pending.objects.values_list("entry_id", flat=True)))
    for company in world.cast.companies:
        _fill_deposit(world, company)
    connection.close()
    return world


def pages() -> list[Page]:
    """The pages of the service's promise: ticket, queue, the cabinet's first page."""
    owner, busiest, number = _owner(), _busiest(), _ticket()
    return [
        Page(f"{name}{' (fragment)' if fragment else ''}", address, reader, fragment)
        for name, address, reader in (
            ("ticket, cabinet", f"/cabinet/tickets/{number}/", owner),
            ("ticket, workplace", f"/work/tickets/{number}/", busiest),
            ("specialist's queue", "/work/", busiest),
            ("cabinet home", "/cabinet/", owner),
        )
        for fragment in (False, True)
    ]


def lists() -> list[Page]:
    """All lists, whose statements must be served by indexes."""
    others = (
        ("cabinet list", "/cabinet/tickets/", _owner()),
        ("cabinet list, done", "/cabinet/tickets/?show=done", _owner()),
        ("workplace list", "/work/tickets/", _busiest()),
        ("workplace list, mine", "/work/tickets/?mine=1", _busiest()),
        ("workplace list, done", "/work/tickets/?show=done", _busiest()),
        ("search", "/work/tickets/?q=OLV-3", _busiest()),
        ("search, words", "/work/tickets/?q=накладна", _busiest()),
        ("control room", "/control/", _person("admin")),
        ("production", "/production/", _person("production")),
    )
    more = [Page(name, address, reader, fragment=False) for name, address, reader in others]
    return [*(page for page in pages() if not page.fragment), *more]


def _fill_deposit(world: World, company: Company) -> None:
    """Enough that no measured move waits for money."""
    key = f"bench-{company.partner.code}"
    cause = cause_of(world.cast.accountants[0], world.now, "accounting", key)
    deposits.buy(cause, company.partner.pk, CONSULTATIONS, PRICE, CONSULTATIONS * PRICE)


def _person(login: str) -> Person:
    return Person.objects.get(email=f"{login}@desk.example")


def _owner() -> Person:
    return _person("partner-owner")


def _busiest() -> Person:
    """The specialist of the first partner, who has the tickets in every state."""
    return _person("specialist")


def _ticket() -> str:
    """The ticket of the first partner that has most to show: messages and parts."""
    own = Ticket.objects.filter(partner__code="OLV", state=State.IN_WORK).select_related("partner")
    found = max(own, key=lambda one: (one.parts.count() + one.messages.count(), one.pk))
    return queries.number(found)
