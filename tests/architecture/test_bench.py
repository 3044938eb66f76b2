"""The pieces of bin/bench that could mislead: medians, sequential scans, statements that write."""

from simulation.bench import figures, plans, recording
from simulation.bench.figures import Cost


def test_a_median_takes_each_column_by_itself() -> None:
    costs = [Cost(1, 30, 2), Cost(2, 10, 1), Cost(3, 20, 9)]
    assert figures.median(costs) == Cost(2, 20, 2)
    assert figures.median(costs).cpu == 22


def test_a_scan_is_found_anywhere_in_a_plan() -> None:
    scan = {
        "Node Type": "Seq Scan",
        "Relation Name": "tickets_ticket",
        "Actual Rows": 2,
        "Rows Removed by Filter": 998,
    }
    small = {"Node Type": "Seq Scan", "Relation Name": "partners_plan", "Actual Rows": 1}
    found = list(
        plans.scanned(
            {"Node Type": "Limit", "Plans": [{"Node Type": "Sort", "Plans": [scan, small]}]}
        )
    )
    assert found == [("tickets_ticket", 1000)]


def test_a_write_is_heard_inside_a_longer_statement() -> None:
    statement = 'WITH w AS (INSERT INTO journal_entry (at) VALUES (%s)) UPDATE "tickets_part" SET'
    assert recording.WRITING.findall(statement) == [
        ("INSERT INTO", "journal_entry"),
        ("UPDATE", "tickets_part"),
    ]
