"""Webhooks out: what is sent to whom, how it is signed, and what becomes of what cannot be sent.

The receiver is a real HTTP server; its check of signatures shares no code with ours.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from desk.channels import outbox
from desk.channels.models import Channel, Delivery, DeliveryState
from desk.channels.webhooks import actions as webhooks
from desk.channels.webhooks import names, outbound, signing
from desk.channels.webhooks.actions import Wanted
from desk.channels.webhooks.models import Attempt, Endpoint, Event
from desk.journal.models import Entry
from desk.lib import outside
from desk.rules.lifecycle import Verb
from desk.tickets import actions
from desk.tickets.queries import history
from tests import cast
from tests.channels import post, receiver
from tests.channels.receiver import LOCAL, Got, Receiver
from tests.language import OPENED, Desk
from tests.scenarios.tickets import buys

CORPUS = Path(__file__).resolve().parents[3] / "shared/corpora/webhook-vectors"
SECRET_NOTE = "Their invoice is overdue, between us"


@pytest.fixture
def here(settings: Settings) -> Iterator[Receiver]:
    settings.OUTSIDE_NETWORKS = LOCAL
    with receiver.receiving() as found:
        yield found


def added(desk: Desk, url: str, *events: str, partner_id: int | None = 0) -> tuple[Endpoint, str]:
    """An endpoint of the desk's partner (None: of the vendor), and its secret."""
    of = desk.company.partner.pk if partner_id == 0 else partner_id
    made, secret = webhooks.add(desk.cause(desk.owner), of, Wanted(url, "", events))
    assert secret is not None
    return made, secret


def go_on(desk: Desk) -> None:
    """The relay goes round, and what is due is sent."""
    post.relayed(desk.now)
    post.sent(desk.now)


def verified(got: Got, secret: str, now: datetime) -> dict[str, Any]:
    """The body, as docs/channels/webhooks.md tells a receiver to check it."""
    key = base64.b64decode(secret.split("_", 1)[1])
    stamp = got.headers["webhook-timestamp"]
    assert abs(now.timestamp() - int(stamp)) < 300
    text = f"{got.headers['webhook-id']}.{stamp}.".encode() + got.body
    wanted = base64.b64encode(hmac.digest(key, text, hashlib.sha256)).decode()
    given = [each.split(",", 1) for each in got.headers["webhook-signature"].split(" ")]
    assert any(v == "v1" and hmac.compare_digest(s, wanted) for v, s in given)
    body: dict[str, Any] = json.loads(got.body)
    return body


def bodies(here: Receiver) -> list[dict[str, Any]]:
    return [json.loads(got.body) for got in here.got]


def test_the_vectors_of_the_specification() -> None:
    if not CORPUS.exists():
        pytest.skip("no corpora beside this project")
    rows = json.loads((CORPUS / "signature_vectors.json").read_text())
    (row,) = [row for row in rows if row["scheme"] == "standard-webhooks v1"]
    given = row["input"]
    at = datetime.fromtimestamp(given["timestamp"], UTC)
    found = signing.headers([given["secret"]], given["id"], at, given["body"].encode())
    assert found["webhook-signature"] == row["expected"]
    assert found["webhook-id"] == given["id"]
    bare = given["secret"].removeprefix("whsec_")
    assert signing.headers([bare], given["id"], at, given["body"].encode()) == found


def test_a_secret_has_the_length_that_the_specification_wants() -> None:
    key = base64.b64decode(signing.new_secret().removeprefix("whsec_"), validate=True)
    assert 24 <= len(key) <= 64
    assert signing.new_secret() != signing.new_secret()


def test_every_move_that_a_partner_may_know_of_is_an_event_and_no_other() -> None:
    assert set(names.TICKET) == set(history.OF_PARTNER) | {Verb.MESSAGE}
    assert not {"note", "log", "absorb", "warn", "surplus", "rescue"} & set(names.VERBS.values())
    assert len(set(names.ALL)) == len(names.ALL)


def test_each_move_is_one_signed_event_in_order(desk: Desk, here: Receiver) -> None:
    _, secret = added(desk, here.url)
    ticket = post.accepted(desk)
    actions.ask(desk.cause(desk.lead), ticket.pk, "Which browser?")
    go_on(desk)
    found = [verified(got, secret, desk.now) for got in here.got]
    moves = [body for body in found if body["type"].startswith("ticket.")]
    moves.sort(key=lambda body: body["data"]["sequence"])
    assert [body["type"] for body in moves] == [
        "ticket.submitted",
        "ticket.accepted",
        "ticket.question_asked",
    ]
    assert [body["data"]["sequence"] for body in moves] == [1, 2, 3]
    assert {got.headers["content-type"] for got in here.got} == {"application/json"}
    asked = moves[-1]
    assert asked["timestamp"].endswith("Z")
    assert asked["data"]["ticket"]["number"] == "OLH-1"
    assert asked["data"]["ticket"]["state"] == "awaiting_partner"
    assert asked["data"]["move"]["state_from"] == "accepted"
    assert asked["data"]["move"]["state_to"] == "awaiting_partner"
    assert asked["data"]["message"]["text"] == "Which browser?"
    assert len({got.headers["webhook-id"] for got in here.got}) == len(here.got)


def test_movements_of_the_deposit_are_events_in_their_own_order(desk: Desk, here: Receiver) -> None:
    added(desk, here.url, "deposit.bought")
    buys(desk, 5)
    desk.later(minutes=1)
    buys(desk, 2)
    go_on(desk)
    found = sorted((body["data"] for body in bodies(here)), key=lambda data: data["sequence"])
    assert [data["sequence"] for data in found] == [1, 2]
    assert [data["movement"]["bought"] for data in found] == [5, 2]
    assert found[-1]["balance"]["consultations_available"] == 7


def test_nothing_internal_leaves(desk: Desk, here: Receiver) -> None:
    added(desk, here.url)
    added(desk, here.url, partner_id=None)
    ticket = post.accepted(desk)
    actions.note(desk.cause(desk.lead), ticket.pk, SECRET_NOTE)
    actions.consult(desk.cause(desk.lead), ticket.pk, f"{SECRET_NOTE}?")
    actions.message(desk.cause(desk.lead), ticket.pk, "We look into it.")
    go_on(desk)
    everything = b"".join(got.body for got in here.got).decode()
    assert "We look into it." in everything
    assert SECRET_NOTE not in everything
    assert not Event.objects.filter(entry__verb="note").exists()
    numbers = Event.objects.filter(subject=ticket.key).order_by("entry_id")
    assert list(numbers.values_list("sequence", flat=True)) == list(range(1, len(numbers) + 1))


def test_a_partner_hears_of_its_own_only_and_the_vendor_of_all(desk: Desk, here: Receiver) -> None:
    other = cast.company(OPENED, desk.house, "AGR", "Agrolan Demo")
    with receiver.receiving() as theirs, receiver.receiving() as ours:
        added(desk, here.url)
        added(desk, theirs.url, partner_id=other.partner.pk)
        added(desk, ours.url, partner_id=None)
        post.submitted(desk)
        submission = actions.Submission(
            other.partner.pk, other.project.pk, "Ours", "Quite.", other.member.pk
        )
        actions.submit(desk.cause(other.member), submission)
        go_on(desk)
        numbers = [
            sorted(body["data"]["ticket"]["number"] for body in bodies(each))
            for each in (here, theirs, ours)
        ]
    assert numbers == [["OLH-1"], ["AGR-1"], ["AGR-1", "OLH-1"]]


def test_what_happened_before_an_endpoint_was_made_is_not_told(desk: Desk, here: Receiver) -> None:
    post.submitted(desk)
    desk.later(minutes=1)
    added(desk, here.url)
    go_on(desk)
    assert here.got == []


def test_only_chosen_events_are_sent(desk: Desk, here: Receiver) -> None:
    added(desk, here.url, "ticket.accepted")
    post.accepted(desk)
    go_on(desk)
    assert [body["type"] for body in bodies(here)] == ["ticket.accepted"]
    assert [body["data"]["sequence"] for body in bodies(here)] == [2]
    with pytest.raises(webhooks.UnknownEvent):
        added(desk, here.url, "ticket.note")


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


def test_rotation_lets_both_secrets_verify_for_a_day(desk: Desk, here: Receiver) -> None:
    endpoint, old = added(desk, here.url, "ticket.submitted")
    _, new = webhooks.rotate(desk.cause(desk.owner), endpoint.pk)
    assert new is not None
    post.submitted(desk)
    go_on(desk)
    for secret in (old, new):
        verified(here.got[-1], secret, desk.now)
    desk.later(hours=24)
    post.submitted(desk)
    go_on(desk)
    verified(here.got[-1], new, desk.now)
    with pytest.raises(AssertionError):
        verified(here.got[-1], old, desk.now)
    _, last = webhooks.rotate(desk.cause(desk.owner), endpoint.pk, at_once=True)
    desk.later(minutes=1)
    post.submitted(desk)
    go_on(desk)
    assert last is not None
    verified(here.got[-1], last, desk.now)
    assert " " not in here.got[-1].headers["webhook-signature"]


def test_secrets_are_sealed_and_forgotten_with_the_endpoint(desk: Desk) -> None:
    endpoint, secret = added(desk, "https://93.184.215.14/hook")
    cause = desk.cause(desk.owner, key="twice")
    _, shown = webhooks.rotate(cause, endpoint.pk)
    assert (shown is None, webhooks.rotate(cause, endpoint.pk)[1]) == (False, None)
    endpoint.refresh_from_db()
    stored = endpoint.secret + endpoint.previous_secret
    assert secret not in stored
    assert secret.removeprefix("whsec_") not in stored
    webhooks.remove(desk.cause(desk.owner), endpoint.pk)
    endpoint.refresh_from_db()
    assert (endpoint.secret, endpoint.previous_secret) == ("", "")


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


def test_an_endpoint_cannot_be_made_to_send_another_partners_event(
    desk: Desk, here: Receiver
) -> None:
    other = cast.company(OPENED, desk.house, "AGR", "Agrolan Demo")
    added(desk, here.url, "ticket.submitted")
    theirs, _ = added(desk, here.url, partner_id=other.partner.pk)
    post.submitted(desk)
    go_on(desk)
    event = Event.objects.get()
    with pytest.raises(Event.DoesNotExist):
        webhooks.redeliver(desk.cause(other.owner), theirs.pk, event.pk)
    forged = Delivery.objects.create(
        entry=event.entry,
        channel=Channel.WEBHOOK,
        address=theirs.address,
        next_at=desk.now,
        created_at=desk.now,
    )
    outbox.send(forged.pk, desk.now)
    forged.refresh_from_db()
    assert forged.state == DeliveryState.DROPPED
    assert len(here.got) == 1


def test_a_test_event_goes_to_one_endpoint(desk: Desk, here: Receiver) -> None:
    endpoint, secret = added(desk, here.url, "ticket.submitted")
    added(desk, here.url)
    webhooks.ping(desk.cause(desk.owner), endpoint.pk)
    go_on(desk)
    (got,) = here.got
    body = verified(got, secret, desk.now)
    assert (body["type"], body["data"]["sequence"]) == ("desk.ping", 1)


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://10.0.0.1/", "ftp://x.example/"])
def test_forbidden_addresses_are_refused_when_entered(desk: Desk, url: str) -> None:
    with pytest.raises(outside.Forbidden):
        added(desk, url)
    assert not Endpoint.objects.exists()


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
