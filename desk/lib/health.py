"""Signs of life of the background loops, as small files in the data folder.

The health page reads what the worker writes; neither needs the other to run.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

FOLDER = "health"


@dataclass(frozen=True)
class Beat:
    """When a loop last went round (aware UTC), how often it has failed in a row, and why."""

    name: str
    at: datetime
    failures: int = 0
    error: str = ""
    pid: int = 0


def beat(found: Beat) -> None:
    """Write a loop's sign of life, replacing the one before."""
    path = _folder() / f"{found.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(asdict(found) | {"at": found.at.isoformat()}))
    draft.replace(path)


def forget(name: str) -> None:
    """Remove the sign of life of what is not meant to run any more."""
    (_folder() / f"{name}.json").unlink(missing_ok=True)


def read() -> list[Beat]:
    """Return the last signs of life, by name."""
    beats = []
    for path in sorted(_folder().glob("*.json")):
        fields = json.loads(path.read_text())
        at = datetime.fromisoformat(fields.pop("at")).astimezone(UTC)
        beats.append(Beat(at=at, **fields))
    return beats


def _folder() -> Path:
    return Path(os.environ.get("DESK_DATA", "var")) / FOLDER
