"""Nightly work that belongs to the desk as a whole. Found by procrastinate."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from procrastinate.contrib.django import app

from desk.channels import checks as channels
from desk.deposits import checks as ledger
from desk.deposits.queries import papers
from desk.lib import clock, files
from desk.oversight import checks as control
from desk.oversight.actions import scores
from desk.staff.accounting import proof
from desk.staff.setup import health
from desk.tickets import checks as tickets
from desk.tickets import queries

ORPHAN_AFTER = timedelta(days=2)
log = logging.getLogger(__name__)


@app.periodic(cron="40 0 * * *")
@app.task(name="prove", queue="nightly", queueing_lock="prove")
def prove(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it by name
    """Prove the ledger and the tickets every night (L9); it reports, a person mends."""
    at = clock.now()
    of_ledger = ledger.check()
    proof.keep(of_ledger, by_hand=False)
    found = [*of_ledger, *tickets.check(at), *channels.check(), *control.check(at)]
    for one in found:
        log.error("Check: %s %s: %s", one.code, one.subject, one.sentence)
    health.keep(found, at)


@app.periodic(cron="10 1 * * *")
@app.task(name="sweep_files", queue="nightly", queueing_lock="sweep_files")
def sweep_files(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it by name
    """Remove bytes that nothing refers to: uploads of forms that were refused."""
    before = clock.now() - ORPHAN_AFTER
    removed = files.sweep(Path(settings.FILES_DIR), _are_kept, before)
    log.info("Removed %s files that belong to nothing.", removed)


def _are_kept(digests: Collection[str]) -> frozenset[str]:
    """What tickets and papers refer to."""
    return queries.are_attached(digests) | papers.are_papers(digests)


@app.periodic(cron="20 * * * *")
@app.task(name="count_week", queue="nightly", queueing_lock="count_week")
def count_week(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it by name
    """Count what each specialist kept in a week that is over; hourly, so that none is missed."""
    counted = scores.count_week(clock.now())
    if counted:
        log.info("Counted the weeks of %s specialists.", counted)
