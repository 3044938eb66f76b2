"""Who may hear which live events.

Topics name people, partners and staff: `person:7`, `partner:3`, `staff`, `role:specialist`. An
event is sent to a page when one of its topics is among its reader's; the page asks for the
content by an ordinary request, so that an event alone tells nothing.
"""

from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.db import close_old_connections

from desk.lib import clock
from desk.partners import actions as people
from desk.partners.models import Membership, Person, StaffMembership


@dataclass(frozen=True)
class Listener:
    """A signed-in person with an open page."""

    person_id: int
    topics: frozenset[str]


def topics_for(person: Person) -> frozenset[str]:
    """Return the topics a person may hear, by the roles held at this moment."""
    open_roles = {"person": person, "until_at": None}
    partners = Membership.objects.filter(**open_roles).values_list("partner_id", flat=True)
    roles = StaffMembership.objects.filter(**open_roles).values_list("role", flat=True)
    topics = {f"person:{person.pk}"} | {f"partner:{partner}" for partner in partners}
    staff = {f"role:{role}" for role in roles}
    return frozenset(topics | staff | ({"staff"} if staff else set()))


def listener(session_key: str) -> Listener | None:
    """Return who a session belongs to, or None when it ended. For threads of the live events."""
    close_old_connections()
    try:
        return _listener(session_key)
    finally:
        close_old_connections()


def _listener(session_key: str) -> Listener | None:
    engine = import_module(settings.SESSION_ENGINE)
    session = engine.SessionStore(session_key)
    person_id = session.get(SESSION_KEY)
    person = Person.objects.filter(pk=person_id, is_active=True).first() if person_id else None
    if person is None or session.get(HASH_SESSION_KEY) != person.get_session_auth_hash():
        return None
    people.seen(person, clock.now())
    return Listener(person.pk, topics_for(person))
