"""The present moment. Only edges ask for it: views, the worker, the command line (style 5)."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

SHIFT_VARIABLE = "DESK_CLOCK_SHIFT"
SHIFT_FILE = "clock_shift"
DEMO_VARIABLE = "DESK_DEMO"


class ClockShiftRefused(RuntimeError):
    """A shifted clock was asked for where deadlines are promises to real people."""


def now() -> datetime:
    """Return the present moment as an aware UTC datetime, shifted only in a demo or a test."""
    return datetime.now(UTC) + shift()


def shift() -> timedelta:
    """Return how far the desk's clock is ahead of the machine's.

    The shift in seconds is read from DESK_CLOCK_SHIFT and from the file `clock_shift` in the data
    folder, which may change while the desk runs; both add up. Without DESK_DEMO=1 the file is
    not read at all, and the variable is refused.
    """
    seconds = os.environ.get(SHIFT_VARIABLE)
    if os.environ.get(DEMO_VARIABLE) != "1":
        if seconds:
            message = f"{SHIFT_VARIABLE} moves the clock of a demo only; set {DEMO_VARIABLE}=1."
            raise ClockShiftRefused(message)
        return timedelta(0)
    return timedelta(seconds=float(seconds or 0) + _shift_in_file())


def set_shift(seconds: float) -> None:
    """Move the clock of a running demo: all its processes see the shift at their next look."""
    if os.environ.get(DEMO_VARIABLE) != "1":
        raise ClockShiftRefused(f"Only a demo's clock can be moved; set {DEMO_VARIABLE}=1.")
    path = _shift_path()
    fresh = path.with_suffix(".new")
    fresh.write_text(f"{seconds}\n")
    fresh.replace(path)


def _shift_path() -> Path:
    return Path(os.environ.get("DESK_DATA", "var")) / SHIFT_FILE


def _shift_in_file() -> float:
    try:
        return float(_shift_path().read_text() or 0)
    except FileNotFoundError:
        return 0.0
