"""Secrets of an installation, made at the first start and kept in the data folder."""

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet


def secret_key(data: Path) -> str:
    """Return the key that signs sessions and links: DESK_SECRET_KEY, or a file we keep."""
    return os.environ.get("DESK_SECRET_KEY") or _kept(
        data / "secret.key", secrets.token_urlsafe(50)
    )


def encryption_key(data: Path) -> str:
    """Return the Fernet key of secrets at rest. A backup leaves it out unless told otherwise."""
    given = os.environ.get("DESK_ENCRYPTION_KEY")
    return given or _kept(data / "encryption.key", Fernet.generate_key().decode())


def first_run_token(secret: str) -> str:
    """The token of the link to the first-run wizard of a desk that others can reach."""
    return hmac.digest(secret.encode(), b"desk.first_run", hashlib.sha256).hex()[:40]


def first_run_needs_token() -> bool:
    """Whether others can reach this desk, so that an empty one must not be anybody's."""
    host = urlsplit(os.environ.get("DESK_BASE_URL", "")).hostname
    return bool(os.environ.get("DESK_HOSTS")) or host not in (None, "localhost", "127.0.0.1", "::1")


def _kept(path: Path, fresh: str) -> str:
    """Read a key; write `fresh` first when there is none, readable by its owner only."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(fresh + "\n")
    with contextlib.suppress(FileExistsError):
        # A link fails when another process was first: its key is the one that counts.
        path.hardlink_to(draft)
    draft.unlink()
    return path.read_text().strip()
