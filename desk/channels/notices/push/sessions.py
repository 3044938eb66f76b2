"""Whether the sign-in lives under which a browser was allowed to show notices."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare

from desk.channels.notices.push.models import Browser, Why


def ended(browser: Browser, at: datetime) -> Why | None:
    """Why the sign-in is no more, None while it lives.

    A sign-in whose row is gone was ended by somebody: there, from elsewhere, or with a new
    password. One that is there and too old has ended by itself.
    """
    row = Session.objects.filter(pk=browser.session).first()
    if row is None:
        return Why.SIGNED_OUT
    if row.expire_date <= at:
        return Why.EXPIRED
    data = row.get_decoded()
    known = str(data.get(SESSION_KEY, "")) == str(browser.person_id)
    valid = browser.person.get_session_auth_hash()
    same = constant_time_compare(str(data.get(HASH_SESSION_KEY, "")), valid)
    return None if known and same else Why.SIGNED_OUT
