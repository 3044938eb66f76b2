"""Mail that says that a mail of ours did not arrive (RFC 3464, and how servers say it).

A report with fields is believed first. Servers without fields write prose; `notices` knows how.
"""

from __future__ import annotations

import re

from desk.channels.email.reading import addresses, charsets, headers, notices
from desk.channels.email.reading.headers import Headers
from desk.channels.email.reading.limits import Problems
from desk.channels.email.reading.notices import ADDRESS, ENHANCED, Notice
from desk.channels.email.reading.parts import Part
from desk.channels.email.reading.shapes import Bounce, Party

_STATUS_TYPES = {"message/delivery-status", "message/global-delivery-status"}
_COMPLAINT_TYPES = {"message/feedback-report"}
_RETURNED_TYPES = {"message/rfc822", "message/global", "message/partial"}
_RETURNED_HEADERS = {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
_FAILED = {"failed", "failure", "delayed", "delay", "expired", ""}
_LATE = {"delayed", "delay"}
_ARRIVED = {"delivered", "relayed", "expanded"}
_CODE = re.compile(r"(?<![\d.])([45])\d\d(?![\d.])")
_SERVICE_MAX = 20_000
_SERVICE = re.compile(
    r'"bounceType"\s{0,3}:\s{0,3}"(?P<kind>\w{1,20})".{0,200}'
    r'"bouncedRecipients"\s{0,3}:\s{0,3}\[\s{0,3}\{(?P<about>[^}]{0,500}'
    r'"emailAddress"\s{0,3}:\s{0,3}"(?P<recipient>[^"@\s]{1,128}@[^"\s]{1,255})"[^}]{0,500})',
    re.DOTALL,
)
_GROUPS_MAX = 200


def read(root: Part, sender: Party, subject: str) -> Bounce | None:
    """The bounce, or None when it is none. Of several recipients the first that failed."""
    if not _may_be(root):
        return None
    leaves = list(_outside(root))
    groups = [g for leaf in leaves if leaf.type in _STATUS_TYPES for g in _groups(_text(leaf))]
    found = next(filter(None, map(_of_group, groups)), None)
    if found is not None or any(_action(group) in _ARRIVED for group in groups):
        return found
    complaint = _of_complaint(leaves)
    if complaint is not None:
        return complaint
    service = _of_service(leaves)
    if service is not None:
        return service
    return notices.read(_notice(root, leaves, sender, subject))


def _may_be(root: Part) -> bool:
    """A receipt for reading comes as a report too, and is none."""
    return root.parameters.get("report-type", b"").lower() != b"disposition-notification"


def _outside(part: Part) -> list[Part]:
    """Leaves in their order; a returned message counts as a leaf."""
    if part.type in _RETURNED_TYPES or not part.children:
        return [part]
    return [leaf for child in part.children for leaf in _outside(child)]


def _text(part: Part) -> str:
    quiet = Problems()
    return charsets.decode(part.content(quiet), part.charset, quiet).replace("\r", "")


def _groups(text: str) -> list[Headers]:
    blocks = re.split(r"\n[ \t]*\n+", text.strip())[:_GROUPS_MAX]
    quiet = Problems()
    return [headers.split(block.encode() + b"\n\n", quiet)[0] for block in blocks]


def _of_group(group: Headers) -> Bounce | None:
    recipient = ""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        recipient = recipient or _recipient(group.text(name))
    action = _action(group)
    if not recipient or action not in _FAILED:
        return None
    diagnostic = group.text("diagnostic-code")
    status = _status(group.text("status"), diagnostic)
    if not action and status[:1] not in {"4", "5"}:
        return None
    permanent = action not in _LATE and _is_permanent(status, diagnostic)
    return Bounce(recipient, status, permanent)


def _action(group: Headers) -> str:
    return re.split(r"[\s;(]", group.text("action").lower())[0]


def _recipient(value: str) -> str:
    plain = value.rpartition(";")[2]
    found = ADDRESS.search(plain)
    return found.group(0).lower().rstrip(".") if found else ""


def _status(status: str, diagnostic: str) -> str:
    """The most exact status: a server in front often knows no better than 5.0.0."""
    told = ENHANCED.search(status)
    said = ENHANCED.search(diagnostic)
    first = told.group(0) if told else ""
    if said and (not first or first.endswith(".0.0")):
        return said.group(0)
    return first


def _is_permanent(status: str, diagnostic: str) -> bool:
    if status:
        return status.startswith("5")
    code = _CODE.search(diagnostic)
    return code is None or code.group(1) == "5"


def _of_complaint(leaves: list[Part]) -> Bounce | None:
    """A recipient who called our mail spam; nothing failed, so it is not permanent."""
    for leaf in leaves:
        marked = _returned_recipient(leaf)
        if marked:
            return Bounce(marked, "", permanent=False)
        if leaf.type in _COMPLAINT_TYPES:
            for group in _groups(_text(leaf)):
                for name in ("original-rcpt-to", "removal-recipient"):
                    recipient = _recipient(group.text(name))
                    if recipient:
                        return Bounce(recipient, "", permanent=False)
    return None


def _of_service(leaves: list[Part]) -> Bounce | None:
    """Amazon's sending service tells of a bounce as JSON in a mail, sometimes JSON within JSON."""
    for leaf in leaves:
        text = _text(leaf)[:_SERVICE_MAX].lstrip() if leaf.type == "text/plain" else ""
        found = _SERVICE.search(text.replace("\\", "")) if text.startswith("{") else None
        if found:
            status = ENHANCED.search(found.group("about"))
            permanent = found.group("kind") == "Permanent"
            recipient = found.group("recipient").lower()
            return Bounce(recipient, status.group(0) if status else "", permanent)
    return None


def _returned_recipient(leaf: Part) -> str:
    """Hotmail sends complaints as our mail with a note of its own on top."""
    if not leaf.children:
        return ""
    return _recipient(leaf.children[0].headers.text("x-hmxmroriginalrecipient"))


def _notice(root: Part, leaves: list[Part], sender: Party, subject: str) -> Notice:
    quiet = Problems()
    prose = [_text(leaf) for leaf in leaves if leaf.type.startswith("text/") and not _named(leaf)]
    to = addresses.parties(root.headers.first("to"), quiet)
    return Notice(
        sender=sender,
        subject=subject,
        prose="\n".join(prose),
        failed_header=root.headers.text("x-failed-recipients"),
        null_path=root.headers.text("return-path") in {"<>", "<MAILER-DAEMON>"}
        or (root.headers.has("return-path") and not root.headers.text("return-path")),
        returned=_returned(leaves),
        ours=frozenset(party.address for party in to),
        is_report=root.type == "multipart/report",
    )


def _named(leaf: Part) -> bool:
    return leaf.disposition == "attachment" or leaf.type in _RETURNED_HEADERS


def _returned(leaves: list[Part]) -> Headers | None:
    """The headers of our mail, if it came back with the notice."""
    quiet = Problems()
    for leaf in leaves:
        if leaf.children:
            return leaf.children[0].headers
        if leaf.type in _RETURNED_HEADERS:
            return headers.split(leaf.content(quiet), quiet)[0]
    return None
