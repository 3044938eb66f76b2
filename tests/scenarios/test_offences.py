"""The proof of the Standard's control, in short: specialists who obey, and who break what was
planned. Longer ones: `bin/simulate --offences`."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest

from desk.rules.worktime import Calendar
from simulation.offences import run
from simulation.offences.course import Finding
from simulation.offences.hours import EARLY, LATE, SERVICE, Hours, moment
from simulation.offences.run import FIRST, Result, Rhythm

SEED = 5
DAYS = 2


@pytest.mark.parametrize("rhythm", [Rhythm.LIVE, Rhythm.RARE])
def test_control_finds_what_was_planned_and_nothing_else(db: None, rhythm: Rhythm) -> None:
    """Clause, specialist, instant and evidence are equal, whenever control looks; as in life, each
    is found within five seconds."""
    result = run.prove(SEED, DAYS, rhythm)
    assert result.injected
    assert (result.missed, result.invented, result.late) == ([], [], []), f"seed {SEED}"


@pytest.mark.parametrize("spans", [SERVICE, EARLY, LATE])
def test_the_hours_of_the_plan_are_those_of_the_desk(spans: tuple[tuple[int, int], ...]) -> None:
    """The plan counts by hand what the desk computes: nothing is shared but the hours."""
    chance, own = Random(SEED), Hours(spans)
    calendar = Calendar.parse(own.calendar())
    for _ in range(200):
        at = moment(FIRST, 0) + timedelta(seconds=chance.randrange(30 * 86400))
        minutes = chance.randrange(1, 2000)
        assert own.add(at, minutes) == calendar.add(at, minutes * 60), at


def test_another_instant_or_other_evidence_is_another_finding() -> None:
    at = moment(FIRST, 10)
    planned = [Finding("2.1", "a", at, ("clock:1",)), Finding("1.1", "a", at)]

    def wrong(*found: Finding) -> tuple[int, int]:
        result = Result(1, 1, planned, list(found), 0, [], 0)
        return len(result.missed), len(result.invented)

    other: datetime = at + timedelta(microseconds=1)
    assert wrong(Finding("2.1", "a", at, ("clock:1", "x")), Finding("1.1", "a", at)) == (0, 0)
    assert wrong(Finding("2.1", "a", at, ("clock:2",)), Finding("1.1", "a", at)) == (1, 1)
    assert wrong(Finding("2.1", "a", at, ("clock:1",)), Finding("1.1", "a", other)) == (1, 1)
    assert wrong(*planned, planned[1]) == (0, 1)
