"""What exchanges send, as one neutral event; and who they are."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from desk.channels.phone import payload, providers, signatures
from desk.channels.phone.events import CallEvent, Kind, Unreadable, phone

SAMPLES = Path(__file__).parents[3] / "shared/corpora/webhook-vectors/pbx_samples.json"
NOW = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
KYIV = ZoneInfo("Europe/Kyiv")
SECRET = "a secret of the tests"
ZADARMA = {
    "event": "NOTIFY_END",
    "pbx_call_id": "in_1",
    "caller_id": "+380501234567",
    "called_did": "380443334023",
    "call_start": "2026-11-27 09:00:00",
    "disposition": "no answer",
}


def read(provider: str, sent: dict[str, Any], *, form: bool = False) -> CallEvent | None:
    body = urlencode(sent) if form else json.dumps(sent)
    return providers.READERS[provider](payload.read(body.encode()), NOW, KYIV)


@pytest.mark.parametrize("text", ["0501234567", "380501234567", "+380501234567", "00380501234567"])
def test_one_number_however_it_is_written(text: str) -> None:
    assert phone(text) == "+380501234567"


@pytest.mark.parametrize("text", ["", "anonymous", "904", None])
def test_what_is_no_number_is_none(text: object) -> None:
    assert phone(text) == ""


def test_the_recorded_call_of_binotel() -> None:
    if not SAMPLES.exists():
        pytest.skip("the corpora are not beside the checkout")
    found = read("binotel", json.loads(SAMPLES.read_text("utf-8"))[0]["payload"], form=True)
    assert found is not None
    assert (found.call_id, found.kind, found.phone) == ("456789", Kind.ENDED, "+380501234567")
    assert (found.number_called, found.internal) == ("+380443334023", "904")
    assert (found.duration_seconds, found.outgoing) == (120, False)
    assert found.started_at == datetime.fromtimestamp(1714377600, UTC)


def test_a_call_that_nobody_answered_is_missed() -> None:
    sent = {"requestType": "hangupTheCall", "generalCallID": "7", "disposition": "NOANSWER"}
    binotel, zadarma = read("binotel", sent, form=True), read("zadarma", ZADARMA, form=True)
    hung_up = {"event": "call.hangup", "uuid": "u/1", "lgDirection": 4, "dialAt": 1795763000}
    phonet = read("phonet", hung_up)
    assert binotel and zadarma and phonet
    assert {binotel.kind, zadarma.kind, phonet.kind} == {Kind.MISSED}
    assert zadarma.started_at == NOW


def test_colleagues_among_themselves_concern_nobody() -> None:
    assert read("phonet", {"event": "call.dial", "uuid": "u", "lgDirection": 1}) is None


def test_our_own_form_is_read_strictly() -> None:
    sent = {"call_id": "a", "kind": "ringing", "phone": "0501234567"}
    found = read("generic", {**sent, "started_at": "2026-11-27T09:00:00+02:00"})
    assert found is not None
    assert (found.phone, found.started_at) == ("+380501234567", NOW)
    for wrong in ({"kind": "sung"}, {"call_id": ""}, {"started_at": "2026-11-27T09:00:00"}):
        with pytest.raises(Unreadable):
            read("generic", {**sent, **wrong})


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"a=1&a[b]=2"])
def test_what_cannot_be_read_is_told_in_a_sentence(body: bytes) -> None:
    with pytest.raises(Unreadable):
        payload.read(body)


def test_zadarma_signs_and_a_forged_one_is_refused() -> None:
    text = "+380501234567" + "380443334023" + "2026-11-27 09:00:00"
    digest = hmac.new(SECRET.encode(), text.encode(), hashlib.sha1).hexdigest()
    signed = base64.b64encode(digest.encode()).decode()
    assert signatures.zadarma(ZADARMA, signed, SECRET)
    assert not signatures.zadarma({**ZADARMA, "caller_id": "+380670000000"}, signed, SECRET)
    assert not signatures.zadarma(ZADARMA, "", SECRET)


def test_the_generic_signature_holds_for_five_minutes() -> None:
    body, stamp = b'{"call_id": "a"}', str(int(NOW.timestamp()))
    signed = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert signatures.generic(body, signed, stamp, SECRET, NOW)
    assert not signatures.generic(body + b" ", signed, stamp, SECRET, NOW)
    assert not signatures.generic(body, signed, stamp, SECRET, NOW.replace(minute=6))
    assert not signatures.generic(body, signed, "soon", SECRET, NOW)


def test_binotel_comes_from_its_own_addresses() -> None:
    assert signatures.from_network("194.88.218.114", ["194.88.218.112/28"])
    assert not signatures.from_network("8.8.8.8", ["194.88.218.112/28"])
    assert not signatures.from_network("forged", ["194.88.218.112/28"])
