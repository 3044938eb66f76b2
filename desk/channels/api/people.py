"""The partner's people: who is there, in which role, who is invited. The owner's business."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import HttpRequest
from ninja import Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from desk.channels.api import calls, whose
from desk.channels.api.calls import Call
from desk.channels.api.routing import MADE, Area
from desk.channels.api.scopes import Scope
from desk.channels.api.shapes import Id
from desk.channels.api.whose import OfPartner, PartnerId
from desk.partners import actions
from desk.partners import queries as partners
from desk.partners.models import Invitation, Membership, PartnerRole

team = Area("team", "The partner's people, and who is invited. For the partner's owners.")

NOTE_OF_ROLES = (
    "`owner`: everything. `finance`: deposit, approvals, contests. `member`: submits; with "
    "`sees_all` false sees the own tickets only. `viewer`: sees every ticket, changes nothing."
)
Email = Annotated[str, StringConstraints(min_length=3, max_length=254)]
Name = Annotated[str, StringConstraints(max_length=120)]


class Language(StrEnum):
    """The languages of the desk."""

    UKRAINIAN = "uk"
    RUSSIAN = "ru"
    ENGLISH = "en"


class Member(BaseModel):
    """One of the partner's people, or an integration."""

    person_id: int
    name: str
    email: str | None = Field(description="Null for an integration, which nobody writes to.")
    phone: str
    role: PartnerRole = Field(description=NOTE_OF_ROLES)
    sees_all: bool
    is_integration: bool
    since_at: datetime


class Team(BaseModel):
    """All of the partner's people, by name."""

    items: list[Member]


class GivenRole(BaseModel):
    """The role that somebody shall have."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"role": "member", "sees_all": False}}
    )

    role: PartnerRole = Field(description=NOTE_OF_ROLES)
    sees_all: bool = Field(
        default=True, description="False: a member who sees the own tickets only."
    )


class NewInvitation(GivenRole):
    """Whom to invite as what."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"email": "marko@partner.example", "name": "Marko", "role": "member"}
        },
    )

    email: Email
    name: Name = Field("", description="How the mail addresses them.")
    language: Language = Field(Language.UKRAINIAN, description="Of the mail.")


class SentInvitation(BaseModel):
    """An invitation that was sent. Its link is in the mail alone."""

    id: int
    email: str
    name: str
    role: PartnerRole
    sees_all: bool
    created_at: datetime
    expires_at: datetime


class SentInvitations(BaseModel):
    """Invitations that wait, the newest first; expired ones too."""

    items: list[SentInvitation]


@team.get("/team", Scope.PEOPLE_READ, Team)
def list_team(request: HttpRequest, wanted: Query[OfPartner]) -> Team:
    """List the partner's people."""
    owned = _owned(calls.of(request), wanted.partner_id)
    return Team(items=[_member(row) for row in partners.people_of(owned)])


@team.put("/team/{int:person_id}", Scope.PEOPLE_WRITE, Member)
def change_role(
    request: HttpRequest, person_id: Id, body: GivenRole, wanted: Query[OfPartner]
) -> Member:
    """Give one of the people another role.

    The last owner stays an owner. An integration never becomes one.
    """
    call = calls.of(request)
    owned = _owned(call, wanted.partner_id)
    row = partners.membership(person_id, owned)
    if row is None:
        raise ObjectDoesNotExist
    if row.person.is_machine and body.role == PartnerRole.OWNER:
        raise PermissionDenied
    changed = actions.change_membership(
        call.cause(), owned, person_id, body.role, sees_all=body.sees_all
    )
    return _member(changed)


@team.delete("/team/{int:person_id}", Scope.PEOPLE_WRITE)
def end_membership(request: HttpRequest, person_id: Id, wanted: Query[OfPartner]) -> None:
    """End somebody's membership.

    What they wrote stays the partner's. Nobody can take the last owner away.
    """
    call = calls.of(request)
    actions.end_membership(call.cause(), _owned(call, wanted.partner_id), person_id)


@team.get("/team/invitations", Scope.PEOPLE_READ, SentInvitations)
def list_invitations(request: HttpRequest, wanted: Query[OfPartner]) -> SentInvitations:
    """List invitations that nobody has accepted yet."""
    owned = _owned(calls.of(request), wanted.partner_id)
    return SentInvitations(items=[_invitation(row) for row in partners.invitations_open(owned)])


@team.post("/team/invitations", Scope.PEOPLE_WRITE, SentInvitation, MADE)
def invite(request: HttpRequest, body: NewInvitation, wanted: Query[OfPartner]) -> SentInvitation:
    """Invite somebody.

    A mail with a link goes out, valid for seven days. An earlier invitation of the same address is
    withdrawn.
    """
    call = calls.of(request)
    invited = actions.Invited(
        email=body.email,
        role=body.role,
        partner_id=_owned(call, wanted.partner_id),
        name=body.name,
        language=body.language.value,
        sees_all=body.sees_all,
    )
    made, _token = actions.invite(call.cause(), invited)
    return _invitation(made)


@team.post("/team/invitations/{int:invitation_id}/resend", Scope.PEOPLE_WRITE, SentInvitation, MADE)
def resend_invitation(
    request: HttpRequest, invitation_id: Id, wanted: Query[OfPartner]
) -> SentInvitation:
    """Send a fresh link.

    A new invitation takes the place of the old one, whose link is useless from then on.
    """
    call = calls.of(request)
    _own(call, wanted.partner_id, invitation_id)
    made, _token = actions.resend_invitation(call.cause(), invitation_id)
    return _invitation(made)


@team.delete("/team/invitations/{int:invitation_id}", Scope.PEOPLE_WRITE)
def withdraw_invitation(request: HttpRequest, invitation_id: Id, wanted: Query[OfPartner]) -> None:
    """Make the link of an invitation useless."""
    call = calls.of(request)
    _own(call, wanted.partner_id, invitation_id)
    actions.withdraw_invitation(call.cause(), invitation_id)


def _owned(call: Call, wanted: PartnerId) -> int:
    """The partner whose people the call is about; only its owners may."""
    return whose.partner_id(call, wanted, (PartnerRole.OWNER,))


def _own(call: Call, wanted: PartnerId, invitation_id: int) -> None:
    """Another partner's invitation is not told apart from none."""
    owned = _owned(call, wanted)
    if not Invitation.objects.filter(pk=invitation_id, partner_id=owned).exists():
        raise ObjectDoesNotExist


def _member(row: Membership) -> Member:
    integration = row.person.is_machine
    return Member(
        person_id=row.person_id,
        name=row.person.name,
        email=None if integration else row.person.email,
        phone=row.person.phone,
        role=PartnerRole(row.role),
        sees_all=row.sees_all,
        is_integration=integration,
        since_at=row.since_at,
    )


def _invitation(row: Invitation) -> SentInvitation:
    return SentInvitation(
        id=row.pk,
        email=row.email,
        name=row.name,
        role=PartnerRole(row.role),
        sees_all=row.sees_all,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
