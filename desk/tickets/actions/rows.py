"""Reading and writing rows of an action without asking or telling the database what is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Model

from desk.lib import joined
from desk.partners.models import CalendarVersion, Partner, PlanVersion, Project
from desk.tickets.models import Clock, Part, Pause, Ticket

# Raw, because every action asks: building these queries costs more than running them.
_RUNNING = "SELECT * FROM tickets_clock WHERE ticket_id = %s AND stopped_at IS NULL ORDER BY id"
_PAUSES = "SELECT * FROM tickets_pause WHERE clock_id = ANY(%s) ORDER BY id"
_PARTS = "SELECT * FROM tickets_part WHERE ticket_id = %s ORDER BY number"
_NO_ALARMS = "DELETE FROM tickets_alarm WHERE ticket_id = %s AND (kind = ANY(%s)) = %s"
_COUNT = "UPDATE partners_partner SET tickets_count = %s WHERE id = %s"
# What every action needs of a ticket.
_LOCKED = f"""
    SELECT {joined.columns(Ticket, Partner, PlanVersion, CalendarVersion)} FROM tickets_ticket
    JOIN partners_partner ON partners_partner.id = tickets_ticket.partner_id
    JOIN partners_planversion ON partners_planversion.id = tickets_ticket.plan_version_id
    JOIN partners_calendarversion
        ON partners_calendarversion.id = tickets_ticket.calendar_version_id
    WHERE tickets_ticket.id = %s FOR UPDATE OF tickets_ticket
"""  # noqa: S608  # made of the models alone
_OF_PARTNER = f"""
    SELECT {joined.columns(Partner, Project)} FROM partners_partner
    LEFT JOIN partners_project ON partners_project.partner_id = partners_partner.id
        AND partners_project.id = %s
    WHERE partners_partner.id = %s FOR NO KEY UPDATE OF partners_partner
"""  # noqa: S608  # made of the models alone

Columns = dict[str, Any]


def locked(ticket_id: int) -> Ticket:
    """The ticket, locked, with its partner, plan and calendar; `Ticket.DoesNotExist`."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCKED, [ticket_id])
        found = cursor.fetchone()
    if found is None:
        raise Ticket.DoesNotExist
    values = iter(found)
    ticket = joined.row(Ticket, values)
    ticket.partner = joined.row(Partner, values)
    ticket.plan_version = joined.row(PlanVersion, values)
    ticket.calendar_version = joined.row(CalendarVersion, values)
    return ticket


def locked_partner(partner_id: int, project_id: int) -> tuple[Partner, Project | None]:
    """The partner, locked, and that project of it, None when it has no such project. Raises
    `Partner.DoesNotExist`."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_PARTNER, [project_id, partner_id])
        found = cursor.fetchone()
    if found is None:
        raise Partner.DoesNotExist
    values = iter(found)
    partner, project = joined.row(Partner, values), joined.maybe_row(Project, values)
    if project is not None:
        project.partner = partner
    return partner, project


def count_ticket(partner: Partner) -> int:
    """The number of the locked partner's next ticket, which is then taken."""
    partner.tickets_count += 1
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [partner.tickets_count, partner.pk])
    return partner.tickets_count


def running_clocks(ticket: Ticket) -> list[Clock]:
    """The clocks that have not stopped."""
    return list(Clock.objects.raw(_RUNNING, [ticket.pk]))


def pauses(clocks: Sequence[Clock]) -> list[Pause]:
    """The pauses of all of them, the oldest first."""
    return list(Pause.objects.raw(_PAUSES, [[clock.pk for clock in clocks]])) if clocks else []


def parts(ticket: Ticket) -> list[Part]:
    """All parts by number, as the database has them now."""
    return list(Part.objects.raw(_PARTS, [ticket.pk]))


def delete_alarms(ticket: Ticket, kinds: Sequence[str], *, others: bool = False) -> None:
    """Delete the ticket's alarms of these kinds, or of all `others`."""
    with connection.cursor() as cursor:
        cursor.execute(_NO_ALARMS, [ticket.pk, list(kinds), not others])


def columns(row: Model) -> Columns:
    """What the row holds now, to compare with later."""
    return {field.attname: row.__dict__[field.attname] for field in row._meta.concrete_fields}


def save_changed(row: Model, stored: Columns) -> None:
    """Write the columns that differ from `stored`, which is then what the row holds."""
    changed = [name for name, value in columns(row).items() if value != stored[name]]
    if changed:
        row._meta.base_manager.filter(pk=row.pk).update(
            **{name: row.__dict__[name] for name in changed}
        )
        stored.update(columns(row))
