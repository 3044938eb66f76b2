"""What something costs: wall time, and processor time of this process and of its database."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds for one repetition: on the wall, on a processor here, and in the database."""

    wall: float
    app: float
    database: float

    @property
    def cpu(self) -> float:
        return self.app + self.database

    def as_dict(self) -> dict[str, float]:
        """Milliseconds, for a line of JSON."""
        return {
            "per_second": round(1 / self.wall, 1),
            "app_cpu_ms": round(self.app * 1000, 3),
            "database_cpu_ms": round(self.database * 1000, 3),
        }


def spend(times: int, work: Callable[[], object], backend: int) -> Cost:
    """Repeat `work` and divide; `backend` is the process of the database connection."""
    wall, app, database = time.perf_counter(), time.process_time(), _on_cpu(backend)
    for _ in range(times):
        work()
    return Cost(
        (time.perf_counter() - wall) / times,
        (time.process_time() - app) / times,
        (_on_cpu(backend) - database) / times,
    )


def side_by_side(
    works: Mapping[str, Callable[[], object]], times: int, backend: int, rounds: int = ROUNDS
) -> dict[str, Cost]:
    """Medians of interleaved rounds, so that a busy moment of the machine meets all alike."""
    for work in works.values():
        work()
    seen: dict[str, list[Cost]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            seen[name].append(spend(times, work, backend))
    return {name: median(costs) for name, costs in seen.items()}


def median(costs: list[Cost]) -> Cost:
    """The median of each column."""
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.app for cost in costs),
        statistics.median(cost.database for cost in costs),
    )


def mean(costs: list[Cost]) -> Cost:
    """The mean of each column."""
    return Cost(
        statistics.fmean(cost.wall for cost in costs),
        statistics.fmean(cost.app for cost in costs),
        statistics.fmean(cost.database for cost in costs),
    )


def backend_of_django() -> int:
    """The process of the database that serves Django's connection of this thread."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _on_cpu(pid: int) -> float:
    """Seconds that a process was on a processor; 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
