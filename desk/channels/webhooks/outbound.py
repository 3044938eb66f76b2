"""An entry becomes deliveries to endpoints, and a delivery a signed request.

Retries follow the schedule that the Standard Webhooks specification proposes, over 24 hours; then
the endpoint is switched off and its people are told. Deliveries do not wait for each other: the
receiver has `data.sequence` for the order.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from desk.channels.errors import Pointless, Refused, Unreachable
from desk.channels.models import Channel, Delivery
from desk.channels.webhooks import actions, names, queries, signing
from desk.channels.webhooks.actions import Outcome
from desk.channels.webhooks.models import Endpoint, Event, Why
from desk.journal.models import Entry
from desk.lib import outside, sealed
from desk.lib.outside import Answer

# 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, and the rest up to 24 h 15 min: eight attempts.
BACK_OFF_SECONDS = (5, 300, 1800, 7200, 18000, 36000, 24000)
SECONDS = 10.0
# A receiver that asks for more time gets it, but no more than this at once.
RETRY_AFTER_MAX = 6 * 3600
ASKS_FOR_TIME = frozenset({429, 502, 503, 504})
REASON = "endpoint"


def deliveries(entry: Entry, at: datetime) -> Iterator[Delivery]:
    """What is to be sent of an entry, to every endpoint that may know of it and wants it."""
    name = names.of(entry)
    if name is None:
        return
    told = queries.concerned(entry)
    if name == names.PING:
        told = [endpoint for endpoint in told if endpoint.address == entry.subject]
    if not told:
        return
    # Also while all are switched off: the event is then in their log, and can be sent later.
    actions.announce(entry, name, at)
    for endpoint in told:
        if endpoint.disabled_at is None and (name == names.PING or queries.wants(endpoint, name)):
            yield Delivery(
                entry=entry,
                channel=Channel.WEBHOOK,
                address=endpoint.address,
                why=REASON,
                next_at=at,
                created_at=at,
            )


def send(delivery: Delivery, at: datetime) -> None:
    """Try one delivery. Raises `Pointless`, `Unreachable`, `Refused`."""
    endpoint, event = _endpoint(delivery), Event.objects.get(entry=delivery.entry_id)
    if endpoint.removed_at is not None:
        raise Pointless("the endpoint is removed")
    if endpoint.disabled_at is not None:
        raise Pointless("the endpoint is switched off")
    if not queries.may_know(endpoint, event):
        raise Pointless("the endpoint may not know of it")
    began = time.monotonic()
    try:
        answer = _posted(endpoint, event, at)
    except (outside.Forbidden, outside.Away) as error:
        outcome = Outcome(_since(began), error=str(error))
        actions.attempted(delivery, endpoint, event, outcome, at)
        raise Unreachable(str(error)) from error
    excerpt = answer.body.decode("utf-8", "replace")
    outcome = Outcome(_since(began), answer.status, excerpt=excerpt)
    actions.attempted(delivery, endpoint, event, outcome, at)
    _judge(endpoint, answer, at)


def given_up(delivery: Delivery, at: datetime) -> None:
    """After 24 hours of failures nothing more is sent until a person switches it on again."""
    actions.disable(_endpoint(delivery).pk, at, Why.GIVEN_UP)


def keys(endpoint: Endpoint, at: datetime) -> list[str]:
    """The secrets that sign at `at`: the present one, and the previous one while it is valid."""
    found = [endpoint.secret]
    if endpoint.previous_until_at is not None and at < endpoint.previous_until_at:
        found.append(endpoint.previous_secret)
    return [sealed.unseal(secret) for secret in found]


def _posted(endpoint: Endpoint, event: Event, at: datetime) -> Answer:
    body = event.body.encode()
    headers = {"content-type": "application/json"}
    headers |= signing.headers(keys(endpoint, at), event.message_id, at, body)
    return outside.request(
        "POST", endpoint.url, headers=headers, body=body, seconds=SECONDS, whole=False
    )


def _judge(endpoint: Endpoint, answer: Answer, at: datetime) -> None:
    """2xx took it, 410 wants nothing any more, everything else (redirects too) is a failure."""
    if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return
    said = f"HTTP {answer.status}"
    if answer.status == HTTPStatus.GONE:
        actions.disable(endpoint.pk, at, Why.GONE)
        raise Refused(said)
    wait = _asked_for(answer, at) if answer.status in ASKS_FOR_TIME else 0
    raise Unreachable(said, wait)


def _asked_for(answer: Answer, at: datetime) -> int:
    """The seconds of Retry-After, which is a number or a date; 0 for what cannot be read."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), RETRY_AFTER_MAX)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(int((aware - at).total_seconds()), 0), RETRY_AFTER_MAX)


def _endpoint(delivery: Delivery) -> Endpoint:
    return Endpoint.objects.get(pk=delivery.address.partition(":")[2])


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
