"""Reading and writing rows of an action without asking or telling the database what is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model

from desk.partners.models import CalendarVersion, Partner, PlanVersion
from desk.tickets.models import Clock, Part, Pause, Ticket

# Raw, because every action asks: building these queries costs more than running them.
_RUNNING = "SELECT * FROM tickets_clock WHERE ticket_id = %s AND stopped_at IS NULL ORDER BY id"
_PAUSES = "SELECT * FROM tickets_pause WHERE clock_id = ANY(%s) ORDER BY id"
_PARTS = "SELECT * FROM tickets_part WHERE ticket_id = %s ORDER BY number"
_NO_ALARMS = "DELETE FROM tickets_alarm WHERE ticket_id = %s AND (kind = ANY(%s)) = %s"
# What every action needs of a ticket, in the order of _LOCKED.
_TOGETHER: tuple[type[Model], ...] = (Ticket, Partner, PlanVersion, CalendarVersion)
_COLUMNS = ", ".join(
    f'{model._meta.db_table}."{field.column}"'
    for model in _TOGETHER
    for field in model._meta.concrete_fields
)
_LOCKED = f"""
    SELECT {_COLUMNS} FROM tickets_ticket
    JOIN partners_partner ON partners_partner.id = tickets_ticket.partner_id
    JOIN partners_planversion ON partners_planversion.id = tickets_ticket.plan_version_id
    JOIN partners_calendarversion
        ON partners_calendarversion.id = tickets_ticket.calendar_version_id
    WHERE tickets_ticket.id = %s FOR UPDATE OF tickets_ticket
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
    ticket: Ticket
    ticket, partner, plan, calendar = (_made(model, values) for model in _TOGETHER)
    ticket.partner, ticket.plan_version, ticket.calendar_version = partner, plan, calendar
    return ticket


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


def _made(model: type[Model], values: Iterator[Any]) -> Any:
    """A row of `model` from the next values of a joined row."""
    fields = model._meta.concrete_fields
    read = [_converted(field, next(values)) for field in fields]
    return model.from_db(connection.alias, [field.attname for field in fields], read)


def _converted(field: Any, value: Any) -> Any:
    convert = getattr(field, "from_db_value", None)
    return convert(value, None, connection) if convert else value


def save_changed(row: Model, stored: Columns) -> None:
    """Write the columns that differ from `stored`, which is then what the row holds."""
    changed = [name for name, value in columns(row).items() if value != stored[name]]
    if changed:
        row._meta.base_manager.filter(pk=row.pk).update(
            **{name: row.__dict__[name] for name in changed}
        )
        stored.update(columns(row))
