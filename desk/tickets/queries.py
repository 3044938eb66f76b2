"""Reading tickets: who may see which, what a person is to a ticket, and which moves are offered.

Visibility is a query: screens, API and channels start from `visible_to`, never from `objects`.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from desk.partners.models import (
    Assignment,
    Membership,
    PartnerRole,
    Person,
    StaffMembership,
    StaffRole,
)
from desk.rules import lifecycle
from desk.rules.lifecycle import Actor, State, Verb
from desk.tickets.models import Ticket

ROLE_ACTOR = {
    PartnerRole.OWNER: Actor.OWNER,
    PartnerRole.FINANCE: Actor.FINANCE,
    PartnerRole.MEMBER: Actor.MEMBER,
    PartnerRole.VIEWER: Actor.VIEWER,
}
STAFF_ACTOR = {
    StaffRole.SPECIALIST: Actor.SPECIALIST,
    StaffRole.ADMINISTRATOR: Actor.ADMINISTRATOR,
    StaffRole.PRODUCTION: Actor.PRODUCTION,
    StaffRole.ACCOUNTANT: Actor.ACCOUNTANT,
    StaffRole.VENDOR: Actor.VENDOR,
}


def number(ticket: Ticket) -> str:
    """The number by which people know a ticket: "OLH-42"."""
    return f"{ticket.partner.code}-{ticket.number}"


def visible_to(person: Person) -> QuerySet[Ticket]:
    """The tickets a person may know of.

    Staff see all: lead and cover know the partners, administrators check, production answers.
    A partner's person sees the partner's tickets, or only those authored or followed.
    """
    if not person.is_active:
        return Ticket.objects.none()
    if StaffMembership.objects.filter(person=person, until_at=None).exists():
        return Ticket.objects.all()
    seen = Q(pk__in=[])
    for membership in Membership.objects.filter(person=person, until_at=None):
        mine = Q(partner_id=membership.partner_id)
        if membership.role == PartnerRole.MEMBER and not membership.sees_all:
            mine &= Q(author=person) | Q(followers__person=person)
        seen |= mine
    return Ticket.objects.filter(seen).distinct()


def by_number(person: Person, text: str) -> Ticket:
    """The ticket with the number "OLH-42", or `Ticket.DoesNotExist` when there is none that
    this person may see: another partner's ticket is not told apart from no ticket."""
    code, _, digits = text.strip().upper().rpartition("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise Ticket.DoesNotExist
    return (
        visible_to(person)
        .select_related(
            "partner", "project", "executor", "author", "plan_version", "calendar_version"
        )
        .get(partner__code=code, number=int(digits))
    )


def actors(person_id: int | None, ticket: Ticket, at: datetime) -> frozenset[Actor]:
    """What a person is to a ticket at `at`; None is the system. Somebody without any relation
    to it is nothing: the empty set."""
    if person_id is None:
        return frozenset({Actor.SYSTEM})
    found: set[Actor] = set()
    staff = StaffMembership.objects.filter(person_id=person_id, until_at=None)
    found.update(STAFF_ACTOR[StaffRole(role)] for role in staff.values_list("role", flat=True))
    if Actor.SPECIALIST in found:
        found.update(_assigned(person_id, ticket, at))
        if ticket.executor_id == person_id:
            found.add(Actor.EXECUTOR)
    elif not found:
        found.update(_of_partner(person_id, ticket))
    return frozenset(found)


def _assigned(person_id: int, ticket: Ticket, at: datetime) -> set[Actor]:
    roles = Assignment.objects.filter(
        Q(until_at=None) | Q(until_at__gt=at),
        project_id=ticket.project_id,
        specialist__person_id=person_id,
        since_at__lte=at,
    ).values_list("role", flat=True)
    return {Actor.LEAD if role == "lead" else Actor.COVER for role in roles}


def _of_partner(person_id: int, ticket: Ticket) -> set[Actor]:
    membership = Membership.objects.filter(
        person_id=person_id, partner_id=ticket.partner_id, until_at=None
    ).first()
    if membership is None:
        return set()
    role = PartnerRole(membership.role)
    own = ticket.author_id == person_id
    if role == PartnerRole.MEMBER and not membership.sees_all and not own:
        if not ticket.followers.filter(person_id=person_id).exists():
            return set()
    found = {ROLE_ACTOR[role]}
    if own and role in (PartnerRole.OWNER, PartnerRole.MEMBER):
        found.add(Actor.AUTHOR)
    return found


def verbs(person_id: int | None, ticket: Ticket, at: datetime) -> tuple[Verb, ...]:
    """The moves to offer this person, in the table's order; data may still refuse one."""
    return lifecycle.allowed(State(ticket.state), actors(person_id, ticket, at))
