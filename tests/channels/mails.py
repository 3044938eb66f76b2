"""Mails made for tests, and real ones from the corpora beside the project."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"


def corpus(name: str) -> Path:
    """A folder of the corpora; without them the test is skipped."""
    folder = CORPORA / name
    if not folder.is_dir():
        pytest.skip(f"the corpora are not beside the project: ../shared/corpora/{name}")
    return folder


def raw(body: str | bytes, *headers: str | bytes, charset: str = "utf-8") -> bytes:
    """A mail of these header lines and body, with CRLF as on the wire."""
    lines = [line if isinstance(line, bytes) else line.encode(charset) for line in headers]
    content = body if isinstance(body, bytes) else body.encode(charset).replace(b"\n", b"\r\n")
    return b"\r\n".join([*lines, b"", content])


def plain(text: str, *headers: str) -> bytes:
    """A mail of a person with a text in UTF-8."""
    return raw(
        text,
        "From: Olena <olena@example.com>",
        "To: support@example.org",
        "Subject: Report",
        "Date: Wed, 5 Nov 2025 10:15:00 +0200",
        "Message-ID: <1@example.com>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        *headers,
    )


def multipart(kind: str, *parts: bytes, boundary: str = "frontier") -> bytes:
    """A mail of several parts; each part is its headers, an empty line and its body."""
    mark = f"\r\n--{boundary}".encode()
    body = b"".join(mark + b"\r\n" + part for part in parts) + mark + b"--\r\n"
    return raw(
        body,
        "From: olena@example.com",
        "To: support@example.org",
        "Subject: Parts",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/{kind}; boundary="{boundary}"',
    )


def on_the_wire(name: str) -> list[bytes]:
    """The mails of a corpus as a server passes them on: CR LF at the end of each line."""
    files = sorted(one for one in corpus(name).rglob("*") if one.suffix in {".eml", ".box"})
    found = [re.sub(rb"\r?\n", b"\r\n", one.read_bytes()) for one in files]
    return [one if one.endswith(b"\r\n") else one + b"\r\n" for one in found]
