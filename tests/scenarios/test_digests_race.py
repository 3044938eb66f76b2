"""Several workers at once: one draw of a week, one digest of a day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.journal.models import Entry
from desk.oversight.actions import digests, editions
from desk.oversight.models import Audit
from tests.language import Desk, at_once
from tests.scenarios import standard
from tests.scenarios.tickets import buys, in_work, resolved

WORKERS = 4


@pytest.fixture
def desk(committed: str) -> Desk:
    """A desk whose transactions are real."""
    return Desk.open()


def test_what_is_due_is_written_once(desk: Desk) -> None:
    since_at = desk.now - timedelta(hours=1)
    standard.publishes(since_at, content=editions.first_content())
    buys(desk, 1)
    resolved(desk, in_work(desk))
    at = desk.at("mon 09:00")
    written = at_once(*[lambda: digests.tick(at)] * WORKERS)
    assert sum(one for one in written if isinstance(one, int)) == 4, written
    for verb in ("draw_audits", "digest_control", "summary_control"):
        assert Entry.objects.filter(verb=verb).count() == 1, verb
    assert Audit.objects.count() == 2
