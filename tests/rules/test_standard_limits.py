"""A limit that something excused keeps the fraction of a second that it had."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from desk.rules.standard.obligation import Excuse, Exempt, Obligation, judge

SINCE = datetime(2026, 10, 12, 9, 0, 0, 551_443, tzinfo=UTC)
DUE = datetime(2026, 10, 12, 10, 0, tzinfo=UTC)


def test_an_outage_moves_a_limit_by_its_own_length() -> None:
    out = Exempt(Excuse.OUTAGE, SINCE + timedelta(minutes=5), SINCE + timedelta(minutes=15))
    owed = Obligation(1, "dispute:1", SINCE, DUE)
    found = judge(owed, [out], 0, DUE + timedelta(hours=1))
    assert found.limit_at == DUE + timedelta(minutes=10)
