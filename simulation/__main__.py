"""Simulates days of the desk through its real actions and checks what must always hold.

    bin/simulate --seed 7 --days 20          a seeded world in a database of its own
    bin/simulate --seed 7 --days 20 --json   ends with one line of JSON
    bin/simulate --seed 7 --weeks 4 --offences --json
                                             specialists who break named clauses at known moments:
                                             control must find these and no others

After each simulated day the journal must replay to the stored state, the ledger's sums, the due
dates and the holds must agree. Exit 0 when there are no findings, else 1.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulation.days import Report

GARBAGE_EVERY = 200_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, bring up a scratch database, simulate, tell."""
    parser = argparse.ArgumentParser(
        prog="simulate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1, help="makes the world repeatable (1)")
    parser.add_argument("--days", type=int, default=20, help="calendar days to simulate (20)")
    parser.add_argument("--offences", action="store_true", help="prove the Standard's control")
    parser.add_argument("--weeks", type=int, default=4, help="weeks of the proof (4)")
    parser.add_argument(
        "--rhythm",
        choices=("live", "rare", "killed"),
        default="live",
        help="of the proof: control as in life, rarely, or killed again and again (live)",
    )
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args(arguments)
    if min(options.days, options.weeks) < 1:
        parser.error("--days and --weeks must be at least 1")
    from simulation import scratch

    with (
        tempfile.TemporaryDirectory(prefix="desk-simulation-") as folder,
        scratch.database(Path(folder)),
    ):
        return _prove(options) if options.offences else _simulate(options)


def _prove(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from simulation.offences import run

    # Rows come and go in thousands: to look for cycles as often as usual takes a fifth of the time.
    gc.set_threshold(GARBAGE_EVERY)
    began = time.perf_counter()
    rhythm = run.Rhythm(options.rhythm)
    result = run.prove(options.seed, options.weeks * run.DAYS_A_WEEK, rhythm)
    for line in run.told(result):
        print(line, file=sys.stderr if options.json else sys.stdout)
    seconds = time.perf_counter() - began
    print(f"{result.acts} acts in {seconds:.0f} s", file=sys.stderr, flush=True)
    if options.json:
        print(json.dumps(result.to_dict(), ensure_ascii=False))
    return 1 if result.wrong else 0


def _simulate(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from simulation.days import live

    def tell(text: str) -> None:
        print(text, file=sys.stderr if options.json else sys.stdout, flush=True)

    began = time.perf_counter()
    report = live(options.seed, options.days, tell)
    seconds = time.perf_counter() - began
    _print(report, options, seconds, tell)
    return 1 if report.findings else 0


def _print(
    report: Report, options: argparse.Namespace, seconds: float, tell: Callable[[str], None]
) -> None:
    rate = round(report.moves / seconds, 1)
    if options.json:
        line = {
            "seed": options.seed,
            "days": options.days,
            "tickets": report.tickets,
            "moves": report.moves,
            "verbs": report.verbs,
            "refused": report.refused,
            "lost_races": report.lost_races,
            "moves_per_second": rate,
            "findings": report.findings,
        }
        print(json.dumps(line, ensure_ascii=False))
        return
    for verb, count in sorted(report.verbs.items(), key=lambda item: -item[1]):
        tell(f"{count:7} {verb}")
    for finding in report.findings:
        tell(f"finding: {finding}")
    tell(
        f"{report.tickets} tickets, {report.moves} moves, {report.refused} refused, "
        f"{rate} moves/s, {len(report.findings)} findings (seed {options.seed})"
    )


if __name__ == "__main__":
    raise SystemExit(main())
