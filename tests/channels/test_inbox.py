"""Arrivals: stored once, used once, never in the way of each other."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection

from desk.channels import actions, inbox
from desk.channels.actions import REST_SECONDS, Incoming
from desk.channels.errors import Unclear, Unreachable
from desk.channels.models import Arrival, ArrivalState, Intake
from desk.journal.models import Entry
from tests.language import Desk

POISON, STRANGE, AWAY = b"poison", b"strange", b"away"
ODD, TOO_MUCH = b"odd", b"too much"


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What a channel's handler has used, in order."""
    seen: list[bytes] = []

    def handle(arrival: Arrival, _at: datetime) -> str:
        raw = bytes(arrival.raw)
        if raw == POISON:
            raise ValueError("cannot be read")
        if raw == STRANGE:
            raise Unclear("nobody knows the sender")
        if raw == AWAY:
            raise Unreachable("not now")
        if raw == ODD:
            raise Unclear("from \x00 and \udc80")
        if raw == TOO_MUCH:
            with connection.cursor() as cursor:
                cursor.execute("SELECT repeat('x', 1073741824)")
        seen.append(raw)
        return f"used {len(seen)}"

    monkeypatch.setitem(inbox.HANDLERS, Intake.ONEBOX, handle)
    return seen


def kept(desk: Desk, raw: bytes, key: str = "", source: str = "connection:1") -> Arrival | None:
    incoming = Incoming(Intake.ONEBOX, source, key or raw.decode(), raw)
    return actions.keep(incoming, desk.now)


def test_what_comes_twice_is_stored_once(desk: Desk, used: list[bytes]) -> None:
    assert kept(desk, b"one", "1") is not None
    assert kept(desk, b"one", "1") is None
    inbox.tick(desk.now)
    assert kept(desk, b"one", "1") is None
    inbox.tick(desk.now)
    assert used == [b"one"]
    arrival = Arrival.objects.get()
    assert (arrival.state, arrival.outcome) == (ArrivalState.DONE, "used 1")


def test_one_that_cannot_be_used_stops_nothing_behind_it(desk: Desk, used: list[bytes]) -> None:
    for raw in (b"one", POISON, STRANGE, AWAY, b"two"):
        kept(desk, raw)
    inbox.tick(desk.now)
    assert used == [b"one", b"two"]
    states = dict(Arrival.objects.values_list("key", "state"))
    assert states["poison"] == states["away"] == ArrivalState.FAILED
    assert states["strange"] == ArrivalState.QUARANTINED


def test_a_poisoned_one_waits_for_a_person_in_the_end(desk: Desk, used: list[bytes]) -> None:
    kept(desk, POISON)
    for _ in range(len(REST_SECONDS) + 1):
        inbox.tick(desk.now)
        desk.now = desk.later(hours=1)
    arrival = Arrival.objects.get()
    assert arrival.state == ArrivalState.QUARANTINED
    assert "cannot be read" in arrival.error


def test_a_system_that_is_away_is_waited_for(desk: Desk, used: list[bytes]) -> None:
    kept(desk, AWAY)
    for _ in range(20):
        inbox.tick(desk.now)
        desk.now = desk.later(hours=1)
    assert Arrival.objects.get().state == ArrivalState.FAILED


def test_a_person_lets_it_be_tried_again_or_puts_it_aside(desk: Desk, used: list[bytes]) -> None:
    strange = kept(desk, STRANGE)
    assert strange is not None
    vendor = desk.cause(desk.house.vendor)
    with pytest.raises(actions.NotQuarantined):
        actions.replay(vendor, strange.pk)
    inbox.tick(desk.now)
    actions.replay(vendor, strange.pk)
    inbox.tick(desk.now)
    actions.dismiss(vendor, strange.pk)
    inbox.tick(desk.now)
    strange.refresh_from_db()
    assert strange.state == ArrivalState.DISMISSED
    assert set(Entry.objects.values_list("verb", flat=True)) >= {"replay", "set_aside"}


def test_whatever_a_reason_says_it_is_kept(desk: Desk, used: list[bytes]) -> None:
    kept(desk, ODD)
    kept(desk, b"one")
    inbox.tick(desk.now)
    assert used == [b"one"]
    assert Arrival.objects.get(key="odd").error == "from  and ?"


def test_one_that_the_database_refuses_waits_for_a_person_in_the_end(
    desk: Desk, used: list[bytes]
) -> None:
    kept(desk, TOO_MUCH)
    for _ in range(len(REST_SECONDS) + 1):
        inbox.tick(desk.now)
        desk.now = desk.later(hours=1)
    assert Arrival.objects.get().state == ArrivalState.QUARANTINED


def test_one_that_kills_the_worker_is_tried_later_and_then_no_more(
    desk: Desk, used: list[bytes]
) -> None:
    deadly = kept(desk, b"deadly")
    kept(desk, b"one")
    assert deadly is not None
    for attempt in range(1, len(REST_SECONDS) + 2):
        # The attempt is counted, and nobody is left to say what came of it.
        assert actions.begin(deadly.pk, desk.now) == attempt
        inbox.tick(desk.now)
        assert used == [b"one"], "the others go on meanwhile"
        desk.now = desk.later(hours=1)
    inbox.tick(desk.now)
    deadly.refresh_from_db()
    assert deadly.state == ArrivalState.QUARANTINED
    assert used == [b"one"]


def test_a_flood_from_one_place_starves_no_other(desk: Desk, used: list[bytes]) -> None:
    for number in range(inbox.SHARE_MAX * 2):
        kept(desk, b"flood", str(number))
    kept(desk, b"single", source="connection:2")
    inbox.tick(desk.now)
    assert used.index(b"single") == 1
    assert used.count(b"flood") == inbox.SHARE_MAX
    inbox.tick(desk.now)
    assert used.count(b"flood") == inbox.SHARE_MAX * 2
