"""Which live events a signed-in person may hear."""

from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from desk.partners.models import Person, StaffMembership, StaffRole
from desk.web import audience

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def specialist(committed: str) -> Person:
    person = Person.objects.create(email="olha@desk.example", name="Olha", created_at=AT)
    StaffMembership.objects.create(person=person, role=StaffRole.SPECIALIST, since_at=AT)
    return person


def signed_in(person: Person) -> str:
    """Return the key of a session of this person."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def test_a_specialist_hears_what_concerns_staff(specialist: Person) -> None:
    found = audience.listener(signed_in(specialist))
    assert found is not None
    assert found.topics == {f"person:{specialist.pk}", "staff", "role:specialist"}


def test_a_role_that_ended_is_heard_no_more(specialist: Person) -> None:
    specialist.staff_roles.update(until_at=AT)
    assert audience.topics_for(specialist) == {f"person:{specialist.pk}"}


@pytest.mark.parametrize("change", ["password", "deactivated", "flushed"])
def test_a_session_that_ended_hears_nothing(specialist: Person, change: str) -> None:
    key = signed_in(specialist)
    if change == "password":
        specialist.set_password("a new one, long enough")
        specialist.save()
    elif change == "deactivated":
        Person.objects.filter(pk=specialist.pk).update(is_active=False)
    else:
        import_module(settings.SESSION_ENGINE).SessionStore(key).flush()
    assert audience.listener(key) is None


def test_an_invented_session_hears_nothing(committed: str) -> None:
    assert audience.listener("x" * 32) is None
