"""`desk backup FILE`: one archive of the database, the files, and, if asked for, the keys."""

import argparse
import json
import sys
from pathlib import Path

NAME = "backup"
HELP = "write one archive of the database and the files"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the archive; must not exist yet")
    parser.add_argument("--with-key", action="store_true", help="put the keys in as well")
    parser.add_argument("--json", action="store_true", help="answer as one line of JSON")


def run(options: argparse.Namespace) -> int:
    """Write the archive; the desk may run meanwhile."""
    from desk.config import backup, database
    from desk.lib import clock

    try:
        with database.running():
            made = backup.backup(options.file, clock.now(), options.with_key, _say)
    except (backup.BackupError, database.DatabaseBroken, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    size = options.file.stat().st_size
    if options.json:
        print(json.dumps({"file": str(options.file), "bytes": size, "parts": len(made.parts)}))
        return 0
    print(f"{options.file}: {size} bytes, {len(made.parts)} part(s)")
    if not made.keys:
        print("The keys are not in it: keep secret.key and encryption.key apart.")
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr)
