"""What all tests share: a database server per run, a clone of the migrated database per worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker

from desk.config.embedded import Server
from tests import cluster

WITHOUT_DATABASE = ("rules",)
_server = pytest.StashKey[Server | None]()


def pytest_configure(config: pytest.Config) -> None:
    """Start the database server before the workers, unless only pure rules are asked for."""
    if hasattr(config, "workerinput") or config.option.collectonly or config.option.help:
        return
    if not _only_pure(config.args):
        config.stash[_server] = cluster.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server of the run."""
    server = config.stash.get(_server, None)
    if server is not None:
        cluster.stop(server)


def _only_pure(arguments: list[str]) -> bool:
    tests = Path(__file__).parent
    pure = [tests / name for name in WITHOUT_DATABASE]
    paths = [Path(argument.split("::")[0]).resolve() for argument in arguments]
    return all(any(path.is_relative_to(folder) for folder in pure) for path in paths)


def point_at(name: str) -> None:
    """Let Django's connection lead to the database `name`, as the application role."""
    from desk.config import database

    connection.close()
    fresh = database.from_url(cluster.address(database.APP_VARIABLE, name))
    for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS"):
        connection.settings_dict[key] = fresh[key]
        settings.DATABASES["default"][key] = fresh[key]


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Give this worker its own clone of the migrated template."""
    with django_db_blocker.unblock(), cluster.clone("worker") as name:
        point_at(name)
        yield
        connection.close()


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A fresh clone whose transactions are real, for tests of commits, locks and other processes.

    Yields the name of the database; threads and processes may connect to it (cluster.address).
    """
    before = str(connection.settings_dict["NAME"])
    with django_db_blocker.unblock(), cluster.clone("committed") as name:
        point_at(name)
        try:
            yield name
        finally:
            point_at(before)
