"""Who am I: the first call of every integration."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from pydantic import BaseModel, Field

from desk.channels.api import calls
from desk.channels.api.routing import Area
from desk.partners.models import Partner

me = Area("me", "The token itself: whose it is, and what it may do.")


class OwnRole(BaseModel):
    """What the person is to a partner."""

    partner_id: int
    partner: str
    code: str = Field(description="Ticket numbers of the partner begin with it.")
    role: str
    sees_all: bool = Field(description="False: only tickets that the person wrote or follows.")


class Me(BaseModel):
    """The token's person, with the rights of this moment."""

    id: int
    name: str
    language: str
    timezone: str
    is_integration: bool
    staff_roles: list[str]
    roles: list[OwnRole]
    scopes: list[str]
    now: datetime = Field(description="The desk's clock, UTC.")


@me.get("/me", None, Me)
def read_me(request: HttpRequest) -> Me:
    """Tell whose token this is.

    Needs no scope: use it to try a token.
    """
    call = calls.of(request)
    person, access = call.person, call.access
    held = {role.partner_id: role for role in access.roles}
    companies = Partner.objects.filter(pk__in=held).order_by("id") if held else ()
    return Me(
        id=person.pk,
        name=person.name,
        language=person.language,
        timezone=person.timezone,
        is_integration=call.admitted.partner_id is not None,
        staff_roles=sorted(access.staff),
        roles=[
            OwnRole(
                partner_id=one.pk,
                partner=one.name,
                code=one.code,
                role=held[one.pk].role,
                sees_all=held[one.pk].sees_all,
            )
            for one in companies
        ],
        scopes=sorted(call.admitted.scopes),
        now=call.at,
    )
