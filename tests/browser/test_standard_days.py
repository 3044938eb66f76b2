"""A specialist's day under the Standard, from acknowledging the edition to the evening, and the
administrator's mornings after it; through pages alone, with the desk's own worker controlling."""

from __future__ import annotations

from tests.browser import founding, standard_days
from tests.browser.conftest import Visit
from tests.browser.founding import Crew
from tests.browser.tour import Tour
from tests.language import moment
from tests.running import RunningDesk


def test_a_specialists_day_and_an_administrators_mornings(
    empty_desk: RunningDesk, visit: Visit, tour: Tour
) -> None:
    crew = Crew.gather(empty_desk, visit, tour)
    administrator = visit(empty_desk, "administrator")
    crew.at(moment(f"{standard_days.WEDNESDAY} 10:00"))
    founding.found(crew)
    standard_days.appoint(crew, administrator)
    standard_days.publish(crew)
    standard_days.acknowledge(crew)
    standard_days.plan(crew)
    standard_days.work(crew)
    standard_days.miss(crew)
    standard_days.evening(crew)
    standard_days.morning(crew, administrator)
    standard_days.audit(crew, administrator)
    checked = empty_desk.command("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
