"""`bin/run`: sets everything up, starts it, keeps it running, and stops it again."""

import argparse
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import IO

from desk.config import assets, database, doors, keys, processes, provision
from desk.config.children import Child, stop_all
from desk.config.embedded import DatabaseBroken, Server
from desk.config.reload import Reload
from desk.lib import health

ROOT = Path(__file__).resolve().parents[2]
WEB_PROCESSES = 2
LOOK_SECONDS = 0.2
READY_SECONDS_MAX = 60
TAKE_OVER_SECONDS_MAX = 30


class CannotStart(RuntimeError):
    """The desk cannot start; the sentence says why and what to do."""


def say(text: str) -> None:
    """Tell the person at the terminal what happens."""
    print(f"[desk] {text}", flush=True)


@dataclass
class Desk:
    """A running desk: its data folder, database server, and processes."""

    options: argparse.Namespace
    data: Path = field(default_factory=database.data_folder)
    port: int = field(default_factory=lambda: int(os.environ.get("DESK_PORT", "8000")))
    stop: threading.Event = field(default_factory=threading.Event)
    server: Server | None = None
    children: list[Child] = field(default_factory=list)
    _guard: IO[str] | None = None
    _socket: socket.socket | None = None
    _doors: dict[str, socket.socket] = field(default_factory=dict)

    def run(self) -> None:
        """Start, serve until told to stop, and stop."""
        self._catch_signals()
        try:
            self._claim()
            self._socket = self._listen()
            self._doors = self._open_doors()
            self._start_database()
            self._prepare()
            self._fill()
            self._start_children()
            if self._wait_ready():
                self._announce()
            self._keep_running()
        except _Stopped:
            pass
        finally:
            self._stop_all()

    def _catch_signals(self) -> None:
        """Stop on each signal that means it; a background job would ignore SIGINT otherwise."""

        def leave(_number: int, _frame: FrameType | None) -> None:
            self.stop.set()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, leave)

    def _check_stop(self) -> None:
        if self.stop.is_set():
            raise _Stopped

    def _claim(self) -> None:
        """Own the data folder, and end what an earlier start left behind (kill -9)."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._guard = (self.data / "run.guard").open("a")
        try:
            fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"A desk already runs on {self.data}. Stop it, or name another in DESK_DATA."
            raise CannotStart(message) from error
        ended = processes.end_remembered(self._remembered)
        if ended:
            say(f"ended {ended} process(es) of an earlier start")
        os.environ["DESK_DATA"] = str(self.data)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.config.settings")

    @property
    def _remembered(self) -> Path:
        return self.data / "processes.json"

    def _listen(self) -> socket.socket:
        """Open the port before anything slow, so that a taken one is told at once."""
        host = os.environ.get("DESK_LISTEN", "127.0.0.1")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        opened = socket.socket(family)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind((host, self.port))
        except OSError as error:
            opened.close()
            message = f"Port {self.port} is taken. Name a free one: DESK_PORT=8001 bin/run"
            raise CannotStart(message) from error
        return opened

    def _open_doors(self) -> dict[str, socket.socket]:
        """Open what mail is handed in by, where that is asked for."""
        try:
            return doors.opened()
        except doors.Unopened as error:
            raise CannotStart(str(error)) from error

    def _start_database(self) -> None:
        """Start the embedded server, unless a server is configured."""
        if os.environ.get(database.APP_VARIABLE):
            return
        server = Server(self.data, say=say)
        deadline = time.monotonic() + TAKE_OVER_SECONDS_MAX
        while not server.acquire():
            self._check_stop()
            if time.monotonic() > deadline:
                raise CannotStart("Another command keeps the database; let it end first.")
            self.stop.wait(0.1)
        self.server = server
        server.start()
        os.environ.update(database.addresses(server))

    def _prepare(self) -> None:
        """Migrate and collect static files where the code has moved on."""
        if self._unfinished.exists():
            self._start_over()
        if not provision.is_current():
            say("preparing the database …")
            self._call("desk.config.provision")
        if not assets.is_current():
            say("preparing the static files …")
            self._call("desk.config.assets")

    @property
    def _unfinished(self) -> Path:
        """Exists while demo data are being made."""
        return self.data / "demo.unfinished"

    def _start_over(self) -> None:
        """Throw away demo data that a kill left half made; only in a database of our own."""
        if self.server is None:
            message = "Demo data were not finished last time: empty the database of DATABASE_URL"
            raise CannotStart(f"{message} and remove {self._unfinished}.")
        say("starting over: the demo data were not finished last time")
        self.server.recreate()
        self._unfinished.unlink()

    def _fill(self) -> None:
        """Make demo data in an empty database, unless told otherwise."""
        made = self.data / "demo"
        if not self.options.empty and self._is_empty():
            if find_spec("simulation.demo") is None:
                raise CannotStart("There is no simulation here to make demo data: bin/run --empty")
            say("making demo data …")
            self._unfinished.touch()
            os.environ["DESK_DEMO"] = "1"
            self._call("simulation.demo")
            made.touch()
            self._unfinished.unlink()
        if made.exists():
            os.environ.setdefault("DESK_DEMO", "1")

    def _is_empty(self) -> bool:
        import psycopg

        with psycopg.connect(os.environ[database.APP_VARIABLE]) as connection:
            row = connection.execute("SELECT EXISTS (SELECT FROM partners_organisation)").fetchone()
        return row is not None and not row[0]

    def _call(self, module: str) -> None:
        """Run a step to its end; a signal ends it too."""
        self._check_stop()
        step = subprocess.Popen(
            [sys.executable, "-m", module], stdin=subprocess.DEVNULL, start_new_session=True
        )
        processes.remember(self._remembered, [step.pid])
        while step.poll() is None:
            if self.stop.wait(0.05):
                step.terminate()
                step.wait()
        self._check_stop()
        if step.returncode:
            raise CannotStart(f"This step failed: {module}")

    def _start_children(self) -> None:
        assert self._socket is not None
        self._socket.listen(1024)
        number = self._socket.fileno()
        environment = os.environ | {"DESK_SOCKET": str(number)}
        if self.options.reload:
            environment["DESK_DEBUG"] = "1"
        count = 1 if self.options.reload else WEB_PROCESSES
        self.children = [
            Child(f"web {i + 1}", "desk.config.web", environment, (number,)) for i in range(count)
        ]
        self.children.append(Child("worker", "desk.config.worker", environment))
        self._add_receiver(environment)
        for child in self.children:
            child.start()
        self._remember()

    def _add_receiver(self, environment: dict[str, str]) -> None:
        """The process that takes mail in, where doors are open for it."""
        if not self._doors:
            health.forget("receiver")
            return
        own = environment | {doors.HANDED_OVER: doors.written(self._doors)}
        numbers = tuple(one.fileno() for one in self._doors.values())
        self.children.append(Child("receiver", "desk.config.receiver", own, numbers))

    def _remember(self) -> None:
        processes.remember(self._remembered, [c.pid for c in self.children if c.pid is not None])

    def _wait_ready(self) -> bool:
        """Wait until a page is answered."""
        deadline = time.monotonic() + READY_SECONDS_MAX
        while time.monotonic() < deadline and not self.stop.is_set():
            connection = http.client.HTTPConnection(self._near(), self.port, timeout=10)
            try:
                connection.request("GET", "/account/login/", headers={"Host": "localhost"})
                connection.getresponse().read()
            except OSError:
                self.stop.wait(0.1)
            else:
                return True
            finally:
                connection.close()
        return False

    def _near(self) -> str:
        """The address at which this machine reaches its own port."""
        host = os.environ.get("DESK_LISTEN", "127.0.0.1")
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # not bound

    def _announce(self) -> None:
        address = os.environ.get("DESK_BASE_URL", f"http://127.0.0.1:{self.port}")
        logins = self.data / "demo_logins.txt"
        if logins.exists():
            print(logins.read_text().rstrip(), flush=True)
        if self._is_empty():
            say(f"the desk is empty: open {address}{self._first_page()} to begin")
        say(f"ready at {address}   (Ctrl+C stops it)")

    def _first_page(self) -> str:
        """Where an empty desk begins; a desk that others can reach wants the token of this link."""
        if not keys.first_run_needs_token():
            return "/setup/first-run/"
        token = keys.first_run_token(keys.secret_key(self.data))
        return f"/setup/first-run/?token={token}"

    def _keep_running(self) -> None:
        """Look after the processes until told to stop."""
        reload = Reload(ROOT / "desk") if self.options.reload else None
        while not self.stop.wait(LOOK_SECONDS):
            if self.server is not None and not self.server.alive():
                say("the database server ended; it starts again")
                self.server.start()
            if reload is not None and reload.changed():
                say("the code has changed; the processes start again")
                stop_all(self.children)
            before = [child.pid for child in self.children]
            for child in self.children:
                child.look(say)
            if [child.pid for child in self.children] != before:
                self._remember()

    def _stop_all(self) -> None:
        if self.children or self.server is not None:
            say("stopping …")
        stop_all(self.children)
        if self.server is not None:
            self.server.stop()
        for opened in filter(None, (self._socket, *self._doors.values())):
            opened.close()
        if self._guard is not None and self._remembered.exists():
            self._remembered.unlink()


class _Stopped(Exception):
    """A signal came while starting."""


def main() -> int:
    """Run the desk in the foreground: `python -m desk.config.supervisor`."""
    parser = argparse.ArgumentParser(
        prog="bin/run",
        description="Sets up everything and serves the desk on http://127.0.0.1:8000.",
        epilog="DESK_PORT and DESK_DATA (the data folder, ./var) move it; DATABASE_URL names a "
        "PostgreSQL server, else one is started in the data folder. More: docs/operations.md.",
    )
    parser.add_argument("--empty", action="store_true", help="no demo data: begin with the wizard")
    parser.add_argument(
        "--reload", action="store_true", help="for development: start again when the code changes"
    )
    options = parser.parse_args()
    try:
        Desk(options).run()
    except (CannotStart, DatabaseBroken) as problem:
        print(f"[desk] {problem}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
