"""A provider of online payments for tests: messages are plain fields signed with HMAC-SHA256."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

from desk.channels.payments.providers import Asked, Forged, Keys, Unread
from desk.deposits.queries.online import Result, Told

PATH = "tests.channels.fake_payments.Fake"
KEYS = Keys("fake-public", "fake-private")
# What the provider would answer when asked about an order.
KNOWN: dict[str, Told] = {}


class Fake:
    """Signs the fields in the order of their names."""

    name = "fake"
    label = "Play bank"

    def address(self, keys: Keys, asked: Asked, *, sandbox: bool) -> str:
        fields = {"order": asked.order, "kopecks": str(asked.kopecks), "sandbox": str(sandbox)}
        return f"https://bank.example/pay?{urlencode(signed(fields, keys))}"

    def read(self, keys: Keys, form: Mapping[str, str], *, sandbox: bool) -> Told:  # noqa: ARG002
        fields = {name: text for name, text in form.items() if name != "signature"}
        if not hmac.compare_digest(signed(fields, keys)["signature"], form.get("signature", "")):
            raise Forged
        try:
            result, kopecks = Result(fields["result"]), int(fields["kopecks"])
        except (KeyError, ValueError) as error:
            raise Unread("fields") from error
        return Told(fields["order"], result, kopecks, fields["result"], fields.get("id", ""))

    def ask(self, keys: Keys, order: str, *, sandbox: bool) -> Told | None:  # noqa: ARG002
        return KNOWN.get(order)


def signed(fields: Mapping[str, str], keys: Keys = KEYS) -> dict[str, str]:
    """The fields with their signature."""
    text = urlencode(sorted(fields.items())).encode()
    return {
        **fields,
        "signature": hmac.new(keys.private.encode(), text, hashlib.sha256).hexdigest(),
    }
