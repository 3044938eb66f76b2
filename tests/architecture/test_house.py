"""The commands of the project say what they do."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = sorted(path for path in (ROOT / "bin").iterdir() if path.is_file())


@pytest.mark.parametrize("command", COMMANDS, ids=lambda path: path.name)
def test_a_command_explains_itself(command: Path) -> None:
    done = subprocess.run([command, "--help"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip(), "it says nothing"
