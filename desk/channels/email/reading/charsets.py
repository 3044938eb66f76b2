"""Bytes to text, whatever charset they claim: declared, wrongly declared, or not at all.

A declared charset is believed unless the bytes contradict it. Where nothing is declared, UTF-8 is
tried first, since text in another charset is hardly ever valid UTF-8; then the Cyrillic charsets
are weighed against each other by how much the result looks like words (`cyrillic`).
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from desk.channels.email.reading import cyrillic
from desk.channels.email.reading.limits import Problems

# Names that mails use and Python does not know, or knows too narrowly.
_ALIASES = {
    "ansi": "cp1252",
    "ansi_x3.4-1968": "ascii",
    "big5": "cp950",
    "big5hkscs": "big5hkscs",
    "cp-850": "cp850",
    "cp-866": "cp866",
    "cp866u": "cp1125",
    "cp866-u": "cp1125",
    "cp932": "cp932",
    "cp936": "gb18030",
    "cp949": "cp949",
    "csisolatincyrillic": "iso8859_5",
    "cskoi8r": "koi8_r",
    "euc-kr": "cp949",
    "euckr": "cp949",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-8-e": "iso8859_8",
    "koi8": "koi8_r",
    "koi8-ru": "koi8_u",
    "koi8-ua": "koi8_u",
    "koi8u": "koi8_u",
    "koi8r": "koi8_r",
    "ks_c_5601-1987": "cp949",
    "ksc5601": "cp949",
    "ms-ansi": "cp1252",
    "ms936": "gb18030",
    "shift-jis": "cp932",
    "shift_jis": "cp932",
    "sjis": "cp932",
    "tis-620": "cp874",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf": "utf-8",
    "utf-8mb4": "utf-8",
    "utf8mb4": "utf-8",
    "win-1251": "cp1251",
    "win1251": "cp1251",
    "windows-936": "gb18030",
    "windows-949": "cp949",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "x-cp866": "cp866",
    "x-gbk": "gb18030",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-roman": "mac_roman",
    "x-mac-ukrainian": "mac_cyrillic",
    "macintosh": "mac_roman",
    "x-sjis": "cp932",
    "x-user-defined": "",
    "x-windows-949": "cp949",
}
# Said by programs that do not know; no better than nothing.
_SAYS_NOTHING = {"", "unknown", "unknown-8bit", "x-unknown", "8bit", "7bit", "default", "binary"}
_WESTERN = {"ascii", "iso8859-1", "cp1252", "iso8859-15", "latin-1"}
_CYRILLIC = {"cp1251", "koi8-r", "koi8-u", "iso8859-5", "cp866", "cp1125", "mac-cyrillic"}
_STATEFUL = ("iso2022", "utf-7", "utf-16", "utf-32", "hz")
_ESCAPES = re.compile(rb"\x1b\$[@B]|\x1b\(J")
# In KOI8-R these bytes are frames of tables, in KOI8-U the letters that Ukrainian has beyond it.
# They are frames only where another frame stands beside them.
_KOI8_LETTERS = re.compile(rb"[\xa4\xa6\xa7\xad\xb4\xb6\xb7\xbd]")
_KOI8_FRAMES = re.compile(rb"[\x80-\x99\x9b\xa0-\xa2\xa5\xa8-\xac\xae-\xb2\xb5\xb8-\xbc\xbe]")
_SURROGATES = re.compile("[\ud800-\udfff]")
# How many good characters outweigh one bad byte before UTF-8 is no longer believed.
_GOOD_PER_BAD = 4


def decode(raw: bytes, declared: str | None, problems: Problems, hint: str | None = None) -> str:
    """Decode a body or header; never raises. `hint` is the charset of a neighbour, a weak claim."""
    codec = codec_of(declared)
    if declared and codec is None and declared.strip().lower() not in _SAYS_NOTHING:
        problems.note(f"Unknown charset {printable(declared)[:40]!r}; guessed.")
    return clean(_decode(raw, codec, problems, codec_of(hint)))


def clean(text: str) -> str:
    """Take out what PostgreSQL and UTF-8 refuse: NUL, and halves of surrogate pairs."""
    if "\0" in text:
        text = text.replace("\0", "")
    if _SURROGATES.search(text):
        # Two halves that found each other (from UTF-16 or JSON) are a character; one alone is none.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def printable(text: str) -> str:
    """For quoting in a sentence: without control characters."""
    return "".join(c if c.isprintable() else "?" for c in clean(text))


@lru_cache(maxsize=512)
def codec_of(name: str | None) -> str | None:
    """Return Python's name of a declared charset, or None when there is no such thing."""
    if not name:
        return None
    plain = name.strip().strip("\"'").lower().split(";")[0].strip()
    if plain in _SAYS_NOTHING:
        return None
    plain = _ALIASES.get(plain, plain)
    for spelt in (plain, re.sub(r"^(?:x-|cs)", "", plain), re.sub(r"[^a-z0-9]", "", plain)):
        try:
            info = codecs.lookup(_ALIASES.get(spelt, spelt))
        except (LookupError, ValueError):
            continue
        if info._is_text_encoding and info.name not in {"idna", "punycode", "undefined"}:  # noqa: SLF001
            return info.name
    return None


def _decode(raw: bytes, codec: str | None, problems: Problems, hint: str | None) -> str:
    marked = _by_mark(raw)
    if marked is not None:
        return marked
    if raw.isascii() and not (codec and codec.startswith(_STATEFUL)):
        if b"\x1b" in raw and _ESCAPES.search(raw):
            return _strict(raw, "iso2022_jp_ext") or raw.decode("ascii")
        return raw.decode("ascii")
    if codec is None or codec in _WESTERN:
        return _guess(raw, codec, problems, hint)
    if codec in _CYRILLIC:
        return _cyrillic(raw, codec, problems)
    return _declared(raw, codec, problems)


def _by_mark(raw: bytes) -> str | None:
    if raw.startswith(codecs.BOM_UTF8):
        return raw[3:].decode("utf-8", "replace")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"\0" in raw[:400]:
        return raw.decode("utf-16", "replace")
    return None


def _declared(raw: bytes, codec: str, problems: Problems) -> str:
    """A charset that can be contradicted: UTF-8, the Asian ones, and all the others."""
    text = _strict(raw, codec)
    if text is None and codec.startswith("iso2022_jp"):
        text = _japanese(raw)
    if text is not None:
        utf8 = _strict(raw, "utf-8") if codec != "utf-8" and not codec.startswith("utf") else None
        return text if utf8 is None or len(utf8) > 0.8 * len(raw) else utf8
    problems.note(f"The text is not in {codec}, as it says.")
    utf8 = _strict(raw, "utf-8") or _nearly_utf8(raw)
    if utf8 is not None:
        return utf8
    if codec == "utf-8":
        return _guess(raw, None, problems, None)
    return raw.decode(codec, "replace")


def _japanese(raw: bytes) -> str | None:
    """ISO-2022-JP with the makers' own characters, which only Shift JIS of Windows names."""
    done = b""
    double = False
    for piece in re.split(rb"(\x1b\$[@B]|\x1b\([BJ])", raw):
        if piece.startswith(b"\x1b"):
            double = piece[1:2] == b"$"
        elif double:
            pairs = (piece[i : i + 2] for i in range(0, len(piece) - 1, 2))
            done += b"".join(_shifted(*pair) for pair in pairs)
        else:
            done += piece
    return _strict(done, "cp932")


def _shifted(row: int, cell: int) -> bytes:
    if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
        return b"?"
    lead = ((row - 0x21) >> 1) + 0x81
    lead += 0x40 if lead > 0x9F else 0
    if row % 2:
        return bytes((lead, cell + (0x1F if cell < 0x60 else 0x20)))
    return bytes((lead, cell + 0x7E))


def _nearly_utf8(raw: bytes) -> str | None:
    """UTF-8 with a few bytes spoilt, such as one cut in the middle of a character."""
    text = raw.decode("utf-8", "replace")
    bad = text.count("�")
    good = sum(1 for c in text if c > "\x7f") - bad
    return text if good >= _GOOD_PER_BAD * bad else None


def _cyrillic(raw: bytes, codec: str, problems: Problems) -> str:
    if codec == "koi8-r" and _KOI8_LETTERS.search(raw) and not _KOI8_FRAMES.search(raw):
        codec = "koi8-u"
    text = raw.decode(codec, "replace")
    utf8 = _strict(raw, "utf-8")
    if utf8 is not None and cyrillic.is_rather(utf8, text):
        problems.note(f"The text says {codec}, but it is UTF-8.")
        return utf8
    other = cyrillic.contradicted(raw, codec)
    if other is None:
        return text
    problems.note(f"The text says {codec}, but it reads as {other}.")
    return raw.decode(other, "replace")


def _guess(raw: bytes, codec: str | None, problems: Problems, hint: str | None) -> str:
    if hint in _CYRILLIC:
        return _cyrillic(raw, hint, problems)
    utf8 = _strict(raw, "utf-8")
    if utf8 is not None:
        return utf8
    if hint and hint not in _WESTERN and hint != "utf-8":
        # A program that sends Japanese in seven bits means Shift JIS when it sends eight.
        text = _strict(raw, "cp932" if hint.startswith("iso2022_jp") else hint)
        if text is not None:
            return text
    found = cyrillic.guess(raw)
    if found is not None:
        problems.note(f"No charset is given that fits; read as {found}.")
        return raw.decode(found, "replace")
    nearly = _nearly_utf8(raw)
    if nearly is not None:
        return nearly
    return _strict(raw, "cp1252" if codec != "iso8859-15" else codec) or raw.decode("latin-1")


def _strict(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except (UnicodeError, ValueError, LookupError):
        return None
