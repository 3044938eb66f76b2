"""What becomes of an event that a receiver does not take, and how it is sent again."""

from __future__ import annotations

import socket
import threading
from datetime import timedelta
from email.utils import format_datetime

import pytest
from pytest_django.fixtures import Settings

from desk.channels.models import Delivery, DeliveryState
from desk.channels.webhooks import actions as webhooks
from desk.channels.webhooks import outbound
from desk.channels.webhooks.models import Attempt, Event
from desk.journal.models import Entry
from tests.channels import post, receiver
from tests.channels.hooks import added, go_on, verified
from tests.channels.receiver import LOCAL, Receiver
from tests.language import Desk


def test_a_receiver_that_was_down_gets_everything_once(desk: Desk, here: Receiver) -> None:
    _, secret = added(desk, here.url)
    here.status = 503
    post.accepted(desk)
    post.relayed(desk.now)
    for seconds in (0, *outbound.BACK_OFF_SECONDS[:4]):
        desk.later(seconds=seconds)
        post.sent(desk.now)
    ids = {got.headers["webhook-id"] for got in here.got}
    tries = {got.headers["webhook-id"]: 0 for got in here.got}
    texts: dict[str, set[bytes]] = {}
    for got in here.got:
        tries[got.headers["webhook-id"]] += 1
        texts.setdefault(got.headers["webhook-id"], set()).add(got.body)
        verified(got, secret, desk.now) if tries[got.headers["webhook-id"]] == 5 else None
    assert set(tries.values()) == {5}
    assert all(len(each) == 1 for each in texts.values())
    here.status, here.got = 200, []
    desk.later(seconds=outbound.BACK_OFF_SECONDS[4])
    go_on(desk)
    go_on(desk)
    assert sorted(got.headers["webhook-id"] for got in here.got) == sorted(ids)
    assert set(Delivery.objects.filter(channel="webhook").values_list("state", flat=True)) == {
        DeliveryState.SENT
    }


def test_after_24_hours_it_is_switched_off_and_its_people_are_told(
    desk: Desk, here: Receiver
) -> None:
    endpoint, _ = added(desk, here.url, "ticket.submitted")
    here.status = 500
    post.submitted(desk)
    post.relayed(desk.now)
    began = desk.now
    for seconds in (0, *outbound.BACK_OFF_SECONDS):
        endpoint.refresh_from_db()
        assert endpoint.disabled_at is None
        desk.later(seconds=seconds)
        post.sent(desk.now)
    assert timedelta(hours=24) <= desk.now - began < timedelta(hours=25)
    endpoint.refresh_from_db()
    assert (endpoint.disabled_at, endpoint.disabled_why) == (desk.now, "given_up")
    assert len(here.got) == 1 + len(outbound.BACK_OFF_SECONDS)
    post.relayed(desk.now)
    for person in (desk.owner, desk.house.vendor):
        assert post.told(person)[-1] == "disable_webhook"
        assert post.mailed(person)[-1] == "disable_webhook"
    assert "disable_webhook" not in post.told(desk.company.member)
    assert "disable_webhook" not in post.told(desk.house.administrator)
    post.sent(desk.now)
    post.submitted(desk)
    go_on(desk)
    assert len(here.got) == 1 + len(outbound.BACK_OFF_SECONDS)


def test_what_was_missed_is_sent_once_it_is_switched_on_again(desk: Desk, here: Receiver) -> None:
    endpoint, _ = added(desk, here.url)
    webhooks.pause(desk.cause(desk.owner), endpoint.pk)
    post.accepted(desk)
    go_on(desk)
    assert here.got == []
    with pytest.raises(webhooks.SwitchedOff):
        webhooks.send_missed(desk.cause(desk.owner), endpoint.pk)
    desk.later(days=3)
    webhooks.resume(desk.cause(desk.owner), endpoint.pk)
    missed = webhooks.send_missed(desk.cause(desk.owner), endpoint.pk)
    go_on(desk)
    assert missed == len(here.got) == Event.objects.count()
    assert webhooks.send_missed(desk.cause(desk.owner), endpoint.pk) == 0
    go_on(desk)
    assert missed == len(here.got)


def test_410_switches_off_at_once(desk: Desk, here: Receiver) -> None:
    endpoint, _ = added(desk, here.url, "ticket.submitted")
    here.status = 410
    post.submitted(desk)
    go_on(desk)
    endpoint.refresh_from_db()
    assert (endpoint.disabled_why, len(here.got)) == ("gone", 1)
    post.relayed(desk.now)
    assert post.told(desk.owner)[-1] == "disable_webhook"
    assert Entry.objects.filter(verb="disable_webhook").count() == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 500])
def test_everything_but_2xx_is_a_failure(desk: Desk, here: Receiver, status: int) -> None:
    added(desk, here.url, "ticket.submitted")
    here.status, here.headers = status, {"Location": here.url + "/elsewhere"}
    post.submitted(desk)
    go_on(desk)
    found = Delivery.objects.get(channel="webhook")
    assert (found.state, found.error) == (DeliveryState.FAILED, f"HTTP {status}")
    assert [got.path for got in here.got] == ["/hook"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120), ("date", 90), ("soon", 5), ("-5", 5), ("999999999999", 6 * 3600), ("", 5)],
)
def test_a_receiver_may_ask_for_time(desk: Desk, here: Receiver, text: str, seconds: int) -> None:
    added(desk, here.url, "ticket.submitted")
    later = format_datetime(desk.now + timedelta(seconds=90), usegmt=True)
    here.status, here.headers = 429, {"Retry-After": later if text == "date" else text}
    post.submitted(desk)
    go_on(desk)
    found = Delivery.objects.get(channel="webhook")
    assert found.next_at == desk.now + timedelta(seconds=seconds)


def test_an_event_is_sent_again_by_hand_with_the_same_id(desk: Desk, here: Receiver) -> None:
    endpoint, secret = added(desk, here.url, "ticket.submitted")
    post.submitted(desk)
    go_on(desk)
    event = Event.objects.get()
    desk.later(days=2)
    webhooks.redeliver(desk.cause(desk.owner), endpoint.pk, event.pk)
    with pytest.raises(webhooks.OnItsWay):
        webhooks.redeliver(desk.cause(desk.owner), endpoint.pk, event.pk)
    go_on(desk)
    first, again = here.got
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.body == again.body
    verified(again, secret, desk.now)
    assert Attempt.objects.count() == 2


def test_an_address_that_became_forbidden_is_not_called(
    desk: Desk, here: Receiver, settings: Settings
) -> None:
    added(desk, here.url, "ticket.submitted")
    settings.OUTSIDE_NETWORKS = ()
    post.submitted(desk)
    go_on(desk)
    attempt = Attempt.objects.get()
    assert here.got == []
    assert (attempt.status, "address" in attempt.error) == (None, True)


def test_the_log_keeps_little_of_an_answer(desk: Desk, here: Receiver) -> None:
    added(desk, here.url, "ticket.submitted")
    here.status, here.body = 200, b"\x00\xff" + b"x" * 100_000
    post.submitted(desk)
    go_on(desk)
    attempt = Attempt.objects.get()
    assert attempt.status == 200
    assert len(attempt.excerpt) == 500
    assert attempt.milliseconds < 5000


def test_a_receiver_that_lets_us_wait_takes_few_workers(
    desk: Desk, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTSIDE_NETWORKS = LOCAL
    monkeypatch.setattr(outbound, "SECONDS", 0.1)
    over = threading.Event()

    def wait(_line: socket.socket) -> None:
        over.wait(5)

    with receiver.saying(wait) as port:
        endpoint, _ = added(desk, f"http://127.0.0.1:{port}/", "ticket.submitted")
        for _ in range(3):
            post.submitted(desk)
        go_on(desk)
        assert Attempt.objects.count() == 1
        rows = Delivery.objects.filter(channel="webhook").order_by("id")
        assert list(rows.values_list("attempts", flat=True)) == [1, 0, 0]
        desk.later(seconds=webhooks.REST_SECONDS)
        post.sent(desk.now)
        assert Attempt.objects.count() == 2
        endpoint.refresh_from_db()
        began = endpoint.failing_since_at
        assert began is not None
        desk.now = began + outbound.GIVEN_UP_AFTER
        post.sent(desk.now)
        over.set()
    endpoint.refresh_from_db()
    assert endpoint.disabled_why == "given_up"


def test_a_success_ends_a_row_of_failures(desk: Desk, here: Receiver) -> None:
    endpoint, _ = added(desk, here.url, "ticket.submitted")
    here.status = 500
    post.submitted(desk)
    go_on(desk)
    endpoint.refresh_from_db()
    assert endpoint.failing_since_at == desk.now
    here.status = 200
    desk.later(seconds=5)
    go_on(desk)
    endpoint.refresh_from_db()
    assert endpoint.failing_since_at is None


def test_what_was_given_up_ends_with_its_endpoint(desk: Desk, here: Receiver) -> None:
    endpoint, _ = added(desk, here.url, "ticket.submitted")
    here.status = 410
    post.submitted(desk)
    go_on(desk)
    rows = Delivery.objects.filter(channel="webhook")
    assert rows.get().state == DeliveryState.DEAD
    webhooks.remove(desk.cause(desk.owner), endpoint.pk)
    assert rows.get().state == DeliveryState.DROPPED
