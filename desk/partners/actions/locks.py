"""Rows held until the transaction ends. One order everywhere: partner, tickets by id, deposit,
specialist, person. None of these locks hinders who only refers to the row."""

from __future__ import annotations

from desk.partners.models import Organisation, Partner, Person, Project, Specialist


def lock_organisation() -> None:
    """The vendor's one row is the lock of its team."""
    list(Organisation.objects.select_for_update(no_key=True))


def locked_partner(partner_id: int) -> Partner:
    return Partner.objects.select_for_update(no_key=True).get(pk=partner_id)


def locked_project(project_id: int) -> Project:
    """The project, under its partner's lock."""
    locked_partner(Project.objects.values_list("partner_id", flat=True).get(pk=project_id))
    return Project.objects.select_for_update(no_key=True).get(pk=project_id)


def locked_specialist(person_id: int) -> Specialist | None:
    """The specialist, None for somebody who never was one."""
    return Specialist.objects.select_for_update(no_key=True).filter(person_id=person_id).first()


def locked(person_id: int) -> Person:
    return Person.objects.select_for_update(no_key=True).get(pk=person_id)
