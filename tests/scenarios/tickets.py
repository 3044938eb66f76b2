"""Words for the scenarios of tickets: who submits, accepts, starts and delivers, at the present
moment of the desk."""

from __future__ import annotations

from datetime import timedelta

from desk.deposits import actions as deposits
from desk.journal import queries as history
from desk.journal.models import Entry
from desk.partners.models import Person
from desk.rules.lifecycle import State, Type
from desk.tickets import actions
from desk.tickets.actions import Accepting, Handover, Offer, Submission
from desk.tickets.models import Clock, ClockKind, Ticket
from desk.workdays import actions as workdays
from desk.workdays.models import Absence, AbsenceKind
from tests.language import Desk

RESULT = Handover("Set the rule to stage 3", "The rule of the stage", "Open any order")
PRICE = 180_00


def submits(desk: Desk, subject: str = "The report is empty", *, critical: bool = False) -> Ticket:
    """The partner's member submits a ticket now."""
    asked = Submission(
        desk.company.partner.pk,
        desk.company.project.pk,
        subject,
        "Since this morning.",
        author_id=desk.member.pk,
        critical_claim=critical,
    )
    return actions.submit(desk.cause(desk.member, key=desk.key()), asked)


def buys(desk: Desk, quantity: int) -> None:
    """The partner pays consultations."""
    cause = desk.cause(desk.house.accountant, "accounting", desk.key())
    deposits.buy(cause, desk.company.partner.pk, quantity, PRICE, quantity * PRICE)


def tops_up(desk: Desk, kopecks: int) -> None:
    """The partner pays money for customisations."""
    cause = desk.cause(desk.house.accountant, "accounting", desk.key())
    deposits.top_up(cause, desk.company.partner.pk, kopecks, "advance")


def accepts(desk: Desk, ticket: Ticket, kind: Type = Type.SIMPLE, *parts: str) -> Ticket:
    """The executor takes a ticket."""
    assert ticket.executor is not None
    cause = desk.cause(ticket.executor, "workplace")
    reason = "It works for others." if ticket.critical_claim and kind != Type.BUG else ""
    return actions.accept(cause, ticket.pk, Accepting(kind, "Taken.", parts, reason))


def accepted(desk: Desk, kind: Type = Type.SIMPLE, *parts: str) -> Ticket:
    """A ticket of the type, submitted and accepted now."""
    return accepts(desk, submits(desk), kind, *parts)


def in_work(desk: Desk, kind: Type = Type.SIMPLE, *parts: str) -> Ticket:
    """A ticket of the type, submitted, accepted and started now."""
    ticket = accepted(desk, kind, *parts)
    return actions.start(desk.cause(desk.lead, "workplace"), ticket.pk)


def asks(desk: Desk, ticket: Ticket) -> Ticket:
    """The executor asks the partner something: the clock stands."""
    return actions.ask(desk.cause(desk.lead, "workplace"), ticket.pk, "Which order?")


def answers(desk: Desk, ticket: Ticket) -> Ticket:
    """The partner answers."""
    return actions.answer(desk.cause(desk.member), ticket.pk, "Order 15.")


def delivers(desk: Desk, ticket: Ticket) -> Ticket:
    """The executor hands the result over."""
    return actions.deliver(desk.cause(desk.lead, "workplace"), ticket.pk, RESULT)


def resolved(desk: Desk, ticket: Ticket) -> Ticket:
    """The result is handed over and confirmed now."""
    delivers(desk, ticket)
    return actions.confirm(desk.cause(desk.member), ticket.pk)


def estimates(desk: Desk, ticket: Ticket, valid_days: int = 10) -> Ticket:
    """Production offers a customisation of four hours in one working day."""
    offer = Offer(4, 8 * 3600, "The screen", desk.now + timedelta(days=valid_days))
    return actions.estimate(desk.cause(desk.house.production, "production"), ticket.pk, offer)


def is_away(desk: Desk, person: Person, **span: float) -> Absence:
    """A person is away from now on."""
    cause = desk.cause(person, "workplace")
    until_at = desk.now + timedelta(**span)
    return workdays.note_absence(cause, person.pk, AbsenceKind.SICK, desk.now, until_at, "")


def fresh(ticket: Ticket) -> Ticket:
    """The ticket as the database has it."""
    return Ticket.objects.select_related("partner").get(pk=ticket.pk)


def state(ticket: Ticket) -> State:
    return State(fresh(ticket).state)


def clock(ticket: Ticket, kind: ClockKind = ClockKind.RESOLUTION, subject: str = "") -> Clock:
    """The ticket's clock of the present cycle."""
    found = Clock.objects.filter(ticket=ticket, kind=kind, subject=subject)
    return found.order_by("-cycle")[0]


def entries(ticket: Ticket, verb: str) -> list[Entry]:
    """What the journal has of a verb on the ticket, in order."""
    return list(history.of(ticket.key).filter(verb=verb))
