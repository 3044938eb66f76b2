"""Secrets of second factors, unreadable at rest: a stolen copy of the database opens none."""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter

from desk.lib import sealed


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Named in the settings as MFA_ADAPTER. The key lies apart from the database (keys.py)."""

    def encrypt(self, text: str) -> str:
        """Return what is stored of a secret."""
        return sealed.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret. Raises `Unreadable` when it was stored with another key."""
        return sealed.unseal(encrypted_text)
