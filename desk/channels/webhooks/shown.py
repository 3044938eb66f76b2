"""Endpoints, events and attempts in the words of the pages."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.translation import gettext as _

from desk.channels.models import DeliveryState
from desk.channels.webhooks import names
from desk.channels.webhooks.models import Attempt, Endpoint, Event, Why
from desk.channels.webhooks.queries import Line, Standing
from desk.web import labels

Context = dict[str, Any]
SPACES = {"setup": "webhooks", "cabinet": "own_webhooks"}
TONES = {
    DeliveryState.SENT: "calm",
    DeliveryState.DEAD: "late",
    DeliveryState.FAILED: "soon",
}


def address(area: str, name: str, *arguments: int) -> str:
    """An address of this channel in the area whose page it stands on."""
    return reverse(f"{SPACES[area]}:{name}", args=arguments)


def endpoint(area: str, found: Endpoint, standing: Standing) -> Context:
    """An endpoint with how it does. `partner` is "" for one of the vendor."""
    split = urlsplit(found.url)
    return {
        "id": found.pk,
        "page": address(area, "endpoint", found.pk),
        "url": found.url,
        "host": split.netloc,
        "is_plain": split.scheme == "http",
        "note": found.note,
        "partner": found.partner.name if found.partner else "",
        "is_off": found.disabled_at is not None,
        "off_at": found.disabled_at,
        "why_off": why_off(found),
        "by_itself": found.disabled_why in (Why.GIVEN_UP, Why.GONE),
        "previous_until_at": found.previous_until_at,
        "chosen": len(found.events),
        "standing": standing,
    }


def why_off(found: Endpoint) -> str:
    """Why nothing is sent, as a sentence."""
    match found.disabled_why:
        case Why.PAUSED:
            return _("Paused. What happens meanwhile stays in the log.")
        case Why.GIVEN_UP:
            return _("Switched off: the receiver has not taken an event for 24 hours.")
        case Why.GONE:
            return _("Switched off: the receiver answered 410 Gone, it wants no more events.")
    return ""


def choices(chosen: list[str]) -> list[Context]:
    """Every event there is, in groups, with its name for programs and for people."""
    return [
        {
            "label": _group(kind),
            "events": [
                {"name": name, "label": happened(name), "checked": name in chosen}
                for name in table.values()
            ],
        }
        for kind, table in names.KINDS.items()
    ]


def happened(name: str) -> str:
    """What an event tells, in the words of the cabinet."""
    if name == names.PING:
        return _("Test event")
    verb = names.VERBS[name]
    return labels.movement_label(verb) if verb in names.DEPOSIT else labels.happened_label(verb)


def line(area: str, found: Endpoint, row: Line) -> Context:
    """A row of the log."""
    event, delivery = row.event, row.delivery
    state = delivery.state if delivery else ""
    return {
        "page": address(area, "event", found.pk, event.pk),
        "name": event.name,
        "label": happened(event.name),
        "about": row.number,
        "sequence": event.sequence,
        "at": event.at,
        "state": _state(state),
        "tone": TONES.get(DeliveryState(state), "") if state else "standing",
        "status": row.status,
        "attempts": delivery.attempts if delivery else 0,
        "next_at": delivery.next_at if state == DeliveryState.FAILED and delivery else None,
        "error": delivery.error if delivery else "",
    }


def event(found: Event) -> Context:
    """One event whole."""
    return {
        "id": found.pk,
        "name": found.name,
        "label": happened(found.name),
        "message_id": found.message_id,
        "at": found.at,
        "sequence": found.sequence,
        "body": json.dumps(json.loads(found.body), ensure_ascii=False, indent=2),
    }


def attempt(found: Attempt) -> Context:
    """One attempt: what was answered, or why nothing was."""
    good = found.status is not None and found.status < 300
    return {
        "at": found.at,
        "status": found.status,
        "tone": "calm" if good else "late",
        "milliseconds": found.milliseconds,
        "error": _away(found.error),
        "excerpt": found.excerpt,
    }


def _group(kind: str) -> str:
    return _("Tickets") if kind == "ticket" else _("Deposit")


def _state(state: str) -> str:
    match state:
        case DeliveryState.SENT:
            return _("Arrived")
        case DeliveryState.WAITING:
            return _("On its way")
        case DeliveryState.FAILED:
            return _("Tried again later")
        case DeliveryState.DEAD:
            return _("Given up")
    return _("Not sent")


def _away(error: str) -> str:
    """Why there was no answer, in plain words (codes of desk.lib.outside)."""
    said = {
        "name": _("The name of the host is not known."),
        "connection": _("The host takes no connection."),
        "certificate": _("The certificate is not valid for this host."),
        "time": _("No answer within 10 seconds."),
        "answer": _("What came back is no HTTP answer."),
        "size": _("The answer is too big."),
        "address": _("The name leads to an address of an internal network, nothing was sent."),
        "secret": _("The secret cannot be read any more. Make a new one."),
    }
    return said.get(error.partition(":")[0], error)
