"""What a part of the fault runner is given, and the worker that it kills."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

STOP_SECONDS_MAX = 20


@dataclass(slots=True)
class Run:
    """One run: how much, how often, how long (where nothing else says when it is enough), and
    where. `figures` is what a part counted (JSON)."""

    count: int
    kills: int
    random: random.Random
    folder: Path
    tell: Callable[[str], None]
    seconds: int = 60
    figures: dict[str, Any] = field(default_factory=dict)


class Worker:
    """The desk's worker in a process of its own, which is killed (-9) and started again.

    `module` is run as `python -m module`: `desk.config.worker`, or one of a part that registers
    something there first. It uses the database of the run. `inherits` are open files that it is
    given.
    """

    def __init__(self, module: str, folder: Path, inherits: tuple[int, ...] = ()) -> None:
        self.module, self.inherits = module, inherits
        self.log = folder / "worker.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns at once."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                env=os.environ | {"DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE},
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=self.inherits,
            )

    def kill(self) -> None:
        """Kill it where it stands."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Let it finish what it does."""
        assert self.process is not None
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.kill()


def wait_until(happened: Callable[[], bool], seconds_max: float) -> bool:
    """Whether it happened in time."""
    until = time.monotonic() + seconds_max
    while not happened():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True
