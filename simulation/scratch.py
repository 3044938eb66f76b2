"""A database for one simulation: embedded, unsafe and quick, gone afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desk.config.embedded import Server


@contextmanager
def database(folder: Path, *, cheap: bool = True) -> Iterator[Server]:
    """Run a migrated database in `folder` while the block runs; with DATABASE_URL that server is
    left alone all the same: a simulation never writes where a desk may live. `cheap` gives up
    durability for speed."""
    from desk.config import provision
    from desk.config.database import addresses
    from desk.config.embedded import Server

    server = Server(folder, cheap=cheap)
    if not server.acquire():
        raise RuntimeError(f"{folder} is in use")
    server.start()
    try:
        os.environ.update(addresses(server))
        os.environ["DESK_DATA"] = str(folder)
        os.environ["DESK_DEMO"] = "1"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.config.settings")
        _provision(provision.__name__)
        yield server
    finally:
        server.stop()


def _provision(module: str) -> None:
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-m", module], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
