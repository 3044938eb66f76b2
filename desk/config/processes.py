"""Processes of this machine, told apart from others that got the same number later."""

import contextlib
import ctypes
import json
import os
import signal
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1  # of Linux's prctl


@dataclass(frozen=True)
class Process:
    """A process: its number, its start in ticks since boot, and its command line."""

    pid: int
    started: int
    command: str

    @classmethod
    def find(cls, pid: int) -> "Process | None":
        """Return the running process with this number, or None. A dead, unreaped one is gone."""
        folder = Path("/proc") / str(pid)
        try:
            # The name in brackets may hold spaces; the fields after it do not.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (
                (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            )
        except (FileNotFoundError, ProcessLookupError):
            return None
        if fields[0] in "ZX":
            return None
        return cls(pid, int(fields[19]), command.strip())

    def running(self) -> bool:
        """Tell whether this very process still runs."""
        found = Process.find(self.pid)
        return found is not None and found.started == self.started

    def wait_gone(self, seconds: float) -> bool:
        """Wait at most so long for the process to end; tell whether it has."""
        deadline = time.monotonic() + seconds
        while self.running():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def end(self, seconds: float = 5) -> None:
        """Ask the process to end, and kill it when it does not."""
        for request in (signal.SIGTERM, signal.SIGKILL):
            if not self.running():
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, request)
            if self.wait_gone(seconds):
                return


def remember(path: Path, pids: list[int]) -> None:
    """Write down our processes, so that a start after a kill -9 can end them."""
    found = [process for process in map(Process.find, pids) if process is not None]
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps([asdict(process) for process in found]))
    draft.replace(path)


def end_remembered(path: Path) -> int:
    """End what an earlier start left running; return how many processes were still there."""
    try:
        left = [Process(**fields) for fields in json.loads(path.read_text())]
    except FileNotFoundError:
        return 0
    running = [process for process in left if process.running()]
    for process in running:
        process.end()
    path.unlink(missing_ok=True)
    return len(running)


def follow_parent() -> None:
    """Let the system end this process when its parent dies, also by kill -9."""
    parent = os.getppid()
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        # It died in the moment before we asked.
        raise SystemExit(1)
