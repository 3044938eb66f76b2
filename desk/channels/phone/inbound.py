"""From what an exchange sent to a call (the inbox's handler)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from desk.channels.errors import Unclear
from desk.channels.models import Arrival
from desk.channels.phone import actions, payload, providers
from desk.channels.phone.events import Unreadable
from desk.channels.phone.models import Line

NOTHING = "nothing for us"


def handle(arrival: Arrival, at: datetime) -> str:
    """Add the event to its call: "call:5". It happened when it reached us, however late it is
    looked at. Raises `Unclear`."""
    line = Line.objects.get(pk=arrival.source.partition(":")[2])
    try:
        told = {**payload.read(bytes(arrival.raw)), **_named(arrival)}
        event = providers.READERS[line.provider](told, arrival.received_at, ZoneInfo(line.timezone))
    except Unreadable as error:
        raise Unclear(str(error)) from error
    if event is None:
        return NOTHING
    return actions.hear(line, event, arrival, at).key


def _named(arrival: Arrival) -> dict[str, str]:
    """What the address of the webhook names beside the body (Ringostat)."""
    query = arrival.facts.get("query")
    return dict(query) if isinstance(query, dict) else {}
