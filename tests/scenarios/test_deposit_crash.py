"""A process killed with the ledger open: what was acknowledged is there, nothing else (L1)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from desk.config import database
from desk.deposits import queries
from desk.deposits.checks import check
from desk.deposits.models import Transaction
from tests import cluster
from tests.scenarios.deposits import a_partner, buys

ROOT = Path(__file__).resolve().parents[2]
ACKNOWLEDGED_MIN = 12

# Prints each key once its operation has returned: from then on it must not be lost.
WORKER = """
import sys, django
django.setup()
from desk.deposits import actions
from desk.journal.cause import Cause
from desk.rules.ledger import Commodity
from tests.scenarios.deposits import MONDAY, MONEY
partner, number = int(sys.argv[1]), 0
while True:
    number += 1
    subject = f"ticket:{number}/hours"
    deeds = {
        "top_up": lambda c: actions.top_up(c, partner, 500, ""),
        "hold": lambda c: actions.hold(
            c, partner, [subject], commodity=MONEY, quantity_each=300, memo=""),
        "capture": lambda c: actions.capture(c, [subject], quantity=200),
    }
    for verb, deed in deeds.items():
        key = f"{verb}:{number}"
        deed(Cause("person:1", MONDAY, "test", key))
        print(key, flush=True)
"""


@pytest.mark.parametrize("moment", range(3))
def test_l1_a_killed_process_loses_nothing_acknowledged(committed: str, moment: int) -> None:
    partner = a_partner()
    buys(partner, 1)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        database.APP_VARIABLE: cluster.address(database.APP_VARIABLE, committed),
    }
    command = [sys.executable, "-c", WORKER, str(partner)]
    acknowledged = []
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        for line in worker.stdout:
            acknowledged.append(line.strip())
            if len(acknowledged) == ACKNOWLEDGED_MIN + moment:
                worker.kill()
    _server_has_let_go()
    known = set(Transaction.objects.values_list("key", flat=True))
    assert set(acknowledged) <= known
    # At most the one that was running when the process died was not yet acknowledged.
    assert len(known - set(acknowledged)) <= 2
    charged = sum(key.startswith("capture") for key in known)
    balance = queries.balance(partner)
    deeds = sum(key.startswith("top_up") for key in known)
    assert balance.money_available_kopecks + balance.money_held_kopecks == (
        500 * deeds - 200 * charged
    )
    assert check() == []


def _server_has_let_go() -> None:
    """The killed worker's connection may be finishing a commit: wait until it is gone."""
    others = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
    until = time.monotonic() + 30
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (mine,) = cursor.fetchone()
        while True:
            cursor.execute(others, [mine])
            if cursor.fetchone() is None:
                return
            assert time.monotonic() < until, "the killed worker's connection stays"
