"""Files by content: the bytes lie in the data folder under their SHA-256, written before any row.

An orphan (bytes without a row) is harmless and swept later; a row without bytes cannot happen.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

NAME_MAX = 200
FILE_BYTES_MAX = 25 * 1024 * 1024
FILES_PER_MESSAGE_MAX = 10
SWEEP_BATCH = 500


class FileRefused(Exception):
    """A file that is not taken: `why` is "empty", "too_large" or "too_many"."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name, self.why = name, why


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Bytes that are safely stored; `token` is the unguessable part of the address."""

    sha256: str
    name: str
    size: int
    token: str


def store(folder: Path, name: str, chunks: Iterable[bytes]) -> StoredFile:
    """Stream bytes into the folder and make them durable. Raises `FileRefused`."""
    cleaned = clean_name(name)
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=folder, prefix="incoming-", delete=False) as draft:
        try:
            for chunk in chunks:
                size += len(chunk)
                if size > FILE_BYTES_MAX:
                    raise FileRefused(cleaned, "too_large")
                digest.update(chunk)
                draft.write(chunk)
            if not size:
                raise FileRefused(cleaned, "empty")
            draft.flush()
            os.fsync(draft.fileno())
            target = path(folder, digest.hexdigest())
            target.parent.mkdir(exist_ok=True)
            Path(draft.name).replace(target)
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise
    return StoredFile(digest.hexdigest(), cleaned, size, secrets.token_urlsafe(32))


def sweep(
    folder: Path, kept: Callable[[Collection[str]], Collection[str]], before: datetime
) -> int:
    """Remove old bytes that `kept` does not name among a batch of digests, and drafts of uploads
    that were cut off; how many went. What is younger than `before` may be about to get its row.
    """
    removed = 0
    old = [one for one in folder.rglob("*") if one.is_file() and _is_before(one, before)]
    for start in range(0, len(old), SWEEP_BATCH):
        batch = old[start : start + SWEEP_BATCH]
        needed = kept([one.name for one in batch])
        for one in batch:
            if one.name not in needed:
                one.unlink(missing_ok=True)
                removed += 1
    return removed


def _is_before(one: Path, before: datetime) -> bool:
    return one.stat().st_mtime < before.timestamp()


def path(folder: Path, sha256: str) -> Path:
    """Where the bytes with this digest lie."""
    assert len(sha256) == 64 and sha256.isalnum(), "a digest, never a name from outside"
    return folder / sha256[:2] / sha256


def clean_name(name: str) -> str:
    """A file name to show and to offer: no path, no control or direction-changing characters."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(
        c for c in unicodedata.normalize("NFC", base) if unicodedata.category(c)[0] != "C"
    )
    kept = kept.strip(" .") or "file"
    if len(kept) <= NAME_MAX:
        return kept
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[: NAME_MAX - 20]}{dot}{ending[:19]}" if dot else kept[:NAME_MAX]
