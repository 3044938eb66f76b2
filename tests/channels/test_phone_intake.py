"""What exchanges send is proved, stored raw, and used once: recorded payloads of all five."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from django.test import Client

from desk.channels import actions as channels
from desk.channels.models import Arrival, ArrivalState
from desk.channels.phone import actions
from desk.channels.phone.fold import CallState
from desk.channels.phone.models import Call, CallBack, Line, Provider
from desk.journal.models import Entry
from tests.channels import exchanges
from tests.channels.exchanges import CALLER, CONSENT, NUMBER, Exchange
from tests.language import Desk

EVERY = pytest.mark.parametrize("provider", list(Provider))
JSON = exchanges.JSON
ENDS_THE_SAME = ("state", "phone", "number_called", "internal", "duration_seconds", "person_id")


def plays(desk: Desk, exchange: Exchange, order: tuple[int, ...]) -> Call:
    """The recorded events of an answered call, in an order, a second apart."""
    recorded = list(exchanges.answered_call(exchange.line.provider))
    for number in order:
        kind, sent = recorded[number]
        exchanges.tells(desk, exchange, sent, **({"kind": kind} if kind else {}))
    return Call.objects.get()


@EVERY
def test_a_recorded_call_of_each_exchange(desk: Desk, provider: Provider) -> None:
    exchanges.has_number(desk, desk.member)
    exchange = exchanges.connected(desk, provider, consent=CONSENT)
    count = len(list(exchanges.answered_call(provider)))
    call = plays(desk, exchange, tuple(range(count)))
    assert (call.state, call.phone, call.outgoing) == (CallState.ENDED, CALLER, False)
    assert (call.person, call.partner, call.duty) == (desk.member, desk.company.partner, desk.lead)
    assert call.answered_at is not None
    assert call.number_called == ("" if provider == Provider.GENERIC else NUMBER)
    assert bool(call.recording) == (provider != Provider.PHONET)
    assert call.duration_seconds == (None if provider == Provider.PHONET else 120)
    assert not CallBack.objects.exists()
    states = [f"{entry.verb}" for entry in Entry.objects.filter(subject=call.key).order_by("id")]
    assert states == ["ring", "pick_up", "hang_up"]


@EVERY
def test_a_call_that_nobody_answered(desk: Desk, provider: Provider) -> None:
    exchange = exchanges.connected(desk, provider)
    kind, sent = next(iter(exchanges.answered_call(provider)))
    exchanges.tells(desk, exchange, sent, **({"kind": kind} if kind else {}))
    kind, sent = exchanges.missed(provider)
    exchanges.tells(desk, exchange, sent, **({"kind": kind} if kind else {}))
    assert Call.objects.get().state == CallState.MISSED
    assert CallBack.objects.get().phone == CALLER


@EVERY
def test_any_order_of_arrival_ends_the_same(desk: Desk, provider: Provider) -> None:
    exchanges.has_number(desk, desk.member)
    count = len(list(exchanges.answered_call(provider)))
    found = set()
    for number, order in enumerate(list(permutations(range(count)))[:: max(1, count - 2) ** 2]):
        exchange = exchanges.connected(desk, provider, name=f"Line {number}")
        call = plays(desk, exchange, order)
        found.add(tuple(getattr(call, name) for name in ENDS_THE_SAME))
        assert not CallBack.objects.filter(done_at=None).exists()
        _forgotten(call)
    assert len(found) == 1


def _forgotten(call: Call) -> None:
    """Make room for the next order."""
    call.words.all().delete()
    Call.objects.all().delete()
    CallBack.objects.all().delete()
    Line.objects.all().delete()


@EVERY
def test_a_forged_event_is_refused_and_only_counted(desk: Desk, provider: Provider) -> None:
    exchange = exchanges.connected(desk, provider)
    kind, sent = next(iter(exchanges.answered_call(provider)))
    right = exchange.request(sent, desk.now, **({"kind": kind} if kind else {}))
    forged = replace(
        right,
        address="198.51.100.7",
        query={**right.query, "secret": "guessed"},
        headers=dict.fromkeys(right.headers, "0" * 40)
        | {"X-Forwarded-For": exchanges.BINOTEL_ADDRESS, "X-Real-Ip": exchanges.BINOTEL_ADDRESS},
    )
    assert exchanges.posts(desk, exchange, forged).status_code == 403
    exchange.line.refresh_from_db()
    assert (exchange.line.refused, Arrival.objects.count()) == (1, 0)
    assert exchange.line.refused_why in ("network", "signature", "secret")
    assert exchanges.posts(desk, exchange, right).status_code == 200


def test_a_repeated_event_is_taken_and_does_nothing_twice(desk: Desk) -> None:
    exchange = exchanges.connected(desk, Provider.BINOTEL)
    _kind, sent = list(exchanges.answered_call(Provider.BINOTEL))[-1]
    for counter in ("1", "1", "2", "3"):
        exchanges.tells(desk, exchange, {**sent, "attemptsCounter": counter})
    assert (Call.objects.count(), Arrival.objects.count()) == (1, 3)
    assert Entry.objects.filter(subject=Call.objects.get().key).count() == 1


def test_an_old_signature_is_no_good(desk: Desk) -> None:
    exchange = exchanges.connected(desk, Provider.GENERIC)
    request = exchange.request(exchanges.generic("ringing"), desk.now)
    desk.later(minutes=6)
    assert exchanges.posts(desk, exchange, request).status_code == 403
    again = exchange.request(exchanges.generic("ringing"), desk.now)
    assert [exchanges.posts(desk, exchange, again).status_code for _ in range(2)] == [200, 200]
    assert Arrival.objects.count() == 1


def test_another_account_of_the_same_exchange_is_refused(desk: Desk) -> None:
    exchange = exchanges.connected(desk, Provider.BINOTEL, account="777")
    _kind, sent = next(iter(exchanges.answered_call(Provider.BINOTEL)))
    assert exchanges.posts(desk, exchange, exchange.request(sent, desk.now)).status_code == 403
    own = exchange.request({**sent, "companyID": "777"}, desk.now)
    assert exchanges.posts(desk, exchange, own).status_code == 200


def test_zadarma_checks_the_address_before_it_is_used(desk: Desk) -> None:
    exchange = exchanges.connected(desk, Provider.ZADARMA)
    answer = Client().get(f"{exchange.path}?zd_echo=abc123")
    assert (answer.status_code, answer.content) == (200, b"abc123")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert Client().get(f"{exchange.path}?zd_echo=<script>").status_code == 405
    assert Client().get(exchange.path).status_code == 405


def test_ringostat_may_send_everything_in_the_address(desk: Desk) -> None:
    exchange = exchanges.connected(desk, Provider.RINGOSTAT)
    facts = {"uniqueid": "u1", "userfield": "380501234567", "kind": "ringing"}
    answer = Client().get(exchange.path, {**facts, "secret": exchange.secret})
    assert answer.status_code == 200
    assert exchange.secret.encode() not in bytes(Arrival.objects.get().raw)
    desk.later(seconds=1)
    exchanges.uses(desk)
    assert Call.objects.get().phone == CALLER


def test_a_new_secret_and_the_old_one_are_taken_for_a_day(desk: Desk) -> None:
    exchange = exchanges.connected(desk, Provider.PHONET)
    _line, secret = actions.rotate(desk.cause(desk.house.vendor, "setup", "k"), exchange.line.pk)
    assert secret is not None
    assert actions.rotate(desk.cause(desk.house.vendor, "setup", "k"), exchange.line.pk)[1] is None
    _kind, sent = next(iter(exchanges.answered_call(Provider.PHONET)))
    exchanges.tells(desk, exchange, sent)
    exchanges.tells(desk, replace(exchange, secret=secret), {**sent, "uuid": "2"})
    Line.objects.update(previous_until_at=desk.now - timedelta(days=400))
    assert exchanges.posts(desk, exchange, exchange.request(sent, desk.now)).status_code == 403


def test_a_paused_line_takes_nothing(desk: Desk) -> None:
    exchange = exchanges.connected(desk, Provider.GENERIC)
    actions.pause(desk.cause(desk.house.vendor, "setup"), exchange.line.pk)
    request = exchange.request(exchanges.generic("ringing"), desk.now)
    assert exchanges.posts(desk, exchange, request).status_code == 403
    assert not Arrival.objects.exists()
    actions.resume(desk.cause(desk.house.vendor, "setup"), exchange.line.pk)
    assert exchanges.posts(desk, exchange, request).status_code == 200


def test_an_unknown_line_is_not_there(desk: Desk) -> None:
    assert Client().post("/channels/phone/0123abc/events", b"{}", JSON).status_code == 404


def test_what_cannot_be_read_waits_for_a_person_and_can_be_tried_again(desk: Desk) -> None:
    exchange = exchanges.connected(desk, Provider.PHONET)
    request = exchanges.Request(b'{"event": ', JSON, query={"secret": exchange.secret})
    assert exchanges.posts(desk, exchange, request).status_code == 200
    desk.later(seconds=1)
    exchanges.uses(desk)
    arrival = Arrival.objects.get()
    assert (arrival.state, arrival.error) == (
        ArrivalState.QUARANTINED,
        "The body is neither a form nor JSON.",
    )
    channels.replay(desk.cause(desk.house.vendor), arrival.pk)
    desk.later(seconds=1)
    exchanges.uses(desk)
    arrival.refresh_from_db()
    assert arrival.state == ArrivalState.QUARANTINED


def test_a_large_body_is_not_read(desk: Desk) -> None:
    exchange = exchanges.connected(desk, Provider.PHONET)
    request = exchanges.Request(b" " * 70_000, JSON, query={"secret": exchange.secret})
    assert exchanges.posts(desk, exchange, request).status_code == 413


def test_no_secret_lies_open(desk: Desk) -> None:
    exchange = exchanges.connected(desk, Provider.RINGOSTAT)
    assert exchange.secret not in exchange.line.secret
    assert all(exchange.secret not in str(entry.facts) for entry in Entry.objects.all())
