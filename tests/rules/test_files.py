"""Stored files: by content, within limits, swept when nothing refers to them."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk.lib import files
from desk.lib.files import FileRefused

NOW = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)


def test_bytes_lie_under_their_digest_once(tmp_path: Path) -> None:
    first = files.store(tmp_path, "a.txt", [b"same"])
    second = files.store(tmp_path, "b.txt", [b"sa", b"me"])
    assert first.sha256 == second.sha256 and first.token != second.token
    assert files.path(tmp_path, first.sha256).read_bytes() == b"same"


def test_empty_and_too_large_files_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    piece = b"x" * (1024 * 1024)
    many = (piece for _ in range(files.FILE_BYTES_MAX // len(piece) + 1))
    for chunks, why in (([], "empty"), (many, "too_large")):
        with pytest.raises(FileRefused) as refused:
            files.store(tmp_path, "a.bin", chunks)
        assert refused.value.why == why
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_a_name_is_shown_without_paths_and_tricks() -> None:
    assert files.clean_name("../../etc/passwd") == "passwd"
    assert files.clean_name("C:\\temp\\звіт.pdf") == "звіт.pdf"
    assert files.clean_name("gpj.\u202eexe\n") == "gpj.exe"
    assert files.clean_name("...") == "file"
    assert len(files.clean_name("a" * 500 + ".txt")) <= files.NAME_MAX


def test_only_old_bytes_without_a_ticket_are_swept(tmp_path: Path) -> None:
    stored = [files.store(tmp_path, "a", [text]) for text in (b"kept", b"orphan", b"fresh")]
    old = (NOW - timedelta(days=3)).timestamp()
    for one in stored[:2]:
        os.utime(files.path(tmp_path, one.sha256), (old, old))
    fresh = NOW.timestamp()
    os.utime(files.path(tmp_path, stored[2].sha256), (fresh, fresh))
    removed = files.sweep(tmp_path, lambda _: {stored[0].sha256}, NOW - timedelta(days=2))
    assert removed == 1
    assert not files.path(tmp_path, stored[1].sha256).exists()
    assert files.path(tmp_path, stored[2].sha256).exists()
