"""How tickets stand with the ledger: what they cost, and which of their subjects hold what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from desk.deposits.values import Cost

# Raw, because they run in every move that concerns money and on every page of a ticket: building
# them anew costs more than running them. The columns are the fields of Cost.
_COSTS = """
    SELECT root, SUM(units_held), SUM(units_captured), SUM(units_reversed), SUM(kopecks_held),
        SUM(kopecks_charged), SUM(uncovered_units), SUM(uncovered_kopecks)
    FROM (
        SELECT hold.root,
            CASE WHEN unit AND account = 'held' THEN amount ELSE 0 END AS units_held,
            CASE WHEN unit AND account = 'earned' AND amount > 0 THEN amount ELSE 0 END
                AS units_captured,
            CASE WHEN unit AND account = 'earned' AND amount < 0 THEN -amount ELSE 0 END
                AS units_reversed,
            CASE WHEN account = 'held' THEN amount * price ELSE 0 END AS kopecks_held,
            CASE WHEN account = 'earned' THEN amount * price ELSE 0 END AS kopecks_charged,
            0 AS uncovered_units, 0 AS uncovered_kopecks
        FROM deposits_hold hold
        JOIN deposits_line line ON line.hold_id = hold.id
        JOIN (SELECT id, commodity = 'consultations' AS unit, unit_price_kopecks AS price
              FROM deposits_lot) lot ON lot.id = line.lot_id
        WHERE hold.root = ANY(%(tickets)s)
        UNION ALL
        SELECT root, 0, 0, 0, 0, 0, quantity, quantity * unit_price_kopecks
        FROM deposits_uncovered WHERE root = ANY(%(tickets)s) AND outcome IS NULL
    ) every GROUP BY root
"""
_STANDING = """
    SELECT 'held', id, subject FROM deposits_hold WHERE root = %(ticket)s AND is_open
    UNION ALL
    SELECT 'uncovered', id, subject FROM deposits_uncovered
    WHERE root = %(ticket)s AND outcome IS NULL
    UNION ALL
    SELECT 'charged', MIN(hold.id), hold.subject FROM deposits_hold hold
    JOIN deposits_line line ON line.hold_id = hold.id AND line.account = 'earned'
    WHERE hold.root = %(ticket)s GROUP BY hold.subject HAVING SUM(line.amount) <> 0
    ORDER BY 2
"""


def cost(ticket: str) -> Cost:
    """What "ticket:42" costs, over all its parts and hours (L5, L6)."""
    return costs([ticket])[ticket]


def costs(tickets: Sequence[str]) -> dict[str, Cost]:
    """What each of the tickets costs, in one query however many they are."""
    found = dict.fromkeys(tickets, Cost())
    with connection.cursor() as cursor:
        cursor.execute(_COSTS, {"tickets": list(tickets)})
        for ticket, *figures in cursor.fetchall():
            found[ticket] = Cost(*map(int, figures))
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """How a ticket's subjects stand: held, accepted uncovered, and charged with anything left."""

    held: tuple[str, ...]
    uncovered: tuple[str, ...]
    charged: tuple[str, ...]


def standing(ticket: str) -> Standing:
    """The ticket's subjects, the oldest first, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"ticket": ticket})
        rows = cursor.fetchall()

    def of(kind: str) -> tuple[str, ...]:
        return tuple(subject for found, _, subject in rows if found == kind)

    return Standing(of("held"), of("uncovered"), of("charged"))
