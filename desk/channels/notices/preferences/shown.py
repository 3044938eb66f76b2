"""The page of preferences as data: a row for each theme, a column for each way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS

from desk.channels.models import Delivery, DeliveryState
from desk.channels.notices import choices, ways
from desk.channels.notices.models import Held
from desk.channels.notices.preferences import words
from desk.channels.routing import Choices, Digest, Several, Way
from desk.channels.themes import NEEDED, Theme
from desk.partners.models import PartnerRole, Person, StaffRole
from desk.tickets import queries as tickets
from desk.tickets.queries import Access

OF_ALL = frozenset({Theme.ASKED, Theme.MESSAGES, Theme.PROGRESS, Theme.STEPS})
OF_STAFF = frozenset({Theme.CRITICAL, Theme.PRODUCTION, Theme.DEADLINES})
MANAGES = frozenset({StaffRole.ADMINISTRATOR, StaffRole.VENDOR})
PAYS = frozenset({PartnerRole.OWNER, PartnerRole.FINANCE})


def page(person: Person) -> dict[str, Any]:
    """What preferences.html draws, from the database."""
    known = tickets.access(person)
    own = choices.of(person)
    reached = ways.available(person)
    offered = [Way.APP, *ways.offered()]
    return {
        "ways": [_column(way, reached) for way in offered],
        "rows": [_row(theme, own, offered, reached) for theme in themes_of(known)],
        "several": _options(words.SEVERAL, own.several, words.SEVERAL_HINTS),
        "digests": _options(words.DIGESTS, own.digest),
        "hours": [(hour, f"{hour:02d}:00") for hour in range(24)],
        "choices": own,
        "has_several": len(offered) > 2,
        "days": [(day, str(name), day in own.quiet.days) for day, name in WEEKDAYS.items()],
        "paused_until_at": own.paused_until_at,
        "muted": _muted(person, own),
        "waiting": _waiting(person),
    }


def themes_of(known: Access) -> list[Theme]:
    """The themes that can concern a person in these roles, in the order of the page."""
    found = set(OF_ALL)
    if known.is_staff:
        found |= OF_STAFF
    if known.staff & MANAGES or any(role.role == PartnerRole.OWNER for role in known.roles):
        found.add(Theme.ADMINISTRATION)
    if any(role.role in PAYS for role in known.roles):
        found.add(Theme.MONEY)
    return [theme for theme in Theme if theme in found]


def boxes(person: Person) -> Iterator[tuple[Theme, Way]]:
    """The boxes that the person can tick now."""
    reached = ways.available(person)
    for theme in themes_of(tickets.access(person)):
        for way in [Way.APP, *ways.offered()]:
            if way in reached and not is_fixed(theme, way):
                yield theme, way


def is_fixed(theme: Theme, way: Way) -> bool:
    """The bell always rings for what has to be told."""
    return way == Way.APP and theme in NEEDED


def _column(way: Way, reached: frozenset[Way]) -> dict[str, Any]:
    connect = ways.CONNECT.get(way)
    return {
        "label": words.WAYS[way],
        "connect_url": reverse(connect) if connect else "",
        "connected": way in reached,
    }


def _row(theme: Theme, own: Choices, offered: list[Way], reached: frozenset[Way]) -> dict[str, Any]:
    cells = [
        {
            "name": choices.name(theme, way),
            "label": words.WAYS[way],
            "on": is_fixed(theme, way) or (way in reached and own.on(theme, way)),
            "fixed": is_fixed(theme, way) or way not in reached,
        }
        for way in offered
    ]
    return {"label": words.THEMES[theme], "hint": words.HINTS[theme], "cells": cells}


def _options(
    labels: words.Words, chosen: Several | Digest, hints: words.Words | None = None
) -> list[dict[str, Any]]:
    return [
        {
            "value": str(value),
            "label": label,
            "hint": (hints or {}).get(value, ""),
            "on": value == chosen,
        }
        for value, label in labels.items()
    ]


def _muted(person: Person, own: Choices) -> list[dict[str, Any]]:
    seen = tickets.visible_to(person).filter(pk__in=own.muted).select_related("partner")
    return [
        {"id": row.pk, "number": tickets.number(row), "subject": row.subject}
        for row in seen.order_by("-pk")
    ]


def _waiting(person: Person) -> dict[str, Any] | None:
    """How much waits for the end of something, and until when."""
    held = Held.objects.filter(person=person).values("entry")
    rows = Delivery.objects.filter(person=person, state=DeliveryState.WAITING, attempts=0)
    moments = list(
        rows.filter(entry__in=held).order_by("next_at").values_list("next_at", flat=True)
    )
    return {"count": len(moments), "at": timezone.localtime(moments[0])} if moments else None
