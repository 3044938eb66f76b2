"""Which tables that grow are read from end to end by the statements of a page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection

from simulation.bench import pages
from simulation.bench.pages import Page

# They grow with tickets, days or people; a sequential scan of another table reads a page or two.
GROWING = frozenset(
    {
        "journal_entry",
        "journal_pending",
        "partners_person",
        "partners_partner",
        "partners_project",
        "partners_membership",
        "partners_assignment",
        "workdays_interval",
        "workdays_absence",
        "deposits_transaction",
        "deposits_lot",
        "deposits_hold",
        "deposits_holdend",
        "deposits_line",
        "tickets_ticket",
        "tickets_part",
        "tickets_promise",
        "tickets_clock",
        "tickets_pause",
        "tickets_alarm",
        "tickets_message",
        "tickets_attachment",
        "tickets_follower",
        "notices_notice",
    }
)


def scans(page: Page) -> list[str]:
    """Sequential scans over growing tables: "tickets_ticket: 20000 rows, SELECT …"."""
    found = []
    for statement, values in pages.statements(page):
        if not statement.lstrip(" (").startswith(("SELECT", "WITH")):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
            plan = cursor.fetchone()[0]
        top = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
        for table, rows in scanned(top):
            found.append(f"{table}: {rows} rows, {statement[:90]}…")
    return found


def scanned(node: dict[str, Any]) -> Iterator[tuple[str, int]]:
    if node["Node Type"] == "Seq Scan" and node["Relation Name"] in GROWING:
        yield node["Relation Name"], node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    for inner in node.get("Plans", []):
        yield from scanned(inner)
