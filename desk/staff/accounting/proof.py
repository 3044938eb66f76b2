"""The ledger check as accounting sees it: run by a job, kept where the nightly one is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from desk.deposits import checks
from desk.lib import clock
from desk.lib.findings import Finding

KEPT = "accounting:check"
KEPT_SECONDS = 7 * 24 * 3600
SHOWN_MAX = 50
LOCK = "prove_ledger"


def start() -> bool:
    """Put the check into the queue; False where it waits or runs already."""
    from desk.staff.accounting.tasks import prove_ledger

    try:
        # A lock that is taken fails the statement: the savepoint keeps the transaction alive.
        with transaction.atomic():
            prove_ledger.configure(queueing_lock=LOCK, lock=LOCK).defer()
    except AlreadyEnqueued:
        return False
    return True


def runs() -> bool:
    """Whether a check waits or runs."""
    waiting = ProcrastinateJob.objects.filter(queueing_lock=LOCK, status__in=["todo", "doing"])
    return waiting.exists()


def prove() -> None:
    """Prove the whole ledger now, and keep what was found."""
    keep(checks.check(), by_hand=True)


def keep(found: list[Finding], *, by_hand: bool) -> None:
    """Keep a check's outcome for the page, until the next one."""
    shown = [
        {"code": one.code, "subject": one.subject, "sentence": one.sentence}
        for one in found[:SHOWN_MAX]
    ]
    kept = {
        "at": clock.now(),
        "by_hand": by_hand,
        "faults": len(found),
        "findings": shown,
        "counts": checks.counts(),
    }
    cache.set(KEPT, kept, KEPT_SECONDS)


def last() -> Mapping[str, Any] | None:
    """The last check, by hand or at night; None when there was none in a week."""
    found: Mapping[str, Any] | None = cache.get(KEPT)
    return found
