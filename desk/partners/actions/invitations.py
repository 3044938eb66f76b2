"""Letting people in by a link. Who sends it is judged before; whoever holds it is let in once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import transaction

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.partners import invitations, queries
from desk.partners.actions import checks
from desk.partners.actions.locks import lock_organisation, locked_partner
from desk.partners.actions.people import Card, add_person
from desk.partners.actions.roles import add_membership, appoint
from desk.partners.models import Invitation, PartnerRole, Person, StaffRole

INVITATION_DAYS_MAX = 7


class InvitationRefused(Exception):
    """The link does not let in; `refusal` tells why."""

    def __init__(self, refusal: invitations.Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


class SignInFirst(Exception):
    """The address belongs to somebody already: they sign in, and accept as themselves."""


@dataclass(frozen=True, slots=True)
class Invited:
    """Who is invited as what: `partner_id` None and a staff role for the vendor's team."""

    email: str
    role: PartnerRole | StaffRole
    partner_id: int | None = None
    name: str = ""
    language: str = "uk"
    sees_all: bool = True


def invite(cause: Cause, invited: Invited) -> tuple[Invitation, str]:
    """Invite an address for 7 days; returns the row and the token of its link.

    An earlier open invitation of the same address is withdrawn. A repeated key returns the same
    row. The journal entry `invite` lets
    the outbox mail the link, whose token `desk.partners.invitations.token` computes again.
    """
    row = _checked(cause, invited)
    content = {"verb": "invite", "email": row.email, "partner": row.partner_id, "role": row.role}
    with transaction.atomic():
        _locked(row.partner_id)
        if entry := journal.repeated(cause, content):
            earlier = Invitation.objects.get(pk=int(entry.subject.partition(":")[2]))
            return earlier, invitations.token(earlier)
        for other in queries.invitations_open(row.partner_id).filter(email__iexact=row.email):
            withdraw_invitation(replace(cause, key=None), other.pk)
        row.save()
        facts = {"role": row.role, "partner": row.partner_id, "sees_all": row.sees_all}
        subject = f"invitation:{row.pk}"
        journal.record(cause, "invite", subject, facts, row.partner_id, content)
        return row, invitations.token(row)


def resend_invitation(cause: Cause, invitation_id: int) -> tuple[Invitation, str]:
    """Send a fresh link; the old one is withdrawn. `InvitationRefused` once it was accepted."""
    old = Invitation.objects.get(pk=invitation_id)
    if old.accepted_at:
        raise InvitationRefused(invitations.Refusal.USED)
    role = StaffRole(old.role) if old.partner_id is None else PartnerRole(old.role)
    again = Invited(old.email, role, old.partner_id, old.name, old.language, old.sees_all)
    return invite(cause, again)


def withdraw_invitation(cause: Cause, invitation_id: int) -> Invitation:
    """Make a link useless. `InvitationRefused` when it was accepted already."""
    with transaction.atomic():
        row = Invitation.objects.select_for_update().get(pk=invitation_id)
        if row.accepted_at:
            raise InvitationRefused(invitations.Refusal.USED)
        if row.withdrawn_at is None:
            row.withdrawn_at = cause.at
            row.save(update_fields=["withdrawn_at"])
            subject = f"invitation:{row.pk}"
            journal.record(cause, "withdraw_invitation", subject, {}, row.partner_id)
        return row


def accept_invitation(cause: Cause, token: str, name: str, password: str) -> Person:
    """Let the holder of a link in, once; returns the person, with the role they were invited to.

    A new address becomes a person with this name and password. An address that is known already
    is not taken over by a link: its owner must be the one who acts (`cause.by`), else
    `SignInFirst`; name and password are then left as they are. Raises `InvitationRefused`,
    `ValidationError` for a poor password, `OtherSide`, `SpecialistOrAdministrator`.
    """
    with transaction.atomic():
        row = _opened(cause, token)
        person = queries.by_email(row.email)
        if person is None:
            # Nobody is signed in yet: who accepts is who comes into being.
            person = add_person(replace(cause, key=None), row.email, _card(row, name), password)
        elif person.pk != cause.person_id or not person.is_active:
            raise SignInFirst
        row.accepted_at, row.person = cause.at, person
        row.save(update_fields=["accepted_at", "person"])
        facts = {"person": person.pk, "role": row.role}
        own = replace(cause, by=f"person:{person.pk}")
        subject = f"invitation:{row.pk}"
        entry = journal.record(own, "accept_invitation", subject, facts, row.partner_id)
        _give_role(own.follows(entry.pk), row, person)
        return person


def _checked(cause: Cause, invited: Invited) -> Invitation:
    kind = StaffRole if invited.partner_id is None else PartnerRole
    if invited.role not in kind.values:
        raise checks.Incomplete("role")
    return Invitation(
        email=checks.email(invited.email),
        name=checks.optional("name", invited.name, 120),
        language=checks.language(invited.language),
        partner_id=invited.partner_id,
        role=str(invited.role),
        sees_all=invited.sees_all or invited.role != PartnerRole.MEMBER,
        invited_by_id=cause.person_id,
        created_at=cause.at,
        expires_at=cause.at + timedelta(days=INVITATION_DAYS_MAX),
    )


def _opened(cause: Cause, token: str) -> Invitation:
    """The invitation of a token, locked so that it opens once."""
    link = queries.invitation_by(token, cause.at)
    if link.invitation is None:
        raise InvitationRefused(invitations.Refusal.UNKNOWN)
    _locked(link.invitation.partner_id)
    row = Invitation.objects.select_for_update(of=("self",)).get(pk=link.invitation.pk)
    refusal = invitations.refusal(row, token, cause.at)
    if refusal is not None:
        raise InvitationRefused(refusal)
    return row


def _locked(partner_id: int | None) -> None:
    """Invitations of one team are handled one after the other."""
    if partner_id is None:
        lock_organisation()
    else:
        locked_partner(partner_id)


def _card(row: Invitation, name: str) -> Card:
    zone = row.partner.timezone if row.partner else queries.DEFAULT_ZONE
    return Card(name=name or row.name, language=row.language, timezone=zone)


def _give_role(cause: Cause, row: Invitation, person: Person) -> None:
    if row.partner_id is None:
        appoint(cause, person.pk, StaffRole(row.role))
    else:
        role = PartnerRole(row.role)
        add_membership(cause, row.partner_id, person.pk, role, sees_all=row.sees_all)
