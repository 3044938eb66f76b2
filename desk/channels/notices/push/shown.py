"""What pages show of web push: a person's browsers, and how the desk's own key does."""

from __future__ import annotations

from typing import Any

from desk.channels.notices.push import queries, vapid
from desk.channels.notices.push.models import Browser, Key
from desk.partners.models import Person
from desk.web.forms import Guards


def section(person: Person) -> dict[str, Any]:
    """push/browsers.html: the person's browsers, and whether the desk can reach any."""
    return {
        "browsers": list(queries.of(person.pk)),
        "offered": queries.offered(),
        "guard": Guards(),
    }


def setup() -> dict[str, Any]:
    """push/setup.html: the public key, who push services may write to, how many browsers."""
    key = Key.objects.filter(pk=1).first()
    return {
        "key": key,
        "contact": vapid.contact(),
        "offered": queries.offered(),
        "browsers": Browser.objects.filter(ended_at=None).count(),
    }
