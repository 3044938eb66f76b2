"""The token of an invitation's link: computed, never kept.

It names the invitation and carries 32 bytes of HMAC over what the row says, keyed by the
installation's secret. So the mail can be rendered at any time from the row alone, and a copy of the
database, which lacks the key, lets nobody in. A new secret key ends the open invitations.
"""

from __future__ import annotations

import base64
from datetime import datetime
from enum import StrEnum

from django.utils.crypto import constant_time_compare, salted_hmac

from desk.partners.models import Invitation

SALT = "desk.partners.invitation"
TOKEN_MAX = 80


class Refusal(StrEnum):
    """Why a link does not let in."""

    UNKNOWN = "unknown"
    USED = "used"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


def token(invitation: Invitation) -> str:
    """The secret part of the link: the invitation's number, a dot, and 43 characters."""
    stated = f"{invitation.pk}|{invitation.email}|{invitation.created_at.isoformat()}"
    mac = salted_hmac(SALT, stated, algorithm="sha256").digest()
    return f"{invitation.pk}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def number_in(text: str) -> int | None:
    """The invitation that a token names; None for what is no token."""
    number = text.partition(".")[0]
    if len(text) > TOKEN_MAX or not number.isascii() or not number.isdigit() or len(number) > 18:
        return None
    return int(number)


def refusal(invitation: Invitation | None, text: str, at: datetime) -> Refusal | None:
    """Why the token `text` does not open the invitation at `at`; None when it does."""
    if invitation is None or not constant_time_compare(token(invitation), text):
        return Refusal.UNKNOWN
    if invitation.accepted_at:
        return Refusal.USED
    if invitation.withdrawn_at:
        return Refusal.WITHDRAWN
    return Refusal.EXPIRED if at >= invitation.expires_at else None
