"""Control in a process that is killed with SIGKILL at any moment of its work, and started again."""

from __future__ import annotations

import random
import select
import subprocess
import sys
from datetime import datetime, timedelta

MODULE = "simulation.offences.controller"
KILL_CHANCE = 0.5
KILL_SECONDS_MAX = 0.25
MINUTES_BETWEEN = (60.0, 900.0)


class Killed:
    """A few looks a day; about every second one is killed on its way and made anew by the next
    process. `kills` counts how often."""

    def __init__(self, start: datetime, seed: int) -> None:
        self.random = random.Random(f"{seed}/kill")
        self.next_at = start
        self.kills = 0
        self.process: subprocess.Popen[str] | None = None

    def up_to(self, at: datetime) -> None:
        while self.next_at < at:
            while not self._looked(self.next_at):
                self.kills += 1
            self.next_at += timedelta(minutes=self.random.uniform(*MINUTES_BETWEEN))

    def happened(self, people: set[int], at: datetime, *, sharp: bool) -> None:
        """The process looks at its own times."""

    def end(self) -> None:
        """Let the last process go."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _looked(self, at: datetime) -> bool:
        """Whether it came to its end; killed at some moment before or after that otherwise."""
        process = self.process or self._started()
        assert process.stdin is not None and process.stdout is not None, "both were asked for"
        process.stdin.write(f"{at.isoformat()}\n")
        process.stdin.flush()
        if self.random.random() < KILL_CHANCE:
            select.select([process.stdout], [], [], self.random.uniform(0, KILL_SECONDS_MAX))
            process.kill()
            process.wait()
            self.process = None
            return False
        if process.stdout.readline().strip() != "done":
            raise RuntimeError(f"control failed at {at}")
        return True

    def _started(self) -> subprocess.Popen[str]:
        self.process = subprocess.Popen(
            [sys.executable, "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self.process
