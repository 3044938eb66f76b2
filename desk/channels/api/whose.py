"""Of which partner a call speaks, and whether its person may."""

from __future__ import annotations

from typing import Annotated

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from desk.channels.api import problems
from desk.channels.api.calls import Call
from desk.channels.api.shapes import Id
from desk.partners.models import Partner, PartnerRole, StaffRole

PartnerId = Annotated[
    Id | None,
    Field(description="The partner; may be left out by who belongs to one alone."),
]


class OfPartner(BaseModel):
    """The query parameter of what belongs to a partner."""

    model_config = ConfigDict(extra="forbid")

    partner_id: PartnerId = None


class Named(BaseModel):
    """Somebody who is named."""

    id: int
    name: str


def partner_id(
    call: Call,
    wanted: int | None,
    partner_roles: tuple[PartnerRole, ...] = tuple(PartnerRole),
    staff_roles: tuple[StaffRole, ...] = (),
) -> int:
    """The partner that is spoken of. Another one than the person's own is not told apart from
    none; `PermissionDenied` for a role that may not. Our people name the partner."""
    known = call.access
    if known.is_staff:
        if not known.staff & set(staff_roles):
            raise PermissionDenied
        if wanted is None:
            raise _missing()
        if not Partner.objects.filter(pk=wanted).exists():
            raise ObjectDoesNotExist
        return wanted
    if wanted is None and len(known.roles) > 1:
        raise _missing()
    held = known.roles[0] if wanted is None and known.roles else known.role_with(wanted or 0)
    if held is None:
        raise ObjectDoesNotExist if wanted is not None else PermissionDenied
    if held.role not in partner_roles:
        raise PermissionDenied
    return held.partner_id


def _missing() -> problems.Problem:
    said = _("Name the partner: the token's person may speak of several.")
    return problems.invalid([("partner_id", "missing", said)])
