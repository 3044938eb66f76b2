"""`desk restore FILE`: brings a backup into an empty database and data folder, and proves it."""

import argparse
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

NAME = "restore"
HELP = "bring a backup into an empty database and data folder"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="an archive of `desk backup`")
    parser.add_argument("--json", action="store_true", help="answer as one line of JSON")


def run(options: argparse.Namespace) -> int:
    """Restore, migrate to the present version, and run `desk check`."""
    from desk.config import backup, database

    try:
        with database.running():
            restored = backup.restore(options.file, _say)
            _say("migrating and checking …")
            checked = _module("desk.config.provision") == 0 and _check()
    except (backup.BackupError, database.DatabaseBroken, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps({"created_at": restored.created_at, "checked": checked}))
    else:
        print(f"Restored the state of {restored.created_at}.")
        if not restored.keys:
            print("Put secret.key and encryption.key of the old data folder into this one.")
    return 0 if checked else 1


def _check() -> bool:
    if find_spec("desk.config.commands.check") is None:
        return True
    return _module("desk.config.cli", "check") == 0


def _module(name: str, *arguments: str) -> int:
    """Run one of our modules; what it prints goes to the person, not into our answer."""
    return subprocess.run([sys.executable, "-m", name, *arguments], stdout=sys.stderr).returncode


def _say(text: str) -> None:
    print(text, file=sys.stderr)
