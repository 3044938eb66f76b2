"""LiqPay's messages: how they are signed, and what is made of what they say."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from desk.channels.payments.liqpay import LiqPay, signature_of, signed
from desk.channels.payments.providers import Asked, Forged, Keys, Unread
from desk.deposits.queries.online import Result

KEYS = Keys("i00000000", "a private key of nobody")
ASKED = Asked(
    order="7-abc",
    kopecks=1_800_05,
    description="Рахунок ДВ-2026-000001",
    language="ru",
    result_url="https://desk.example/cabinet/pay/order/liqpay/7-abc/",
    server_url="https://desk.example/channels/payments/liqpay/1/",
)


def message(**changes: Any) -> dict[str, Any]:
    """A callback of a payment that went through."""
    said = {
        "version": 3,
        "public_key": KEYS.public,
        "order_id": "7-abc",
        "amount": 1800.05,
        "currency": "UAH",
        "status": "success",
        "payment_id": 165629,
        "sender_card_mask2": "473118*97",
    }
    return {**said, **changes}


def read(said: dict[str, Any], *, sandbox: bool = False) -> Any:
    return LiqPay().read(KEYS, signed(KEYS, said), sandbox=sandbox)


def test_the_signature_is_sha1_between_the_keys() -> None:
    # Worked out apart: base64(sha1("secret" + "ZGF0YQ==" + "secret")).
    assert signature_of(Keys("p", "secret"), "ZGF0YQ==") == "3x/oRnU5ik0qjSol3Mmx3ZykRhU="


def test_the_payers_way_says_order_sum_and_where_to_tell() -> None:
    address = urlsplit(LiqPay().address(KEYS, ASKED, sandbox=False))
    assert f"{address.scheme}://{address.netloc}" == "https://www.liqpay.ua"
    data = parse_qs(address.query)["data"][0]
    assert parse_qs(address.query)["signature"] == [signature_of(KEYS, data)]
    sent = json.loads(b64decode(data))
    assert (sent["order_id"], sent["amount"], sent["currency"]) == ("7-abc", "1800.05", "UAH")
    assert sent["server_url"] == ASKED.server_url
    assert sent["language"] == "uk"
    assert "sandbox" not in sent
    assert KEYS.private not in json.dumps(sent)


def test_a_sandbox_is_told_to_be_one_unless_its_keys_say_so() -> None:
    def sent(public: str) -> Any:
        keys = Keys(public, "x")
        query = urlsplit(LiqPay().address(keys, ASKED, sandbox=True)).query
        return json.loads(b64decode(parse_qs(query)["data"][0])).get("sandbox")

    assert sent("i1") == 1
    assert sent("sandbox_i1") is None


def test_a_payment_is_read_to_the_kopiyka_and_without_its_card() -> None:
    said = read(message())
    assert (said.order, said.result, said.kopecks) == ("7-abc", Result.PAID, 1_800_05)
    assert said.reference == "165629"
    assert "473118" not in str(said)


@pytest.mark.parametrize(
    ("status", "sandbox", "result"),
    [
        ("success", False, Result.PAID),
        ("sandbox", True, Result.PAID),
        ("sandbox", False, Result.FAILED),
        ("failure", False, Result.FAILED),
        ("error", False, Result.FAILED),
        ("reversed", False, Result.REVERSED),
        ("processing", False, Result.PENDING),
        ("wait_accept", False, Result.PENDING),
        ("a word of tomorrow", False, Result.PENDING),
    ],
)
def test_only_what_is_surely_paid_counts(status: str, sandbox: bool, result: Result) -> None:
    assert read(message(status=status), sandbox=sandbox).result is result


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 0},
        {"amount": -5},
        {"amount": 1.001},
        {"amount": "many"},
        {"amount": None},
        {"amount": True},
        {"amount": 1e30},
        {"amount": "NaN"},
        {"currency": "USD"},
        {"order_id": ""},
        {"order_id": 7},
    ],
)
def test_what_names_no_sum_and_order_is_not_read(changes: dict[str, Any]) -> None:
    with pytest.raises(Unread):
        read(message(**changes))


def test_what_another_key_signed_is_refused() -> None:
    form = signed(Keys(KEYS.public, "another key"), message())
    with pytest.raises(Forged):
        LiqPay().read(KEYS, form, sandbox=False)


@pytest.mark.parametrize(
    "form", [{}, {"data": "e30="}, {"data": "ї", "signature": "ї"}, {"data": "A" * 20_000}]
)
def test_what_has_no_signature_is_refused(form: dict[str, str]) -> None:
    with pytest.raises(Forged):
        LiqPay().read(KEYS, form, sandbox=False)


def test_a_message_of_another_account_is_refused() -> None:
    with pytest.raises(Forged):
        read(message(public_key="i99"))


@pytest.mark.parametrize("data", ["", "!", b64encode(b"[]").decode(), b64encode(b"\xff").decode()])
def test_signed_nonsense_is_not_read(data: str) -> None:
    form = {"data": data, "signature": signature_of(KEYS, data)}
    with pytest.raises(Unread):
        LiqPay().read(KEYS, form, sandbox=False)


def test_what_no_column_holds_is_left_out_or_refused() -> None:
    said = read(message(status="fail\0ure", payment_id="1\0", err_code="\0x"))
    assert (said.status, said.reference, said.facts["err_code"]) == ("failure", "1", "x")
    for wrong in ({"order_id": "7-\0"}, {"amount": "1e999999999"}):
        with pytest.raises(Unread):
            read(message(**wrong))
