"""Automatic mail and bounces: told from people's mail, with whom they speak of."""

from __future__ import annotations

import pytest

from desk.channels.email import reading
from desk.channels.email.reading import Bounce
from tests.channels import mails

OURS = "To: support@example.org"


def report(
    *fields: str,
    prose: str = "It failed.",
    returned_to: str = "olena@example.com",
    kind: str = "delivery-status",
) -> bytes:
    """A report by RFC 3464 with these fields about the recipient."""
    status = "\r\n".join(["Reporting-MTA: dns; mx.example.com", "", *fields])
    raw = mails.multipart(
        "report",
        f"Content-Type: text/plain\r\n\r\n{prose}".encode(),
        f"Content-Type: message/{kind}\r\n\r\n{status}".encode(),
        f"Content-Type: message/rfc822\r\n\r\nFrom: support@example.org\r\n"
        f"To: {returned_to}\r\nSubject: Accepted\r\n\r\nText".encode(),
    )
    return raw.replace(b"From: olena", b"Return-Path: <>\r\nFrom: MAILER-DAEMON")


def notice(prose: str, *headers: str, subject: str = "Undelivered Mail") -> bytes:
    """A bounce in prose."""
    return mails.raw(
        prose, "Return-Path: <>", "From: MAILER-DAEMON@mx.example.com", OURS,
        f"Subject: {subject}", *headers,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            ("Final-Recipient: rfc822; Olena@Example.com", "Action: failed", "Status: 5.1.1"),
            Bounce("olena@example.com", "5.1.1", permanent=True),
        ),
        (
            ("Final-Recipient: rfc822;<a@b.ua>", "Action: failed", "Status: 4.2.2"),
            Bounce("a@b.ua", "4.2.2", permanent=False),
        ),
        (
            ("Final-Recipient: rfc822;a@b.ua", "Action: delayed", "Status: 4.4.1"),
            Bounce("a@b.ua", "4.4.1", permanent=False),
        ),
        (
            (
                "Original-Recipient: rfc822;alias@b.ua",
                "Final-Recipient: rfc822;real@inner.b.ua",
                "Action: Failed (permanent)",
                "Status: 5.0.0",
                "Diagnostic-Code: smtp; 550 #5.2.1 disabled",
            ),
            Bounce("alias@b.ua", "5.2.1", permanent=True),
        ),
        (
            (
                "Final-Recipient: rfc822;ok@b.ua",
                "Action: delivered",
                "Status: 2.0.0",
                "",
                "Final-Recipient: rfc822;bad@b.ua",
                "Action: failed",
                "Diagnostic-Code: smtp; 550 no such user",
            ),
            Bounce("bad@b.ua", "", permanent=True),
        ),
    ],
)
def test_a_report_is_believed_by_its_fields(fields: tuple[str, ...], expected: Bounce) -> None:
    mail = reading.read(report(*fields))
    assert mail.bounce == expected
    assert mail.automatic == "bounce"


def test_a_report_of_success_and_a_receipt_for_reading_are_no_bounces() -> None:
    delivered = ("Final-Recipient: rfc822; a@b.ua", "Action: delivered", "Status: 2.0.0")
    told = reading.read(report(*delivered, prose="Delivered."))
    assert (told.bounce, told.automatic) == (None, "auto-reply")
    receipt = report("Final-Recipient: rfc822; a@b.ua", kind="disposition-notification")
    receipt = receipt.replace(
        b"multipart/report;", b"multipart/report; report-type=disposition-notification;"
    )
    mail = reading.read(receipt)
    assert (mail.bounce, mail.automatic) == (None, "auto-reply")


def test_a_complaint_names_who_complained_and_is_not_permanent() -> None:
    mail = reading.read(report("Original-Rcpt-To: <a@b.ua>", kind="feedback-report"))
    assert mail.bounce == Bounce("a@b.ua", "", permanent=False)


QMAIL = (
    "Hi. This is the qmail-send program at mx.example.com.\nI'm afraid I wasn't able to deliver "
    "your message to the following addresses.\nThis is a permanent error; I've given up.\n\n"
    "<a@b.ua>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown\n\n"
    "--- Below this line is a copy of the message.\n\nReturn-Path: <support@example.org>\n"
    "To: c@d.ua\n"
)
EXIM = (
    "This message was created automatically by mail delivery software.\n\nA message that you sent "
    "could not be delivered to one or more of its\nrecipients. This is a permanent error.\n\n"
    "  a@b.ua\n    SMTP error from remote mail server after RCPT TO:<a@b.ua>:\n"
    "    550 5.1.1 No such user\n"
)
POSTFIX_LATE = (
    "Your message could not be delivered for 4.0 hours.\nIt will be retried until it is 5 days "
    "old.\n\n<a@b.ua>: host mx.b.ua said: 450 4.2.0 greylisted\n"
)
SENDMAIL = (
    "   ----- The following addresses had permanent fatal errors -----\n<a@b.ua>\n\n"
    "   ----- Transcript of session follows -----\n>>> RCPT To:<a@b.ua>\n<<< 550 User unknown\n"
)
EXCHANGE = (
    "Your message\n\n  To:      a@b.ua\n  Subject: Звіт\n\ndid not reach the following "
    "recipient(s):\n\na@b.ua on Thu, 29 Apr 2007 16:51:51 -0500\n    Unknown Recipient\n"
)
GMAIL = (
    "Delivery to the following recipient failed permanently:\n\n     a@b.ua\n\nTechnical details "
    "of permanent failure:\nThe error was: 550 550 5.7.1 Unknown user.\n\n"
    "----- Original message -----\n\nTo: c@d.ua\n"
)
MAILRU = (
    "Это письмо создано автоматически сервером Mail.Ru, отвечать на него не нужно.\n\nК сожалению, "
    "Ваше письмо не может быть доставлено одному или нескольким получателям:\n\na@b.ua\n"
    "invalid mailbox. User not found\n"
)


@pytest.mark.parametrize(
    ("prose", "status", "permanent"),
    [
        (QMAIL, "5.1.1", True),
        (EXIM, "5.1.1", True),
        (POSTFIX_LATE, "4.2.0", False),
        (SENDMAIL, "", True),
        (EXCHANGE, "", True),
        (GMAIL, "5.7.1", True),
        (MAILRU, "", True),
    ],
    ids=["qmail", "exim", "postfix late", "sendmail", "exchange", "gmail", "mail.ru"],
)
def test_a_server_says_it_in_prose(prose: str, status: str, permanent: bool) -> None:
    assert reading.read(notice(prose)).bounce == Bounce("a@b.ua", status, permanent)


def test_a_header_of_the_server_names_who_failed() -> None:
    mail = reading.read(notice("It failed: see x@y.ua", "X-Failed-Recipients: a@b.ua"))
    assert mail.bounce is not None
    assert mail.bounce.recipient == "a@b.ua"


def test_a_sending_service_says_it_in_json() -> None:
    told = (
        '{"notificationType":"%s","bounce":{"bounceType":"Transient","bouncedRecipients":'
        '[{"emailAddress":"a@b.ua","status":"4.4.7"}]}}'
    )
    mail = mails.raw(
        told % "Bounce", "From: no-reply@sns.amazonaws.com", "Content-Type: text/plain"
    )
    assert reading.read(mail).bounce == Bounce("a@b.ua", "4.4.7", permanent=False)
    delivered = '{"notificationType":"Delivery","delivery":{"recipients":["a@b.ua"]}}'
    assert reading.read(mails.raw(delivered, "From: no-reply@sns.amazonaws.com")).bounce is None


@pytest.mark.parametrize(
    "text",
    [
        "Клієнт каже: Undelivered Mail Returned to Sender, адреса a@b.ua. Що робити?",
        "Your message to a@b.ua could not be delivered, says my server. Why?",
    ],
)
def test_a_person_who_writes_of_a_bounce_sends_none(text: str) -> None:
    mail = reading.read(mails.plain(text))
    assert (mail.bounce, mail.automatic) == (None, None)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (("Auto-Submitted: auto-replied",), "auto-reply"),
        (("Auto-Submitted: auto-generated; type=x",), "auto-reply"),
        (("Auto-Submitted: no",), None),
        (("Precedence: bulk",), "bulk"),
        (("Precedence: junk",), "bulk"),
        (("Precedence: list",), "list"),
        (("Precedence: auto_reply",), "auto-reply"),
        (("List-Id: <users.example.com>",), "list"),
        (("List-Unsubscribe: <mailto:x@example.com>",), "bulk"),
        (("X-Auto-Response-Suppress: All",), "auto-reply"),
        (("X-Auto-Response-Suppress: OOF, AutoReply",), "auto-reply"),
        (("X-Autoreply: yes",), "auto-reply"),
        (("X-Autoreply: no",), None),
        (("X-Autorespond: Re: x",), "auto-reply"),
        (("Return-Path: <>",), "auto-reply"),
        (("Return-Path: <olena@example.com>",), None),
        (("Importance: high", "X-Mailer: Outlook"), None),
    ],
)
def test_headers_tell_a_program_from_a_person(
    headers: tuple[str, ...], expected: str | None
) -> None:
    assert reading.read(mails.plain("Я у відпустці.", *headers)).automatic == expected


def test_a_subject_alone_makes_no_mail_automatic() -> None:
    def automatic(*headers: str) -> str | None:
        first = ("From: a@b.ua", "Subject: Автовідповідь: Звіт", *headers)
        return reading.read(mails.raw("Мене немає.", *first)).automatic

    assert automatic() is None
    assert automatic("In-Reply-To: <1@example.org>") == "auto-reply"
    assert automatic("Precedence: bulk") == "auto-reply"


def test_real_bounces_name_who_did_not_get_the_mail() -> None:
    folder = corpus_of_bounces("bsd")
    bounces = [mail for mail in folder if not mail.startswith("rfc3834")]
    found = {name: reading.read(raw) for name, raw in folder.items()}
    missed = [name for name in bounces if found[name].bounce is None]
    assert len(missed) <= 0.1 * len(bounces), f"{len(missed)} of {len(bounces)}: {missed}"
    doubtful = [name for name in bounces if not _is_named(folder[name], found[name])]
    assert len(doubtful) <= 0.1 * len(bounces), f"{len(doubtful)} of {len(bounces)}: {doubtful}"
    answers = [name for name in folder if name.startswith("rfc3834")]
    assert {found[name].automatic for name in answers} == {"auto-reply"}


def _is_named(raw: bytes, mail: reading.Mail) -> bool:
    """The address is one of the mail, and neither who reports nor whom it is reported to."""
    if mail.bounce is None:
        return False
    recipient = mail.bounce.recipient
    told_to = {party.address for party in mail.to}
    return recipient.encode() in raw.lower() and recipient not in {mail.sender.address, *told_to}


def test_real_mail_that_is_no_bounce_is_none() -> None:
    for name, raw in corpus_of_bounces("not").items():
        mail = reading.read(raw)
        assert mail.bounce is None, name
        assert mail.automatic != "bounce", name


def corpus_of_bounces(kind: str) -> dict[str, bytes]:
    folder = mails.corpus(f"bounce/sisimai/{kind}")
    return {file.stem: file.read_bytes() for file in sorted(folder.glob("*.eml"))}
