"""The processes that the supervisor starts, and starts again when they end."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

BACK_OFF_SECONDS_MAX = 30.0
STEADY_SECONDS = 30.0
STOP_SECONDS_MAX = 10.0


@dataclass
class Child:
    """A process of ours, `python -m module`, with the environment it needs."""

    name: str
    module: str
    environment: Mapping[str, str]
    inherits: tuple[int, ...] = ()
    failures: int = 0
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = field(default=0.0)

    def start(self) -> None:
        """Start the process, out of reach of the keys pressed in our terminal."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.module],
            env=dict(self.environment),
            pass_fds=self.inherits,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.started = time.monotonic()

    def look(self, say: Callable[[str], None]) -> None:
        """Start the process again when it has ended; the more often, the later."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            if self.failures and now - self.started > STEADY_SECONDS:
                self.failures = 0
            return
        if self.process is not None:
            rest = min(BACK_OFF_SECONDS_MAX, 0.25 * 2**self.failures)
            say(f"{self.name} ended ({self.process.returncode}); it starts again in {rest:g} s")
            self.failures += 1
            self.process = None
            self.due = now + rest
        if now >= self.due:
            self.start()

    @property
    def pid(self) -> int | None:
        """Number of the running process, if any."""
        return None if self.process is None else self.process.pid


def stop_all(children: list[Child]) -> None:
    """Ask all to end, wait for them together, and kill who does not."""
    running = [child.process for child in children if child.process is not None]
    for process in running:
        _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS_MAX
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for child in children:
        child.process = None


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    if process.poll() is None:
        process.send_signal(number)
