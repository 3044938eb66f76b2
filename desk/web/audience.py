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
from desk.tickets import queries

TICKETS_MAX = 1000


@dataclass(frozen=True)
class Listener:
    """A signed-in person with an open page."""

    person_id: int
    topics: frozenset[str]
    # Partners of whose tickets the person sees some only: of the others no more is told than that
    # something has changed.
    vague: frozenset[str] = frozenset()


def topics_for(person: Person) -> frozenset[str]:
    """Return the topics a person may hear, by the roles held at this moment."""
    open_roles = {"person": person, "until_at": None}
    partners = Membership.objects.filter(**open_roles).values_list("partner_id", flat=True)
    roles = StaffMembership.objects.filter(**open_roles).values_list("role", flat=True)
    topics = {f"person:{person.pk}"} | {f"partner:{partner}" for partner in partners}
    staff = {f"role:{role}" for role in roles}
    return frozenset(topics | staff | ({"staff"} if staff else set()))


def _listening(person: Person) -> Listener:
    """The person's topics; to who sees some of a partner's tickets only, these one by one."""
    topics = topics_for(person)
    known = queries.access(person)
    if known.is_staff:
        return Listener(person.pk, topics)
    some = [role.partner_id for role in known.roles if not role.sees_all]
    if not some:
        return Listener(person.pk, topics)
    own = queries.visible_to(person, known).filter(partner_id__in=some).order_by("-pk")
    numbers = own.values_list("pk", flat=True)[:TICKETS_MAX]
    seen = topics | {f"ticket:{number}" for number in numbers}
    return Listener(person.pk, seen, frozenset(f"partner:{number}" for number in some))


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
    return _listening(person)
