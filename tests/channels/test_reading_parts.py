"""What is the body and what is an attachment, however a mail is put together."""

from __future__ import annotations

import base64
import binascii
import hashlib

import pytest

from desk.channels.email import reading
from desk.channels.email.reading import flowed
from tests.channels import mails

FROM = "From: olena@example.com"


def test_the_text_of_alternatives_is_the_plain_one() -> None:
    mail = reading.read(
        mails.multipart(
            "alternative",
            "Content-Type: text/plain; charset=utf-8\r\n\r\nТекст".encode(),
            "Content-Type: text/html; charset=utf-8\r\n\r\n<p>Сторінка</p>".encode(),
        )
    )
    assert mail.text == "Текст"
    assert mail.html == "<p>Сторінка</p>"


def test_a_page_alone_is_read_as_text() -> None:
    page = (
        "<html><head><title>T</title><style>p {color: red}</style></head><body><p>Один&nbsp;два</p>"
        "<ul><li>перше<li>друге</ul><table><tr><td>a<td>b</tr></table>кінець<br>рядка"
        "<blockquote>цитата</blockquote><script>evil()</script></body></html>"
    )
    mail = reading.read(mails.raw(page, FROM, "Content-Type: text/html; charset=utf-8"))
    assert mail.text == ("Один два\n\n* перше\n* друге\n\na  b\n\nкінець\nрядка\n\n> цитата")


def test_apple_mail_goes_on_behind_a_picture() -> None:
    mail = reading.read(
        mails.multipart(
            "mixed",
            b"Content-Type: text/plain\r\n\r\nBefore",
            b"Content-Type: image/png; name=a.png\r\nContent-Disposition: inline\r\n\r\nPNG",
            b"Content-Type: text/plain\r\n\r\nAfter",
        )
    )
    assert mail.text == "Before\n\nAfter"
    assert [(a.name, a.inline) for a in mail.attachments] == [("a.png", True)]


def test_a_text_hung_on_by_a_gateway_is_kept_as_a_file() -> None:
    mail = reading.read(
        mails.multipart(
            "mixed",
            b"Content-Type: text/plain\r\n\r\nBody",
            b"Content-Type: text/plain\r\n\r\nFooter of a list",
        )
    )
    assert mail.text == "Body"
    assert [(a.unnamed, a.content) for a in mail.attachments] == [(True, b"Footer of a list")]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('Content-Disposition: attachment; filename="звіт №1.pdf"', "звіт №1.pdf"),
        ("Content-Disposition: attachment; filename*=UTF-8''%D0%B7%D0%B2.pdf", "зв.pdf"),
        (
            "Content-Disposition: attachment; filename*0*=UTF-8''%D0%B7%D0; filename*1*=%B2.pdf",
            "зв.pdf",
        ),
        ('Content-Disposition: attachment; filename="=?utf-8?B?0LfQsg==?=.pdf"', "зв.pdf"),
        ("Content-Disposition: attachment; filename=two words.pdf", "two words.pdf"),
        ('Content-Type: application/pdf; name="a;b=c.pdf"', "a;b=c.pdf"),
        ('Content-Disposition: attachment; filename="../../etc/passwd"', "passwd"),
        ('Content-Disposition: attachment; filename="a\x00b\x1f.pdf"', "ab.pdf"),
        ('Content-Disposition: attachment; filename="fdp.\u202eexe"', "fdp.exe"),
        (f'Content-Disposition: attachment; filename="{"a" * 400}.pdf"', "a" * 251 + ".pdf"),
        ("Content-Disposition: attachment", "part-1.bin"),
        ('Content-Disposition: attachment; filename=".."', "part-1.bin"),
    ],
)
def test_names_of_attachments(header: str, name: str) -> None:
    part = f"{header}\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==".encode()
    kind = (
        b"" if header.startswith("Content-Type") else b"Content-Type: application/octet-stream\r\n"
    )
    [attachment] = reading.read(mails.multipart("mixed", kind + part)).attachments
    assert attachment.name == name
    assert attachment.content == b"%PDF"
    assert (attachment.size, attachment.sha256) == (4, hashlib.sha256(b"%PDF").hexdigest())
    assert attachment.unnamed == name.startswith("part-")


@pytest.mark.parametrize(
    "encoded",
    [
        b"SGVsbG8sIHdvcmxk",
        b"SGVs bG8s\r\nIHdv\tcmxk\r\n",
        b"SGVs*bG8s!IHdvcmxk\xff",
        b"SGVsbG8sIHdvcmxk====",
        b"SGVsbG8sIHdvcmxkA",
    ],
)
def test_base64_with_garbage_is_decoded(encoded: bytes) -> None:
    head = b"Content-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: BASE64 \r\n\r\n"
    [attachment] = reading.read(mails.multipart("mixed", head + encoded)).attachments
    assert attachment.content == b"Hello, world"


def test_a_forwarded_mail_is_an_attachment_and_so_is_what_it_holds() -> None:
    inner = mails.multipart(
        "mixed",
        b"Content-Type: text/plain\r\n\r\nInner text",
        b"Content-Type: image/png; name=inner.png\r\n\r\nPNG",
        boundary="inner",
    )
    mail = reading.read(
        mails.multipart(
            "mixed",
            b"Content-Type: text/plain\r\n\r\nSee below",
            b"Content-Type: message/rfc822; name=fwd.eml\r\n\r\n" + inner,
        )
    )
    assert mail.text == "See below"
    assert [a.name for a in mail.attachments] == ["fwd.eml", "inner.png"]
    assert mail.attachments[0].content == inner


def test_files_within_a_text_are_found() -> None:
    data = binascii.b2a_uu(b"Hello") + b"`\nend\n"
    mail = reading.read(mails.raw(b"See:\n\nbegin 644 a.txt\n" + data, FROM))
    assert [(a.name, a.content) for a in mail.attachments] == [("a.txt", b"Hello")]
    assert mail.text.startswith("See:")


def tnef(name: bytes, content: bytes) -> bytes:
    """The smallest winmail.dat with one file."""

    def attribute(level: int, number: int, data: bytes) -> bytes:
        head = bytes([level]) + number.to_bytes(4, "little") + len(data).to_bytes(4, "little")
        return head + data + (sum(data) & 0xFFFF).to_bytes(2, "little")

    return (
        (0x223E9F78).to_bytes(4, "little")
        + b"\x01\x00"
        + attribute(1, 0x00089006, b"\x00\x00\x01\x00")
        + attribute(2, 0x00069002, b"\x01\x00" + b"\xff" * 4 + b"\x00" * 8)
        + attribute(2, 0x00018010, name + b"\0")
        + attribute(2, 0x0006800F, content)
    )


def test_winmail_is_opened_and_kept() -> None:
    packed = base64.encodebytes(tnef(b"price.csv", b"a;b"))
    head = b"Content-Type: application/ms-tnef; name=winmail.dat\r\n"
    head += b"Content-Transfer-Encoding: base64\r\n\r\n"
    found = reading.read(mails.multipart("mixed", head + packed)).attachments
    assert {a.name: a.content for a in found}["price.csv"] == b"a;b"
    assert {a.name for a in found} == {"winmail.dat", "price.csv"}
    broken = reading.read(mails.multipart("mixed", head + base64.encodebytes(b'x\x9f>"' * 9)))
    assert [a.name for a in broken.attachments] == ["winmail.dat"]
    assert any("winmail.dat" in problem for problem in broken.problems)


def test_flowed_paragraphs_are_joined() -> None:
    text = "One \ntwo\n\n> q1 \n> q2\nthree\n-- \nname"
    assert flowed.unfold(text, delete_space=False) == "One two\n\n> q1 q2\nthree\n-- \nname"
    assert flowed.unfold("сло \nво", delete_space=True) == "слово"
    kind = "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes"
    assert reading.read(mails.raw("сло \nво", FROM, kind)).text == "слово"


def test_pictures_of_the_page_and_mails_without_names_are_known() -> None:
    mail = reading.read(
        mails.multipart(
            "related",
            b'Content-Type: text/html\r\n\r\n<p>x</p><img src="cid:p1@x">',
            b"Content-Type: image/png; name=a.png\r\nContent-ID: <p1@x>\r\n\r\nPNG",
            b"Content-Type: image/png; name=b.png\r\nContent-ID: <p2@x>\r\n\r\nPNG",
            b"Content-Type: message/rfc822\r\n\r\nSubject: Re: a/b\r\n\r\nInner",
        )
    )
    assert mail.html == '<p>x</p><img src="cid:p1@x">'
    assert [(a.name, a.inline, a.content_id, a.unnamed) for a in mail.attachments] == [
        ("a.png", True, "p1@x", False),
        ("b.png", False, "p2@x", False),
        ("Re- a-b.eml", False, "", True),
    ]
