"""Growing a base world: its companies again and again with all they have, and more history.

Rows are copied inside the database with shifted ids, so that every copy has its clocks, pauses,
messages, parts, entries and ledger. Three quarters are other companies with people of their own;
a quarter is more ended tickets of the base companies. What the readers of the base world see on
a page therefore stays the same while the tables grow.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import psycopg
from django.apps import apps
from django.db.models import BigIntegerField, Field, ForeignKey, Model

AnyField: TypeAlias = "Field[Any, Any]"
STEP = 10_000_000
SHARED = frozenset({"Organisation", "Calendar", "CalendarVersion", "Plan", "PlanVersion"})
AREAS = ("journal", "partners", "workdays", "deposits", "tickets", "notices")
OF_TICKETS = ("tickets", "journal")
MOVED = """
CREATE OR REPLACE FUNCTION pg_temp.moved(name text, shift bigint) RETURNS text LANGUAGE sql
IMMUTABLE AS $$ SELECT CASE WHEN name ~ '^[a-z]+:[0-9]+'
    THEN substring(name FROM '^[a-z]+:') || (substring(name FROM '^[a-z]+:([0-9]+)')::bigint
        + shift) || substring(name FROM '^[a-z]+:[0-9]+(.*)$')
    ELSE name END $$
"""
# Columns that are unique, and how a copy gets its own value.
OWN_VALUES = {
    ("partners_person", "email"): "email || '.' || k",
    ("partners_partner", "code"): "code || k",
    ("journal_entry", "key"): "NULL",
    ("deposits_transaction", "key"): "key || ':' || k",
    ("tickets_attachment", "token"): "substr(md5(token || k), 1, length(token))",
}
NAMES = frozenset({"subject", "by"})


def grow(url: str, tickets: int) -> int:
    """Copy until there are about so many tickets; `url` is a superuser's. The number there is."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        connection.execute(MOVED)
        base = _count(connection, f"id < {STEP}")
        ended = _count(connection, f"id < {STEP} AND clock = 'ended'")
        present = _count(connection, "TRUE")
        first = _copies(connection) + 1
        copies = max(0, (tickets - present) * 3 // 4 // base)
        _copy(connection, _models(AREAS), range(first, first + copies), history=False)
        missing = tickets - present - copies * base
        more = range(first + copies, first + copies + max(0, round(missing / max(1, ended))))
        _copy(connection, _models(OF_TICKETS), more, history=True)
        connection.execute("VACUUM ANALYZE")
        return _count(connection, "TRUE")


def copies(connection: psycopg.Connection, times: int) -> None:
    """Add as many copies of the whole base world, with all of its people."""
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET synchronous_commit = off")
    connection.execute(MOVED)
    first = _copies(connection) + 1
    _copy(connection, _models(AREAS), range(first, first + times), history=False)


def _models(areas: Iterable[str]) -> list[type[Model]]:
    every = [model for area in areas for model in apps.get_app_config(area).get_models()]
    return [model for model in every if model.__name__ not in SHARED]


def _copies(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT max(id) FROM tickets_ticket").fetchone()
    assert row is not None
    return int(row[0]) // STEP


def _count(connection: psycopg.Connection, where: str) -> int:
    query = f"SELECT count(*) FROM tickets_ticket WHERE {where}"  # noqa: S608  # our own words
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def _copy(
    connection: psycopg.Connection, models: list[type[Model]], copies: range, *, history: bool
) -> None:
    """Insert copies number `copies.start` up to `copies.stop` of the base rows of each table."""
    if not copies:
        return
    for model in models:
        if history and _ticket_of(model) is None:
            continue
        table = model._meta.db_table
        stored = [field for field in model._meta.local_concrete_fields if not field.generated]
        columns = [f'"{field.column}"' for field in stored]
        values = [_value(field, set(models), history) for field in stored]
        key = _key(model)
        query = (
            f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608
            f"SELECT {', '.join(values)} FROM {table} base, "
            f"generate_series({copies.start}, {copies.stop - 1}) k "
            f"WHERE {key} < {STEP}{_ended_only(model) if history else ''}"
        )
        connection.execute(query)


def _key(model: type[Model]) -> str:
    return f'base."{model._meta.pk.column}"'


def _value(field: AnyField, copied: set[type[Model]], history: bool) -> str:
    """What a copy has in a column, in SQL."""
    table, column = field.model._meta.db_table, _column(field)
    own = OWN_VALUES.get((table, column))
    if own is not None:
        return own
    quoted = f'base."{column}"'
    if (table, column) == ("tickets_ticket", "number") and history:
        return f"{quoted} + k * 10000"
    if _shifts(field, copied, history):
        return f"{quoted} + k * {STEP}::bigint"
    if column in NAMES and not (history and column == "by"):
        return f"pg_temp.moved({quoted}, k * {STEP}::bigint)" if _is_name(field) else quoted
    return quoted


def _column(field: AnyField) -> str:
    assert field.column is not None, "a stored field has a column"
    return field.column


def _is_name(field: AnyField) -> bool:
    return not (field.model.__name__ == "Ticket" and field.column == "subject")


def _shifts(field: AnyField, copied: set[type[Model]], history: bool) -> bool:
    if isinstance(field, ForeignKey):
        return field.related_model in copied
    if field.primary_key:
        return True
    if isinstance(field, BigIntegerField) and _column(field).endswith("_id"):
        return not (history and field.column == "partner_id")
    return False


def _ticket_of(model: type[Model]) -> str | None:
    """SQL for the ticket that a row belongs to; None where it belongs to none."""
    columns = {field.column for field in model._meta.local_concrete_fields}
    if model.__name__ == "Ticket":
        return "base.id"
    if "ticket_id" in columns:
        return "base.ticket_id"
    if "clock_id" in columns:
        return "(SELECT c.ticket_id FROM tickets_clock c WHERE c.id = base.clock_id)"
    if model.__name__ == "Entry":
        return "substring(base.subject FROM '^ticket:([0-9]+)')::bigint"
    return None


def _ended_only(model: type[Model]) -> str:
    return (
        f" AND {_ticket_of(model)} IN "  # noqa: S608  # made of the models alone
        f"(SELECT id FROM tickets_ticket WHERE clock = 'ended' AND id < {STEP})"
    )
