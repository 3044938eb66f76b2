"""The form of a new token: what was entered, or which field is not right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest

from desk.channels.api.actions import INTEGRATION_ROLES, Wanted
from desk.partners.models import PartnerRole

# How long a token may be used, in days; 0: until somebody revokes it.
DAYS = (30, 90, 365, 0)
DAYS_USUAL = 365


class Unfit(Exception):
    """A field was not filled in, or says what nobody offered; `field` names it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, slots=True)
class Asked:
    """A token that is asked for. `role` is the integration's, None for a token of one's own."""

    wanted: Wanted
    role: PartnerRole | None = None


def read(request: HttpRequest, at: datetime, *, for_partner: bool) -> Asked:
    """What the form asks for. Raises `Unfit`. `for_partner`: whoever fills it in may make an
    integration of the partner."""
    sent = request.POST
    name = " ".join(sent.get("name", "").replace("\x00", "").split())
    if not name:
        raise Unfit("name")
    chosen = tuple(sent.getlist("scopes"))
    if not chosen:
        raise Unfit("scopes")
    role = _role(sent.get("whose", "own")) if for_partner else None
    return Asked(Wanted(name, chosen, _until(sent.get("days", ""), at)), role)


def _role(whose: str) -> PartnerRole | None:
    if whose == "own":
        return None
    if whose not in INTEGRATION_ROLES:
        raise Unfit("whose")
    return PartnerRole(whose)


def _until(days: str, at: datetime) -> datetime | None:
    offered = {str(each): each for each in DAYS}
    if days not in offered:
        raise Unfit("days")
    if not offered[days]:
        return None
    # The end of a day: a form that is sent twice asks for the same.
    last = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return last + timedelta(days=offered[days] + 1)
