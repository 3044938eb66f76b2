"""A backup restored into an empty database and data folder is the same desk (specification 8)."""

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pytest_django.fixtures import Settings

from desk.config import database
from desk.deposits.actions import papering
from desk.deposits.queries import papers
from desk.lib import files
from tests import cluster
from tests.running import RunningDesk
from tests.scenarios.billing import a_company
from tests.scenarios.deposits import a_partner, keyed
from tests.scenarios.papers import an_invoice

PASSING = ("django_session", "desk_cache", "usersessions_usersession")


@pytest.fixture
def source(committed: str, tmp_path: Path) -> RunningDesk:
    """A desk with a calendar, a file and keys; its processes do not run."""
    desk = RunningDesk(committed, tmp_path / "source")
    (desk.data / "files" / "ab").mkdir(parents=True)
    (desk.data / "files" / "ab" / "abcd").write_bytes(b"screenshot")
    (desk.data / "encryption.key").write_text("old key\n")
    with psycopg.connect(cluster.address(database.OWNER_VARIABLE, committed)) as connection:
        connection.execute("INSERT INTO partners_calendar (name) VALUES ('Київ ґ')")
    return desk


@pytest.fixture
def target(django_db_setup: None, tmp_path: Path) -> Iterator[RunningDesk]:
    """An empty database and data folder."""
    with cluster.empty("restored") as name:
        yield RunningDesk(name, tmp_path / "target")


def counts(name: str) -> dict[str, int]:
    """Return the number of rows of each table that a backup keeps."""
    with psycopg.connect(cluster.address(database.OWNER_VARIABLE, name)) as connection:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        tables = [row[0] for row in connection.execute(query)]
        return {table: _count(connection, table) for table in tables if table not in PASSING}


def _count(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()  # noqa: S608 — from the catalogue
    assert row is not None
    return int(row[0])


def test_a_restored_desk_is_the_same(
    source: RunningDesk, target: RunningDesk, tmp_path: Path
) -> None:
    archive = tmp_path / "desk.backup"
    made = source.command("backup", str(archive), "--json")
    assert made.returncode == 0, made.stderr
    assert archive.stat().st_mode & 0o777 == 0o600
    with tarfile.open(archive) as content:
        assert "encryption.key" not in content.getnames()

    done = target.command("restore", str(archive), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["checked"] is True
    assert counts(target.name) == counts(source.name)
    assert (target.data / "files" / "ab" / "abcd").read_bytes() == b"screenshot"
    assert not (target.data / "encryption.key").exists()


def test_papers_come_back_with_their_bytes(
    source: RunningDesk, target: RunningDesk, tmp_path: Path, settings: Settings
) -> None:
    settings.FILES_DIR = source.data / "files"
    a_company()
    paper = papering.issue(keyed(), an_invoice(a_partner()))
    kept = [papers.content_of(paper.id, "pdf"), papers.content_of(paper.id, "xlsx")]
    source.command("backup", str(tmp_path / "desk.backup"))
    target.command("restore", str(tmp_path / "desk.backup"))
    with psycopg.connect(cluster.address(database.OWNER_VARIABLE, target.name)) as connection:
        row = connection.execute("SELECT pdf, xlsx FROM deposits_paper").fetchone()
    assert row is not None
    assert [files.path(target.data / "files", sha256).read_bytes() for sha256 in row] == kept


def test_the_application_may_use_what_was_restored(
    source: RunningDesk, target: RunningDesk, tmp_path: Path
) -> None:
    source.command("backup", str(tmp_path / "desk.backup"))
    target.command("restore", str(tmp_path / "desk.backup"))
    with psycopg.connect(cluster.address(database.APP_VARIABLE, target.name)) as connection:
        found = connection.execute("SELECT name FROM partners_calendar").fetchall()
        assert found == [("Київ ґ",)]
        connection.execute("INSERT INTO partners_calendar (name) VALUES ('another')")


def test_keys_are_in_it_when_asked_for(
    source: RunningDesk, target: RunningDesk, tmp_path: Path
) -> None:
    source.command("backup", str(tmp_path / "desk.backup"), "--with-key")
    target.command("restore", str(tmp_path / "desk.backup"))
    assert (target.data / "encryption.key").read_text() == "old key\n"


def test_a_database_in_use_is_not_restored_into(source: RunningDesk, tmp_path: Path) -> None:
    source.command("backup", str(tmp_path / "desk.backup"))
    before = counts(source.name)
    done = source.command("restore", str(tmp_path / "desk.backup"))
    assert done.returncode == 1
    assert "not empty" in done.stderr
    assert counts(source.name) == before


@pytest.mark.parametrize("damage", ["cut", "changed", "nothing"])
def test_a_damaged_archive_changes_nothing(
    source: RunningDesk, target: RunningDesk, tmp_path: Path, damage: str
) -> None:
    archive = tmp_path / "desk.backup"
    source.command("backup", str(archive))
    content = archive.read_bytes()
    place = content.index(b"PGDMP") + 2000
    damaged = {
        "cut": content[: len(content) // 2],
        "changed": content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :],
        "nothing": b"",
    }
    archive.write_bytes(damaged[damage])
    done = target.command("restore", str(archive))
    assert done.returncode == 1
    assert counts(target.name) == {}
    assert not (target.data / "files").exists()


def test_an_archive_is_not_overwritten(source: RunningDesk, tmp_path: Path) -> None:
    (tmp_path / "desk.backup").write_text("precious")
    assert source.command("backup", str(tmp_path / "desk.backup")).returncode == 1
    assert (tmp_path / "desk.backup").read_text() == "precious"


def test_the_embedded_server_is_backed_up_and_restored(tmp_path: Path) -> None:
    """The same with two embedded servers, started and stopped by the commands themselves."""

    def desk(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        variables = {database.APP_VARIABLE, database.OWNER_VARIABLE}
        environment = {k: v for k, v in os.environ.items() if k not in variables}
        return subprocess.run(
            [sys.executable, "-m", *arguments],
            env=environment | {"DESK_DATA": str(data)},
            capture_output=True,
            text=True,
        )

    provisioned = desk(tmp_path / "one", "desk.config.provision")
    assert provisioned.returncode == 0, provisioned.stderr
    archive = str(tmp_path / "desk.backup")
    made = desk(tmp_path / "one", "desk.config.cli", "backup", archive)
    assert made.returncode == 0, made.stderr
    done = desk(tmp_path / "two", "desk.config.cli", "restore", archive)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "two" / "postgres" / "postmaster.pid").exists()
