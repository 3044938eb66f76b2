"""The whole desk, running for a test: web processes and worker on a database of their own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from desk.config import database
from desk.lib import clock
from tests import cluster

READY_SECONDS_MAX = 150
STOP_SECONDS_MAX = 30


@dataclass
class RunningDesk:
    """A desk at `address`, its data in `data`, its clock shifted as the test likes."""

    name: str
    data: Path
    port: int = field(default=0)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Start of every address of this desk."""
        return f"http://127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        """Return the address of a page."""
        return self.address + path

    def shift(self, seconds: float) -> None:
        """Move the desk's clock so far ahead of the machine's; it takes effect at once."""
        path = self.data / clock.SHIFT_FILE
        draft = path.with_suffix(".new")
        draft.write_text(f"{seconds}\n")
        draft.replace(path)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the desk's processes and commands."""
        return os.environ | {
            "DESK_DATA": str(self.data),
            "DESK_PORT": str(self.port),
            "DESK_DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "desk.config.settings",
            "DJANGO_ALLOW_ASYNC_UNSAFE": "",
            database.APP_VARIABLE: cluster.address(database.APP_VARIABLE, self.name),
            database.OWNER_VARIABLE: cluster.address(database.OWNER_VARIABLE, self.name),
        }

    def start(self) -> None:
        """Start the desk and return when it answers."""
        self.port = self.port or free_port()
        command = [sys.executable, "-m", "desk.config.supervisor", "--empty"]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=output, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + READY_SECONDS_MAX
        while b"ready at" not in self.log.read_bytes():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The desk does not start:\n{self.log.read_text()[-5000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the desk as a person would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `desk …` on this desk's data."""
        return subprocess.run(
            [sys.executable, "-m", "desk.config.cli", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
        )

    def get(self, path: str) -> bytes:
        """Return what a stranger gets at a path."""
        with urlopen(self.url(path), timeout=30) as response:  # noqa: S310 — our own address
            content: bytes = response.read()
        return content

    @property
    def log(self) -> Path:
        """What the desk's processes print."""
        return self.data / "run.log"


def free_port() -> int:
    """Return a port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_desk(data: Path, template: str | None = None) -> Iterator[RunningDesk]:
    """Hold a desk running on a fresh clone of a template (default: migrated, without any data)."""
    with cluster.clone("running", template) as name:
        desk = RunningDesk(name, data)
        try:
            desk.start()
            yield desk
        finally:
            desk.stop()


@contextmanager
def demo_desk(data: Path) -> Iterator[RunningDesk]:
    """Hold a desk with demo data running; the data are made once a run."""
    template, made = cluster.ensure_demo()
    shutil.copytree(made, data, dirs_exist_ok=True)
    with running_desk(data, template) as desk:
        yield desk
