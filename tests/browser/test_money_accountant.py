"""The accountant's month end, through pages alone: a payment, a correction by two persons, acts
without what is contested, and the month closed."""

from __future__ import annotations

from tests.browser import founding, month_end
from tests.browser.conftest import Visit
from tests.browser.founding import Crew
from tests.browser.tour import Tour
from tests.language import moment
from tests.running import RunningDesk


def test_an_accountant_closes_the_month(empty_desk: RunningDesk, visit: Visit, tour: Tour) -> None:
    crew = Crew.gather(empty_desk, visit, tour)
    crew.at(moment(f"{month_end.FRIDAY} 09:10"))
    founding.found(crew)
    month_end.sell(crew)
    month_end.work(crew)
    books = visit(empty_desk, "books", viewport={"width": 1280, "height": 900})
    month_end.come(crew, books)
    month_end.pay(books)
    month_end.correct(crew, books)
    month_end.issue(crew, books)
    month_end.look(books)
    month_end.close(books)
    checked = empty_desk.command("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
