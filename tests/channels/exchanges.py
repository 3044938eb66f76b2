"""Telephone exchanges as they talk to the desk: recorded payloads, signed as each of them does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from desk.channels import inbox
from desk.channels.phone import actions, signatures
from desk.channels.phone.actions import LineCard
from desk.channels.phone.models import Line, Provider
from desk.partners import actions as partners
from desk.partners.models import Person
from tests.language import Desk

NUMBER = "+380443334023"
CALLER = "+380501234567"
ZADARMA_KEY = "the key of the exchange"
BINOTEL_NETWORK = "194.88.218.112/28"
BINOTEL_ADDRESS = "194.88.218.114"
CONSENT = "A recorded voice says so before the call is put through."
Event = tuple[str, dict[str, Any]]


@dataclass
class Request:
    """One HTTP request of an exchange."""

    body: bytes
    content_type: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    address: str = "203.0.113.9"


@dataclass
class Exchange:
    """A line of the desk, seen from its exchange."""

    line: Line
    secret: str

    def request(self, sent: dict[str, Any], at: datetime, **query: str) -> Request:
        """The request for an event, as this exchange makes it."""
        match self.line.provider:
            case Provider.BINOTEL:
                return Request(_form(sent), FORM, address=BINOTEL_ADDRESS)
            case Provider.ZADARMA:
                return Request(_form(sent), FORM, headers={"Signature": zadarma(sent)})
            case Provider.GENERIC:
                return self._signed(json.dumps(sent).encode(), at)
        return Request(json.dumps(sent).encode(), JSON, query={"secret": self.secret, **query})

    def _signed(self, body: bytes, at: datetime) -> Request:
        stamp = str(int(at.timestamp()))
        text = stamp.encode() + b"." + body
        signature = hmac.new(self.secret.encode(), text, hashlib.sha256).hexdigest()
        headers = {"X-Desk-Signature": signature, "X-Desk-Timestamp": stamp}
        return Request(body, JSON, headers=headers)

    @property
    def path(self) -> str:
        return f"/channels/phone/{self.line.code}/events"


FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def connected(desk: Desk, provider: Provider, **card: Any) -> Exchange:
    """A line of this exchange."""
    given: dict[str, Any] = {"name": "Hotline", "number": NUMBER, "timezone": "Europe/Kyiv"}
    if provider == Provider.BINOTEL:
        given["networks"] = (BINOTEL_NETWORK,)
    if provider == Provider.ZADARMA:
        given["secret"] = ZADARMA_KEY
    cause = desk.cause(desk.house.vendor, "setup")
    made, secret = actions.add(cause, provider, LineCard(**{**given, **card}))
    return Exchange(made, secret or "")


def has_number(desk: Desk, person: Person, written: str = "050 123-45-67") -> None:
    """The person writes a number on the own card."""
    card = partners.Card(name=person.name, language=person.language, phone=written)
    partners.change_person(desk.cause(person), person.pk, card)


def posts(desk: Desk, exchange: Exchange, request: Request) -> HttpResponse:
    """The exchange sends a request to the desk, at the desk's present moment."""
    where = exchange.path + (f"?{urlencode(request.query)}" if request.query else "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("desk.lib.clock.now", lambda: desk.now)
        return Client().post(  # type: ignore[return-value]  # a response is one
            where,
            request.body,
            content_type=request.content_type,
            headers=request.headers,
            REMOTE_ADDR=request.address,
        )


def tells(desk: Desk, exchange: Exchange, sent: dict[str, Any], **query: str) -> None:
    """The exchange tells of an event now, and the worker uses it."""
    response = posts(desk, exchange, exchange.request(sent, desk.now, **query))
    assert response.status_code == 200, response.content
    desk.later(seconds=1)
    uses(desk)


def uses(desk: Desk) -> None:
    """The worker uses whatever waits."""
    while inbox.tick(desk.now):
        pass


def generic(kind: str, call_id: str = "a", **more: Any) -> dict[str, Any]:
    """An event of our own form, by our caller."""
    return {"call_id": call_id, "kind": kind, "phone": CALLER, **more}


def answered_call(provider: str) -> Iterator[Event]:
    """The recorded events of one incoming call that was answered: body, and what the address of
    the webhook says beside it ("kind" for Ringostat)."""
    yield from RECORDED[provider]


def missed(provider: str) -> Event:
    """The recorded end of a call that nobody answered."""
    return MISSED[provider]


def zadarma(sent: dict[str, Any]) -> str:
    """How Zadarma signs a request."""
    text = "".join(str(sent.get(name, "")) for name in signatures._ZADARMA[sent["event"]])
    digest = hmac.new(ZADARMA_KEY.encode(), text.encode(), hashlib.sha1).hexdigest()
    return base64.b64encode(digest.encode()).decode()


def _form(sent: dict[str, Any]) -> bytes:
    return urlencode(sent).encode()


_BINOTEL = {"companyID": "123", "generalCallID": "456789", "callType": "0"}
_ZADARMA = {
    "caller_id": "+380501234567",
    "called_did": "380443334023",
    "call_start": "2026-11-27 09:00:00",
    "pbx_call_id": "in_8a1f",
}
_PHONET = {
    "accountDomain": "demo.phonet.com.ua",
    "uuid": "e6a0d4f2-1",
    "parentUuid": "e6a0d4f2",
    "lgDirection": 4,
    "dialAt": 1795762800,
    "leg": {"id": 7, "ext": "101", "displayName": "Olha"},
    "otherLegs": [{"id": None, "num": "+380501234567"}],
    "trunkNum": "+380443334023",
}
_RINGOSTAT = {
    "uniqueid": "ua1-1795762800.1234",
    "calldate": "2026-11-27 09:00:00",
    "userfield": "380501234567",
    "dst": "380443334023",
    "call_type": "in",
}
RECORDED: dict[str, tuple[Event, ...]] = {
    Provider.BINOTEL: (
        (
            "",
            {
                **_BINOTEL,
                "requestType": "receivedTheCall",
                "externalNumber": "0501234567",
                "pbxNumber": "0443334023",
            },
        ),
        (
            "",
            {
                **_BINOTEL,
                "requestType": "answeredTheCall",
                "externalNumber": "0501234567",
                "internalNumber": "904",
            },
        ),
        # The end tells neither the number nor the direction.
        (
            "",
            {
                "requestType": "hangupTheCall",
                "generalCallID": "456789",
                "billsec": "120",
                "disposition": "ANSWER",
            },
        ),
        (
            "",
            {
                "requestType": "apiCallCompleted",
                "attemptsCounter": "1",
                "callDetails[companyID]": "123",
                "callDetails[generalCallID]": "456789",
                "callDetails[callType]": "0",
                "callDetails[internalNumber]": "904",
                "callDetails[externalNumber]": "0501234567",
                "callDetails[billsec]": "120",
                "callDetails[disposition]": "ANSWER",
                "callDetails[whoHungUp]": "",
                "callDetails[pbxNumberData][number]": "0443334023",
                "callDetails[linkToCallRecordInMyBusiness]": "https://my.binotel.ua/?module=r",
                "callDetails[historyData][0][billsec]": "120",
            },
        ),
    ),
    Provider.ZADARMA: (
        ("", {**_ZADARMA, "event": "NOTIFY_START"}),
        ("", {**_ZADARMA, "event": "NOTIFY_INTERNAL", "internal": "101"}),
        ("", {**_ZADARMA, "event": "NOTIFY_ANSWER", "destination": "101", "internal": "101"}),
        (
            "",
            {**_ZADARMA, "event": "NOTIFY_END", "disposition": "answered", "duration": "120"},
        ),
        (
            "",
            {"event": "NOTIFY_RECORD", "pbx_call_id": "in_8a1f", "call_id_with_rec": "1795.77"},
        ),
    ),
    Provider.PHONET: (
        ("", {**_PHONET, "event": "call.dial"}),
        ("", {**_PHONET, "event": "call.bridge", "bridgeAt": 1795762805}),
        ("", {**_PHONET, "event": "call.hangup", "bridgeAt": 1795762805}),
    ),
    Provider.RINGOSTAT: (
        ("ringing", _RINGOSTAT),
        ("answered", {**_RINGOSTAT, "employee": "101"}),
        (
            "ended",
            {
                **_RINGOSTAT,
                "disposition": "ANSWERED",
                "billsec": "120",
                "recording": "https://app.ringostat.com/recordings/ua1.mp3",
            },
        ),
    ),
    Provider.GENERIC: (
        ("", {"call_id": "1795762800.77", "kind": "ringing", "phone": "+380501234567"}),
        ("", {"call_id": "1795762800.77", "kind": "answered", "internal": "101"}),
        ("", {"call_id": "1795762800.77", "kind": "ended", "duration_seconds": 120}),
        (
            "",
            {
                "call_id": "1795762800.77",
                "kind": "recording",
                "recording_url": "https://pbx.example/r/77",
            },
        ),
    ),
}
MISSED: dict[str, Event] = {
    Provider.BINOTEL: (
        "",
        {
            "requestType": "hangupTheCall",
            "generalCallID": "456789",
            "billsec": "0",
            "disposition": "NOANSWER",
        },
    ),
    Provider.ZADARMA: (
        "",
        {**_ZADARMA, "event": "NOTIFY_END", "disposition": "no answer", "duration": "0"},
    ),
    Provider.PHONET: ("", {**_PHONET, "event": "call.hangup"}),
    Provider.RINGOSTAT: ("ended", {**_RINGOSTAT, "disposition": "NO ANSWER", "billsec": "0"}),
    Provider.GENERIC: ("", {"call_id": "1795762800.77", "kind": "missed"}),
}
