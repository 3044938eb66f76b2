"""Reading and writing rows of an action without asking or telling the database what is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Model

from desk.tickets.models import Clock, Part, Pause, Ticket

# Raw, because every action asks: building these queries costs more than running them.
_RUNNING = "SELECT * FROM tickets_clock WHERE ticket_id = %s AND stopped_at IS NULL ORDER BY id"
_PAUSES = "SELECT * FROM tickets_pause WHERE clock_id = ANY(%s) ORDER BY id"
_PARTS = "SELECT * FROM tickets_part WHERE ticket_id = %s ORDER BY number"
_NO_ALARMS = "DELETE FROM tickets_alarm WHERE ticket_id = %s AND (kind = ANY(%s)) = %s"

Columns = dict[str, Any]


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
