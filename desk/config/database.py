"""Where the database is: a server named in DATABASE_URL, or an embedded one in the data folder.

Two roles use it. The owner migrates (DESK_OWNER_DATABASE_URL); everything else runs as the
application role (DATABASE_URL), which may neither delete nor truncate what is append-only
(roles.py). Where only DATABASE_URL is given, one role does both and takes those rights from itself.
"""

import contextlib
import fcntl
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from desk.config.embedded import START_SECONDS_MAX, DatabaseBroken, Server, socket_folder

Role = Literal["owner", "app"]

APP_VARIABLE = "DATABASE_URL"
OWNER_VARIABLE = "DESK_OWNER_DATABASE_URL"
GUESTS_SECONDS_MAX = 60
__all__ = ["DatabaseBroken", "Server", "act_as", "from_url", "running"]


def data_folder() -> Path:
    """Return the data folder (DESK_DATA, by default ./var of the checkout)."""
    default = Path(__file__).resolve().parents[2] / "var"
    return Path(os.environ.get("DESK_DATA") or default).resolve()


def from_url(url: str | None = None) -> dict[str, Any]:
    """Return Django's database settings for a URL (default: DATABASE_URL)."""
    parts = urlsplit(url or os.environ.get(APP_VARIABLE, "postgresql:///desk"))
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "desk",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": query.pop("port", "") or str(parts.port or ""),
        # Threads keep their connections; a dead one is noticed before it is used again.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }


def owner_url() -> str:
    """Return the address for migrations, backups and the like."""
    return os.environ.get(OWNER_VARIABLE) or os.environ[APP_VARIABLE]


def act_as(role: Role) -> None:
    """Choose this process's role, before the settings are loaded."""
    if role == "owner":
        os.environ[APP_VARIABLE] = owner_url()


@contextlib.contextmanager
def running() -> Iterator[None]:
    """Hold the database available while the block runs, for one command.

    Starts the embedded server when nobody has; joins it when another command or the running desk
    has. Sets the two variables for this process and its children, and restores them.
    """
    if os.environ.get(APP_VARIABLE):
        yield
        return
    with _ends_on_termination(), _available() as addresses:
        before = dict(os.environ)
        os.environ.update(addresses)
        try:
            yield
        finally:
            for name in addresses:
                os.environ.pop(name, None)
                if name in before:
                    os.environ[name] = before[name]


def addresses(server: Server) -> dict[str, str]:
    """Return the environment that leads to a server of ours."""
    return {APP_VARIABLE: server.url("desk_app"), OWNER_VARIABLE: server.url("desk_owner")}


@contextlib.contextmanager
def _available() -> Iterator[dict[str, str]]:
    """Own the embedded server, or be a guest of the process that does."""
    server = Server(data_folder())
    guests = _Guests(server.data)
    deadline = threading.Event()
    for _ in range(START_SECONDS_MAX * 10):
        if server.acquire():
            try:
                server.start()
                yield addresses(server)
                guests.wait_until_gone()
            finally:
                server.stop()
            return
        with guests.entered() as came_in:
            if came_in and (found := _reachable(server)):
                yield found
                return
        deadline.wait(0.1)
    message = f"Another process keeps the database of {server.data} and it does not answer."
    raise DatabaseBroken(message)


def _reachable(server: Server) -> dict[str, str] | None:
    """Return the addresses of a server that another process runs, once it answers."""
    import psycopg

    server.home = server.account.home_for(server.data, server.say)
    if not socket_folder(server.home).exists():
        return None
    try:
        psycopg.connect(server.url("desk_app"), connect_timeout=5).close()
    except psycopg.OperationalError:
        return None
    return addresses(server)


class _Guests:
    """Commands that use a server of another command, which waits for them before it stops."""

    def __init__(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.path = data / "postgres.guests"

    @contextlib.contextmanager
    def entered(self) -> Iterator[bool]:
        """Be a guest while the block runs; False when the host is just closing."""
        with self.path.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def wait_until_gone(self) -> None:
        """Wait for all guests, within reason."""
        pause = threading.Event()
        with self.path.open("a") as file:
            for _ in range(GUESTS_SECONDS_MAX * 20):
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pause.wait(0.05)
                else:
                    return


@contextlib.contextmanager
def _ends_on_termination() -> Iterator[None]:
    """Let SIGTERM and SIGINT end the block in order; a background job would ignore SIGINT."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    old = signal.signal(signal.SIGTERM, leave)
    interrupt = signal.getsignal(signal.SIGINT)
    if interrupt is signal.SIG_IGN:
        signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, old)
        signal.signal(signal.SIGINT, interrupt)
