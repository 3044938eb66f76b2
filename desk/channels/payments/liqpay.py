"""LiqPay: the checkout by address, its signed callback, and the question what became of an order.

`data` is base64 of JSON; the signature is base64(SHA-1(private key + data + private key)), version
3 of the interface (LiqPay's documentation, "Data and signature"). SHA-1 is theirs to choose; what
protects is that the key stands on both sides of the data, and that it is compared in equal time.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from desk.channels.payments.providers import Asked, Forged, Keys, Unread
from desk.deposits.queries.online import Result, Told
from desk.lib import outside

VERSION = 3
CHECKOUT = "3/checkout"
REQUEST = "request"
CURRENCY = "UAH"
DESCRIPTION_MAX = 200
DATA_MAX = 16 * 1024
FACT_MAX = 100
SUM_MAX = Decimal(10) ** 9
SANDBOX_PREFIX = "sandbox_"
# What is worth keeping of a message; a card comes masked from LiqPay, and is not kept even so.
KEPT = ("payment_id", "paytype", "err_code", "err_description", "receiver_commission", "end_date")
RESULTS = {
    "success": Result.PAID,
    "sandbox": Result.PAID,
    "failure": Result.FAILED,
    "error": Result.FAILED,
    "reversed": Result.REVERSED,
}


class LiqPay:
    """LiqPay of PrivatBank."""

    name = "liqpay"
    label = "LiqPay"

    def address(self, keys: Keys, asked: Asked, *, sandbox: bool) -> str:
        """The payer's way to the checkout, all of it signed."""
        message = {
            "version": VERSION,
            "public_key": keys.public,
            "action": "pay",
            "amount": _hryvnias(asked.kopecks),
            "currency": CURRENCY,
            "description": asked.description[:DESCRIPTION_MAX],
            "order_id": asked.order,
            "language": "uk" if asked.language == "ru" else asked.language,
            "result_url": asked.result_url,
            "server_url": asked.server_url,
        }
        if sandbox and not keys.public.startswith(SANDBOX_PREFIX):
            message["sandbox"] = 1
        return f"{settings.LIQPAY_URL}/{CHECKOUT}?{urlencode(signed(keys, message))}"

    def read(self, keys: Keys, form: Mapping[str, str], *, sandbox: bool) -> Told:
        """The callback: a form of `data` and `signature`."""
        data, signature = form.get("data", ""), form.get("signature", "")
        if not data.isascii() or not signature.isascii() or len(data) > DATA_MAX:
            raise Forged
        if not hmac.compare_digest(signature_of(keys, data), signature):
            raise Forged
        message = _message(data)
        if message.get("public_key", keys.public) != keys.public:
            raise Forged
        return _said(message, sandbox=sandbox)

    def ask(self, keys: Keys, order: str, *, sandbox: bool) -> Told | None:
        """The status of an order, asked over TLS; the answer is not signed."""
        message = {
            "version": VERSION,
            "public_key": keys.public,
            "action": "status",
            "order_id": order,
        }
        body = urlencode(signed(keys, message)).encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        address = f"{settings.LIQPAY_URL}/{REQUEST}"
        answer = outside.request("POST", address, headers=headers, body=body)
        found = _object(answer.body)
        if found.get("err_code") == "payment_not_found":
            return None
        return _said(found, sandbox=sandbox)


def signed(keys: Keys, message: Mapping[str, object]) -> dict[str, str]:
    """The two fields of every message to LiqPay."""
    data = b64encode(json.dumps(message, ensure_ascii=False).encode()).decode()
    return {"data": data, "signature": signature_of(keys, data)}


def signature_of(keys: Keys, data: str) -> str:
    """base64(SHA-1(private + data + private))."""
    whole = f"{keys.private}{data}{keys.private}".encode()
    return b64encode(hashlib.sha1(whole, usedforsecurity=False).digest()).decode()


def _message(data: str) -> dict[str, Any]:
    try:
        return _object(b64decode(data, validate=True))
    except binascii.Error as error:
        raise Unread("data") from error


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Unread("json") from error
    if not isinstance(found, dict):
        raise Unread("json")
    return found


def _said(message: Mapping[str, Any], *, sandbox: bool) -> Told:
    status, order = str(message.get("status", "")), message.get("order_id")
    is_order = isinstance(order, str) and order != "" and order.isprintable()
    if not is_order or message.get("currency") != CURRENCY:
        raise Unread("order or currency")
    result = RESULTS.get(status, Result.PENDING)
    # Play money: it counts only where the account is one for trying.
    if status == "sandbox" and not sandbox:
        result = Result.FAILED
    return Told(
        order=str(order),
        result=result,
        kopecks=_kopecks(message.get("amount")),
        status=_plain(status),
        reference=_plain(message.get("payment_id", "")),
        facts={name: _plain(message[name]) for name in KEPT if name in message},
    )


def _plain(value: object) -> str:
    """What is kept of a word of theirs: no column holds a NUL or half a letter."""
    return "".join(one for one in str(value)[:FACT_MAX] if one.isprintable())


def _kopecks(amount: object) -> int:
    """A sum of LiqPay's, 360 or 180.5 hryvnias, in kopiykas."""
    try:
        kopecks = Decimal(str(amount)) * 100
        is_whole = 0 < kopecks < SUM_MAX and kopecks == kopecks.to_integral_value()
    except ArithmeticError as error:
        raise Unread("amount") from error
    if isinstance(amount, bool) or not is_whole:
        raise Unread("amount")
    return int(kopecks)


def _hryvnias(kopecks: int) -> str:
    return f"{kopecks // 100}.{kopecks % 100:02}"
