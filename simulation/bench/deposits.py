"""Deposits that grow to a million entries: balance, a page of the statement, hold and capture.

Two partners: one with a thousand entries, one with a million, loaded in the shape that holds and
captures leave, with the guards down. Then the same is asked of both, interleaved; and holds and
captures are made beside a floor that writes the same rows by hand-written statements alone.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from django.db import connection

from desk.deposits import actions, queries
from desk.deposits.checks import check
from desk.deposits.models import Lot
from desk.deposits.queries import statements
from desk.journal.cause import Cause
from desk.rules.ledger import Commodity
from simulation.bench import figures
from simulation.bench.figures import Cost
from tests.scenarios.deposits import a_partner

SMALL, LARGE, LARGE_QUICK = 1_000, 1_000_000, 50_000
# A hold leaves two lines, its capture two more.
LINES_EACH = 4
DAYS = 365
LOT_UNITS = 1_000_000
PRICE = 18_000
PAGE = 50

_LOAD = """
    WITH lot AS (
        SELECT id FROM deposits_lot WHERE partner_id = %(partner)s ORDER BY id LIMIT 1),
    pair AS (
        SELECT n, %(from)s + %(step)s * n AS at, %(first)s + 2 * n AS held,
            %(first)s + 2 * n + 1 AS charged, 'ticket:' || %(partner)s || '-' || n AS subject
        FROM generate_series(1, %(pairs)s) n),
    entered AS (
        INSERT INTO journal_entry (id, at, by, verb, subject, partner_id, channel, facts, digest)
        SELECT unnest(ARRAY[held, charged]), at, 'person:1', unnest(ARRAY['hold', 'capture']),
            'deposit:' || %(partner)s, %(partner)s, 'load', '{}', '' FROM pair),
    posted AS (
        INSERT INTO deposits_transaction (id, partner_id, verb, key, digest, at, by, channel,
            subject, memo, facts, entry_id)
        SELECT id, %(partner)s, verb, 'load:' || id, '', at, 'person:1', 'load', subject,
            'OLV-' || n || ' Prices', jsonb_build_object('kopecks', 18000), id
        FROM (SELECT n, at, subject, unnest(ARRAY[held, charged]) AS id,
                  unnest(ARRAY['hold', 'capture']) AS verb FROM pair) two),
    set_aside AS (
        INSERT INTO deposits_hold (id, partner_id, transaction_id, subject, commodity, quantity,
            at, is_open)
        SELECT held, %(partner)s, held, subject, 'consultations', 1, at, FALSE FROM pair),
    ended AS (
        INSERT INTO deposits_holdend (hold_id, transaction_id, outcome)
        SELECT held, charged, 'captured' FROM pair),
    moved AS (
        INSERT INTO deposits_line (partner_id, transaction_id, lot_id, hold_id, account, amount)
        SELECT %(partner)s, line.transaction_id, lot.id, pair.held, line.account, line.amount
        FROM pair, lot, LATERAL (VALUES
            (held, 'available', -1), (held, 'held', 1), (charged, 'held', -1),
            (charged, 'earned', 1)) line (transaction_id, account, amount))
    INSERT INTO deposits_balanceafter (transaction_id, partner_id, at, consultations_available,
        consultations_held, money_available_kopecks, money_held_kopecks)
    SELECT row.id, %(partner)s, at, %(units)s - n, row.held, 0, 0
    FROM pair, LATERAL (VALUES (held, 1), (charged, 0)) row (id, held)
"""
_SETTLE = (
    "UPDATE deposits_lot SET available = available - %(pairs)s WHERE partner_id = %(partner)s",
    (
        "UPDATE deposits_deposit SET consultations_available = consultations_available"
        " - %(pairs)s, last_at = %(from)s + %(step)s * %(pairs)s WHERE partner_id = %(partner)s"
    ),
)
_GO_ON = "SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
NUMBERED = ("journal_entry", "deposits_transaction", "deposits_hold")
FIRST_ID = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Grown:
    """One question: what it costs of the small deposit and of the large one."""

    name: str
    small: Cost
    large: Cost

    @property
    def growth(self) -> float:
        """The large one's cost by the small one's, of processor time here and there."""
        return self.large.cpu / self.small.cpu


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that was measured. `entries` of the large deposit; seconds of its proof."""

    entries: int
    grown: tuple[Grown, ...]
    action: Cost
    floor: Cost
    check_seconds: float
    faults: int


def measure(url: str, *, quick: bool) -> Found:
    """Load, ask, book; `url` is a superuser's."""
    now = datetime.now(UTC)
    small, large = _loaded(url, now, SMALL), _loaded(url, now, LARGE_QUICK if quick else LARGE)
    with psycopg.connect(url, autocommit=True) as owner:
        for table in NUMBERED:
            # What is booked from now on comes after what was loaded, by its number too.
            owner.execute(_GO_ON.format(table=table))
        owner.execute("VACUUM ANALYZE")
    backend, times = figures.backend_of_django(), 40 if quick else 100
    grown = []
    for name, ask in questions(now).items():
        works = {"small": _bind(ask, small), "large": _bind(ask, large)}
        cost = figures.side_by_side(works, times, backend)
        grown.append(Grown(name, cost["small"], cost["large"]))
    grown.append(_booked(small, large, now, times, backend))
    action, floor = _beside_the_floor(large, now, times)
    began = datetime.now(UTC)
    faults = len(check())
    seconds = (datetime.now(UTC) - began).total_seconds()
    return Found(LARGE_QUICK if quick else LARGE, tuple(grown), action, floor, seconds, faults)


def questions(now: datetime) -> dict[str, Callable[[int], object]]:
    """What is asked of a deposit of either size; answers of equal length."""
    # Long enough for a full page of the small one.
    months, half = timedelta(days=60), timedelta(days=DAYS // 2)

    def old_page(partner_id: int) -> object:
        return statements.page(partner_id, now - half - months, now - half, most=PAGE)

    return {
        "balance": queries.balance,
        "movements, latest": lambda partner_id: queries.movements(partner_id, most=PAGE),
        "movements, half a year ago": lambda partner_id: queries.movements(
            partner_id, (now - half, 0), PAGE
        ),
        "statement page, of now": lambda partner_id: statements.page(
            partner_id, now - months, now + months, most=PAGE
        ),
        "statement page, half a year ago": old_page,
        "lots": queries.lots,
    }


def _bind(ask: Callable[[int], object], partner_id: int) -> Callable[[], object]:
    return lambda: ask(partner_id)


def _loaded(url: str, now: datetime, entries: int) -> int:
    """A partner whose ledger has about so many lines, over the last year."""
    partner_id = a_partner("SMALL" if entries == SMALL else "LARGE")
    began = now - timedelta(days=DAYS)
    cause = Cause("person:1", began, "load", f"load:{partner_id}")
    actions.buy(cause, partner_id, LOT_UNITS, PRICE, LOT_UNITS * PRICE)
    connection.close()
    pairs = entries // LINES_EACH
    asked = {
        "partner": partner_id,
        "pairs": pairs,
        "units": LOT_UNITS,
        "from": began,
        "step": timedelta(days=DAYS) / (pairs + 1),
        "first": FIRST_ID * partner_id,
    }
    with psycopg.connect(url) as owner:
        owner.execute("SET session_replication_role = replica")
        for query in (_LOAD, *_SETTLE):
            owner.execute(query, asked)
    return partner_id


def _booked(small: int, large: int, now: datetime, times: int, backend: int) -> Grown:
    numbers = itertools.count()
    works = {
        name: _bind(lambda partner_id: _hold_and_capture(partner_id, now, next(numbers)), of)
        for name, of in (("small", small), ("large", large))
    }
    cost = figures.side_by_side(works, times, backend)
    return Grown("hold and capture", cost["small"], cost["large"])


def _hold_and_capture(partner_id: int, at: datetime, number: int) -> None:
    subject = f"ticket:{partner_id}{number:09}"
    cause = Cause("system", at, "load", parent=None, key=f"hold:{subject}")
    actions.hold(
        cause,
        partner_id,
        [subject],
        commodity=Commodity.CONSULTATIONS,
        quantity_each=1,
        memo="OLV-1 Prices",
    )
    actions.capture(Cause("system", at, "load", key=f"capture:{subject}"), [subject])


def _beside_the_floor(partner_id: int, now: datetime, times: int) -> tuple[Cost, Cost]:
    """Holds and captures by the actions, and the same rows by hand; both durable."""
    numbers = itertools.count(10**6)
    floor = Floor(os.environ["DATABASE_URL"], partner_id, now)
    seen: list[tuple[Cost, Cost]] = []
    for _ in range(figures.ROUNDS):
        action = figures.spend(
            times,
            lambda: _hold_and_capture(partner_id, now, next(numbers)),
            figures.backend_of_django(),
        )
        seen.append((action, figures.spend(times, floor.hold_and_capture, floor.backend)))
    floor.connection.close()
    return figures.median([a for a, _ in seen]), figures.median([f for _, f in seen])


class Floor:
    """Knows what it will write: locks, looks for the key, writes each row once, and commits."""

    def __init__(self, url: str, partner_id: int, at: datetime) -> None:
        self.connection = psycopg.connect(url)
        self.partner_id, self.at = partner_id, at
        self.backend = self.connection.info.backend_pid
        self.numbers = itertools.count()
        self.lot = Lot.objects.filter(partner_id=partner_id).latest("id").pk

    def hold_and_capture(self) -> None:
        """Two transactions of the rows that a hold and its capture leave."""
        subject = f"ticket:{self.partner_id}-floor{next(self.numbers)}"
        with self.connection.transaction(), self.connection.cursor() as cursor:
            posted = self._begin(cursor, "hold", subject)
            hold = _one(
                cursor,
                "INSERT INTO deposits_hold (partner_id, transaction_id, subject, commodity,"
                " quantity, at, is_open) VALUES (%s, %s, %s, 'consultations', 1, %s, TRUE)"
                " RETURNING id",
                [self.partner_id, posted, subject, self.at],
            )
            self._move(cursor, (posted, hold), "available", "held")
        with self.connection.transaction(), self.connection.cursor() as cursor:
            posted = self._begin(cursor, "capture", subject)
            cursor.execute(
                "INSERT INTO deposits_holdend (hold_id, transaction_id, outcome)"
                " VALUES (%s, %s, 'captured')",
                [hold, posted],
            )
            self._move(cursor, (posted, hold), "held", "earned")

    def _begin(self, cursor: psycopg.Cursor, verb: str, subject: str) -> int:
        key = f"{verb}:{subject}"
        lock = "SELECT * FROM deposits_deposit WHERE partner_id = %s FOR UPDATE"
        cursor.execute(lock, [self.partner_id]).fetchone()
        cursor.execute("SELECT id FROM deposits_transaction WHERE key = %s", [key]).fetchone()
        entry = _one(
            cursor,
            "WITH written AS (INSERT INTO journal_entry (at, by, verb, subject, partner_id,"
            " channel, facts, key, digest) VALUES (%s, 'system', %s, %s, %s, 'load', '{}', %s, '')"
            " RETURNING id), waiting AS (INSERT INTO journal_pending (entry_id)"
            " SELECT id FROM written) SELECT id FROM written",
            [self.at, verb, f"deposit:{self.partner_id}", self.partner_id, key],
        )
        return _one(
            cursor,
            "INSERT INTO deposits_transaction (partner_id, verb, key, digest, at, by, channel,"
            " subject, memo, facts, entry_id) VALUES (%s, %s, %s, '', %s, 'system', 'load', %s,"
            " 'OLV-1 Prices', '{}', %s) RETURNING id",
            [self.partner_id, verb, key, self.at, subject, entry],
        )

    def _move(self, cursor: psycopg.Cursor, of: tuple[int, int], *accounts: str) -> None:
        origin, target = accounts
        row = (self.partner_id, of[0], self.lot, of[1])
        cursor.execute(
            "INSERT INTO deposits_line (partner_id, transaction_id, lot_id, hold_id, account,"
            " amount) VALUES (%s, %s, %s, %s, %s, -1), (%s, %s, %s, %s, %s, 1)",
            [*row, origin, *row, target],
        )


def _one(cursor: psycopg.Cursor, query: str, asked: list[object]) -> int:
    row = cursor.execute(query, asked).fetchone()
    assert row is not None, "what is written is returned"
    return int(row[0])
