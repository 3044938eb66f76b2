"""Looking at boxes: each in its own thread and by its own interval, none holding up another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from pytest_django.fixtures import Settings

from desk.channels.models import Arrival
from desk.channels.onebox import actions, polling
from desk.channels.onebox.models import Connection
from desk.channels.onebox.polling import LOOKS_MAX
from desk.channels.troubles import queries as troubles
from tests.channels import boxes, onebox_box
from tests.channels.onebox_box import Remote
from tests.channels.receiver import LOCAL
from tests.language import Desk

PATIENCE_SECONDS = 10


@pytest.fixture
def slow(settings: Settings) -> Iterator[Remote]:
    """Another box, which takes its time."""
    settings.OUTSIDE_NETWORKS = LOCAL
    with onebox_box.running() as found:
        found.tell(slow_seconds=0.7)
        yield found


def until(happened: Callable[[], bool]) -> None:
    """Wait for what another thread does, within reason."""
    pause = threading.Event()
    for _ in range(PATIENCE_SECONDS * 50):
        if happened():
            return
        pause.wait(0.02)
    pytest.fail("it did not happen in time")


def test_a_slow_box_holds_up_no_other(committed: str, box: Remote, slow: Remote) -> None:
    desk = Desk.open()
    first, _ = boxes.made(desk, slow)
    second, _ = boxes.made(desk, box)
    vendor = desk.cause(desk.house.vendor, "setup")
    for each in (first, second):
        actions.resume(vendor, each.pk)
    assert polling.tick(desk.now) == 2
    assert polling.tick(desk.now) == 0
    until(lambda: boxes.fresh(second).polled_at is not None)
    assert boxes.fresh(first).polled_at is None
    until(lambda: boxes.fresh(first).polled_at is not None)
    until(lambda: polling._places._value == LOOKS_MAX)


def test_no_more_boxes_are_looked_at_at_once_than_there_are_places(
    committed: str, box: Remote
) -> None:
    desk = Desk.open()
    made, _ = boxes.made(desk, box)
    actions.resume(desk.cause(desk.house.vendor, "setup"), made.pk)
    taken = [polling._places.acquire(blocking=False) for _ in range(LOOKS_MAX)]
    try:
        assert polling.tick(desk.now) == 0
    finally:
        for _ in taken:
            polling._places.release()
    assert polling.tick(desk.now) == 1
    until(lambda: boxes.fresh(made).polled_at is not None)
    until(lambda: polling._places._value == LOOKS_MAX)


def test_a_box_that_fails_is_looked_at_less_and_less_often(desk: Desk, box: Remote) -> None:
    found = boxes.connected(desk, box)
    box.tell(mode="down")
    waits = []
    for _ in range(7):
        polling.look(found.pk, desk.later(hours=1))
        next_at = boxes.fresh(found).poll_next_at
        assert next_at is not None
        waits.append((next_at - desk.now).total_seconds())
    assert waits == [60, 120, 240, 480, 900, 900, 900]
    (trouble,) = troubles.found(desk.now)
    assert (trouble.subject, trouble.kind) == (found.address, "silent")
    box.tell(mode="")
    polling.look(found.pk, desk.later(hours=1))
    again = boxes.fresh(found)
    assert (again.failures, again.error) == (0, "")
    assert troubles.found(desk.now) == []


def test_a_worker_that_was_killed_while_looking_is_followed_by_another(
    desk: Desk, box: Remote
) -> None:
    found = boxes.connected(desk, box)
    Connection.objects.update(poll_next_at=desk.now)
    assert actions.claim_look(found.pk, desk.now)
    assert not actions.claim_look(found.pk, desk.now)
    assert actions.claim_look(found.pk, desk.later(minutes=4))


def test_rows_that_no_one_can_read_stop_nothing(desk: Desk, box: Remote) -> None:
    found = boxes.connected(desk, box)
    odd = {"name": ["a", "list"], "content": {"a": 1}, "cdate": 7, "comments": 5, "clientemail": 1}
    box.opens(8, **odd)
    box.opens(9, name="x\x00y" * 200, content="\x00", cdate="not a date", statusid=None)
    box.opens(10, name="Good")
    boxes.taken_in(desk, found)
    assert Arrival.objects.exclude(outcome__startswith="ticket:").count() == 0
    assert boxes.ticket(10).subject == "Good"


def test_a_workflow_that_is_cut_is_told(
    desk: Desk, box: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = boxes.connected(desk, box)
    monkeypatch.setattr("desk.channels.onebox.client.ROWS_MAX", 2)
    for number in (8, 9, 10):
        box.opens(number, name="One of many")
    polling.look(found.pk, desk.now)
    assert boxes.fresh(found).error == "cut"


def test_another_box_or_workflow_is_begun_anew(desk: Desk, box: Remote) -> None:
    found = boxes.connected(desk, box)
    box.opens(30, name="Of the other workflow", workflowid="11")
    card = actions.Card(
        found.partner_id, found.project_id, found.person_id, found.base_url, "desk", "", "11"
    )
    actions.change(desk.cause(desk.house.vendor, "setup"), found.pk, card)
    boxes.taken_in(desk, found)
    assert boxes.fresh(found).baseline == 30
    assert not Arrival.objects.exists()
