"""Everybody who signs in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.lib.constraints import broken
from desk.partners.actions import checks
from desk.partners.actions.locks import locked
from desk.partners.actions.roles import dismiss, end_membership
from desk.partners.models import Membership, Person, StaffMembership, StaffRole

THEMES = ("auto", "light", "dark")
SEEN_EVERY = timedelta(minutes=1)


class EmailTaken(Exception):
    """Another person signs in with this address."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a person says of themselves. `timezone` and `language` are how they read the desk."""

    name: str
    language: str = "uk"
    timezone: str = "Europe/Kyiv"
    theme: str = "auto"
    phone: str = ""
    position: str = ""


def add_person(cause: Cause, email: str, card: Card, password: str | None = None) -> Person:
    """Add somebody who can sign in once there is a password: `None` waits for a reset.

    Raises `EmailTaken`, `Incomplete`, and Django's `ValidationError` for a poor password.
    """
    person = Person(email=checks.email(email), created_at=cause.at, **_checked(card))
    if password is None:
        person.set_unusable_password()
    else:
        validate_password(password, person)
        person.set_password(password)
    with transaction.atomic():
        _save(person)
        journal.record(cause, "add_person", f"person:{person.pk}", {})
        return person


def change_person(cause: Cause, person_id: int, card: Card) -> Person:
    """Change what a person says of themselves; the journal keeps which fields, not the words."""
    with transaction.atomic():
        person = locked(person_id)
        checked = _checked(card)
        changed = sorted(name for name, value in checked.items() if getattr(person, name) != value)
        for name in changed:
            setattr(person, name, checked[name])
        if changed:
            person.save(update_fields=changed)
            journal.record(cause, "change_person", f"person:{person_id}", {"changed": changed})
        return person


def change_email(cause: Cause, person_id: int, email: str) -> Person:
    """Give a person another address to sign in with; `EmailTaken` when somebody has it."""
    with transaction.atomic():
        person = locked(person_id)
        person.email = checks.email(email)
        _save(person)
        journal.record(cause, "change_email", f"person:{person_id}", {})
        return person


def seen(person: Person, at: datetime) -> None:
    """Note that somebody is there, at most once a minute; for presence, not for the journal."""
    if person.seen_at is not None and at - person.seen_at < SEEN_EVERY:
        return
    person.seen_at = at
    Person.objects.filter(pk=person.pk).update(seen_at=at)


def deactivate(cause: Cause, person_id: int) -> Person:
    """Let a person in no more, and end every role at `cause.at`. What they did stays.

    Raises `LastOwner`, `StillAssigned`.
    """
    with transaction.atomic():
        person = Person.objects.get(pk=person_id)
        if not person.is_active:
            return person
        entry = journal.record(cause, "deactivate", f"person:{person_id}", {})
        for partner_id in _partners_of(person_id):
            end_membership(cause.follows(entry.pk), partner_id, person_id)
        for role in _roles_of(person_id):
            dismiss(cause.follows(entry.pk), person_id, role)
        person = locked(person_id)
        person.is_active = False
        person.save(update_fields=["is_active"])
        return person


def reactivate(cause: Cause, person_id: int) -> Person:
    """Let a person in again; roles have to be given anew."""
    with transaction.atomic():
        person = locked(person_id)
        if not person.is_active:
            person.is_active = True
            person.save(update_fields=["is_active"])
            journal.record(cause, "reactivate", f"person:{person_id}", {})
        return person


def _checked(card: Card) -> dict[str, str]:
    if card.theme not in THEMES:
        raise checks.Incomplete("theme")
    return {
        "name": checks.text("name", card.name, 120),
        "language": checks.language(card.language),
        "timezone": checks.timezone(card.timezone),
        "theme": card.theme,
        "phone": checks.optional("phone", card.phone, 40),
        "position": checks.optional("position", card.position, 120),
    }


def _save(person: Person) -> None:
    try:
        person.save()
    except IntegrityError as error:
        if broken(error) == "person_email_once":
            raise EmailTaken from error
        raise


def _partners_of(person_id: int) -> list[int]:
    rows = Membership.objects.filter(person_id=person_id, until_at=None)
    return list(rows.order_by("partner_id").values_list("partner_id", flat=True))


def _roles_of(person_id: int) -> list[StaffRole]:
    rows = StaffMembership.objects.filter(person_id=person_id, until_at=None)
    return [StaffRole(role) for role in rows.values_list("role", flat=True)]
