"""Reading partners, people, plans by date, and who leads what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Prefetch, Q, QuerySet

from desk.lib import joined
from desk.partners import invitations
from desk.partners.in_force import (
    DEFAULT_ZONE,
    NoVersion,
    calendar_version,
    plan_version,
    service_calendar,
    today,
    versions_in_force,
)
from desk.partners.models import (
    Assignment,
    AssignmentRole,
    Calendar,
    CalendarVersion,
    Invitation,
    Membership,
    Organisation,
    Partner,
    PartnerRole,
    Person,
    Plan,
    PlanVersion,
    Project,
    ProjectState,
    Specialist,
    StaffMembership,
    StaffRole,
)

# How others reach what is in force at a moment.
__all__ = [
    "DEFAULT_ZONE",
    "NoVersion",
    "calendar_version",
    "plan_version",
    "service_calendar",
    "today",
    "versions_in_force",
]

SEES_EVERY_PARTNER = (StaffRole.ADMINISTRATOR, StaffRole.ACCOUNTANT, StaffRole.VENDOR)

# Raw, because every new ticket asks: building the query costs more than running it.
_HELD = f"""
    SELECT held.project_id, held.role, {joined.columns(Person)}
    FROM partners_assignment held
    JOIN partners_specialist specialist ON specialist.id = held.specialist_id
    JOIN partners_person ON partners_person.id = specialist.person_id
    WHERE held.project_id = ANY(%(projects)s)
        AND held.since_at <= %(at)s AND (held.until_at IS NULL OR held.until_at > %(at)s)
"""  # noqa: S608  # made of the models alone


# The organisation, calendars and plans


def organisation() -> Organisation | None:
    """The vendor of this installation; None before the first-run wizard."""
    return Organisation.objects.select_related("calendar").first()


def partner_plan(partner_id: int, at: datetime) -> PlanVersion:
    """The terms that the partner has at `at`; `NoVersion` before the first ones."""
    return plan_version(Partner.objects.values_list("plan_id", flat=True).get(pk=partner_id), at)


def price_kopecks(partner_id: int, at: datetime) -> int:
    """The price of the day of one consultation, by the partner's plan."""
    return partner_plan(partner_id, at).value().price_kopecks


def calendars() -> QuerySet[Calendar]:
    """All calendars by name, each with its `versions`, the newest first."""
    newest = Prefetch("versions", CalendarVersion.objects.order_by("-effective_on"))
    return Calendar.objects.prefetch_related(newest).order_by("name")


def plans() -> QuerySet[Plan]:
    """All plans by name, each with its `versions`, the newest first."""
    versions = PlanVersion.objects.select_related("calendar").order_by("-effective_on")
    return Plan.objects.prefetch_related(Prefetch("versions", versions)).order_by("name")


# People and rights


def staff_roles(person_id: int) -> frozenset[str]:
    """The person's present roles at the vendor: values of `StaffRole`."""
    roles = StaffMembership.objects.filter(person_id=person_id, until_at=None)
    return frozenset(roles.values_list("role", flat=True))


def memberships(person_id: int) -> QuerySet[Membership]:
    """The person's present memberships, with their partners, by name."""
    present = Membership.objects.filter(person_id=person_id, until_at=None)
    return present.select_related("partner").order_by("partner__name")


def membership(person_id: int, partner_id: int) -> Membership | None:
    """What the person is to the partner now."""
    return Membership.objects.filter(
        person_id=person_id, partner_id=partner_id, until_at=None
    ).first()


def manages_people(person_id: int, partner_id: int) -> bool:
    """Whether the person may invite and change the partner's people: an owner of either side."""
    found = membership(person_id, partner_id)
    if found is not None:
        return found.role == PartnerRole.OWNER
    return StaffRole.VENDOR in staff_roles(person_id)


def visible_partners(person: Person) -> QuerySet[Partner]:
    """The partners that the person may open, by name.

    Administrators, accountants and the vendor's owners see all; a specialist those with a project
    that he or she leads or covers; the partners' people their own; nobody else any.
    """
    roles = staff_roles(person.pk)
    every = Partner.objects.order_by("name")
    if roles.intersection(SEES_EVERY_PARTNER):
        return every
    seen = Q(pk__in=Membership.objects.filter(person=person, until_at=None).values("partner"))
    if StaffRole.SPECIALIST in roles:
        held = Assignment.objects.filter(specialist__person=person, until_at=None)
        seen |= Q(pk__in=held.values("project__partner"))
    return every.filter(seen)


def partners_among(partner_ids: Collection[int]) -> list[Partner]:
    """Partners by their ids, by name."""
    return list(Partner.objects.filter(pk__in=partner_ids).order_by("name"))


def people_of(partner_id: int) -> QuerySet[Membership]:
    """The partner's people by name, with their present role: `membership.person`."""
    present = Membership.objects.filter(partner_id=partner_id, until_at=None)
    return present.select_related("person").order_by("person__name", "id")


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of the vendor's people with the present roles, in alphabetical order."""

    person: Person
    roles: tuple[str, ...]


def staff() -> list[Colleague]:
    """The vendor's people by name: one query."""
    present = StaffMembership.objects.filter(until_at=None).select_related("person")
    roles: dict[Person, list[str]] = {}
    for row in present.order_by("person__name", "person_id", "role"):
        roles.setdefault(row.person, []).append(row.role)
    return [Colleague(person, tuple(held)) for person, held in roles.items()]


def staff_with(role: StaffRole) -> QuerySet[Person]:
    """The people who have the staff role now, by name."""
    present = StaffMembership.objects.filter(until_at=None, role=role)
    return Person.objects.filter(pk__in=present.values("person")).order_by("name", "id")


def by_email(email: str) -> Person | None:
    """The person with this address, whatever its case."""
    return Person.objects.filter(email__iexact=email.strip()).first()


# Invitations


@dataclass(frozen=True, slots=True)
class Link:
    """What a link of an invitation leads to; `refusal` tells why it does not let in."""

    invitation: Invitation | None
    refusal: invitations.Refusal | None


def invitation_by(token: str, at: datetime) -> Link:
    """What the token of a link opens at `at`, without using it."""
    number = invitations.number_in(token)
    rows = Invitation.objects.select_related("partner")
    row = None if number is None else rows.filter(pk=number).first()
    refusal = invitations.refusal(row, token, at)
    return Link(None if refusal is invitations.Refusal.UNKNOWN else row, refusal)


def invitations_open(partner_id: int | None) -> QuerySet[Invitation]:
    """Invitations that wait, also expired ones, the newest first; None: to the vendor's team."""
    whose = Q(partner=None) if partner_id is None else Q(partner_id=partner_id)
    waiting = Invitation.objects.filter(whose, accepted_at=None, withdrawn_at=None)
    return waiting.select_related("invited_by").order_by("-id")


# Projects, leads and covers


@dataclass(frozen=True, slots=True)
class Held:
    """A project with its partner, and who leads and covers it now."""

    project: Project
    lead: Person | None
    cover: Person | None


def projects_of(partner_id: int) -> list[Held]:
    """The partner's projects by name: two queries."""
    return _held(Project.objects.filter(partner_id=partner_id).order_by("name"))


def projects_after(
    project_id: int,
    most: int,
    partner_ids: Collection[int] | None = None,
    state: str | None = None,
) -> list[Held]:
    """Projects in the order of their ids from `project_id` on, at most `most`: two queries.
    `partner_ids` None: of every partner."""
    rows = Project.objects.filter(pk__gt=project_id)
    if partner_ids is not None:
        rows = rows.filter(partner_id__in=partner_ids)
    if state is not None:
        rows = rows.filter(state=state)
    return _held(rows.order_by("pk")[:most])


def projects_open(partner_id: int) -> list[Project]:
    """The partner's projects that take tickets, by name."""
    rows = Project.objects.filter(partner_id=partner_id).exclude(state=ProjectState.ARCHIVED)
    return list(rows.order_by("name"))


def waiting_projects() -> list[Held]:
    """Projects that wait for a specialist, the longest waiting first: two queries."""
    waiting = Project.objects.filter(state=ProjectState.WAITING)
    return _held(waiting.order_by("waits_since_at", "id"))


@dataclass(frozen=True, slots=True)
class PartnerHeld:
    """An active partner with the projects that are not archived."""

    partner: Partner
    projects: tuple[Held, ...]


def partners_with_projects() -> list[PartnerHeld]:
    """Every active partner by name, with leads and covers: three queries."""
    partners = Partner.objects.filter(is_active=True).order_by("name")
    of: dict[int, list[Held]] = {partner.pk: [] for partner in partners}
    shown = Project.objects.filter(partner__in=of).exclude(state=ProjectState.ARCHIVED)
    for held in _held(shown.order_by("name")):
        of[held.project.partner_id].append(held)
    return [PartnerHeld(partner, tuple(of[partner.pk])) for partner in partners]


def lead_of(project_id: int, at: datetime) -> Person | None:
    """The personal manager of the project at `at`."""
    return _holder(project_id, AssignmentRole.LEAD, at)


def cover_of(project_id: int, at: datetime) -> Person | None:
    """Who stood in for the project's lead at `at`."""
    return _holder(project_id, AssignmentRole.COVER, at)


def assigned(project_ids: Collection[int], at: datetime) -> dict[tuple[int, str], Person]:
    """Leads and covers of many projects at `at`, by (project, role): one query for a list."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"projects": list(project_ids), "at": at})
        found = cursor.fetchall()
    return {(row[0], row[1]): joined.row(Person, iter(row[2:])) for row in found}


def assignments_of(person_id: int) -> QuerySet[Assignment]:
    """What the specialist leads and covers now, with project and partner, leads first."""
    present = Assignment.objects.filter(specialist__person_id=person_id, until_at=None)
    return present.select_related("project__partner").order_by("-role", "project__name")


@dataclass(frozen=True, slots=True)
class Load:
    """What a specialist leads and covers now, beside the most he or she may."""

    person: Person
    leads: int
    projects_max: int
    covers: int
    covers_max: int


def specialists() -> list[Load]:
    """The present specialists by name with their loads: one query."""
    present = StaffMembership.objects.filter(role=StaffRole.SPECIALIST, until_at=None)
    held = Q(assignments__until_at=None)
    rows = (
        Specialist.objects.filter(person__in=present.values("person"))
        .select_related("person")
        .annotate(
            leads=Count("assignments", held & Q(assignments__role=AssignmentRole.LEAD)),
            covers=Count("assignments", held & Q(assignments__role=AssignmentRole.COVER)),
        )
        .order_by("person__name", "id")
    )
    return [
        Load(row.person, row.leads, row.projects_max, row.covers, row.covers_max) for row in rows
    ]


def holder_throughout(partner_id: int, role: AssignmentRole) -> Person | None:
    """The one specialist who leads, or covers, whatever of the partner is led or covered; None
    when nobody does, or when the partner is divided by project."""
    rows = Assignment.objects.filter(project__partner_id=partner_id, role=role, until_at=None)
    found = list(Person.objects.filter(specialist__assignments__in=rows).distinct()[:2])
    return found[0] if len(found) == 1 else None


def _held(projects: QuerySet[Project]) -> list[Held]:
    found = list(projects.select_related("partner"))
    present = Assignment.objects.filter(project__in=found, until_at=None)
    people = {
        (row.project_id, row.role): row.specialist.person
        for row in present.select_related("specialist__person")
    }
    return [
        Held(
            project,
            people.get((project.pk, AssignmentRole.LEAD)),
            people.get((project.pk, AssignmentRole.COVER)),
        )
        for project in found
    ]


def _at(at: datetime) -> QuerySet[Assignment]:
    return Assignment.objects.filter(Q(until_at=None) | Q(until_at__gt=at), since_at__lte=at)


def _holder(project_id: int, role: AssignmentRole, at: datetime) -> Person | None:
    rows = _at(at).filter(project_id=project_id, role=role)
    row = rows.select_related("specialist__person").first()
    return row.specialist.person if row else None
