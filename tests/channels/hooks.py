"""Webhooks in tests: an endpoint of the partner, and an independent check of signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from desk.channels.webhooks import actions as webhooks
from desk.channels.webhooks.actions import Wanted
from desk.channels.webhooks.models import Endpoint
from tests.channels import post
from tests.channels.receiver import Got, Receiver
from tests.language import Desk


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
