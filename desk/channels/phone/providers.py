"""What each exchange sends, as the one neutral event. None: nothing that concerns us."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from desk.channels.phone.events import ID_MAX, CallEvent, Kind, Unreadable, phone
from desk.channels.phone.payload import Payload, part

Reader = Callable[[Payload, datetime, ZoneInfo], CallEvent | None]
BINOTEL = {
    "receivedTheCall": Kind.RINGING,
    "answeredTheCall": Kind.ANSWERED,
    "transferredTheCall": Kind.ANSWERED,
    "hangupTheCall": Kind.ENDED,
    "apiCallCompleted": Kind.ENDED,
}
BINOTEL_TALKED = {"ANSWER", "TRANSFER", "ONLINE", "SUCCESS"}
ZADARMA = {
    "NOTIFY_START": Kind.RINGING,
    "NOTIFY_INTERNAL": Kind.RINGING,
    "NOTIFY_ANSWER": Kind.ANSWERED,
    "NOTIFY_END": Kind.ENDED,
    "NOTIFY_OUT_START": Kind.RINGING,
    "NOTIFY_OUT_END": Kind.ENDED,
    "NOTIFY_RECORD": Kind.RECORDING,
}
PHONET = {"call.dial": Kind.RINGING, "call.bridge": Kind.ANSWERED, "call.hangup": Kind.ENDED}
PHONET_OUT, PHONET_IN = 2, 4
RINGOSTAT_TALKED = {"ANSWERED", "ANSWER", "PROPER", "REPEATED"}
LINK_MAX = 2000


def binotel(payload: Payload, at: datetime, _zone: ZoneInfo) -> CallEvent | None:
    """`requestType` names the event; the last one carries everything in `callDetails`."""
    kind = BINOTEL.get(str(payload.get("requestType", "")))
    if kind is None:
        return None
    facts = part(payload, "callDetails") or payload
    outgoing = str(facts.get("callType", "0")) == "1"
    disposition, billed = str(facts.get("disposition", "")), _whole(facts.get("billsec"))
    talked = None
    if kind == Kind.ENDED and (disposition or billed):
        talked = disposition in BINOTEL_TALKED or (not disposition and bool(billed))
        kind = Kind.ENDED if talked or outgoing else Kind.MISSED
    called = part(facts, "pbxNumberData").get("number") or facts.get("pbxNumber")
    return CallEvent(
        provider="binotel",
        call_id=_id(facts.get("generalCallID")),
        kind=kind,
        at=at,
        phone=phone(facts.get("externalNumber")),
        outgoing=outgoing,
        number_called=phone(called or facts.get("didNumber")),
        internal=str(facts.get("internalNumber") or "")[:ID_MAX],
        started_at=_epoch(facts.get("startTime")),
        duration_seconds=billed if talked else None,
        talked=talked,
        recording_url=_link(facts.get("linkToCallRecordInMyBusiness")),
    )


def zadarma(payload: Payload, at: datetime, zone: ZoneInfo) -> CallEvent | None:
    """`call_start` is local and without a zone: that of the exchange's settings."""
    name = str(payload.get("event", ""))
    kind = ZADARMA.get(name)
    if kind is None:
        return None
    outgoing = name.startswith("NOTIFY_OUT")
    talked = payload.get("disposition") == "answered" if kind == Kind.ENDED else None
    if talked is False and not outgoing:
        kind = Kind.MISSED
    return CallEvent(
        provider="zadarma",
        call_id=_id(payload.get("pbx_call_id")),
        kind=kind,
        at=at,
        phone=phone(payload.get("destination" if outgoing else "caller_id")),
        outgoing=outgoing,
        number_called=phone(payload.get("called_did")),
        internal=str(payload.get("internal") or "")[:ID_MAX],
        started_at=_local(payload.get("call_start"), zone),
        duration_seconds=_whole(payload.get("duration")) if talked else None,
        talked=talked,
        recording_url=_link(payload.get("call_id_with_rec")),
    )


def phonet(payload: Payload, at: datetime, _zone: ZoneInfo) -> CallEvent | None:
    """Calls among colleagues and pauses concern nobody outside."""
    kind = PHONET.get(str(payload.get("event", "")))
    direction = _whole(payload.get("lgDirection"))
    if kind is None or direction not in (PHONET_IN, PHONET_OUT):
        return None
    talked = bool(payload.get("bridgeAt")) if kind == Kind.ENDED else None
    if talked is False and direction == PHONET_IN:
        kind = Kind.MISSED
    legs = payload.get("otherLegs")
    other = legs[0] if isinstance(legs, list) and legs and isinstance(legs[0], dict) else {}
    return CallEvent(
        provider="phonet",
        call_id=_id(payload.get("uuid")),
        kind=kind,
        at=at,
        phone=phone(other.get("num")),
        outgoing=direction == PHONET_OUT,
        number_called=phone(payload.get("trunkNum")),
        internal=str(part(payload, "leg").get("ext") or "")[:ID_MAX],
        started_at=_epoch(payload.get("dialAt")),
        talked=talked,
    )


def ringostat(payload: Payload, at: datetime, zone: ZoneInfo) -> CallEvent | None:
    """Its webhooks are put together by hand, one for each event: the address that set-up gives
    out names the event (`kind`, `outgoing`), the parameters are those that set-up asks for."""
    try:
        kind = Kind(str(payload.get("kind")))
    except ValueError as error:
        raise Unreadable("The address of the webhook lacks “kind”: copy it from set-up.") from error
    facts = {**payload, **part(payload, "additional_call_data")}
    outgoing = str(payload.get("outgoing", "")) == "1" or facts.get("call_type") == "out"
    talked = None
    if kind == Kind.ENDED and facts.get("disposition"):
        talked = str(facts["disposition"]).upper() in RINGOSTAT_TALKED
        kind = Kind.ENDED if talked or outgoing else Kind.MISSED
    theirs, ours = ("dst", "userfield") if outgoing else ("userfield", "dst")
    return CallEvent(
        provider="ringostat",
        call_id=_id(facts.get("uniqueid")),
        kind=kind,
        at=at,
        phone=phone(facts.get("caller") or facts.get(theirs)),
        outgoing=outgoing,
        number_called=phone(facts.get(ours)),
        internal=str(facts.get("employee") or "")[:ID_MAX],
        started_at=_epoch(facts.get("calldate")) or _local(facts.get("calldate"), zone),
        duration_seconds=_whole(facts.get("billsec")) if talked else None,
        talked=talked,
        recording_url=_link(facts.get("recording")),
    )


def generic(payload: Payload, at: datetime, _zone: ZoneInfo) -> CallEvent | None:
    """Our own form, for Asterisk and others: the fields of `CallEvent`, `started_at` in ISO."""
    try:
        kind = Kind(str(payload.get("kind")))
        started = payload.get("started_at")
        started_at = datetime.fromisoformat(str(started)) if started else None
    except ValueError as error:
        raise Unreadable("“kind” or “started_at” is not as documented.") from error
    if started_at is not None and started_at.tzinfo is None:
        raise Unreadable("“started_at” names no zone.")
    return CallEvent(
        provider="generic",
        call_id=_id(payload.get("call_id")),
        kind=kind,
        at=at,
        phone=phone(payload.get("phone")),
        outgoing=payload.get("outgoing") is True,
        number_called=phone(payload.get("number_called")),
        internal=str(payload.get("internal") or "")[:ID_MAX],
        started_at=started_at.astimezone(UTC) if started_at else None,
        duration_seconds=_whole(payload.get("duration_seconds")),
        talked=False if kind == Kind.MISSED else None,
        recording_url=_link(payload.get("recording_url")),
    )


READERS: dict[str, Reader] = {
    "binotel": binotel,
    "zadarma": zadarma,
    "phonet": phonet,
    "ringostat": ringostat,
    "generic": generic,
}


def _id(found: object) -> str:
    text = str(found or "")
    if not text or len(text) > ID_MAX or "\0" in text:
        raise Unreadable("The call has no usable number of its own.")
    return text


def _link(found: object) -> str:
    """A recording's link or id, "" for what is too long or no text to show."""
    text = str(found or "")
    return text if len(text) <= LINK_MAX and text.isprintable() else ""


def _whole(found: object) -> int | None:
    text = str(found)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _epoch(found: object) -> datetime | None:
    seconds = str(found)
    is_epoch = seconds.isascii() and seconds.isdigit() and len(seconds) <= 10
    return datetime.fromtimestamp(int(seconds), UTC) if is_epoch else None


def _local(found: object, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.fromisoformat(str(found)).replace(tzinfo=zone).astimezone(UTC)
    except ValueError:
        return None
