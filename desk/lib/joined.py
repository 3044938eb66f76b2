"""Rows of several tables from one joined statement, and rows written as they are.

For what every action does: building such a query anew costs more than running it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

Row = TypeVar("Row", bound=Model)


def columns(*models: type[Model]) -> str:
    """All columns of the tables, in the order in which `row` takes them."""
    return ", ".join(
        f'{model._meta.db_table}."{field.column}"'
        for model in models
        for field in model._meta.concrete_fields
    )


def row(model: type[Row], values: Iterator[Any]) -> Row:
    """A row of `model` from the next values of a joined row."""
    names, converters = _reading(model)
    read = [
        convert(value, None, connection) if convert and value is not None else value
        for convert, value in zip(converters, values, strict=False)
    ]
    return model.from_db(connection.alias, names, read)


def maybe_row(model: type[Row], values: Iterator[Any]) -> Row | None:
    """The same of an outer join, which may have found nothing."""
    found = row(model, values)
    return None if found.pk is None else found


def insert(rows: Sequence[Model]) -> None:
    """Write new rows of one table in one statement; each then has its number."""
    model = type(rows[0])
    statement, placeholders = _insertion(model)
    values = [
        field.get_db_prep_save(row.__dict__[field.attname], connection)
        for row in rows
        for field in _written(model)
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement.format(", ".join([placeholders] * len(rows))), values)
        for each, (number,) in zip(rows, cursor.fetchall(), strict=True):
            each.pk = number
            each._state.adding, each._state.db = False, connection.alias


@cache
def _reading(model: type[Model]) -> tuple[list[str], list[Any]]:
    fields = model._meta.concrete_fields
    converters = [getattr(field, "from_db_value", None) for field in fields]
    return [field.attname for field in fields], converters


@cache
def _insertion(model: type[Model]) -> tuple[str, str]:
    """The statement with a place for rows, and the placeholders of one row."""
    assert model._meta.pk is not None
    names = ", ".join(f'"{field.column}"' for field in _written(model))
    table, number = model._meta.db_table, model._meta.pk.column
    statement = f'INSERT INTO {table} ({names}) VALUES {{}} RETURNING "{number}"'  # noqa: S608  # made of the model alone
    return statement, f"({', '.join(['%s'] * len(_written(model)))})"


@cache
def _written(model: type[Model]) -> tuple[Any, ...]:
    return tuple(field for field in model._meta.concrete_fields if not field.primary_key)
