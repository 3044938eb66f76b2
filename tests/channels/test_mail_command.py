"""`desk mail ingest` and `desk mail read`, as a shell of its own runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg

from desk.config import database
from tests import cluster
from tests.channels import mails
from tests.running import RunningDesk


def run(desk: RunningDesk, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run `desk mail …` on a desk's data."""
    return subprocess.run(
        [sys.executable, "-m", "desk.config.cli", "mail", *words],
        env=desk.environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_file_is_taken_once_and_a_mailbox_is_read(committed: str, tmp_path: Path) -> None:
    desk = RunningDesk(committed, tmp_path / "data")
    desk.data.mkdir()
    file = tmp_path / "a.eml"
    file.write_bytes(mails.plain("Help."))
    done = run(desk, "ingest", str(file), str(file), str(tmp_path / "none.eml"))
    assert done.returncode == 1, done.stderr
    first, second = done.stdout.splitlines()
    assert "quarantined: " in first
    assert first == second
    assert "There is no such file." in done.stderr
    words = ("read", "desk@desk.example", "imap.desk.example", "desk")
    made = run(desk, *words, given="pass word\n")
    assert made.returncode == 0, made.stderr
    assert run(desk, *words, given="pass word\n").returncode == 1
    with psycopg.connect(cluster.address(database.OWNER_VARIABLE, committed)) as connection:
        rows = connection.execute("SELECT address, password FROM email_mailbox").fetchall()
        count = connection.execute("SELECT count(*) FROM channels_arrival").fetchone()
    ((address, password),) = rows
    assert address == "desk@desk.example"
    assert "pass word" not in password
    assert count == (1,)
