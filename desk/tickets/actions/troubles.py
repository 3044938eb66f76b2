"""What the watcher could not do: in the log with its traceback, and in the journal, where
administrators find it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal import queries as history

RETRY_AFTER = timedelta(minutes=1)
REPORT_EVERY = timedelta(hours=1)
VERB = "watch_failed"
log = logging.getLogger(__name__)


def report(ticket_id: int, about: str, error: Exception, at: datetime) -> None:
    """Log every failure; note one in the journal once an hour, however often it is tried again."""
    log.error("Watching ticket %s (%s) failed.", ticket_id, about, exc_info=error)
    if not since(ticket_id, about, at - REPORT_EVERY):
        facts = {"about": about, "error": type(error).__name__}
        journal.record(causes.system(at), VERB, f"ticket:{ticket_id}", facts)


def since(ticket_id: int, about: str, moment: datetime) -> bool:
    """Whether this was reported after `moment`."""
    reported = history.of(f"ticket:{ticket_id}").filter(verb=VERB, facts__about=about)
    return reported.filter(at__gt=moment).exists()
