"""Who may see which ticket, what a person is to it, and which moves are offered.

Visibility is a query: screens, API and channels start from `visible_to`, never from `objects`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from desk.partners.models import AssignmentRole, PartnerRole, Person, StaffRole
from desk.rules import lifecycle
from desk.rules.lifecycle import Actor, State, Verb
from desk.tickets.models import Follower, Ticket

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
NUMBER_DIGITS_MAX = 9

# Raw, because these run in every action and page: building them anew costs more than running them.
_ROLES = """
    SELECT NULL::bigint, role, TRUE FROM partners_staffmembership
    WHERE person_id = %s AND until_at IS NULL
    UNION ALL
    SELECT partner_id, role, sees_all FROM partners_membership
    WHERE person_id = %s AND until_at IS NULL
"""
_ASSIGNED = """
    SELECT held.role FROM partners_assignment held
    JOIN partners_specialist specialist ON specialist.id = held.specialist_id
    WHERE held.project_id = %s AND specialist.person_id = %s
        AND held.since_at <= %s AND (held.until_at IS NULL OR held.until_at > %s)
"""


@dataclass(frozen=True, slots=True)
class Role:
    """A person's present role with one partner."""

    partner_id: int
    role: PartnerRole
    sees_all: bool


@dataclass(frozen=True, slots=True)
class Access:
    """What a person is, read once per request: roles at the desk, or with partners."""

    person_id: int
    staff: frozenset[StaffRole] = frozenset()
    roles: tuple[Role, ...] = ()

    @property
    def is_staff(self) -> bool:
        """Whether this is one of our own people, who may see every ticket."""
        return bool(self.staff)

    def role_with(self, partner_id: int) -> Role | None:
        """The role with one partner, None without any."""
        return next((role for role in self.roles if role.partner_id == partner_id), None)


def number(ticket: Ticket) -> str:
    """The number by which people know a ticket: "OLH-42"."""
    return f"{ticket.partner.code}-{ticket.number}"


def access(person: Person) -> Access:
    """The present roles of a person, in one query; nobody's when no longer active."""
    return _access(person.pk) if person.is_active else Access(person.pk)


def _access(person_id: int) -> Access:
    with connection.cursor() as cursor:
        cursor.execute(_ROLES, [person_id, person_id])
        rows = cursor.fetchall()
    return Access(
        person_id,
        frozenset(StaffRole(role) for partner, role, _ in rows if partner is None),
        tuple(Role(p, PartnerRole(role), all_) for p, role, all_ in rows if p is not None),
    )


def visible_to(person: Person, known: Access | None = None) -> QuerySet[Ticket]:
    """The tickets a person may know of; `known` spares the query for the roles.

    Staff see all: lead and cover know the partners, administrators check, production answers.
    A partner's person sees the partner's tickets, or only those authored or followed.
    """
    seen_by = known or access(person)
    if seen_by.is_staff:
        return Ticket.objects.all()
    if not seen_by.roles:
        return Ticket.objects.none()
    return Ticket.objects.filter(_seen(seen_by))


def _seen(seen_by: Access) -> Q:
    """The partners whose every ticket is seen as one list, so that an index serves it."""
    everything = [role.partner_id for role in seen_by.roles if not _own_only(role)]
    seen = Q(partner_id__in=everything)
    own = [role.partner_id for role in seen_by.roles if _own_only(role)]
    if own:
        followed = Follower.objects.filter(ticket=OuterRef("pk"), person_id=seen_by.person_id)
        mine = Q(author_id=seen_by.person_id) | Q(Exists(followed))
        return seen | (Q(partner_id__in=own) & mine)
    return seen


def by_number(person: Person, text: str, known: Access | None = None) -> Ticket:
    """The ticket with the number "OLH-42", or `Ticket.DoesNotExist` when there is none that
    this person may see: another partner's ticket is not told apart from no ticket."""
    return _numbered(visible_to(person, known), text)


def by_number_for_operator(text: str) -> Ticket:
    """The same for who sits at the machine itself and answers to nobody's visibility."""
    return _numbered(Ticket.objects.all(), text)


def _numbered(tickets: QuerySet[Ticket], text: str) -> Ticket:
    code, _, digits = text.strip().upper().rpartition("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > NUMBER_DIGITS_MAX:
        raise Ticket.DoesNotExist
    if not code.isascii() or not code.isalnum():
        raise Ticket.DoesNotExist
    return tickets.select_related(
        "partner", "project", "plan_version", "calendar_version__calendar", "executor", "author"
    ).get(partner__code=code, number=int(digits))


def actors(
    person_id: int | None, ticket: Ticket, at: datetime, known: Access | None = None
) -> frozenset[Actor]:
    """What a person is to a ticket at `at`; None is the system. Somebody without any relation
    to it is nothing: the empty set."""
    if person_id is None:
        return frozenset({Actor.SYSTEM})
    seen_by = known or _access(person_id)
    assigned: Iterable[str] = ()
    follows = False
    if StaffRole.SPECIALIST in seen_by.staff:
        assigned = _assigned(person_id, ticket, at)
    elif _needs_to_follow(seen_by, ticket):
        followed = Follower.objects.filter(ticket_id=ticket.pk, person_id=person_id)
        follows = followed.exists()
    return relation(seen_by, ticket, assigned, follows=follows)


def relation(
    seen_by: Access, ticket: Ticket, assigned: Iterable[str], *, follows: bool
) -> frozenset[Actor]:
    """`actors` from what was looked up: the person's assignment roles to the project, and whether
    the person follows the ticket."""
    if seen_by.is_staff:
        return frozenset(_of_staff(seen_by, ticket, assigned))
    role = seen_by.role_with(ticket.partner_id)
    if role is None or (_needs_to_follow(seen_by, ticket) and not follows):
        return frozenset()
    found = {ROLE_ACTOR[role.role]}
    own = ticket.author_id == seen_by.person_id
    if own and role.role in (PartnerRole.OWNER, PartnerRole.MEMBER):
        found.add(Actor.AUTHOR)
    return frozenset(found)


def verbs(
    person_id: int | None, ticket: Ticket, at: datetime, known: Access | None = None
) -> tuple[Verb, ...]:
    """The moves to offer this person, in the table's order; data may still refuse one."""
    return lifecycle.allowed(State(ticket.state), actors(person_id, ticket, at, known))


def _of_staff(seen_by: Access, ticket: Ticket, assigned: Iterable[str]) -> set[Actor]:
    found = {STAFF_ACTOR[role] for role in seen_by.staff}
    if Actor.SPECIALIST in found:
        lead = AssignmentRole.LEAD
        found.update(Actor.LEAD if role == lead else Actor.COVER for role in assigned)
        if ticket.executor_id == seen_by.person_id:
            found.add(Actor.EXECUTOR)
    return found


def _assigned(person_id: int, ticket: Ticket, at: datetime) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_ASSIGNED, [ticket.project_id, person_id, at, at])
        return [role for (role,) in cursor.fetchall()]


def _own_only(role: Role) -> bool:
    return role.role == PartnerRole.MEMBER and not role.sees_all


def _needs_to_follow(seen_by: Access, ticket: Ticket) -> bool:
    """Whether only following lets this person of the partner know of the ticket."""
    role = seen_by.role_with(ticket.partner_id)
    return role is not None and _own_only(role) and ticket.author_id != seen_by.person_id
