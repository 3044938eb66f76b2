"""Papers over real connections: numbers without a gap, whatever is rolled back; facts for ever."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django.fixtures import Settings

from desk.deposits.actions import papering
from desk.deposits.checks import check
from desk.deposits.models import ActLine, Company, Paper, Period, Series
from desk.deposits.queries import papers
from tests import cluster
from tests.scenarios.billing import a_company, a_contract
from tests.scenarios.deposits import MONDAY, a_partner, buys, keyed
from tests.scenarios.papers import MONTH, an_invoice, charged

THREADS = 16

# In bare SQL: rights refuse the application, triggers whoever has all rights.
REFUSED = (
    "UPDATE deposits_paper SET total_kopecks = 1",
    "UPDATE deposits_paper SET content = '{}'",
    "DELETE FROM deposits_paper",
    "UPDATE deposits_signing SET signed_on = '2026-01-01'",
    "DELETE FROM deposits_signing",
    "UPDATE deposits_series SET last = last + 2",
    "UPDATE deposits_series SET last = last - 1",
    "UPDATE deposits_series SET year = 2025",
    "DELETE FROM deposits_series",
    "UPDATE deposits_actline SET kopecks = 1",
    "DELETE FROM deposits_actline",
)


class Cut(Exception):
    """The caller's transaction does not come to its end."""


@pytest.fixture
def partners(committed: str, settings: Settings, tmp_path: Path) -> list[int]:
    settings.FILES_DIR = tmp_path
    a_company()
    return [a_partner(code) for code in ("OLH", "ELS", "MID", "ANN")]


def at_once(tasks: Sequence[Callable[[], object]]) -> list[str]:
    """Run each task in a thread with a connection of its own; what came of each, by name."""
    start = Barrier(len(tasks))

    def run(task: Callable[[], object]) -> str:
        start.wait()
        try:
            task()
        except Exception as refused:  # noqa: BLE001  (any refusal is counted by its name)
            return type(refused).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(tasks)) as pool:
        return sorted(pool.map(run, tasks))


def _issue(partner_id: int, *, cut: bool) -> None:
    with transaction.atomic():
        papering.issue(keyed(), an_invoice(partner_id))
        if cut:
            raise Cut


def test_sixteen_at_once_take_numbers_without_a_gap(partners: list[int]) -> None:
    """Even the first of a year, and though each fourth is rolled back after it had a number."""
    tasks = [partial(_issue, partners[n % 4], cut=n % 4 == 3) for n in range(THREADS)]
    assert at_once(tasks) == ["Cut"] * 4 + ["done"] * 12
    at_once(tasks)
    numbers = Paper.objects.order_by("sequence").values_list("sequence", flat=True)
    assert list(numbers) == list(range(1, 25))
    assert Series.objects.get().last == 24


def test_l3_copies_of_one_form_are_one_paper(partners: list[int]) -> None:
    cause = keyed("form:papers:races")
    draft = an_invoice(partners[0])
    assert at_once([partial(papering.issue, cause, draft)] * 8) == ["done"] * 8
    assert Paper.objects.count() == 1


def test_l11_acts_at_once_settle_each_charge_once(partners: list[int]) -> None:
    buys(partners[0], 5)
    for number in range(3):
        charged(partners[0], f"ticket:{number}")

    def act() -> None:
        papering.issue_act(keyed(), partners[0], MONTH)

    assert at_once([act] * 6) == ["NothingToAct"] * 5 + ["done"]
    assert ActLine.objects.count() == 3
    assert papers.act_due(MONTH) == []


def test_no_paper_slips_into_a_month_that_is_being_closed(partners: list[int]) -> None:
    """Whoever closes holds the company; the paper waits, and then finds the month closed."""
    draft = an_invoice(partners[0])

    def issue() -> None:
        try:
            papering.issue(keyed(), draft)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Company.objects.select_for_update().get(pk=draft.company_id)
            waits = pool.submit(issue)
            while not waits.done() and not somebody_waits():
                pass
            Period.objects.create(
                company_id=draft.company_id, first_on=MONTH, closed_at=MONDAY, closed_by="person:1"
            )
        with pytest.raises(papering.MonthClosed):
            waits.result(timeout=30)
    assert Series.objects.count() == 0


def somebody_waits() -> bool:
    """Whether a connection of this database waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database())"
        )
        return bool(cursor.fetchone()[0])


def test_nobody_changes_what_was_issued(partners: list[int]) -> None:
    buys(partners[0], 1)
    charged(partners[0], "ticket:1")
    a_contract(partners[0])
    papering.sign(keyed(), papering.issue_act(keyed(), partners[0], MONTH).id, MONDAY.date())
    for statement in REFUSED:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    name = str(connection.settings_dict["NAME"])
    with psycopg.connect(cluster.address(cluster.ADMIN_VARIABLE, name)) as owner:
        for statement in REFUSED:
            with pytest.raises(psycopg.Error, match="Cannot"), owner.transaction():
                owner.execute(statement)
    assert check() == []
