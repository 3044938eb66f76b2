"""Measures the desk beside a floor of the same run. Nothing is asserted: time is no test.

    bin/bench             all parts (some minutes)
    bin/bench api         one part: clocks, pages, moves, api, days, deposits, control
    bin/bench --quick     fewer repetitions, and 1,000 and 5,000 tickets
    bin/bench --json      one line of JSON at the end

It runs in a scratch database of its own with durable commits, and removes it. Processor time is
of this process and of its database backend ("3.1+1.2 ms"); a ratio is the floor's cost by the
desk's, so 1.00 would be a desk that costs nothing above its floor. "/s" is of one connection.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulation.bench.figures import Cost
    from simulation.bench.moves import Compared
    from simulation.bench.pages import Measured
    from simulation.people import Company

PARTS = ("clocks", "pages", "moves", "api", "days", "deposits", "control")
SIZES = (1_000, 20_000)
QUICK_SIZES = (1_000, 5_000)
THREADS = 8


@dataclass(slots=True)
class Report:
    """What goes into the line of JSON, and how it is told on the way."""

    tell: Callable[[str], None]
    quick: bool
    parts: tuple[str, ...] = PARTS
    figures: dict[str, Any] = field(default_factory=dict)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, fewer tickets")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.parts if name not in PARTS]
    if unknown:
        parser.error(f"There is no part {unknown[0]!r}; known: {', '.join(PARTS)}.")

    def tell(text: str) -> None:
        print(text, file=sys.stderr if options.json else sys.stdout, flush=True)

    report = Report(tell, options.quick, tuple(options.parts) or PARTS)
    os.environ["DJANGO_SETTINGS_MODULE"] = "simulation.bench.settings"
    from simulation import scratch

    with (
        tempfile.TemporaryDirectory(prefix="desk-bench-") as folder,
        scratch.database(Path(folder), cheap=False) as server,
    ):
        _measure(report, server.url("postgres"))
    if options.json:
        print(json.dumps(report.figures))
    return 0


def _measure(report: Report, url: str) -> None:
    import django

    django.setup()
    from desk.config import assets
    from desk.lib import clock
    from simulation import people
    from simulation.bench import base

    assets.collect()

    if "clocks" in report.parts:
        _clocks(report)
    if {"pages", "moves"} & set(report.parts):
        report.tell("making the base world …")
        companies = base.make(clock.now()).cast.companies
        _of_pages(report, url, companies[0])
    elif {"api", "days"} & set(report.parts):
        companies = people.settle(clock.now() - timedelta(days=1)).companies
    if "api" in report.parts:
        _api(report, companies)
    if "days" in report.parts:
        _days(report, companies[0])
    if "deposits" in report.parts:
        _deposits(report, url)
    if "control" in report.parts:
        # Its world is copied with all of its people, which the others do not expect.
        _control(report, url)


def _of_pages(report: Report, url: str, company: Company) -> None:
    from desk.lib import clock
    from simulation.bench import moves

    life = moves.record(company, clock.now())
    if "pages" in report.parts:
        _pages(report, url)
        _scans(report)
    if "moves" in report.parts:
        at = clock.now()
        _moves(report, moves.measure(company, at, life, 5 if report.quick else 15))
        _at_once(report, lambda: moves.Life(company, at), life)


def _clocks(report: Report) -> None:
    from simulation.bench import clocks

    report.figures["clock_microseconds"] = found = clocks.measure(report.quick)
    report.tell("Clock computations, one core:")
    for name, microseconds in found.items():
        report.tell(f"  {name:24} {microseconds:8.2f} µs {1e6 / microseconds:12,.0f}/s")


def _pages(report: Report, url: str) -> None:
    from simulation.bench import base, growth, pages

    sizes = QUICK_SIZES if report.quick else SIZES
    times = 10 if report.quick else 20
    first: dict[str, Measured] = {}
    report.figures["pages"] = {}
    for size in sizes:
        tickets = growth.grow(url, size)
        report.tell(f"Pages at {tickets:,} tickets, beside a bare page of equal queries and bytes:")
        for page in base.pages():
            measured = pages.measure(page, times)
            before = first.setdefault(page.name, measured)
            growth_ratio = measured.page.cpu / before.page.cpu
            report.tell(f"  {page.name:30} {_page_line(measured)} growth {growth_ratio:.2f}")
            figures = _page_figures(measured, growth_ratio)
            report.figures["pages"].setdefault(page.name, {})[str(size)] = figures


def _page_line(measured: Measured) -> str:
    return (
        f"{measured.of_view:2} queries + {measured.queries - measured.of_view} of the middleware, "
        f"{measured.size // 1024:3} KB, {_cost(measured.page)}, "
        f"floor {_cost(measured.floor)}, ratio {measured.ratio:.2f},"
    )


def _page_figures(measured: Measured, growth: float) -> dict[str, Any]:
    return {
        "queries": measured.queries,
        "queries_of_view": measured.of_view,
        "bytes": measured.size,
        "page": measured.page.as_dict(),
        "floor": measured.floor.as_dict(),
        "ratio": round(measured.ratio, 3),
        "growth": round(growth, 3),
    }


def _scans(report: Report) -> None:
    from simulation.bench import base, plans

    found = {page.name: plans.scans(page) for page in base.lists()}
    report.figures["sequential_scans"] = {name: scans for name, scans in found.items() if scans}
    report.tell("Sequential scans over tables that grow:")
    for name, scans in found.items():
        tables = dict.fromkeys(scan.partition(", ")[0] for scan in scans)
        report.tell(f"  {name:24} {', '.join(tables) or 'none'}")


def _moves(report: Report, compared: list[Compared]) -> None:
    report.tell("Moves, durable, one connection, beside the same rows by bare psycopg / bare ORM:")
    report.figures["moves"] = {}
    for one in compared:
        report.tell(
            f"  {one.verb:8} {one.rows:2} rows, {one.statements:2} statements, "
            f"{_cost(one.action)}; psycopg {_cost(one.psycopg)}; ORM {_cost(one.orm)}; "
            f"ratios {one.psycopg.cpu / one.action.cpu:.2f} / {one.orm.cpu / one.action.cpu:.2f} "
            f"(wall {one.psycopg.wall / one.action.wall:.2f} / "
            f"{one.orm.wall / one.action.wall:.2f})"
        )
        report.figures["moves"][one.verb] = {
            "rows": one.rows,
            "statements": one.statements,
            "action": one.action.as_dict(),
            "psycopg": one.psycopg.as_dict(),
            "orm": one.orm.as_dict(),
        }
    _whole_life(report, compared)


def _whole_life(report: Report, compared: list[Compared]) -> None:
    def total(kind: str, column: str) -> float:
        return sum(float(getattr(getattr(one, kind), column)) for one in compared)

    rate = len(compared) / total("action", "wall")
    ratios = {
        f"{floor}_{column}": round(total(floor, column) / total("action", column), 3)
        for floor in ("psycopg", "orm")
        for column in ("cpu", "wall")
    }
    report.figures["moves_per_second"] = round(rate, 1)
    report.figures["move_ratios"] = ratios
    report.tell(
        f"  a whole life: {rate:.0f} moves/s, of the floors {ratios['psycopg_cpu']:.2f} / "
        f"{ratios['orm_cpu']:.2f} by processor, {ratios['psycopg_wall']:.2f} / "
        f"{ratios['orm_wall']:.2f} by the wall"
    )


def _at_once(report: Report, live: Callable[[], Any], life: Any) -> None:
    from simulation.bench import moves
    from simulation.bench.floors import BarePsycopg

    tickets = 3 if report.quick else 10
    desk = moves.at_once(live, THREADS, tickets)
    bare = moves.at_once(lambda: BarePsycopg(life, os.environ["DATABASE_URL"]), THREADS, tickets)
    report.figures["moves_per_second_at_once"] = {"desk": round(desk, 1), "psycopg": round(bare, 1)}
    report.tell(
        f"  {THREADS} threads of one process: {desk:.0f} moves/s, bare psycopg {bare:.0f}/s, "
        f"ratio {desk / bare:.2f}"
    )


def _days(report: Report, company: Company) -> None:
    from desk.lib import clock
    from simulation.bench import days

    found = days.measure(company, clock.now(), quick=report.quick)
    report.figures["days"] = found.cost.as_dict() | {"statements": found.statements}
    report.tell(
        f"The plan of a day with {days.PARTS} open parts, from the database (to stay under "
        f"{days.LIMIT_MILLISECONDS} ms):\n"
        f"  proposal {found.cost.wall * 1000:.1f} ms {_cost(found.cost)}, {found.statements} "
        f"statements; {found.slots} slots of work, {found.misfits} do not fit"
    )


def _deposits(report: Report, url: str) -> None:
    from simulation.bench import deposits

    report.tell("loading deposits …")
    found = deposits.measure(url, quick=report.quick)
    report.tell(f"Deposits of {deposits.SMALL:,} and of {found.entries:,} entries:")
    for one in found.grown:
        small, large = _cost(one.small), _cost(one.large)
        report.tell(f"  {one.name:32} {small}; {large}; growth {one.growth:.2f}")
    ratios = found.floor.cpu / found.action.cpu, found.floor.wall / found.action.wall
    report.tell(
        f"  hold and capture, durable {_cost(found.action)}; the same rows by psycopg "
        f"{_cost(found.floor)}; ratio {ratios[0]:.2f} (wall {ratios[1]:.2f})\n"
        f"  the whole ledger proved in {found.check_seconds:.1f} s, {found.faults} faults"
    )
    report.figures["deposits"] = {
        "entries": found.entries,
        "growth": {one.name: round(one.growth, 3) for one in found.grown},
        "hold_and_capture": found.action.as_dict(),
        "psycopg": found.floor.as_dict(),
        "ratio_cpu": round(ratios[0], 3),
        "ratio_wall": round(ratios[1], 3),
        "check_seconds": round(found.check_seconds, 1),
        "faults": found.faults,
    }


def _control(report: Report, url: str) -> None:
    from desk.lib import clock
    from simulation.bench import control

    report.tell("making the specialists …")
    kept = control.measure(url, clock.now(), quick=report.quick)
    report.figures["control"] = {
        "people": kept.people,
        "open_tickets": kept.open_tickets,
        "minute_cpu_seconds": round(kept.minute_cpu, 2),
        "sweep_app_seconds": round(kept.sweep.app, 2),
        "sweep_database_seconds": round(kept.sweep.database, 2),
    }
    report.tell(
        f"Control of {kept.people:,} people with {kept.open_tickets:,} open tickets and "
        f"{kept.intervals:,} intervals, {kept.violations:,} violations found:\n"
        f"  everybody, the first time {_cost(kept.first)}\n"
        f"  everybody, each minute    {_cost(kept.sweep)}\n"
        f"  every second one, touched {_cost(kept.touched)}\n"
        f"  a minute takes {kept.minute_cpu:.1f} s of {control.MINUTE_SECONDS} of one core"
    )


def _api(report: Report, companies: list[Company]) -> None:
    from simulation.bench import api

    report.tell(
        f"API over HTTP, durable, {api.CONNECTIONS} connections to one web process, beside bare "
        "endpoints that write the same rows:"
    )
    found = api.measure(companies, 10 if report.quick else 60)
    report.figures["api"] = {name: load.as_dict() for name, load in found.items()}
    for name, load in found.items():
        p50, p99 = load.percentile_ms(50), load.percentile_ms(99)
        report.tell(
            f"  {name:16} {load.per_second:5.0f}/s {load.cpu_ms:6.2f} ms of processor, "
            f"p50 {p50:.1f} ms, p99 {p99:.1f} ms ({p99 / p50:.1f} times)"
        )
    submit = found[api.SUBMIT]
    for name in (api.ORM, api.PSYCOPG):
        throughput = submit.per_second / found[name].per_second
        processor = found[name].cpu_ms / submit.cpu_ms
        report.tell(f"  submit by {name}: throughput {throughput:.2f}, processor {processor:.2f}")


def _cost(cost: Cost) -> str:
    return f"{1 / cost.wall:5.0f}/s {cost.app * 1000:5.2f}+{cost.database * 1000:.2f} ms"


if __name__ == "__main__":
    raise SystemExit(main())
