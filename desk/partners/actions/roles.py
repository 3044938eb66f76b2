"""Roles: the vendor's team and the partners' people. A role is a dated row; to change it is to
end it and to begin another, so that who could do what, and when, can always be read."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.lib.constraints import broken
from desk.partners.actions import checks
from desk.partners.actions.locks import (
    lock_organisation,
    locked,
    locked_partner,
    locked_specialist,
)
from desk.partners.models import (
    Assignment,
    Membership,
    PartnerRole,
    Person,
    Specialist,
    StaffMembership,
    StaffRole,
)


class OtherSide(Exception):
    """The vendor's people are not a partner's people, nor the other way round."""


class SpecialistOrAdministrator(Exception):
    """Nobody is specialist and administrator at once: who is checked does not check."""


class LastOwner(Exception):
    """Somebody has to be left who owns the partner, or the installation (partner None)."""

    def __init__(self, partner_id: int | None) -> None:
        super().__init__(f"last owner of {partner_id or 'the installation'}")
        self.partner_id = partner_id


class StillAssigned(Exception):
    """A specialist who leads or covers projects has to hand them over first."""

    def __init__(self, project_ids: tuple[int, ...]) -> None:
        super().__init__(f"projects {project_ids}")
        self.project_ids = project_ids


def appoint(cause: Cause, person_id: int, role: StaffRole) -> StaffMembership:
    """Give a person a role at the vendor; the present row when they have it.

    Raises `OtherSide` for a partner's person, `SpecialistOrAdministrator`.
    """
    with transaction.atomic():
        locked(person_id)
        present = StaffMembership.objects.filter(person_id=person_id, until_at=None)
        if held := present.filter(role=role).first():
            return held
        row = StaffMembership(person_id=person_id, role=role, since_at=cause.at)
        try:
            row.save()
        except IntegrityError as error:
            raise _refused(error) from error
        if role == StaffRole.SPECIALIST:
            Specialist.objects.get_or_create(person_id=person_id)
        journal.record(cause, "appoint", f"person:{person_id}", {"role": str(role)})
        return row


def dismiss(cause: Cause, person_id: int, role: StaffRole) -> StaffMembership:
    """End a role at the vendor. Raises `LastOwner` for the vendor's last owner, `StillAssigned`
    for a specialist who leads or covers projects, `StaffMembership.DoesNotExist`."""
    with transaction.atomic():
        if role == StaffRole.VENDOR:
            _keep_a_vendor(person_id)
        if role == StaffRole.SPECIALIST:
            _refuse_assigned(person_id)
        row = StaffMembership.objects.select_for_update(no_key=True).get(
            person_id=person_id, role=role, until_at=None
        )
        row.until_at = max(cause.at, row.since_at)
        row.save(update_fields=["until_at"])
        journal.record(cause, "dismiss", f"person:{person_id}", {"role": str(role)})
        return row


def add_membership(
    cause: Cause, partner_id: int, person_id: int, role: PartnerRole, *, sees_all: bool = True
) -> Membership:
    """Make a person one of a partner's people. `sees_all` False: a member who sees the own
    tickets only. A present member gets the new role instead. Raises `OtherSide`, `LastOwner`,
    and `Incomplete` for a machine as the owner: a partner must not be left to one."""
    if role == PartnerRole.OWNER and Person.objects.get(pk=person_id).is_machine:
        raise checks.Incomplete("role")
    with transaction.atomic():
        locked_partner(partner_id)
        held = _present(partner_id, person_id)
        if held and (held.role, held.sees_all) == (role, sees_all):
            return held
        if held:
            _end(cause, held, becomes=role)
        row = Membership(
            partner_id=partner_id,
            person_id=person_id,
            role=role,
            sees_all=sees_all,
            since_at=max(cause.at, held.since_at) if held else cause.at,
        )
        try:
            row.save()
        except IntegrityError as error:
            raise _refused(error) from error
        verb = "change_membership" if held else "add_membership"
        facts = {"person": person_id, "role": str(role), "sees_all": sees_all}
        journal.record(cause, verb, f"person:{person_id}", facts, partner_id)
        return row


def change_membership(
    cause: Cause, partner_id: int, person_id: int, role: PartnerRole, *, sees_all: bool = True
) -> Membership:
    """Give one of a partner's people another role: the old row ends where the new one begins.

    Raises `LastOwner`, and `Membership.DoesNotExist` for somebody who is not one of them.
    """
    with transaction.atomic():
        locked_partner(partner_id)
        if _present(partner_id, person_id) is None:
            raise Membership.DoesNotExist
        return add_membership(cause, partner_id, person_id, role, sees_all=sees_all)


def end_membership(cause: Cause, partner_id: int, person_id: int) -> Membership:
    """End a person's membership; their tickets stay the partner's (R15). Raises `LastOwner`,
    `Membership.DoesNotExist`."""
    with transaction.atomic():
        locked_partner(partner_id)
        held = _present(partner_id, person_id)
        if held is None:
            raise Membership.DoesNotExist
        _end(cause, held, becomes=None)
        facts = {"person": person_id, "role": held.role}
        journal.record(cause, "end_membership", f"person:{person_id}", facts, partner_id)
        return held


def _refused(error: IntegrityError) -> Exception:
    """The domain's word for a role that the database refused."""
    words: dict[str, Exception] = {
        "one_side": OtherSide(),
        "specialist_or_administrator": SpecialistOrAdministrator(),
    }
    return words.get(broken(error), error)


def _present(partner_id: int, person_id: int) -> Membership | None:
    return Membership.objects.filter(
        partner_id=partner_id, person_id=person_id, until_at=None
    ).first()


def _end(cause: Cause, row: Membership, becomes: PartnerRole | None) -> None:
    """End a row under the partner's lock, unless the partner would have no owner left."""
    if row.role == PartnerRole.OWNER and becomes != PartnerRole.OWNER:
        others = Membership.objects.filter(
            partner_id=row.partner_id, role=PartnerRole.OWNER, until_at=None
        )
        if not others.exclude(pk=row.pk).exists():
            raise LastOwner(row.partner_id)
    row.until_at = max(cause.at, row.since_at)
    row.save(update_fields=["until_at"])


def _keep_a_vendor(person_id: int) -> None:
    lock_organisation()
    vendors = StaffMembership.objects.filter(role=StaffRole.VENDOR, until_at=None)
    if not vendors.exclude(person_id=person_id).exists():
        raise LastOwner(None)


def _refuse_assigned(person_id: int) -> None:
    # Whoever assigns takes the same lock, so nothing is assigned while this looks.
    locked_specialist(person_id)
    held = Assignment.objects.filter(specialist__person_id=person_id, until_at=None)
    projects = tuple(held.order_by("project_id").values_list("project_id", flat=True))
    if projects:
        raise StillAssigned(projects)
