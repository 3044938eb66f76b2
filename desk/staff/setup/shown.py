"""What set-up's templates draw: people, invitations, partners, projects, ready to show."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.partners import invitations as links
from desk.partners import queries
from desk.partners.models import (
    Invitation,
    Membership,
    Partner,
    Person,
    Project,
    ProjectState,
    StaffRole,
)
from desk.web import labels

Context = dict[str, Any]
LIST_MAX = 500


def staff() -> list[Context]:
    """Our people with their roles and, for specialists, what they lead beside the most."""
    loads = {load.person.pk: load for load in queries.specialists()}
    found = []
    for colleague in queries.staff():
        load = loads.get(colleague.person.pk)
        found.append(
            {
                "id": colleague.person.pk,
                "name": colleague.person.name,
                "email": colleague.person.email,
                "roles": ", ".join(labels.role_label(role) for role in colleague.roles),
                "load": load_text(load) if load else "",
                "full": load is not None and load.leads >= load.projects_max,
            }
        )
    return found


def load_text(load: queries.Load) -> str:
    """“leads 3 of 12, covers 4 of 24”."""
    return _("leads %(leads)s of %(leads_max)s, covers %(covers)s of %(covers_max)s") % {
        "leads": load.leads,
        "leads_max": load.projects_max,
        "covers": load.covers,
        "covers_max": load.covers_max,
    }


def former_staff() -> list[Person]:
    """Our people of former times, who cannot sign in any more."""
    rows = Person.objects.filter(is_active=False, staff_roles__isnull=False)
    return list(rows.distinct().order_by("name")[:LIST_MAX])


def invitations(partner_id: int | None, at: datetime) -> list[Context]:
    """Invitations that wait, each with its link, for who has no mail yet."""
    return [invitation(row, at) for row in queries.invitations_open(partner_id)[:LIST_MAX]]


def invitation(row: Invitation, at: datetime) -> Context:
    path = reverse("invitation:accept", args=[links.token(row)])
    return {
        "id": row.pk,
        "email": row.email,
        "name": row.name,
        "role": labels.role_label(row.role),
        "expires_at": row.expires_at,
        "expired": at >= row.expires_at,
        "link": f"{settings.BASE_URL}{path}",
    }


def person(found: Person) -> Context:
    """Roles held and to be given, and what a person leads and covers."""
    held = queries.staff_roles(found.pk)
    rows = queries.assignments_of(found.pk)[:LIST_MAX]
    return {
        "roles": [
            {"value": role.value, "label": labels.role_label(role), "held": role in held}
            for role in StaffRole
        ],
        "is_specialist": StaffRole.SPECIALIST in held,
        "memberships": list(queries.memberships(found.pk)),
        "assignments": [
            {
                "project": row.project.name,
                "partner": row.project.partner.name,
                "partner_id": row.project.partner_id,
                "role": labels.role_label(row.role),
            }
            for row in rows
        ],
    }


def partners(every: list[Partner]) -> list[Context]:
    """Partners with their projects counted and who waits for a specialist."""
    ids = [partner.pk for partner in every]
    states = Project.objects.filter(partner_id__in=ids).values_list("partner_id", "state")
    counts = Counter(states)
    return [
        {
            "id": partner.pk,
            "name": partner.name,
            "code": partner.code,
            "plan": partner.plan.name,
            "projects": _projects(counts[partner.pk, ProjectState.ACTIVE]),
            "waiting": counts[partner.pk, ProjectState.WAITING],
            "waiting_text": _waiting(counts[partner.pk, ProjectState.WAITING]),
        }
        for partner in every
    ]


def _projects(count: int) -> str:
    return ngettext("%(count)s project", "%(count)s projects", count) % {"count": count}


def _waiting(count: int) -> str:
    text = ngettext("%(count)s waits for a lead", "%(count)s wait for a lead", count)
    return text % {"count": count}


def projects(partner_id: int) -> list[Context]:
    """A partner's projects with who leads and covers them."""
    return [
        {
            "id": held.project.pk,
            "name": held.project.name,
            "client": held.project.client,
            "address": held.project.address,
            "state": held.project.state,
            "state_label": labels.project_state_label(held.project.state),
            "waiting": held.project.state == ProjectState.WAITING,
            "archived": held.project.state == ProjectState.ARCHIVED,
            "holders": [
                {"role": "lead", "label": _("Lead"), "id": held.lead.pk if held.lead else ""},
                {"role": "cover", "label": _("Cover"), "id": held.cover.pk if held.cover else ""},
            ],
            "lead": held.lead.name if held.lead else "",
            "cover": held.cover.name if held.cover else "",
        }
        for held in queries.projects_of(partner_id)
    ]


def members(partner_id: int) -> list[Context]:
    """A partner's people with their roles."""
    return [_member(row) for row in queries.people_of(partner_id)[:LIST_MAX]]


def _member(row: Membership) -> Context:
    return {
        "id": row.person_id,
        "name": row.person.name,
        "email": row.person.email,
        "role": row.role,
        "role_label": labels.role_label(row.role),
        "sees": "" if row.sees_all else _("sees the own tickets only"),
    }


def specialists() -> list[Context]:
    """Who can lead and cover, with the load beside the name."""
    return [
        {
            "id": load.person.pk,
            "label": f"{load.person.name} · {load.leads}/{load.projects_max}",
            "cover_label": f"{load.person.name} · {load.covers}/{load.covers_max}",
        }
        for load in queries.specialists()
    ]


def specialist_choices() -> list[tuple[int, str]]:
    return [(load.person.pk, load.person.name) for load in queries.specialists()]


def plan_choices() -> list[tuple[int, str]]:
    return [(plan.pk, plan.name) for plan in queries.plans()]


def calendar_choices() -> list[tuple[int, str]]:
    return [(calendar.pk, calendar.name) for calendar in queries.calendars()]
