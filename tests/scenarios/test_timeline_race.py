"""One line per specialist, also when two pages are used at the same moment: real connections."""

from __future__ import annotations

import pytest

from desk.workdays import actions as workdays
from desk.workdays import queries
from desk.workdays.models import Activity, Interval
from tests.language import Desk, at_once, moment


@pytest.fixture
def live(committed: str) -> Desk:
    """A desk whose transactions are real."""
    return Desk.open()


def test_of_two_that_are_started_at_once_one_runs(live: Desk) -> None:
    def start(subject: str) -> workdays.Started:
        return workdays.start(live.cause(live.lead), live.lead.pk, Activity.WORK, subject)

    outcome = at_once(lambda: start("ticket:1"), lambda: start("ticket:2"))
    assert all(isinstance(one, workdays.Started) for one in outcome), outcome
    assert Interval.objects.filter(until_at=None).count() == 1
    running = queries.running(live.lead.pk)
    assert running is not None
    assert running.subject in {"ticket:1", "ticket:2"}


def test_of_two_entries_of_one_hour_one_is_kept(live: Desk) -> None:
    live.at("fri 12:00")
    span = workdays.Span(Activity.WORK, moment("fri 09:00"), moment("fri 10:00"), "ticket:1")

    def enter() -> Interval:
        return workdays.enter(live.cause(live.lead), live.lead.pk, span)

    outcome = at_once(enter, enter)
    assert sum(isinstance(one, workdays.Overlaps) for one in outcome) == 1, outcome
    assert queries.worked_seconds("ticket:1", live.now) == 3600
