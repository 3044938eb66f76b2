"""Which rows a move writes: found by comparing the tables before and after, not by trust."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey, Model

AREAS = ("journal", "partners", "workdays", "deposits", "tickets", "api")
WRITING = re.compile(r'\b(INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?')
Key = tuple[type[Model], Any]
Row = dict[str, Any]


@dataclass(slots=True)
class Written:
    """The rows of one move, in the order in which its tables were first written. Only changed
    columns are kept of a changed row; what triggers write by themselves is left to them."""

    verb: str
    statements: int = 0
    inserted: list[tuple[type[Model], Any, Row]] = field(default_factory=list)
    updated: list[tuple[type[Model], Any, Row]] = field(default_factory=list)
    deleted: list[Key] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return len(self.inserted) + len(self.updated) + len(self.deleted)


def record(verb: str, move: Callable[[], object]) -> Written:
    """Make the move and tell what it wrote."""
    before = _tables()
    with _statements() as sent:
        move()
    after = _tables()
    written = Written(verb, len(sent))
    named = [(match[1], match[2]) for sql in sent for match in WRITING.finditer(sql)]
    order = {table: place for place, (_, table) in reversed(list(enumerate(named)))}
    for model, pk in sorted(after, key=lambda key: (order.get(_table(key[0]), 999), key[1])):
        new, old = after[model, pk], before.get((model, pk))
        if old is None and ("INSERT INTO", _table(model)) in named:
            written.inserted.append((model, pk, new))
        elif old is not None and new != old and ("UPDATE", _table(model)) in named:
            changed = {name: value for name, value in new.items() if value != old[name]}
            written.updated.append((model, pk, changed))
    written.deleted = [key for key in before if key not in after]
    return written


def references(model: type[Model]) -> dict[str, str]:
    """Columns that name rows of other tables: attribute -> table."""
    found = {"entry_id": "journal_entry", "parent_id": "journal_entry"}
    found |= {"opened_entry_id": "journal_entry", "closed_entry_id": "journal_entry"}
    for column in model._meta.local_concrete_fields:
        if isinstance(column, ForeignKey):
            found[column.attname] = _table(column.remote_field.model)
    return found


def _tables() -> dict[Key, Row]:
    models = [model for area in AREAS for model in apps.get_app_config(area).get_models()]
    return {
        (model, row[model._meta.pk.attname]): row
        for model in models
        for row in model._meta.base_manager.values(*_stored(model))
    }


def _stored(model: type[Model]) -> list[str]:
    return [c.attname for c in model._meta.local_concrete_fields if not c.generated]


def _table(model: type[Model]) -> str:
    return model._meta.db_table


@contextmanager
def _statements() -> Iterator[list[str]]:
    sent: list[str] = []

    def hear(execute: Any, sql: Any, values: Any, many: bool, context: Any) -> Any:
        sent.append(str(sql))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(hear):
        yield sent
