"""Cyrillic in every charset, transfer encoding and header encoding comes out as it went in."""

from __future__ import annotations

import base64
import quopri
import re
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.channels.email import reading
from desk.channels.email.reading import charsets
from desk.channels.email.reading.limits import Problems
from tests.channels import mails

CHARSETS = {
    "koi8-u": "koi8_u",
    "koi8-r": "koi8_r",
    "windows-1251": "cp1251",
    "iso-8859-5": "iso8859_5",
    "cp866": "cp866",
    "utf-8": "utf_8",
}
UKRAINIAN = (
    "Не працює вивантаження рахунків",
    "Терміново: звіт за жовтень не сходиться з касою",
    "Прохання додати поле «Їдальня» до картки клієнта, ціна є, ґрунт теж",
    "ПОМИЛКА ПІД ЧАС ЗБЕРЕЖЕННЯ ЗАМОВЛЕННЯ",
)
RUSSIAN = (
    "Не выгружаются счета за ноябрь",
    "Срочно: ошибка при сохранении заказа, объём не пересчитан",
    "Просьба добавить поле в карточку клиента, ещё вчера всё работало",
    "ОТЧЁТ НЕ СХОДИТСЯ С КАССОЙ",
)
SENTENCES = UKRAINIAN + RUSSIAN
WORDS = sorted({word for sentence in SENTENCES for word in re.findall(r"[^\W\d_]+", sentence)})

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
charset_names = st.sampled_from(sorted(CHARSETS))


def fitting(text: str, charset: str) -> str:
    """The text without letters that the charset has not."""
    return text.encode(CHARSETS[charset], "ignore").decode(CHARSETS[charset])


def encoded_words(text: str, charset: str, kind: str, cut: int) -> bytes:
    """The text in encoded words of `cut` bytes each, cut without regard to characters."""
    data = text.encode(CHARSETS[charset])
    words = []
    for at in range(0, len(data), cut):
        piece = data[at : at + cut]
        if kind == "B":
            payload = base64.b64encode(piece)
        else:
            payload = b"".join(b"=%02X" % byte for byte in piece)
        words.append(b"=?%b?%b?%b?=" % (charset.encode(), kind.encode(), payload))
    return b"\r\n ".join(words)


def header(text: str, charset: str, way: str, cut: int = 20) -> bytes:
    """The text as a header's value in one of the ways that mails know."""
    if way == "raw":
        return text.encode(CHARSETS[charset])
    return encoded_words(text, charset, way, cut)


def body(text: str, charset: str, transfer: str) -> bytes:
    data = text.encode(CHARSETS[charset])
    if transfer == "base64":
        return base64.encodebytes(data)
    if transfer == "quoted-printable":
        return quopri.encodestring(data)
    return data


@settings(max_examples=150, deadline=None)
@given(
    texts,
    charset_names,
    st.sampled_from(["base64", "quoted-printable", "8bit", "binary"]),
    st.sampled_from(["B", "Q", "raw"]),
    st.integers(1, 40),
)
def test_declared_charsets_come_back_whole(
    text: str, charset: str, transfer: str, way: str, cut: int
) -> None:
    text = fitting(text, charset).strip() or "x"
    mail = reading.read(
        mails.raw(
            body(text, charset, transfer),
            b"From: " + header(text, charset, way, cut) + b" <a@example.com>",
            b"Subject: " + header(text, charset, way, cut),
            f"Content-Type: text/plain; charset={charset}",
            f"Content-Transfer-Encoding: {transfer}",
        )
    )
    assert mail.subject == text
    assert mail.sender == reading.Party(" ".join(text.split()), "a@example.com")
    assert mail.text == text
    assert "\ufffd" not in mail.text


@settings(max_examples=150, deadline=None)
@given(texts, charset_names, st.sampled_from(["2231", "sections", "B", "Q", "raw"]))
def test_file_names_come_back_whole(text: str, charset: str, way: str) -> None:
    name = (fitting(text, charset).strip() or "x") + ".pdf"
    data = name.encode(CHARSETS[charset])
    if way == "2231":
        value = b"filename*=" + charset.encode() + b"'uk'" + quote_from_bytes(data).encode()
    elif way == "sections":
        quoted = [quote_from_bytes(data[at : at + 7]).encode() for at in range(0, len(data), 7)]
        quoted[0] = charset.encode() + b"''" + quoted[0]
        value = b";\r\n ".join(b"filename*%d*=%b" % pair for pair in enumerate(quoted))
    else:
        value = b'filename="' + header(name, charset, way) + b'"'
    mail = reading.read(
        mails.multipart(
            "mixed",
            f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode() + data,
            b"Content-Type: application/pdf\r\nContent-Disposition: attachment;\r\n "
            + value
            + b"\r\n\r\nx",
        )
    )
    assert [attachment.name for attachment in mail.attachments] == [name]


@pytest.mark.parametrize("charset", sorted(CHARSETS))
@pytest.mark.parametrize(
    "declared", ["", "us-ascii", "iso-8859-1", "x-unknown", "no-such-thing", "utf-8"]
)
@pytest.mark.parametrize("sentence", SENTENCES)
def test_undeclared_and_wrongly_declared_text_is_recognised(
    charset: str, declared: str, sentence: str
) -> None:
    text = fitting(sentence, charset)
    parameter = f"; charset={declared}" if declared else ""
    data = text.encode(CHARSETS[charset])
    mail = reading.read(
        mails.raw(
            data,
            b"From: a@example.com",
            b"Subject: " + data,
            f"Content-Type: text/plain{parameter}",
        )
    )
    assert mail.text == text
    assert mail.subject == text


@pytest.mark.parametrize("charset", sorted(CHARSETS))
@pytest.mark.parametrize("declared", sorted(CHARSETS))
@pytest.mark.parametrize("sentence", SENTENCES)
def test_one_cyrillic_charset_is_told_from_another(
    charset: str, declared: str, sentence: str
) -> None:
    text = fitting(sentence, charset)
    assert charsets.decode(text.encode(CHARSETS[charset]), declared, Problems()) == text


@settings(max_examples=200, deadline=None)
@given(charset_names, st.text("абвгдежзийклмнопрстуфхцчшщьюяіїєґАБВГДЕЖІЇЄҐЁёыэъ .,-", max_size=60))
def test_a_declared_charset_is_believed_for_short_text(charset: str, text: str) -> None:
    """Five letters prove nothing, so that they stay what the mail says they are."""
    text = fitting(text, charset)[:5]
    mail = reading.read(
        mails.raw(
            text.encode(CHARSETS[charset]),
            "From: a@example.com",
            f"Content-Type: text/plain; charset={charset}",
        )
    )
    assert mail.text == (text if text.strip() else "")


@pytest.mark.parametrize(
    ("raw", "declared", "expected"),
    [
        ("Grüße aus Köln".encode("cp1252"), None, "Grüße aus Köln"),
        ("déjà créée à Paris".encode("latin-1"), "iso-8859-1", "déjà créée à Paris"),
        (b"50\xa0000 EUR \x96 ok", None, "50\xa0000 EUR – ok"),
        (b"\xef\xbb\xbf" + "мітка".encode(), "koi8-u", "мітка"),
        ("дві мітки".encode("utf-16"), "utf-16", "дві мітки"),
        ("без мітки".encode("utf-16-le"), "utf-16le", "без мітки"),
        ("обрізано".encode()[:-1], "utf-8", "обрізан\ufffd"),
        ("漢字かな".encode("iso2022_jp"), "iso-2022-jp", "漢字かな"),
        ("漢字かな".encode("iso2022_jp"), None, "漢字かな"),
        (b"\x1b$B-!#1\x1b(B", "iso-2022-jp", "①１"),
        ("简体字".encode("gbk"), "gb2312", "简体字"),
        ("한글".encode("cp949"), "ks_c_5601-1987", "한글"),
        (b"a\x00b", "us-ascii", "ab"),
        ("Привет".encode("utf-7"), "utf-7", "Привет"),
    ],
)
def test_other_charsets(raw: bytes, declared: str | None, expected: str) -> None:
    assert charsets.decode(raw, declared, Problems()) == expected


def test_a_wrong_charset_is_a_problem_that_is_told() -> None:
    text = UKRAINIAN[1].encode("cp1251")
    mail = reading.read(mails.raw(text, "From: a@b.ua", "Content-Type: text/plain; charset=utf-8"))
    assert mail.text == UKRAINIAN[1]
    assert any("cp1251" in problem for problem in mail.problems)
    wrong = mails.raw(b"\xd0", "From: a@b.ua", "Content-Type: text/plain; charset=klingon-8")
    assert any("klingon-8" in problem for problem in reading.read(wrong).problems)


@given(st.binary(max_size=400), st.sampled_from([None, *sorted(CHARSETS), "utf-16", "gb2312", "x"]))
def test_no_bytes_break_decoding(raw: bytes, declared: str | None) -> None:
    text = charsets.decode(raw, declared, Problems())
    assert "\0" not in text
    text.encode("utf-8")
