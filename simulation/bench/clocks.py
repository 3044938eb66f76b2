"""Clock computations on one core, beside the least that any clock must do."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from desk.rules import clock
from desk.rules.clock import Pause
from desk.rules.worktime import Calendar
from simulation.people import CALENDAR

KYIV = ZoneInfo("Europe/Kyiv")
START = datetime(2026, 10, 23, 8, 17, tzinfo=UTC)
TARGET_SECONDS = 8 * 3600
ROUNDS = 7


def measure(quick: bool) -> dict[str, float]:
    """Microseconds a computation, the least of interleaved rounds: nothing but the processor is
    measured, so what is more was taken by others."""
    times = 2_000 if quick else 20_000
    least: dict[str, float] = {}
    for _ in range(ROUNDS):
        for name, work in _works().items():
            took = _seconds(times, work) / times * 1e6
            least[name] = min(least.get(name, took), took)
    return {name: round(value, 2) for name, value in least.items()}


def _works() -> dict[str, Callable[[], object]]:
    calendar = Calendar.parse(CALENDAR)
    pauses = tuple(
        Pause(str(n), START + timedelta(hours=26 * n + 1), START + timedelta(hours=26 * n + 7))
        for n in range(3)
    )
    local, hours = START.astimezone(KYIV), timedelta(hours=8)
    at = START + timedelta(days=4)
    return {
        "due, no pauses": lambda: clock.due(calendar, START, TARGET_SECONDS, ()),
        "due, 3 pauses": lambda: clock.due(calendar, START, TARGET_SECONDS, pauses),
        "read, 3 pauses": lambda: clock.read(calendar, START, TARGET_SECONDS, pauses, at),
        "floor: aware addition": lambda: local + hours,
        "floor: through the zone": lambda: (
            (local.astimezone(UTC) + hours).astimezone(KYIV).date(),
            local.timestamp() // 60,
        ),
    }


def _seconds(times: int, work: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(times):
        work()
    return time.process_time() - began
