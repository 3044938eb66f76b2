"""The same rows without the desk: by bare psycopg, and by a bare ORM.

A floor knows beforehand what it will write. It locks the ticket (a submission: the partner), looks
for the key of the move, locks the deposit where the move touches it, writes each row once, and
commits. It decides and checks nothing.
"""

from __future__ import annotations

import itertools
import json
import re
from abc import ABC, abstractmethod
from typing import Any

import psycopg
from django.db import transaction
from django.db.models import F, JSONField, Model
from psycopg import sql

from desk.deposits.models import Deposit, Line, Lot
from desk.journal.models import Entry
from desk.partners.models import Partner
from desk.rules.ledger import Commodity
from desk.tickets.models import Ticket
from simulation.bench.recording import Row, Written, references

NAMED = re.compile(r"(ticket|entry):(\d+)")
TABLES = {"ticket": "tickets_ticket", "entry": "journal_entry"}
_runs = itertools.count()


class Floor(ABC):
    """Repeats a recorded life of a ticket, with rows of its own, move by move."""

    def __init__(self, life: list[Written]) -> None:
        self.life = {written.verb: written for written in life}
        self.born = next(pk for model, pk, _ in life[0].inserted if model is Ticket)
        self.partner_id = next(r["partner_id"] for m, _, r in life[0].inserted if m is Ticket)
        # The recorded lot may be nearly used up; the floor draws from the fullest one instead.
        lots = Lot.objects.filter(partner_id=self.partner_id, commodity=Commodity.CONSULTATIONS)
        self.fullest = lots.latest("available").pk
        self.drawn_from = {r["lot_id"] for w in life for m, _, r in w.inserted if m is Line}
        self.begin()

    def begin(self) -> None:
        """Another ticket."""
        self.run = f"floor-{next(_runs)}"
        self.ids: dict[tuple[str, Any], Any] = {
            ("deposits_lot", lot): self.fullest for lot in self.drawn_from
        }

    @abstractmethod
    def move(self, verb: str) -> None:
        """Write what the move wrote, for the present ticket, in one transaction."""

    def new(self, table: str, pk: Any) -> Any:
        """The present ticket's row in the place of a recorded one."""
        return self.ids.get((table, pk), pk)

    def values(self, model: type[Model], row: Row) -> Row:
        """A recorded row with the references, names and keys of the present ticket."""
        refers = references(model)
        made = {}
        for name, value in row.items():
            if name in refers:
                made[name] = self.new(refers[name], value)
            elif isinstance(value, str):
                made[name] = NAMED.sub(self._renamed, value)
            else:
                made[name] = value
        if made.get("key"):
            made["key"] = f"{made['key']}:{self.run}"
        return made

    def _renamed(self, found: re.Match[str]) -> str:
        return f"{found[1]}:{self.new(TABLES[found[1]], int(found[2]))}"

    def touches_deposit(self, written: Written) -> bool:
        return any(m._meta.app_label == "deposits" for m, _, _ in written.inserted)


class BarePsycopg(Floor):
    """Hand-written statements over one connection."""

    def __init__(self, life: list[Written], url: str) -> None:
        self.connection = psycopg.connect(url)
        super().__init__(life)

    def move(self, verb: str) -> None:
        written = self.life[verb]
        with self.connection.transaction(), self.connection.cursor() as cursor:
            number = self._lock(cursor, verb)
            key = f"{verb}:{self.run}"
            cursor.execute("SELECT id, digest FROM journal_entry WHERE key = %s", [key]).fetchone()
            if self.touches_deposit(written):
                query = "SELECT * FROM deposits_deposit WHERE partner_id = %s FOR UPDATE"
                cursor.execute(query, [self.partner_id]).fetchone()
            for model, rows in itertools.groupby(written.inserted, key=lambda one: one[0]):
                self._insert(cursor, model, list(rows), number)
            for model, pk, changed in written.updated:
                if model is not Partner:
                    self._update(cursor, model, pk, changed)
            for model, pk in written.deleted:
                delete = sql.SQL("DELETE FROM {} WHERE id = %s").format(_name(model))
                cursor.execute(delete, [self.new(model._meta.db_table, pk)])

    def _lock(self, cursor: psycopg.Cursor, verb: str) -> int | None:
        if verb != "submit":
            query = "SELECT * FROM tickets_ticket WHERE id = %s FOR UPDATE"
            cursor.execute(query, [self.new("tickets_ticket", self.born)]).fetchone()
            return None
        query = (
            "UPDATE partners_partner SET tickets_count = tickets_count + 1 WHERE id = %s "
            "RETURNING tickets_count"
        )
        row = cursor.execute(query, [self.partner_id]).fetchone()
        assert row is not None
        return int(row[0])

    def _insert(
        self,
        cursor: psycopg.Cursor,
        model: type[Model],
        rows: list[tuple[type[Model], Any, Row]],
        number: int | None,
    ) -> None:
        made = [self._prepared(model, row, number) for _, _, row in rows]
        key = _key(model)
        names = [name for name in made[0] if name != key or model._meta.pk.remote_field]
        line = sql.SQL("({})").format(sql.SQL(", ").join(sql.Placeholder() * len(names)))
        query = sql.SQL("INSERT INTO {} ({}) VALUES {} RETURNING {}").format(
            _name(model),
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.SQL(", ").join([line] * len(made)),
            sql.Identifier(key),
        )
        cursor.execute(query, [row[name] for row in made for name in names])
        for (_, pk, _), (new,) in zip(rows, cursor.fetchall(), strict=True):
            self.ids[model._meta.db_table, pk] = new

    def _prepared(self, model: type[Model], row: Row, number: int | None) -> Row:
        made = self.values(model, row)
        if model is Ticket and number is not None:
            made["number"] = made["queue_rank"] = number
        return {name: _plain(model, name, value) for name, value in made.items()}

    def _update(self, cursor: psycopg.Cursor, model: type[Model], pk: Any, changed: Row) -> None:
        made = self.values(model, changed)
        names = list(made)
        query = sql.SQL("UPDATE {} SET {} WHERE {} = %s").format(
            _name(model),
            sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in names),
            sql.Identifier(_key(model)),
        )
        values = [_plain(model, name, made[name]) for name in names]
        cursor.execute(query, [*values, self.new(model._meta.db_table, pk)])


class BareOrm(Floor):
    """Models and query sets as a tutorial would use them, each row written once."""

    def move(self, verb: str) -> None:
        written = self.life[verb]
        with transaction.atomic():
            number = self._lock(verb)
            Entry.objects.filter(key=f"{verb}:{self.run}").first()
            if self.touches_deposit(written):
                Deposit.objects.select_for_update().get(pk=self.partner_id)
            for model, rows in itertools.groupby(written.inserted, key=lambda one: one[0]):
                self._insert(model, list(rows), number)
            for model, pk, changed in written.updated:
                if model is not Partner:
                    rows_ = model._meta.base_manager.filter(pk=self.new(model._meta.db_table, pk))
                    rows_.update(**self.values(model, changed))
            for model, pk in written.deleted:
                model._meta.base_manager.filter(pk=self.new(model._meta.db_table, pk)).delete()

    def _lock(self, verb: str) -> int | None:
        if verb != "submit":
            Ticket.objects.select_for_update().get(pk=self.new("tickets_ticket", self.born))
            return None
        partner = Partner.objects.select_for_update().get(pk=self.partner_id)
        Partner.objects.filter(pk=partner.pk).update(tickets_count=F("tickets_count") + 1)
        return partner.tickets_count + 1

    def _insert(
        self, model: type[Model], rows: list[tuple[type[Model], Any, Row]], number: int | None
    ) -> None:
        made = [self._prepared(model, row, number) for _, _, row in rows]
        if len(made) == 1:
            made[0].save(force_insert=True)
        else:
            model._meta.base_manager.bulk_create(made)
        for (_, pk, _), new in zip(rows, made, strict=True):
            self.ids[model._meta.db_table, pk] = new.pk

    def _prepared(self, model: type[Model], row: Row, number: int | None) -> Model:
        made = self.values(model, row)
        if model._meta.pk.remote_field is None:
            del made[model._meta.pk.attname]
        if model is Ticket and number is not None:
            made["number"] = made["queue_rank"] = number
        return model(**made)


def _key(model: type[Model]) -> str:
    assert model._meta.pk.column is not None
    return model._meta.pk.column


def _name(model: type[Model]) -> sql.Identifier:
    return sql.Identifier(model._meta.db_table)


def _plain(model: type[Model], name: str, value: Any) -> Any:
    column = next(c for c in model._meta.local_concrete_fields if c.attname == name)
    return json.dumps(value, ensure_ascii=False) if isinstance(column, JSONField) else value
