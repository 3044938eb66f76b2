"""`bin/run` starts everything, keeps it running, stops it, and cleans up after a kill -9."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from desk.config import database
from desk.config.processes import Process
from tests.running import free_port

SECONDS_MAX = 150


class Run:
    """A desk with its own embedded server, started as from a script in the background."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.log = data.parent / "run.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.log.write_text("")
        ours = {database.APP_VARIABLE, database.OWNER_VARIABLE}
        environment = {k: v for k, v in os.environ.items() if k not in ours} | {
            "DESK_DATA": str(self.data),
            "DESK_PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "desk.config.settings",
        }
        # A shell that starts a job in the background lets it ignore SIGINT.
        command = ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, "-m", "desk.config.supervisor", "--empty"],
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.wait(lambda: "ready at" in self.log.read_text())

    def wait(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS_MAX
        while not holds():
            assert time.monotonic() < deadline, self.log.read_text()[-4000:]
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def signal(self, number: int) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(SECONDS_MAX)

    def processes(self) -> list[Process]:
        """Return everything that belongs to this desk."""
        numbers = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        found = filter(None, map(Process.find, numbers))
        return [process for process in found if self._belongs(process)]

    def _belongs(self, process: Process) -> bool:
        try:
            environment = Path(f"/proc/{process.pid}/environ").read_bytes()
        except OSError:
            return False
        return str(self.data) in process.command or (
            f"DESK_DATA={self.data}\0".encode() in environment
        )

    def kill(self, word: str) -> None:
        victims = [process for process in self.processes() if word in process.command]
        assert victims, f"there is no {word}"
        os.kill(victims[0].pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first start leaves it, so that the tests need not wait for it."""
    run = Run(tmp_path_factory.mktemp("prepared") / "data")
    try:
        run.start()
    finally:
        stopped = run.signal(signal.SIGTERM)
    assert stopped == 0
    return run.data


@pytest.fixture
def run(prepared: Path, tmp_path: Path) -> Iterator[Run]:
    """A running desk in a folder of its own."""
    run = Run(tmp_path / "data")
    shutil.copytree(prepared, run.data)
    try:
        run.start()
        yield run
    finally:
        if run.process is not None and run.process.poll() is None:
            run.signal(signal.SIGTERM)
        for process in run.processes():
            process.end()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything(run: Run, number: int) -> None:
    assert run.answers()
    assert run.signal(number) == 0
    assert run.processes() == []
    assert not (run.data / "postgres" / "postmaster.pid").exists()


def test_a_start_cleans_up_after_a_kill(run: Run) -> None:
    run.signal(signal.SIGKILL)
    run.start()
    assert run.answers()
    servers = [p for p in run.processes() if "bin/postgres -D" in p.command]
    assert len(servers) == 1
    webs = [p for p in run.processes() if "desk.config.web" in p.command]
    assert len(webs) == 2


def test_demo_data_left_half_made_are_thrown_away_once(prepared: Path, tmp_path: Path) -> None:
    run = Run(tmp_path / "data")
    shutil.copytree(prepared, run.data)
    (run.data / "demo.unfinished").touch()
    run.start()
    assert run.signal(signal.SIGTERM) == 0
    assert "starting over" in run.log.read_text()
    run.start()
    assert run.signal(signal.SIGTERM) == 0
    assert "starting over" not in run.log.read_text()


@pytest.mark.parametrize("word", ["bin/postgres -D", "desk.config.web", "desk.config.worker"])
def test_what_is_killed_comes_back(run: Run, word: str) -> None:
    count = len([p for p in run.processes() if word in p.command])
    run.kill(word)
    run.wait(lambda: len([p for p in run.processes() if word in p.command]) >= count)
    run.wait(run.answers)


def test_two_desks_do_not_share_a_folder(run: Run) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "desk.config.supervisor", "--empty"],
        env=os.environ | {"DESK_DATA": str(run.data), "DESK_PORT": str(free_port())},
        capture_output=True,
        text=True,
    )
    assert second.returncode == 1
    assert "already runs" in second.stderr


def test_a_taken_port_is_told(run: Run, tmp_path: Path) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "desk.config.supervisor", "--empty"],
        env=os.environ | {"DESK_DATA": str(tmp_path / "other"), "DESK_PORT": str(run.port)},
        capture_output=True,
        text=True,
    )
    assert second.returncode == 1
    assert f"Port {run.port} is taken" in second.stderr
