"""Secrets at rest: a stolen copy of the database opens none. The key lies apart (keys.py)."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class Unreadable(Exception):
    """The secret was sealed with another key: it has to be entered anew."""


def seal(text: str) -> str:
    """What is stored of a secret."""
    return _cipher().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret. Raises `Unreadable`."""
    try:
        return _cipher().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _cipher() -> Fernet:
    return Fernet(settings.ENCRYPTION_KEY)
