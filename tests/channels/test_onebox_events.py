"""Events that a partner's OneBox sends: proved, stored raw, and used once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from desk.channels.models import Arrival, ArrivalState
from desk.channels.onebox import actions, intake, polling
from desk.channels.onebox.actions import Settings
from desk.channels.onebox.models import Connection
from desk.lib import clock
from desk.rules.lifecycle import State
from desk.tickets.models import Message
from tests.channels import boxes
from tests.channels.onebox_box import Remote
from tests.language import Desk

FORM_OF_PHP = (
    b'--xyz\r\nContent-Disposition: form-data; name="orderid"\r\n\r\n8\r\n'
    b'--xyz\r\nContent-Disposition: form-data; name="text"\r\n\r\nAny news?\r\n--xyz--\r\n'
)


@pytest.fixture
def desk(db: None) -> Desk:
    """A desk of this very moment: events come in by the clock."""
    found = Desk.open()
    found.now = clock.now()
    cache.clear()
    return found


@pytest.fixture
def connected(desk: Desk, box: Remote) -> tuple[Connection, str]:
    found, secret = boxes.made(desk, box)
    settings = Settings(boxes.STATUSES, boxes.MOVES, boxes.FIELDS, comments=True)
    cause = desk.cause(desk.house.vendor, "setup")
    actions.arrange(cause, found.pk, settings)
    actions.resume(cause, found.pk)
    polling.look(found.pk, desk.now)
    return boxes.fresh(found), secret


def sent(found: Connection, secret: str, body: Any, **headers: str) -> Any:
    """Send an event as the box would."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = headers.pop("kind", "application/json")
    given = {"X-Desk-Secret": secret} if secret else {}
    path = f"/channels/onebox/{found.pk}/events"
    return Client().post(path, raw, content_type=kind, headers=given | headers)


def opened(desk: Desk, box: Remote, found: Connection) -> None:
    box.opens(8, name="Orders vanish")
    boxes.taken_in(desk, found)


def said() -> list[str]:
    rows = Message.objects.filter(kind="partner").order_by("id")
    return list(rows.values_list("text", flat=True))[1:]


@pytest.mark.parametrize("secret", ["", "guessed", "obx_" + "x" * 43])
def test_a_forged_event_is_refused_and_not_stored(
    connected: tuple[Connection, str], secret: str
) -> None:
    found, _ = connected
    assert sent(found, secret, {"process": 8, "text": "Hi"}).status_code == 401
    nowhere = Connection(pk=found.pk + 1000)
    assert sent(nowhere, secret, {"process": 8}).status_code == 401
    assert not Arrival.objects.exists()
    assert boxes.fresh(found).heard_at is None


def test_the_secret_comes_in_a_header_or_in_the_address(connected: tuple[Connection, str]) -> None:
    found, secret = connected
    body = {"event": "test", "event_id": "1"}
    assert sent(found, "", body, Authorization=f"Bearer {secret}").json() == {"status": "stored"}
    path = f"/channels/onebox/{found.pk}/events?secret={secret}"
    again = Client().post(path, json.dumps(body), content_type="application/json")
    assert again.json() == {"status": "known"}
    assert Arrival.objects.count() == 1
    assert Client().get(path).status_code == 405
    assert boxes.fresh(found).heard_at is not None


def test_too_much_and_too_big_is_refused(
    connected: tuple[Connection, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, secret = connected
    assert sent(found, secret, b"x" * (intake.EVENT_BYTES_MAX + 1)).status_code == 413
    monkeypatch.setattr(intake, "EVENTS_PER_MINUTE_MAX", 3)
    # More than twice as many, as a minute may end in between.
    answers = [sent(found, secret, {"event": "test", "n": n}).status_code for n in range(8)]
    assert 429 in answers
    monkeypatch.setattr(intake, "FORGED_PER_MINUTE_MAX", 2)
    assert 429 in [sent(found, "no", {}).status_code for _ in range(6)]


def test_what_cannot_be_read_is_stored_and_waits_for_a_person(
    desk: Desk, connected: tuple[Connection, str]
) -> None:
    found, secret = connected
    for raw in (b'{"broken', b"[1, 2]", b"", b"\x00\xff", b"[" * 5000):
        assert sent(found, secret, raw).status_code == 200
    boxes.used(desk.later(minutes=1))
    states = set(Arrival.objects.values_list("state", flat=True))
    assert states == {ArrivalState.QUARANTINED}
    assert all(Arrival.objects.values_list("error", flat=True))


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (
            "application/json",
            b'{"event": "comment", "orderid": "8", "comment": "Any <b>news</b>?"}',
        ),
        ("application/json", b'{"order": {"id": 8}, "comment": {"id": 1, "text": "Any news?"}}'),
        ("application/x-www-form-urlencoded", b"event=comment&order.id=8&text=Any+news%3F"),
        (
            "multipart/form-data; boundary=xyz",
            FORM_OF_PHP,
        ),
        ("text/plain", b'[{"process": 8, "message": "Any news?"}]'),
    ],
)
def test_an_event_and_a_look_tell_of_a_comment_once(
    desk: Desk, box: Remote, connected: tuple[Connection, str], kind: str, raw: bytes
) -> None:
    found, secret = connected
    opened(desk, box, found)
    box.says(8, "Any news?", desk.owner.name)
    for _ in range(2):
        sent(found, secret, raw, kind=kind)
        boxes.used(desk.later(minutes=1))
        boxes.taken_in(desk, found)
    assert said() == ["Any news?"]


def test_a_look_before_the_event_tells_of_it_once_too(
    desk: Desk, box: Remote, connected: tuple[Connection, str]
) -> None:
    found, secret = connected
    opened(desk, box, found)
    box.says(8, "Any news?", desk.owner.name)
    boxes.taken_in(desk, found)
    sent(found, secret, {"process": 8, "text": "Any news?"})
    boxes.used(desk.later(minutes=1))
    assert said() == ["Any news?"]


def test_an_event_about_a_process_not_seen_yet_waits_for_it(
    desk: Desk, box: Remote, connected: tuple[Connection, str]
) -> None:
    found, secret = connected
    box.opens(8, name="Orders vanish")
    sent(found, secret, {"event": "created", "process": 8})
    sent(found, secret, {"event": "comment", "process": 8, "text": "Since noon."})
    assert boxes.fresh(found).poll_next_at is not None
    boxes.used(desk.later(seconds=1))
    assert not Message.objects.exists()
    boxes.taken_in(desk, found)
    boxes.used(desk.now)
    assert said() == ["Since noon."]
    assert not Arrival.objects.exclude(state=ArrivalState.DONE).exists()


def test_an_event_about_a_foreign_process_ends_in_quarantine(
    desk: Desk, box: Remote, connected: tuple[Connection, str]
) -> None:
    found, secret = connected
    box.opens(8, name="Sales", workflowid="11")
    sent(found, secret, {"process": 8, "text": "Hi"})
    for _ in range(5):
        boxes.used(desk.later(minutes=11))
        boxes.taken_in(desk, found)
    stuck = Arrival.objects.get()
    assert stuck.state == ArrivalState.QUARANTINED
    assert "11" not in stuck.error
    assert "8" in stuck.error


def test_events_wait_while_the_box_is_away(
    desk: Desk, box: Remote, connected: tuple[Connection, str]
) -> None:
    found, secret = connected
    box.tell(mode="down")
    sent(found, secret, {"process": 8, "text": "Hi"})
    for _ in range(12):
        boxes.used(desk.later(minutes=11))
        boxes.taken_in(desk, found)
    assert Arrival.objects.get().state == ArrivalState.FAILED
    box.tell(mode="")
    box.opens(8, name="Orders vanish")
    boxes.taken_in(desk, found)
    boxes.used(desk.now)
    assert said() == ["Hi"]


def test_a_status_told_by_event_and_look_moves_once(
    desk: Desk, box: Remote, connected: tuple[Connection, str]
) -> None:
    found, secret = connected
    opened(desk, box, found)
    boxes.delivered(desk, boxes.ticket(8))
    boxes.written(desk)
    # The box tells of our own writing too.
    sent(found, secret, {"process": 8, "status": boxes.STATUSES["delivered"]})
    sent(found, secret, {"process": 8, "status": int(boxes.CONFIRMED)})
    box.opens(8, statusid=int(boxes.CONFIRMED))
    boxes.used(desk.later(minutes=1))
    boxes.taken_in(desk, found)
    one = boxes.ticket(8)
    assert one.state == State.RESOLVED
    boxes.written(desk)
    assert len(box.texts(8)) == 2
    assert str(box.row(8)["statusid"]) == boxes.STATUSES["resolved"]


def test_the_names_in_events_can_be_mapped(
    desk: Desk, box: Remote, connected: tuple[Connection, str]
) -> None:
    found, secret = connected
    opened(desk, box, found)
    mapping = {"process": "data.task.no", "text": "data.said", "email": "who"}
    settings = Settings(boxes.STATUSES, boxes.MOVES, boxes.FIELDS, mapping)
    actions.arrange(desk.cause(desk.house.vendor, "setup"), found.pk, settings)
    body = {"id": 99, "data": {"task": {"no": "8"}, "said": "Hello"}, "who": "member@olh.example"}
    sent(found, secret, body)
    boxes.used(desk.later(minutes=1))
    message = Message.objects.latest("id")
    assert (message.text, message.author) == ("Hello", desk.member)


def test_an_event_that_comes_again_much_later_is_another_one(
    desk: Desk, connected: tuple[Connection, str]
) -> None:
    found, _secret = connected
    raw = b'{"process": 8, "status": 82}'
    assert actions.take_event(found, raw, "", "application/json", desk.now) is not None
    soon = desk.now + timedelta(minutes=50)
    assert actions.take_event(found, raw, "", "application/json", soon) is None
    much_later = desk.now + timedelta(hours=3)
    assert actions.take_event(found, raw, "", "application/json", much_later) is not None


def test_secrets_are_rotated_and_a_pause_keeps_what_comes(
    desk: Desk, box: Remote, connected: tuple[Connection, str]
) -> None:
    found, secret = connected
    opened(desk, box, found)
    cause = desk.cause(desk.house.vendor, "setup", "rotate")
    _, new = actions.rotate(cause, found.pk)
    assert actions.rotate(cause, found.pk)[1] is None
    assert new is not None
    assert sent(found, secret, {"process": 8, "text": "Old"}).status_code == 401
    actions.pause(desk.cause(desk.house.vendor, "setup"), found.pk)
    assert sent(found, new, {"process": 8, "text": "New"}).status_code == 200
    boxes.used(desk.later(minutes=1))
    assert said() == []
    actions.resume(desk.cause(desk.house.vendor, "setup"), found.pk)
    boxes.used(desk.later(minutes=20))
    assert said() == ["New"]
