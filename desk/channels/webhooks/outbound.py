"""An entry becomes deliveries to endpoints, and a delivery a signed request.

Retries follow the schedule that the Standard Webhooks specification proposes, over 24 hours; then
the endpoint is switched off and its people are told. Deliveries do not wait for each other: the
receiver has `data.sequence` for the order.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus

from desk.channels.errors import Busy, Pointless, Refused, Unreachable
from desk.channels.models import Channel, Delivery
from desk.channels.webhooks import actions, names, queries, signing
from desk.channels.webhooks.actions import Outcome
from desk.channels.webhooks.models import Endpoint, Event, Why
from desk.journal.models import Entry
from desk.lib import outside, sealed

# 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, and the rest up to 24 h 15 min: eight attempts.
BACK_OFF_SECONDS = (5, 300, 1800, 7200, 18000, 36000, 24000)
GIVEN_UP_AFTER = timedelta(seconds=sum(BACK_OFF_SECONDS))
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
    if seconds := actions.turn(endpoint, at):
        raise Busy(seconds)
    outcome = _tried(endpoint, event, at)
    actions.attempted(delivery, endpoint, event, outcome, at)
    if not outcome.good:
        _judge(endpoint, outcome, at)


def given_up(delivery: Delivery, at: datetime) -> None:
    """After 24 hours of failures nothing more is sent until a person switches it on again."""
    actions.disable(_endpoint(delivery).pk, at, Why.GIVEN_UP)


def keys(endpoint: Endpoint, at: datetime) -> list[str]:
    """The secrets that sign at `at`: the present one, and the previous one while it is valid."""
    found = [endpoint.secret]
    if endpoint.previous_until_at is not None and at < endpoint.previous_until_at:
        found.append(endpoint.previous_secret)
    return [sealed.unseal(secret) for secret in found]


def _tried(endpoint: Endpoint, event: Event, at: datetime) -> Outcome:
    """Send it, and tell what came of it."""
    body, began = event.body.encode(), time.monotonic()
    try:
        headers = signing.headers(keys(endpoint, at), event.message_id, at, body)
        headers["content-type"] = "application/json"
        answer = outside.request(
            "POST", endpoint.url, headers=headers, body=body, seconds=SECONDS, whole=False
        )
    except sealed.Unreadable:
        return Outcome(0, error="secret")
    except outside.Forbidden as error:
        return Outcome(_since(began), error=error.code)
    except outside.Away as error:
        return Outcome(_since(began), error=str(error), too_slow=error.code == "time")
    return Outcome(
        _since(began),
        answer.status,
        excerpt=answer.body.decode("utf-8", "replace"),
        wait_seconds=answer.wait_seconds(at, RETRY_AFTER_MAX)
        if answer.status in ASKS_FOR_TIME
        else 0,
    )


def _judge(endpoint: Endpoint, outcome: Outcome, at: datetime) -> None:
    """What follows from a failure: 2xx alone is none, 410 wants nothing any more."""
    said = outcome.error or f"HTTP {outcome.status}"
    if outcome.status == HTTPStatus.GONE:
        actions.disable(endpoint.pk, at, Why.GONE)
        raise Refused(said)
    # An endpoint that rests between its attempts takes longer to come to the end of any event's.
    if endpoint.failing_since_at is not None and at - endpoint.failing_since_at >= GIVEN_UP_AFTER:
        raise Refused(said)
    raise Unreachable(said, outcome.wait_seconds)


def _endpoint(delivery: Delivery) -> Endpoint:
    return Endpoint.objects.get(pk=delivery.address.partition(":")[2])


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
