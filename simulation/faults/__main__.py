"""Kills and cuts parts of the desk while they work, and counts what was lost or done twice.

    bin/faults                  all parts, one after another
    bin/faults channels         one part
    bin/faults mail --count 10000 --kills 40 --seed 7
    bin/faults --list           the parts and what each does

Each part runs in a scratch database of its own with durable commits, which is removed afterwards.
Exit status 0 when nothing was lost or doubled, 1 when something was. With --json one line of JSON
ends the output.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from simulation.faults.run import Run


class Part(NamedTuple):
    """`module` has `run(run: Run) -> list[str]`, a sentence for each thing that went wrong. It is
    imported when the database runs and Django is set up."""

    module: str
    what: str
    count_usual: int
    kills_usual: int


SECONDS_USUAL = 60
PARTS = {
    "channels": Part(
        "simulation.faults.channels",
        "arrivals in the inbox while the worker is killed: none lost, each used once",
        2_000,
        20,
    ),
    "mail": Part(
        "simulation.faults.mail",
        "mails by LMTP and IMAP while worker and receiver are killed: none lost, each used once",
        10_000,
        40,
    ),
    "control": Part(
        "simulation.faults.control",
        "three days under the Standard while the worker is killed: each violation found, once",
        12,
        15,
    ),
    "onebox": Part(
        "simulation.faults.onebox",
        "a partner's OneBox that goes away while the worker is killed: all once, in order",
        40,
        10,
    ),
    "ledger": Part(
        "simulation.faults.ledger",
        "16 processes book on the ledger and are killed: no unit lost, made or charged twice",
        16,
        60,
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts that are asked for; 1 when one of them found something."""
    options = _options(arguments)
    if options.list:
        print("\n".join(f"{name:12} {part.what}" for name, part in PARTS.items()))
        return 0
    figures = {name: _run(name, options) for name in options.parts or PARTS}
    if options.json:
        print(json.dumps(figures, ensure_ascii=False))
    return 1 if any(one["findings"] for one in figures.values()) else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--count", type=int, help="how many things come in")
    parser.add_argument("--kills", type=int, help="how often the worker is killed")
    parser.add_argument("--seconds", type=int, help="how long the ledger is booked on (60)")
    parser.add_argument("--seed", type=int, default=1, help="makes the moments repeatable (1)")
    parser.add_argument("--list", action="store_true", help="name the parts")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.parts if name not in PARTS]
    if unknown:
        parser.error(f"There is no part {unknown[0]!r}; known: {', '.join(PARTS)}.")
    return options


def _run(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """One part in a database of its own; its figures and findings."""
    command = [sys.executable, "-m", __spec__.name] if __spec__ else []
    if len(options.parts or PARTS) > 1 and command:
        return _apart(command, name, options)
    part = PARTS[name]
    os.environ["DJANGO_SETTINGS_MODULE"] = "desk.config.settings"
    from simulation import scratch

    def tell(text: str) -> None:
        print(text, file=sys.stderr if options.json else sys.stdout, flush=True)

    with (
        tempfile.TemporaryDirectory(prefix="desk-faults-") as folder,
        scratch.database(Path(folder), cheap=False),
    ):
        import django

        django.setup()
        from django.db import connection

        from simulation.faults.run import Run

        run = Run(
            count=options.count or part.count_usual,
            kills=part.kills_usual if options.kills is None else options.kills,
            random=random.Random(options.seed),
            folder=Path(folder),
            tell=tell,
            seconds=options.seconds or SECONDS_USUAL,
        )
        tell(f"{name}: {part.what} (seed {options.seed})")
        figures = _measured(part, run)
        connection.close()
    return figures


def _measured(part: Part, run: Run) -> dict[str, Any]:
    began = time.monotonic()
    findings = list(import_module(part.module).run(run))
    for finding in findings:
        run.tell(f"  finding: {finding}")
    seconds = round(time.monotonic() - began, 1)
    run.tell(f"  {run.figures}, {seconds} s, {len(findings)} findings")
    return {**run.figures, "seconds": seconds, "findings": findings}


def _apart(command: list[str], name: str, options: argparse.Namespace) -> dict[str, Any]:
    """One of several parts in a process of its own: settings are read once in a process."""
    import subprocess

    more = [
        f"--{key}={value}" for key in ("count", "kills", "seconds") if (value := vars(options)[key])
    ]
    done = subprocess.run(
        [*command, name, f"--seed={options.seed}", "--json", *more],
        stdout=subprocess.PIPE,
        text=True,
    )
    if not done.stdout.strip():
        return {"findings": [f"The part ended with {done.returncode} and said nothing."]}
    found: dict[str, Any] = json.loads(done.stdout)[name]
    return found


if __name__ == "__main__":
    raise SystemExit(main())
