"""Reading tokens: whose they are is always a filter here. No secret is anywhere to be read."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from desk.channels.api.models import Token

LISTED_MAX = 200
ENDED_SHOWN_MAX = 20


def of_person(person_id: int) -> QuerySet[Token]:
    """A person's own tokens, the newest first."""
    return _all().filter(person=person_id, partner=None)


def of_partner(partner_id: int) -> QuerySet[Token]:
    """The tokens of a partner's integrations, the newest first."""
    return _all().filter(partner=partner_id)


def everybody() -> QuerySet[Token]:
    """Every token there is, the newest first."""
    return _all()


def in_use(tokens: QuerySet[Token], at: datetime) -> list[Token]:
    """Those that let somebody in at `at`."""
    valid = Q(expires_at=None) | Q(expires_at__gt=at)
    return list(tokens.filter(valid, revoked_at=None)[:LISTED_MAX])


def ended(tokens: QuerySet[Token], at: datetime) -> list[Token]:
    """The latest that were revoked or have expired."""
    over = Q(revoked_at__isnull=False) | Q(expires_at__lte=at)
    return list(tokens.filter(over)[:ENDED_SHOWN_MAX])


def _all() -> QuerySet[Token]:
    return Token.objects.select_related("person", "partner").order_by("-id")
