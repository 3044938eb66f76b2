"""What becomes of a notice whose way has failed: by mail, when it mattered and nothing else got
through; and the person learns, once, that the way is no more."""

from __future__ import annotations

from datetime import datetime, timedelta

from desk.channels import actions as channels
from desk.channels import recipients, themes
from desk.channels.models import OPEN, Channel, Delivery, DeliveryState
from desk.channels.notices import actions, choices
from desk.channels.notices.models import Held
from desk.channels.routing import Way
from desk.channels.themes import BREAKS_THROUGH, NEEDED
from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.partners.models import Person

# Yesterday's news wakes nobody.
KEPT = timedelta(hours=24)


def by_mail(delivery: Delivery, at: datetime) -> None:
    """Send it by mail instead, unless another way has brought it or still tries. A mail that
    only waited whether the quicker way suffices goes now."""
    person = delivery.person
    if person is None or not mattered(delivery):
        return
    others = Delivery.objects.filter(entry=delivery.entry_id, person=person)
    if others.filter(state__in=(*OPEN, DeliveryState.SENT)).exclude(pk=delivery.pk).exists():
        actions.hasten(person.pk, delivery.entry_id, at)
        return
    instead = Delivery(
        entry_id=delivery.entry_id,
        channel=Channel.EMAIL,
        address=person.email,
        person=person,
        why=delivery.why,
        next_at=at,
        created_at=at,
    )
    channels.add([instead])


def mattered(delivery: Delivery) -> bool:
    """Whether its reader gets mails of such things, or they may not be missed at all."""
    person = delivery.person
    if person is None or not recipients.mails(delivery.entry, delivery.why):
        return False
    theme = themes.of_delivery(delivery.entry, delivery.why)
    return theme in NEEDED or choices.of(person).on(theme, Way.EMAIL)


def urgent(delivery: Delivery) -> bool:
    """Whether it breaks through quiet hours."""
    return themes.of_delivery(delivery.entry, delivery.why) in BREAKS_THROUGH


def late(delivery: Delivery, at: datetime) -> bool:
    """Whether it has lost its point as a quick notice; one that was held back has its own time."""
    held = Held.objects.filter(
        entry=delivery.entry_id, person=delivery.person_id, channel=delivery.channel
    )
    return at - delivery.created_at > KEPT and not held.exists()


def lose(person: Person, way: str, label: str, at: datetime) -> None:
    """Tell a person that a way has ended which nobody switched off. `way` is a `Channel`, `label`
    what the person calls it ("Firefox, Windows")."""
    facts = {"way": way, "label": label}
    journal.record(causes.system(at), "lose_way", f"person:{person.pk}", facts)
