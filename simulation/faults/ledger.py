"""Sixteen processes book on the ledger at random and are killed: not a unit lost or doubled.

Each process writes what it is about to do before it does it, and afterwards that it was done; a
killed one's successor asks for the same once more. In the end `desk check` proves the ledger, and
every partner's movements are done over on an independent model (plain lists, no code of the desk):
each lot must hold what the model's does, to the unit.
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from django.db import connection, connections

from desk.deposits.checks import check
from desk.deposits.models import Line, Transaction
from desk.journal.models import Entry
from desk.partners.models import StaffRole
from simulation.faults import ledger_worker as workers
from simulation.faults.ledger_recount import recount
from simulation.faults.ledger_worker import KEYS, Told
from simulation.faults.run import Run
from tests.scenarios.deposits import a_partner, staff

PARTNERS = 5
SETTLE_SECONDS_MAX = 30
# What always leaves a transaction of its own key; an end may find that everything has ended.
LEAVES_TRANSACTION = frozenset(
    {"buy", "give", "top_up", "convert", "hold", "hold_money", "bug", "reverse"}
)
LEAVES_ENTRY = LEAVES_TRANSACTION | {"adjust", "propose_refund"}


def run(run: Run) -> list[str]:
    """Book, kill, count."""
    partners = [a_partner(f"F{number}") for number in range(PARTNERS)]
    for _ in range(2):
        staff(StaffRole.ACCOUNTANT)
    crew = Crew(run, partners)
    crew.start()
    killed = crew.live(run.seconds, run.kills)
    crew.stop()
    found = list(crew.fallen)
    if not _server_has_let_go():
        found.append("The database still works for a process that was killed.")
    begun, done, refused = crew.told()
    found += [f"{fault.code} {fault.subject}: {fault.sentence}" for fault in check()]
    found += _acknowledged(begun, done, refused)
    for partner_id in partners:
        found += recount(partner_id, begun)
    run.figures.update(
        connections=run.count,
        killed=killed,
        operations=len(begun),
        acknowledged=len(done),
        refused=len(refused),
        transactions=Transaction.objects.count(),
        lines=Line.objects.count(),
        by_verb=dict(Counter(Transaction.objects.values_list("verb", flat=True))),
    )
    return found


class Crew:
    """The processes, each with a log that its successors go on with."""

    def __init__(self, run: Run, partners: list[int]) -> None:
        self.run, self.partners = run, partners
        self.pids: dict[int, int] = {}
        self.lives = 0
        self.fallen: list[str] = []

    def start(self) -> None:
        """Start them all."""
        for number in range(self.run.count):
            self._fork(number)

    def live(self, seconds: float, kills: int) -> int:
        """Let them book for a while, killing one now and then; how often."""
        until, killed = time.monotonic() + seconds, 0
        moments = sorted(self.run.random.uniform(0, seconds) for _ in range(kills))
        began = time.monotonic()
        while time.monotonic() < until:
            while killed < kills and moments[killed] < time.monotonic() - began:
                number = self.run.random.randrange(self.run.count)
                self._kill(number)
                self._fork(number)
                killed += 1
            self._notice_fallen()
            time.sleep(0.02)
        return killed

    def stop(self) -> None:
        """Kill them all where they stand: the end is no kinder than the rest."""
        self._notice_fallen()
        for number in list(self.pids):
            self._kill(number)

    def told(self) -> tuple[dict[str, Told], dict[str, Told], set[str]]:
        """What was begun, acknowledged and refused, by key."""
        begun: dict[str, Told] = {}
        done: dict[str, Told] = {}
        refused: set[str] = set()
        for number in range(self.run.count):
            for said in workers.said(self._log(number)):
                if "begin" in said:
                    begun[said["begin"]["key"]] = said["begin"]
                elif "done" in said:
                    done[said["done"]] = said
                else:
                    refused.add(said["refused"])
        return begun, done, refused

    def _log(self, number: int) -> Path:
        return self.run.folder / f"worker-{number}.log"

    def _fork(self, number: int) -> None:
        # A connection belongs to one process: none is open when it divides.
        connections.close_all()
        self.lives += 1
        seed = f"{self.run.random.random()}:{self.lives}"
        pid = os.fork()
        if pid:
            self.pids[number] = pid
            return
        try:
            workers.work(number, seed, self._log(number), self.partners)
        except BaseException as error:  # noqa: BLE001  # the process ends here in any case
            note = self.run.folder / f"fallen-{number}"
            note.write_text(f"{type(error).__name__}: {error}")
            os._exit(1)
        os._exit(0)

    def _kill(self, number: int) -> None:
        pid = self.pids.pop(number)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    def _notice_fallen(self) -> None:
        for number, pid in list(self.pids.items()):
            ended, _ = os.waitpid(pid, os.WNOHANG)
            if ended:
                note = self.run.folder / f"fallen-{number}"
                why = note.read_text() if note.exists() else "without a word"
                self.fallen.append(f"Process {number} ended by itself: {why}")
                self._fork(number)


def _server_has_let_go() -> bool:
    """Whether the connections of the killed are gone: one may be finishing its commit."""
    others = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
    until = time.monotonic() + SETTLE_SECONDS_MAX
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(others)
            if cursor.fetchone() == (0,):
                return True
        time.sleep(0.1)
    return False


def _acknowledged(
    begun: Mapping[str, Told], done: Mapping[str, Told], refused: set[str]
) -> list[str]:
    """Lost: acknowledged and not there. Ghost: there, and never begun, or refused."""
    booked = {
        key.removeprefix(KEYS)
        for key in Transaction.objects.values_list("key", flat=True)
        if key.startswith(KEYS)
    }
    keys = Entry.objects.filter(key__startswith=KEYS).values_list("key", flat=True)
    told = {str(key).removeprefix(KEYS) for key in keys}
    found = [
        f"The acknowledged {said['verb']} {key} is lost."
        for key, said in sorted(done.items())
        if (said["verb"] in LEAVES_TRANSACTION and key not in booked)
        or (said["verb"] in LEAVES_ENTRY and key not in told)
    ]
    found += [f"Nobody began {key}, which was booked." for key in sorted(booked - set(begun))]
    found += [f"The refused {key} was booked." for key in sorted(booked & (refused - set(done)))]
    return found
