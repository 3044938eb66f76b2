"""Bounces in prose: how mail servers tell a person that a mail did not arrive."""

from __future__ import annotations

import re
from dataclasses import dataclass

from desk.channels.email.reading import addresses
from desk.channels.email.reading.headers import Headers
from desk.channels.email.reading.limits import Problems
from desk.channels.email.reading.shapes import Bounce, Party

ADDRESS = re.compile(
    r"[^\s<>\"(),;:\[\]=@]{1,128}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"
    r"(?![A-Za-z0-9-]|\.[A-Za-z0-9])"
)
ENHANCED = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)")
_REPLY_CODE = re.compile(r"(?<![\d.])([45])[0-5]\d(?![\d.])")
_PROSE_MAX = 20_000
_LINE_MAX = 500

_SYSTEM = re.compile(
    r"mailer-?daemon|mail-?daemon|post_?master|mail delivery|mdaemon|mail administrator|mail system"
    r"|mail router|bounce",
    re.IGNORECASE,
)
# What only a server says that gives a mail up, or keeps trying.
_GIVEN_UP = re.compile(
    r"undeliver|non[- ]?deliver|not (?:be |been )?deliver"
    r"|deliver\w* (?:status notification )?\W{0,2}fail"
    r"|delivery (?:status notification|error|problem|incomplete|has failed|report)"
    r"|failure notice|returned (?:mail|to sender|message)|return(?:ing)? to sender"
    r"|mail fail(?:ure|ed)|message rejected|could not (?:be )?(?:deliver|send|reach)"
    r"|(?:couldn'?t|wasn'?t able to|unable to) (?:be )?deliver|did not reach the following"
    r"|permanent (?:fatal |delivery )?errors?|mail system error|error sending your mail"
    r"|address(?:es)? rejected|addressee? unknown|user unknown|no such user|invalid user"
    r"|failed (?:recipient|address)|failed to deliver|delivery to the following"
    r"|no valid recipients|delivery of your message|(?:problem|trouble) delivering"
    r"|message could ?n.t be|cannot be delivered|transcript of session follows"
    r"|mail delivery (?:failed|error|problem)"
    r"|не (?:было |может быть |удалось |вдалося )?доставл|недоставлен|ошибка доставки"
    r"|не (?:може бути |було )?доставлен|невдала доставка|помилка доставки"
    r"|unzustellbar|konnte nicht zugestellt|non remis|no se ha podido entregar"
    r"|メールエラー|送信できませんでした|配信できませんでした",
    re.IGNORECASE,
)
_LATE = re.compile(
    r"will (?:be retried|continue to|keep trying|retry|try again)|warning message only"
    r"|not yet been delivered|has been delayed|delivery delayed|temporary (?:problem|error|failure)"
    r"|could not be delivered for the last|still (?:being )?tr(?:ying|ied)|delivery delay"
    r"|временн|тимчасов",
    re.IGNORECASE,
)
_COPY = re.compile(
    r"^(?:[-=_*]{2,40}[^\n]{0,60}(?:copy of|original message|returned message|unsent message"
    r"|message follows|headers follow|your message|bounced e-?mail|undelivered message"
    r"|message header)[^\n]*"
    r"|(?:original message|message headers|undelivered message).{0,20}follows?.*|Return-Path: .*"
    r"|Received: ?(?:from|by|\(qmail).*)$",
    re.IGNORECASE | re.MULTILINE,
)
# Whom to ask about it is not who did not get it.
_WHOM_TO_ASK = re.compile(
    r"contact|assistance|support|help|questions?|write to|連絡|問い合わせ|зверніться|обратитесь",
    re.IGNORECASE,
)
_BEFORE = 60
_SURE = 6
# From the surest to the vaguest: where a server names who did not get the mail.
_NAMED = tuple(
    re.compile(pattern.replace("@@", f"({ADDRESS.pattern})"), re.IGNORECASE | re.MULTILINE)
    for pattern in (
        r"^(?:final|original)-recipient:\s{0,9}(?:[\w-]{1,20};)?\s{0,9}<?@@",
        r"^[ \t>]{0,20}(?:failed[ -])?recipients?(?: address)?:?\s{1,20}<?@@",
        r"^[ \t]{0,20}<@@>",
        r"^[ \t]{0,20}@@[ \t]{0,20}$",
        r"^[ \t>]{0,20}\"?@@\"?[ \t]{0,5}(?:[:<(.]|on |[ \t]-)",
        r"rcpt to:\s{0,9}<?@@",
        r"(?:deliver(?:ed)? to|recipient|address|mailbox|user|account|to)[^@\n]{0,60}[\s<\"'(:]@@",
        r"@@",
    )
)


@dataclass(frozen=True, slots=True)
class Notice:
    """What is known of a mail that may be a notice in prose."""

    sender: Party
    subject: str
    prose: str
    failed_header: str
    null_path: bool
    returned: Headers | None
    ours: frozenset[str]
    is_report: bool


def read(notice: Notice) -> Bounce | None:
    """The bounce, or None when it is none, or when nobody is named who did not get the mail."""
    if not _may_be_one(notice):
        return None
    lines = (line[:_LINE_MAX] for line in notice.prose[:_PROSE_MAX].split("\n"))
    prose, copied = _divided("\n".join(lines))
    if not _is_one(notice, prose, copied):
        return None
    recipient = _recipient(notice, prose, copied)
    if not recipient:
        return None
    status = ENHANCED.search(prose)
    found = status.group(0) if status and status.group(0)[0] in "45" else ""
    return Bounce(recipient, found, _is_permanent(notice, prose, found))


def _divided(prose: str) -> tuple[str, str]:
    """What the server says, and our own mail that it hung on as text."""
    mark = next((m for m in _COPY.finditer(prose) if prose[: m.start()].strip()), None)
    return (prose[: mark.start()], prose[mark.start() :]) if mark else (prose, "")


def _may_be_one(notice: Notice) -> bool:
    """What a look at the headers can exclude, so that people's mail is not searched."""
    return bool(
        notice.failed_header
        or notice.is_report
        or notice.null_path
        or _SYSTEM.search(f"{notice.sender.name} {notice.sender.address}")
        or _GIVEN_UP.search(notice.subject)
    )


def _is_one(notice: Notice, prose: str, copied: str) -> bool:
    if notice.failed_header or notice.is_report:
        return True
    by_system = bool(_SYSTEM.search(f"{notice.sender.name} {notice.sender.address}"))
    subject = bool(_GIVEN_UP.search(notice.subject))
    body = bool(_GIVEN_UP.search(prose))
    if by_system or notice.null_path:
        return subject or body
    return body and (notice.returned is not None or bool(copied)) and subject


def _recipient(notice: Notice, prose: str, copied: str) -> str:
    header = ADDRESS.search(notice.failed_header)
    if header:
        return header.group(0).lower()
    expected = _expected(notice, copied)
    named = _named(prose, _NAMED)
    others = [address for address in named if not _is_ours(notice, address)]
    likely = next((address for address in others if address in expected), None)
    if likely or others or expected:
        return likely or (others or expected)[0]
    # Somebody may write to themselves, or to a postmaster.
    return next(iter(_named(prose, _NAMED[:_SURE]) or _expected(notice, copied, whole=True)), "")


def _named(prose: str, patterns: tuple[re.Pattern[str], ...]) -> list[str]:
    """Addresses of the text, the surest first, without those to ask about it."""
    asked = {
        match.group(0).lower()
        for match in ADDRESS.finditer(prose)
        if _WHOM_TO_ASK.search(_before(prose, match.start()))
    }
    found: dict[str, None] = {}
    lines = "\n".join(line for line in prose.split("\n") if "@" in line)
    for pattern in patterns:
        for match in pattern.finditer(lines):
            address = match.group(1).lower().strip("'.`")
            if address not in asked:
                found[address] = None
    return list(found)


def _before(prose: str, at: int) -> str:
    """The end of the paragraph before a place."""
    return prose[max(0, at - _BEFORE) : at].rpartition("\n\n")[2]


def _expected(notice: Notice, copied: str, *, whole: bool = False) -> list[str]:
    """Whom our mail went to, by what came back of it."""
    found: list[str] = []
    if notice.returned is not None:
        for name in ("to", "cc", "x-rcpt-to"):
            for value in notice.returned.all(name):
                found += [party.address for party in addresses.parties(value, Problems())]
    for line in re.findall(r"^[ \t]{0,9}(?:To|Cc): ?(.*)$", copied, re.MULTILINE | re.IGNORECASE)[
        :5
    ]:
        found += [address.lower() for address in ADDRESS.findall(line)]
    return [a for a in found if "@" in a and (whole or not _is_ours(notice, a))]


def _is_ours(notice: Notice, address: str) -> bool:
    local = address.partition("@")[0]
    return address in notice.ours or address == notice.sender.address or bool(_SYSTEM.search(local))


def _is_permanent(notice: Notice, prose: str, status: str) -> bool:
    if _LATE.search(notice.subject) or (_LATE.search(prose) and not status.startswith("5")):
        return False
    if status:
        return status.startswith("5")
    code = _REPLY_CODE.search(prose)
    return code is None or code.group(1) == "5"
