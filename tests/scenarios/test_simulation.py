"""A few days of the simulated world: whatever happens, everything agrees in the evening."""

from datetime import timedelta

import pytest

from simulation import plot
from simulation.days import FIRST_DAY, invariants, report
from simulation.world import World


@pytest.mark.parametrize("seed", [11])
def test_two_days_of_the_world_leave_nothing_that_disagrees(db: None, seed: int) -> None:
    """Journal, ledger, clocks and holds agree after each day; a failing seed names itself."""
    world = World.make(seed, FIRST_DAY)
    plot.begin(world)
    for number in range(2):
        day = FIRST_DAY + timedelta(days=number)
        plot.arrivals(world, day, 8)
        world.run(day + timedelta(hours=23))
        assert invariants(world.now) == [], f"seed {seed}, day {number + 1}"
    assert world.findings == [], f"seed {seed}"
    assert report(world).tickets >= 16
