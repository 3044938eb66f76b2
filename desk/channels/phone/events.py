"""One neutral event of a call, whichever telephone exchange told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import phonenumbers

DEFAULT_REGION = "UA"
ID_MAX = 120


class Kind(StrEnum):
    """What happened to the call."""

    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"
    MISSED = "missed"
    RECORDING = "recording"


class Unreadable(Exception):
    """The payload is none of this exchange's; the text is a plain sentence without secrets."""


@dataclass(frozen=True, slots=True)
class CallEvent:
    """What an exchange told. `call_id` is the same for all events of one call; `phone` is the
    other side's number as E.164, "" when it is hidden or not told again; `started_at` is the
    call's beginning where the exchange names it; `talked` says of an ended call whether anybody
    answered, None when this event does not tell; `recording_url` is a link, or the id by which
    the exchange finds the recording. `assumed`: nobody told us, we waited long enough."""

    provider: str
    call_id: str
    kind: Kind
    at: datetime
    phone: str = ""
    outgoing: bool = False
    number_called: str = ""
    internal: str = ""
    started_at: datetime | None = None
    duration_seconds: int | None = None
    talked: bool | None = None
    recording_url: str = ""
    assumed: bool = False


def phone(text: object) -> str:
    """A number as E.164: "0501234567", "380501234567" and "+380501234567" are one number.
    "" for what is none: a hidden caller, an internal number, a name."""
    written = str(text or "").strip()
    for attempt in (written, f"+{written}"):
        try:
            number = phonenumbers.parse(attempt, DEFAULT_REGION)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return ""
