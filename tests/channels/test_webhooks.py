"""Webhooks out: what is sent to whom, how it is signed, and what becomes of what cannot be sent.

The receiver is a real HTTP server; its check of signatures shares no code with ours.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.channels import outbox
from desk.channels.models import Channel, Delivery, DeliveryState
from desk.channels.webhooks import actions as webhooks
from desk.channels.webhooks import names, signing
from desk.channels.webhooks.models import Endpoint, Event
from desk.lib import outside
from desk.rules.lifecycle import Verb
from desk.tickets import actions
from desk.tickets.queries import history
from tests import cast
from tests.channels import post, receiver
from tests.channels.hooks import added, bodies, go_on, verified
from tests.channels.receiver import Receiver
from tests.language import OPENED, Desk
from tests.scenarios.tickets import buys

CORPUS = Path(__file__).resolve().parents[3] / "shared/corpora/webhook-vectors"
SECRET_NOTE = "Their invoice is overdue, between us"


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
    actions.start(desk.cause(desk.lead), ticket.pk)
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


def test_numbers_do_not_depend_on_the_order_of_telling(desk: Desk) -> None:
    ticket = post.accepted(desk)
    actions.message(desk.cause(desk.lead), ticket.pk, "One.")
    actions.message(desk.cause(desk.lead), ticket.pk, "Two.")
    entries = list(names.told_of(ticket.key).order_by("id"))
    told = [entries[index] for index in (2, 0, 3, 1)]
    for entry in told:
        name = names.of(entry)
        assert name is not None
        webhooks.announce(entry, name, desk.now)
    found = Event.objects.filter(subject=ticket.key).order_by("entry_id")
    assert list(found.values_list("sequence", flat=True)) == [1, 2, 3, 4]
