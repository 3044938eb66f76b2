"""`desk mail inspect`: a line of JSON for each file, whatever its name and whatever is in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.channels import mails

KEYS = [
    "file", "message_id", "in_reply_to", "references", "from", "to", "cc", "subject", "date",
    "automatic", "bounce", "text", "reply_text", "html", "attachments", "raw_sha256", "problems",
]  # fmt: skip


def inspect(*files: str | bytes, given: bytes = b"") -> list[dict[str, Any]]:
    """The lines that a shell of its own sees, without the desk's settings."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DESK_", "DJANGO_"))}
    done = subprocess.run(
        [os.fsencode(sys.executable), b"-m", b"desk.config.cli", b"mail", b"inspect"]
        + [os.fsencode(file) for file in files],
        env=environment,
        input=given,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert done.stderr == b""
    return [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]


def test_every_file_has_its_line_with_the_same_keys(tmp_path: Path) -> None:
    whole = tmp_path / "a b «ї».eml"
    whole.write_bytes(
        mails.multipart(
            "mixed",
            "Content-Type: text/plain; charset=utf-8\r\n\r\nТекст\r\n> цитата".encode(),
            b"Content-Type: application/pdf; name=a.pdf\r\n\r\nPDF",
            b"Content-Type: application/pdf\r\n\r\nunnamed",
        )
    )
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "junk").write_bytes(bytes(range(256)) * 40)
    odd = os.fsencode(tmp_path) + b"/\xff\xfe\n.eml"
    Path(os.fsdecode(odd)).write_bytes(mails.plain("x"))
    names = [str(whole), str(tmp_path / "empty"), str(tmp_path / "junk")]
    told = inspect(*names, odd, str(tmp_path), str(tmp_path / "missing"))
    assert [list(line) for line in told] == [KEYS] * 6
    assert told[0]["file"] == str(whole)
    assert told[0]["from"] == {"name": "", "address": "olena@example.com"}
    assert told[0]["in_reply_to"] is None
    assert (told[0]["text"], told[0]["reply_text"]) == ("Текст\n> цитата", "Текст")
    assert [(a["name"], a["size"], a["inline"]) for a in told[0]["attachments"]] == [
        ("a.pdf", 3, False)
    ]
    assert set(told[0]["attachments"][0]) == {"name", "type", "size", "sha256", "inline"}
    assert os.fsencode(told[3]["file"]) == odd
    assert told[3]["date"] == "2025-11-05T08:15:00+00:00"
    assert [bool(line["problems"]) for line in told] == [False, True, True, False, True, True]


def test_a_mail_may_come_by_the_input() -> None:
    [told] = inspect("-", given=mails.plain("Привіт"))
    assert (told["file"], told["text"], told["bounce"]) == ("-", "Привіт", None)


def test_it_loads_no_django() -> None:
    """Thousands of files are looked at where there is no desk, and quickly."""
    program = (
        "import sys; from desk.config import cli; cli.main(['mail', 'inspect', '-']);"
        "sys.exit(any(name.split('.')[0] in ('django', 'psycopg') for name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=b"From: a@b.ua\n\nx", capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
