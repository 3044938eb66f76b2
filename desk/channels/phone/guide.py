"""What to enter at each exchange, word for word, and what to do about each failure."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from desk.channels import addresses
from desk.channels.phone import proof
from desk.channels.phone.models import Line, Provider

# Their servers, which sign nothing, as published (2025-02); the exchange tells of changes.
BINOTEL_NETWORKS = (
    "194.88.218.114",
    "194.88.218.116/30",
    "194.88.218.120",
    "194.88.219.67",
    "194.88.219.70/31",
    "194.88.219.72",
    "194.88.219.78/31",
    "194.88.219.80/29",
    "194.88.219.88/31",
    "194.88.219.92",
    "185.100.66.145",
    "185.100.66.146/31",
)
HIDDEN = "…"
ZADARMA_EVENTS = (
    "NOTIFY_START, NOTIFY_INTERNAL, NOTIFY_ANSWER, NOTIFY_END, "
    "NOTIFY_OUT_START, NOTIFY_OUT_END, NOTIFY_RECORD"
)
BINOTEL_EVENTS = "receivedTheCall, answeredTheCall, transferredTheCall, hangupTheCall"
RINGOSTAT_PARAMETERS = (
    "uniqueid, calldate, userfield, dst, call_type, disposition, billsec, employee, recording"
)


def address(line: Line, **query: str) -> str:
    """The address that the exchange calls."""
    path = reverse("hotline_intake:events", args=[line.code])
    return addresses.whole(path) + (f"?{urlencode(query, safe=HIDDEN)}" if query else "")


def copied(line: Line, secret: str = HIDDEN) -> list[tuple[str, str]]:
    """Every address to copy into the exchange, with what it is for; the secret is in it where the
    exchange signs nothing, and shown once."""
    if line.provider == Provider.PHONET:
        return [(_("Address"), address(line, secret=secret))]
    if line.provider != Provider.RINGOSTAT:
        return [(_("Address"), address(line))]
    moments: tuple[tuple[str, dict[str, str]], ...] = (
        (_("Incoming call, before the call"), {"kind": "ringing"}),
        (_("Incoming call, when taking the call"), {"kind": "answered"}),
        (_("Incoming call, after the call"), {"kind": "ended"}),
        (_("Outgoing call, before the call"), {"kind": "ringing", "outgoing": "1"}),
        (_("Outgoing call, after the call"), {"kind": "ended", "outgoing": "1"}),
    )
    return [(label, address(line, secret=secret, **query)) for label, query in moments]


def steps(provider: str) -> list[str]:
    """What to do at the exchange. Menus are named as the exchange names them."""
    return STEPS[Provider(provider)]()


def _binotel() -> list[str]:
    asked = _(
        "Write to Binotel's support, who switch it on: “Please send the webhooks of our company to "
        "the address below: %(events)s and apiCallCompleted.”"
    )
    return [
        asked % {"events": BINOTEL_EVENTS},
        _(
            "Ask them for your companyID and enter it here: their servers serve other companies "
            "too, and events of these are refused."
        ),
        _("Ask them whether the list of their servers has changed."),
    ]


def _zadarma() -> list[str]:
    return [
        _(
            "Open Settings → Integrations and API → Keys and API, and copy the Secret into the "
            "field here."
        ),
        _("Under “Notifications of PBX calls” enter the address below; Zadarma checks it at once."),
        _("Tick %(events)s.") % {"events": ZADARMA_EVENTS},
        _("Enter here the time zone that is set in Zadarma: their times name none."),
    ]


def _phonet() -> list[str]:
    return [
        _(
            "Open Settings → Integrations → API, and enter the address below for the events "
            "call.dial, call.bridge and call.hangup."
        ),
        _("Enter the name of your account (as demo.phonet.com.ua) here."),
    ]


def _ringostat() -> list[str]:
    return [
        _(
            "Open Integrations → Webhooks 2.0 and add a webhook for each line below, with its own "
            "address, method POST, data format JSON."
        ),
        _("Choose the parameters %(names)s for each of them.") % {"names": RINGOSTAT_PARAMETERS},
        _("Set the date format to “Y-m-d H:i:s”, and enter here the time zone of the project."),
        _("Ringostat sends each event once: look at its error list after an outage."),
    ]


def _generic() -> list[str]:
    return [
        _(
            "Let the exchange POST a JSON object for each event to the address below; the fields "
            "are call_id, kind (ringing, answered, ended, missed, recording) and phone."
        ),
        _(
            "Sign it: header X-Desk-Timestamp with the seconds since 1970, header X-Desk-Signature "
            "with the hexadecimal HMAC-SHA256 of “timestamp.body” by the secret."
        ),
        _("The guide for administrators has a script for Asterisk to copy."),
    ]


STEPS: dict[Provider, Callable[[], list[str]]] = {
    Provider.BINOTEL: _binotel,
    Provider.ZADARMA: _zadarma,
    Provider.PHONET: _phonet,
    Provider.RINGOSTAT: _ringostat,
    Provider.GENERIC: _generic,
}


def refusal(why: str) -> str:
    """Why events are refused, and what to do."""
    said = {
        proof.NETWORK: _(
            "They came from an address that is not among the networks of the line. "
            "Is a proxy in front of the desk? Then set DESK_PROXY."
        ),
        proof.SIGNATURE: _(
            "The signature was wrong. Compare the secret, and the clock of the exchange."
        ),
        proof.SECRET: _(
            "The secret in the address was missing or wrong. Copy the address anew, "
            "after you made a new secret."
        ),
        proof.ACCOUNT: _("They named another account of the exchange. Compare what is entered."),
        proof.UNSEALED: _(
            "The secret cannot be read any more: the desk's key was changed. Enter or make it anew."
        ),
    }
    return said.get(why, why)
