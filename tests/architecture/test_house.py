"""The commands, the documents and the settings of the house are as they should be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from desk.config import docs

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = sorted(path for path in (ROOT / "bin").iterdir() if path.is_file())


@pytest.mark.parametrize("command", COMMANDS, ids=lambda path: path.name)
def test_a_command_explains_itself(command: Path) -> None:
    done = subprocess.run([command, "--help"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip(), "it says nothing"


def test_the_readme_knows_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [c.name for c in COMMANDS if f"bin/{c.name}" not in text] == []


def test_documents_made_from_the_code_are_fresh() -> None:
    assert docs.stale() == []


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", *arguments],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "desk.config.settings"} | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_every_model_has_its_migration(django_db_setup: None) -> None:
    done = manage("makemigrations", "--check", "--dry-run")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_settings_are_safe_for_the_open_network(tmp_path: Path) -> None:
    done = manage(
        "check",
        "--deploy",
        "--fail-level=WARNING",
        DESK_DATA=str(tmp_path),
        DESK_BASE_URL="https://desk.example",
        DESK_SECRET_KEY="",
        DESK_DEMO="",
        DJANGO_ALLOW_ASYNC_UNSAFE="",
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_clock_is_shifted_in_a_demo_only(tmp_path: Path) -> None:
    code = "from desk.lib import clock; print(clock.now())"
    environment = os.environ | {"DESK_CLOCK_SHIFT": "60", "DESK_DEMO": ""}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert b"ClockShiftRefused" in done.stderr
