"""The databases of a test run: one server, one migrated template, a clone for whoever needs one."""

import fcntl
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from desk.config import database, provision
from desk.config.embedded import Server

ADMIN_VARIABLE = "DESK_TEST_ADMIN_URL"
FOLDER_VARIABLE = "DESK_TEST_FOLDER"
RUN_VARIABLE = "DESK_TEST_RUN"
RUNS_MAX = 12
TEMPLATES_MAX = 2
_numbers = itertools.count()
TESTS = Path(__file__).resolve().parents[1] / "var" / "tests"


def start() -> Server | None:
    """Start the server of this run and announce it to the workers; None where one is configured.

    Several runs side by side take a folder each; the server of a killed run is stopped by the next
    one that takes its folder.
    """
    if os.environ.get(ADMIN_VARIABLE):
        return None
    os.environ[RUN_VARIABLE] = str(os.getpid())
    if os.environ.get(database.APP_VARIABLE):
        os.environ[ADMIN_VARIABLE] = os.environ[database.APP_VARIABLE]
        os.environ[FOLDER_VARIABLE] = str(TESTS)
        TESTS.mkdir(parents=True, exist_ok=True)
        return None
    for number in range(RUNS_MAX):
        server = Server(TESTS / str(number), cheap=True)
        if server.acquire():
            server.start()
            os.environ[ADMIN_VARIABLE] = server.url("postgres", "postgres")
            os.environ[database.OWNER_VARIABLE] = server.url("desk_owner", "postgres")
            os.environ[database.APP_VARIABLE] = server.url("desk_app", "postgres")
            os.environ[FOLDER_VARIABLE] = str(server.data)
            return server
    raise RuntimeError(
        f"{RUNS_MAX} test runs at once are enough; remove {TESTS} if there are none."
    )


def stop(server: Server) -> None:
    """Stop the server of this run."""
    server.stop()
    for name in (ADMIN_VARIABLE, FOLDER_VARIABLE, database.OWNER_VARIABLE, database.APP_VARIABLE):
        os.environ.pop(name, None)


def address(variable: str, name: str) -> str:
    """Return the address of the database `name`, as the role of the variable reaches it."""
    parts = urlsplit(os.environ.get(variable) or os.environ[database.APP_VARIABLE])
    url = urlunsplit(parts._replace(path=f"/{name}"))
    # Without a host the standard library drops the slashes that libpq wants.
    return url if "://" in url else url.replace(":", "://", 1)


@contextmanager
def clone(label: str, template: str | None = None) -> Iterator[str]:
    """Hold a fresh copy of the migrated template while the block runs; yields its name."""
    source = template or ensure_template()
    name = f"desk_{label}_{os.getpid()}_{next(_numbers)}"
    with _admin() as admin:
        _copy(admin, source, name)
    try:
        yield name
    finally:
        drop(name)


@contextmanager
def empty(label: str) -> Iterator[str]:
    """Hold a new database without any table while the block runs; yields its name."""
    name = f"desk_{label}_{os.getpid()}_{next(_numbers)}"
    with _admin() as admin:
        _create(admin, name)
    try:
        yield name
    finally:
        drop(name)


def drop(name: str) -> None:
    """Remove a database, cutting who is still connected."""
    with _admin() as admin:
        admin.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def ensure_template() -> str:
    """Return the name of the template of the present migrations, made when there is none."""
    name = f"desk_template_{provision.fingerprint()[:16]}"
    guard = Path(os.environ[FOLDER_VARIABLE]) / "template.guard"
    with guard.open("a") as file, _admin() as admin:
        fcntl.flock(file, fcntl.LOCK_EX)
        known = _names(admin, "desk_template_%")
        if name not in known:
            for old in known[: max(0, len(known) - TEMPLATES_MAX + 1)]:
                drop(old)
            _make_template(admin, name)
    return name


def ensure_demo() -> tuple[str, Path]:
    """Return the template with demo data and the data folder made with it, once a run."""
    run = os.environ[RUN_VARIABLE]
    name = f"desk_demo_{run}"
    folder = Path(os.environ[FOLDER_VARIABLE]) / "demo" / run
    source = ensure_template()
    guard = Path(os.environ[FOLDER_VARIABLE]) / "demo.guard"
    with guard.open("a") as file, _admin() as admin:
        fcntl.flock(file, fcntl.LOCK_EX)
        if name not in _names(admin, "desk_demo_%"):
            for old in _names(admin, "desk_demo_%"):
                drop(old)
            shutil.rmtree(folder.parent, ignore_errors=True)
            folder.mkdir(parents=True)
            draft = f"{name}_draft"
            drop(draft)
            _copy(admin, source, draft)
            # The passwords must be hashed as the running desk hashes them.
            settings = {"DJANGO_SETTINGS_MODULE": "desk.config.settings"}
            extra = {"DESK_DATA": str(folder), "DESK_DEMO": "1"}
            _call("simulation.demo", draft, settings | extra)
            _rename(admin, draft, name)
    return name, folder


def _make_template(admin: psycopg.Connection, name: str) -> None:
    draft = f"{name}_draft"
    drop(draft)
    _create(admin, draft)
    _call("desk.config.provision", draft, {"DJANGO_SETTINGS_MODULE": "tests.settings"})
    _rename(admin, draft, name)


def _call(module: str, name: str, extra: dict[str, str]) -> None:
    """Run a module of ours on the database `name`."""
    environment = os.environ | extra
    for variable in (database.APP_VARIABLE, database.OWNER_VARIABLE):
        environment[variable] = address(variable, name)
    command = [sys.executable, "-m", module]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{module} fails:\n{done.stdout}{done.stderr}")


def _copy(admin: psycopg.Connection, source: str, name: str) -> None:
    query = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    admin.execute(query.format(sql.Identifier(name), sql.Identifier(source)) + _owned())


def _rename(admin: psycopg.Connection, draft: str, name: str) -> None:
    query = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    admin.execute(query.format(sql.Identifier(draft), sql.Identifier(name)))


def _create(admin: psycopg.Connection, name: str) -> None:
    admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + _owned())


def _owned() -> sql.Composed:
    """The owner's role owns its database and with it the schema, in a copy as well."""
    owner = urlsplit(os.environ.get(database.OWNER_VARIABLE, "")).username
    return sql.SQL(" OWNER {}").format(sql.Identifier(owner)) if owner else sql.Composed([])


def _names(admin: psycopg.Connection, pattern: str) -> list[str]:
    """Return matching databases, the oldest first."""
    query = "SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY oid"
    return [row[0] for row in admin.execute(query, [pattern])]


def _admin() -> psycopg.Connection:
    return psycopg.connect(os.environ[ADMIN_VARIABLE], autocommit=True)
