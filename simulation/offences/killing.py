"""Control in a process that is killed with SIGKILL at any moment of its work, and started again."""

from __future__ import annotations

import random
import select
import subprocess
import sys
import time
from datetime import datetime, timedelta

MODULE = "simulation.offences.controller"
KILL_CHANCE = 0.5
FIRST_LOOK_SECONDS = 0.25
# Some are killed when they have just come to their end.
PAST_THE_END = 1.2
MINUTES_BETWEEN = (60.0, 900.0)


class Killed:
    """A few looks a day; about every second one is killed on its way, wherever that was in the
    time that the last one took, and made anew by the next process. `kills` counts how often."""

    def __init__(self, start: datetime, seed: int) -> None:
        self.random = random.Random(f"{seed}/kill")
        self.next_at = start
        self.kills = 0
        self.look_seconds = FIRST_LOOK_SECONDS
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
            seconds = self.random.uniform(0, self.look_seconds * PAST_THE_END)
            select.select([process.stdout], [], [], seconds)
            process.kill()
            process.wait()
            self.process = None
            return False
        began = time.monotonic()
        self._expect("done", f"control failed at {at}")
        self.look_seconds = time.monotonic() - began
        return True

    def _expect(self, word: str, otherwise: str) -> None:
        assert self.process is not None and self.process.stdout is not None, "it was started"
        if self.process.stdout.readline().strip() != word:
            raise RuntimeError(otherwise)

    def _started(self) -> subprocess.Popen[str]:
        self.process = subprocess.Popen(
            [sys.executable, "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        # A process that is killed before it can look proves nothing.
        self._expect("ready", "control did not start")
        return self.process
