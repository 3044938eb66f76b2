"""Connections, arrivals and deliveries in the words of the pages."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.channels import topics, visible
from desk.channels.models import Arrival, ArrivalState, Delivery, DeliveryState
from desk.channels.onebox.actions.processes import REFUSED_VERB
from desk.channels.onebox.models import Connection
from desk.tickets import queries as tickets
from desk.tickets.models import Ticket
from desk.web import labels

Context = dict[str, Any]
_TICKET = re.compile(r"ticket:(\d{1,18})")
IN_TONES = {
    ArrivalState.DONE: "calm",
    ArrivalState.QUARANTINED: "late",
    ArrivalState.FAILED: "soon",
}
OUT_TONES = {DeliveryState.SENT: "calm", DeliveryState.DEAD: "late", DeliveryState.FAILED: "soon"}


def connection(found: Connection, stuck: int = 0) -> Context:
    """A connection with how it does; `stuck` is how much waits for a person."""
    return {
        "id": found.pk,
        "page": reverse("onebox:connection", args=[found.pk]),
        "host": found.base_url.partition("://")[2].partition("/")[0],
        "base_url": found.base_url,
        "partner": found.partner.name,
        "project": found.project.name,
        "person": found.person.name,
        "workflow": found.workflow,
        "is_plain": found.base_url.startswith("http:"),
        "is_on": found.is_active,
        "stuck": stuck,
        "is_new": found.baseline is None,
        "trouble": trouble(found.error) if found.error else "",
        "said": found.error.partition(":")[2] if found.error.startswith("refused:") else "",
        "polled_at": found.polled_at,
        "next_at": found.poll_next_at,
        "heard_at": found.heard_at,
        "tried_at": found.tried_at,
        "every_seconds": found.polling_seconds,
        "events_url": f"{settings.BASE_URL}{reverse('onebox_intake:events', args=[found.pk])}",
    }


def trouble(code: str) -> str:
    """What fails and what to do, in plain words (codes of `link.trouble`)."""
    kind, _sign, what = code.partition(":")
    if kind == "away":
        return _away(what)
    said = {
        "denied": _(
            "The box refuses login or REST password. The REST password stands on the employee's "
            "card in OneBox; it is not the one for signing in."
        ),
        "secret": _("The password cannot be read any more. Enter it anew."),
        "refused": _("The box refuses what is asked of it."),
        "cut": _(
            "The workflow holds more processes than a box gives at once, new ones may be missed: "
            "let the box send events, or use a workflow for support alone."
        ),
    }
    return said.get(kind, _("Something went wrong at the desk. The log of the server says more."))


def _away(code: str) -> str:
    said = {
        "name": _("The name of the host is not known. Check how the address is written."),
        "connection": _("The server takes no connection. Check the address and the firewall."),
        "certificate": _(
            "The certificate is not valid for this host. The partner has to renew it."
        ),
        "time": _("No answer within 20 seconds. The box is down, or overloaded."),
        "address": _(
            "The address leads into an internal network, and nothing is sent there. The owner of "
            "the desk may allow own networks (DESK_NETWORKS)."
        ),
        "scheme": _("The address has to begin with https:// or http://."),
        "user": _("Leave the name and password out of the address."),
        "port": _("This port belongs to another protocol, nothing is sent there."),
        "host": _("This is no address of a web server. Enter it as https://name.crm-onebox.com."),
        "status": _("The box answers with an error of its own. It is being mended, or overloaded."),
        "full": _("All licensed sessions of the box are taken. Try it again later."),
    }
    return said.get(
        code, _("What answers there is no OneBox. Enter the address of the box without a path.")
    )


def state(name: str) -> str:
    """One of our states, in the words of the cabinet."""
    return labels.state_label(name)


def arrivals(rows: Iterable[Arrival]) -> list[Context]:
    """What came in: as a row that was looked at, or as an event, and what was made of it."""
    found = list(rows)
    numbers = _numbers({int(n) for row in found for n in _TICKET.findall(row.outcome)})
    return [_arrival(row, numbers) for row in found]


def _arrival(row: Arrival, numbers: dict[int, str]) -> Context:
    named = _TICKET.search(row.outcome)
    number = numbers.get(int(named[1]), "") if named else ""
    is_row = row.facts.get("kind") == "row"
    words = {
        ArrivalState.WAITING: _("waits for its turn"),
        ArrivalState.FAILED: _("waits"),
        ArrivalState.DONE: _("used"),
        ArrivalState.QUARANTINED: _("in quarantine"),
        ArrivalState.DISMISSED: _("put aside"),
    }
    return {
        "page": reverse("channels:arrival", args=[row.pk]),
        "label": _("Change seen") if is_row else _("Event"),
        "process": str(row.facts.get("process", "")),
        "number": number,
        "at": row.received_at,
        "state": words[ArrivalState(row.state)],
        "tone": IN_TONES.get(ArrivalState(row.state), ""),
        "error": visible.line(row.error),
    }


def deliveries(rows: Iterable[Delivery]) -> list[Context]:
    """What was written, or is to be."""
    found = list(rows)
    numbers = _numbers({topics.ticket_id(row.entry) or 0 for row in found})
    words = {
        DeliveryState.WAITING: _("on its way"),
        DeliveryState.FAILED: _("tried again later"),
        DeliveryState.SENT: _("written"),
        DeliveryState.DEAD: _("given up"),
        DeliveryState.DROPPED: _("stood there already"),
    }
    return [
        {
            "id": row.pk,
            "label": _about(row.entry.verb),
            "number": numbers.get(topics.ticket_id(row.entry) or 0, ""),
            "at": row.ended_at or row.created_at,
            "state": words[DeliveryState(row.state)],
            "tone": OUT_TONES.get(DeliveryState(row.state), ""),
            "is_dead": row.state == DeliveryState.DEAD,
            "next_at": row.next_at if row.state == DeliveryState.FAILED else None,
            "error": visible.line(row.error) if row.state != DeliveryState.DROPPED else "",
        }
        for row in found
    ]


def _about(verb: str) -> str:
    """What a delivery tells of, in the words of the cabinet."""
    if verb == REFUSED_VERB:
        return _("Answer why something is not possible")
    return labels.happened_label(verb)


def _numbers(keys: Collection[int]) -> dict[int, str]:
    rows = Ticket.objects.filter(pk__in=keys).select_related("partner")
    return {row.pk: tickets.number(row) for row in rows}
