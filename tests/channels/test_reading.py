"""Mail as programs write it and as it breaks: fields, parts, attachments, and limits."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.channels.email import reading
from desk.channels.email.reading import Party, limits
from tests.channels import mails

FROM = "From: olena@example.com"


def test_a_plain_mail_is_read_whole() -> None:
    raw = mails.raw(
        "Доброго дня!\n\nЗвіт не сходиться.\n",
        "Return-Path: <olena@example.com>",
        "Delivered-To: desk+abc@example.org",
        "Authentication-Results: mx.example.org; spf=pass; dkim=pass",
        'From: "Коваль, Олена" <Olena@Example.com>',
        "To: Підтримка <support@example.org>, second@example.org",
        "Cc: =?utf-8?B?0IbQstCw0L0=?= <ivan@example.com>",
        "Reply-To: office@example.com",
        "Subject: Re: [OLH-42]\r\n =?utf-8?Q?=D0=97=D0=B2=D1=96=D1=82?=",
        "Date: Wed, 5 Nov 2025 10:15:00 +0200",
        "Message-ID: <1.a@example.com>",
        "In-Reply-To: <0@example.org>",
        "References: <r1@example.org>\r\n <0@example.org>",
        "Content-Type: text/plain; charset=utf-8",
    )
    mail = reading.read(raw)
    assert mail.message_id == "1.a@example.com"
    assert mail.in_reply_to == "0@example.org"
    assert mail.references == ("r1@example.org", "0@example.org")
    assert mail.sender == Party("Коваль, Олена", "olena@example.com")
    assert mail.to == (Party("Підтримка", "support@example.org"), Party("", "second@example.org"))
    assert mail.cc == (Party("Іван", "ivan@example.com"),)
    assert mail.reply_to == (Party("", "office@example.com"),)
    assert mail.subject == "Re: [OLH-42] Звіт"
    assert mail.date == datetime(2025, 11, 5, 8, 15, tzinfo=UTC)
    assert mail.text == "Доброго дня!\n\nЗвіт не сходиться."
    assert mail.return_path == "olena@example.com"
    assert mail.delivered_to == ("desk+abc@example.org",)
    assert mail.authentication_results == ("mx.example.org; spf=pass; dkim=pass",)
    assert mail.raw_sha256 == hashlib.sha256(raw).hexdigest()
    assert (mail.html, mail.attachments, mail.automatic, mail.bounce) == (None, (), None, None)
    assert mail.problems == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a@b.ua", Party("", "a@b.ua")),
        ("<a@b.ua>", Party("", "a@b.ua")),
        ("a@b.ua (Ivan (IT) P)", Party("Ivan (IT) P", "a@b.ua")),
        ('"Ivan \\"IT\\" P" <a@b.ua>', Party('Ivan "IT" P', "a@b.ua")),
        ("Ivan <a@b.ua", Party("Ivan", "a@b.ua")),
        ("Ivan a@b.ua", Party("Ivan", "a@b.ua")),
        ("Team: a@b.ua, c@d.ua;", Party("", "a@b.ua")),
        ("=?utf-8?Q?=22Petrenko=2C_Ivan=22_=3Ca=40b=2Eua=3E?=", Party("Petrenko, Ivan", "a@b.ua")),
        ("=?utf-8?B?0IbQstCw0L0sINCG0KI=?= <a@b.ua>", Party("Іван, ІТ", "a@b.ua")),
        ('"a@b.ua" <c@d.ua>', Party("a@b.ua", "c@d.ua")),
        ("<@relay.ua:a@b.ua>", Party("", "a@b.ua")),
        ("MAILER-DAEMON", Party("", "mailer-daemon")),
        ("MAILER-DAEMON (Mail System)", Party("Mail System", "mailer-daemon")),
        ("Ivan\r\n Petrenko\r\n\t<a@b.ua>", Party("Ivan Petrenko", "a@b.ua")),
        ("=?utf-8?Q?Ivan=0ABcc=3A_x=40y=2Eua?= <a@b.ua>", Party("Ivan Bcc: x@y.ua", "a@b.ua")),
        ("=?broken?X?x?= <a@b.ua>", Party("=?broken?X?x?=", "a@b.ua")),
        (", , Ivan <a@b.ua>", Party("Ivan", "a@b.ua")),
        ("", Party("", "")),
    ],
)
def test_senders_in_every_spelling(value: str, expected: Party) -> None:
    assert reading.read(mails.raw("x", f"From: {value}")).sender == expected


def test_a_sender_without_an_address_is_found_in_the_next_best_field() -> None:
    mail = reading.read(mails.raw("x", 'From: "Я" <>', "Reply-To: real@b.ua"))
    assert mail.sender == Party("Я", "real@b.ua")
    assert mail.problems
    assert reading.read(b"Subject: x\n\nx").sender == Party("", "")


@pytest.mark.parametrize(
    "value", ["<>", "<[x@y]>", "", "<<<", "no brackets at all", "<" + "a" * 5000]
)
def test_broken_ids_break_nothing(value: str) -> None:
    raw = mails.raw("x", FROM, f"Message-ID: {value}", f"In-Reply-To: {value}")
    mail = reading.read(raw)
    assert "<" not in mail.message_id
    assert mail.text == "x"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"From a@b.ua Mon Jan  1 00:00:00 2025\nFrom: a@b.ua\n\nx", "x"),
        (b"From: a@b.ua\rSubject: s\r\rx\ry", "x\ny"),
        (b"\xef\xbb\xbfFrom: a@b.ua\n\nx", "x"),
        (b"\r\n\r\nFrom: a@b.ua\r\n\r\nx", "x"),
        (b"From: a@b.ua\nnot a field\nSubject: s\n\nx", "x"),
        (b"From: a@b.ua\nSubject: s\nNo empty line before this.", "No empty line before this."),
        (b"From: a@b.ua\n\n", ""),
        (b"From: a@b.ua", ""),
        (b"just text\nof two lines", "just text\nof two lines"),
        (b"From: a@b.ua\n\na\x00b", "ab"),
        (b"From: a@b.ua\nContent-Type: nonsense\n\nx", "x"),
        (b"From: a@b.ua\nContent-Type: text/plain\nContent-Transfer-Encoding: x-nothing\n\nx", "x"),
        (b"", ""),
        (b"\x00", ""),
    ],
)
def test_broken_messages_give_what_is_in_them(raw: bytes, text: str) -> None:
    assert reading.read(raw).text == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"--x\n\nfirst", "first"),
        (b"preamble\n--x\n\nfirst\n--x--\nepilogue", "first"),
        (b"--y\nContent-Type: text/plain\n\nfirst\n--y--", "first"),
        (b"no delimiter at all", "no delimiter at all"),
        (b"--x \t\r\n\r\nfirst\r\n--x--\r\n", "first"),
        (
            b"--x\nContent-Type: multipart/mixed; boundary=xy\n\n--xy\n\nfirst\n--xy--\n--x--",
            "first",
        ),
    ],
)
def test_broken_boundaries_lose_no_text(body: bytes, text: str) -> None:
    mail = reading.read(mails.raw(body, FROM, "Content-Type: multipart/mixed; boundary=x"))
    assert mail.text == text


def test_a_multipart_without_a_boundary_is_divided_all_the_same() -> None:
    body = b"--z\nContent-Type: text/plain\n\nfirst\n"
    body += b"--z\nContent-Type: image/png; name=a.png\n\nP\n--z--"
    mail = reading.read(mails.raw(body, FROM, "Content-Type: multipart/mixed"))
    assert mail.text == "first"
    assert [a.name for a in mail.attachments] == ["a.png"]
    assert mail.problems


def test_ten_thousand_parts_are_counted_and_not_all_read() -> None:
    count = 10_000
    raw = mails.multipart("mixed", *[b"Content-Type: image/png; name=a.png\r\n\r\nP"] * count)
    mail = reading.read(raw)
    assert len(mail.attachments) == limits.PARTS_MAX - 1
    assert f"{count - limits.PARTS_MAX + 1} parts" in " ".join(mail.problems)


def test_a_bomb_of_nested_parts_is_not_followed_down() -> None:
    raw = b"Content-Type: text/plain\n\nbottom"
    for level in range(300):
        mark = f"b{level}".encode()
        raw = b"Content-Type: multipart/mixed; boundary=%b\n\n--%b\n%b\n--%b--" % (
            mark, mark, raw, mark,
        )  # fmt: skip
    mail = reading.read(b"From: a@b.ua\n" + raw)
    assert any("deeper" in problem for problem in mail.problems)
    raw = b"From: a@b.ua\n\nbottom"
    for _ in range(300):
        raw = b"Content-Type: message/rfc822\n\n" + raw
    assert any("deeper" in problem for problem in reading.read(raw).problems)


def test_huge_headers_are_cut_and_told() -> None:
    mail = reading.read(mails.raw("x", FROM, "Subject: " + "word " * 100_000))
    assert len(mail.subject) == limits.SUBJECT_MAX
    assert mail.problems
    many = reading.read(mails.raw("x", FROM, *["X-A: b"] * 10_000))
    assert many.text == "x"
    assert many.problems
    crowd = ", ".join(f"a{n}@b.ua" for n in range(2_000))
    assert len(reading.read(mails.raw("x", FROM, f"To: {crowd}")).to) == limits.PARTIES_MAX


def test_problems_do_not_pile_up() -> None:
    parts = [
        f"Content-Type: text/plain; charset=x-{n}\r\n\r\n\xff".encode("latin-1") for n in range(300)
    ]
    assert len(reading.read(mails.multipart("mixed", *parts)).problems) <= limits.PROBLEMS_MAX


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wed, 5 Nov 2025 10:15:00 +0200", datetime(2025, 11, 5, 8, 15, tzinfo=UTC)),
        ("5 Nov 25 10:15 EST", datetime(2025, 11, 5, 15, 15, tzinfo=UTC)),
        ("Wed, 05 Nov 2025 10:15:00", datetime(2025, 11, 5, 10, 15, tzinfo=UTC)),
        ("Wed, 5 Nov 2025 10:15:60 +0000 (UTC)", datetime(2025, 11, 5, 10, 15, 59, tzinfo=UTC)),
        ("2025-11-05T10:15:00+02:00", datetime(2025, 11, 5, 8, 15, tzinfo=UTC)),
        ("Wed, 35 Nov 2025 10:15:00 +0200", None),
        ("Wed, 5 Nov 99999 10:15:00 +0200", None),
        ("today", None),
        ("", None),
    ],
)
def test_dates(text: str, expected: datetime | None) -> None:
    assert reading.read(mails.raw("x", FROM, f"Date: {text}")).date == expected


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=600))
def test_no_bytes_raise(raw: bytes) -> None:
    _is_clean(reading.read(raw))


PIECES = st.sampled_from(
    [
        b"From: ", b"Subject: ", b"=?utf-8?B?", b"?=", b"=?koi8-u?Q?", b"\r\n", b"\n", b"\n\n",
        b"Content-Type: multipart/mixed; boundary=", b"Content-Type: text/html\n\n", b"x", b"--x",
        b"--x--", b"Content-Transfer-Encoding: base64\n", b"a@b.ua", b"<", b">", b'"', b"(", b";",
        b"Content-Type: message/rfc822\n\n", b"charset=utf-16", b"\xd0", b"\x00", b"\xff\xfe", b" ",
        b"Content-Type: message/delivery-status\n\n", b"Final-Recipient: rfc822;", b"'",
        b"name*0*=",
        b"Content-Disposition: attachment; filename=", b"begin 644 a\n", b"Date: ", b"References: ",
        b"<div style='", b"<!--", b"&#x0;", b"&#xd800;", b"On 1.1.2025 10:15 a@b.ua wrote:\n",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map(b"".join))
def test_no_mixture_of_pieces_of_mail_raises(raw: bytes) -> None:
    _is_clean(reading.read(b"From: a@b.ua\n" + raw))


def _is_clean(mail: reading.Mail) -> None:
    """What PostgreSQL takes; and nothing but the reading itself found the mail unreadable."""
    texts = [mail.subject, mail.text, mail.reply_text, mail.html or "", mail.message_id]
    texts += [*mail.references, mail.sender.name, mail.sender.address, mail.in_reply_to]
    texts += [p for party in (*mail.to, *mail.cc) for p in (party.name, party.address)]
    texts += [a.name + a.type + a.content_id for a in mail.attachments]
    for text in texts:
        assert "\0" not in text
        text.encode("utf-8")
    assert not [problem for problem in mail.problems if "cannot be read (" in problem]
