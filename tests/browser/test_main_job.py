"""The main job, from an empty desk to captured deposits, through pages alone.

Six people at browsers of their own; the desk's clock is shifted while it runs, over a weekend too.
"""

from __future__ import annotations

from tests.browser import agreement, founding, main_job
from tests.browser.agreement import Sum
from tests.browser.conftest import Visit
from tests.browser.founding import Crew
from tests.browser.tour import Tour
from tests.language import moment
from tests.running import RunningDesk

CHARGED = {"OLV-1": Sum(3, 540_00), "OLV-2": Sum(0, 2250_00), "OLV-3": Sum(1, 180_00)}


def test_from_an_empty_desk_to_captured_deposits(
    empty_desk: RunningDesk, visit: Visit, tour: Tour
) -> None:
    crew = Crew.gather(empty_desk, visit, tour)
    crew.at(moment(f"{main_job.THURSDAY} 10:00"))
    founding.found(crew)
    main_job.submit(crew)
    main_job.accept_complex(crew)
    promised_at = main_job.estimate(crew)
    winner = main_job.race(crew)
    main_job.reclassify(crew, winner)
    main_job.work(crew)
    main_job.consult(crew, promised_at)
    main_job.returned(crew)
    for number in CHARGED:
        agreement.clocks_agree(crew, number)
    agreement.deposit_agrees(crew, CHARGED)
