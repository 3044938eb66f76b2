"""`desk check`: proves the ledger and every ticket from their events; it reports, a person mends.

Exit status 0 when everything is right, 1 when something is wrong: each fault is named by its
code, what it is about, and a sentence. With --json each line is one JSON object.
"""

import argparse
import contextlib
import json
from collections.abc import Iterator

NAME = "check"
HELP = "prove ledger, journal and clocks"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.set_defaults(needs_database=True)
    parser.add_argument("--json", action="store_true", help="a JSON object a line")


def run(options: argparse.Namespace) -> int:
    """Print the faults as they are found, then how much was proved."""
    from desk.channels import checks as channels
    from desk.deposits import checks as ledger
    from desk.lib import clock
    from desk.oversight import capacity_checks as capacity
    from desk.oversight import checks as control
    from desk.tickets import checks as tickets

    found = 0
    with _one_snapshot():
        at = clock.now()
        of_people = (control.check(at), capacity.check(at))
        sources = (ledger.check(), tickets.check(at), channels.check(), *of_people)
        for source in sources:
            for fault in source:
                found += 1
                _say(options, fault.code, fault.subject, fault.sentence)
        counted = {**ledger.counts(), **tickets.counts(), **control.counts(), **capacity.counts()}
    _sum_up(options, counted, found)
    return 1 if found else 0


@contextlib.contextmanager
def _one_snapshot() -> Iterator[None]:
    """Let all queries see one moment, also while the desk is running."""
    from django.db import connection, transaction

    outside = not connection.in_atomic_block
    with transaction.atomic():
        if outside:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def _say(options: argparse.Namespace, code: str, subject: str, sentence: str) -> None:
    if options.json:
        fault = {"code": code, "subject": subject, "sentence": sentence}
        print(json.dumps(fault, ensure_ascii=False), flush=True)
    else:
        print(f"{code} {subject}: {sentence}", flush=True)


def _sum_up(options: argparse.Namespace, counted: dict[str, int], found: int) -> None:
    if options.json:
        print(json.dumps({"checked": counted, "findings": found}))
        return
    print("Checked " + ", ".join(f"{name} {count}" for name, count in counted.items()) + ".")
    print(f"{found} faults." if found else "Nothing is wrong.")
