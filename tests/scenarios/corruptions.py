"""Breaking the ledger with its guards down, to see that the check names what was broken."""

from __future__ import annotations

import psycopg
from django.db import connection

from desk.deposits import checks
from tests import cluster
from tests.cluster import address


def found_after(harm: str) -> dict[str, str]:
    """The codes found once the owner did this, each with its first sentence; undone afterwards."""
    name = str(connection.settings_dict["NAME"])
    with psycopg.connect(address(cluster.ADMIN_VARIABLE, name)) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute(harm)
        found = {}
        for proof in checks._PROOFS:
            row = owner.execute(f"{proof.query} LIMIT 1").fetchone()
            if row is not None:
                assert ":" in row[0], "a fault is of something"
                found[proof.code] = proof.sentence.format(*row)
        owner.rollback()
    return found
