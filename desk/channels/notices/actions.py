"""Writing notices: they come into being, and are read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from desk.channels.models import OPEN, Channel, Delivery
from desk.channels.notices.models import Held, Notice
from desk.channels.routing import Hold


def add(notices: Iterable[Notice]) -> None:
    """Write notices down; one that a person has already stays as it is."""
    Notice.objects.bulk_create(notices, ignore_conflicts=True)


def hold(held: Iterable[Held]) -> None:
    """Write down why deliveries wait; an entry that is told once more stays as it was."""
    Held.objects.bulk_create(held, ignore_conflicts=True)


def hasten(person_id: int, entry_id: int, at: datetime) -> None:
    """The quicker way has failed: the mail that waited for it to suffice is due now."""
    held = Held.objects.filter(
        person=person_id, entry=entry_id, channel=Channel.EMAIL, hold=Hold.FOLLOW
    )
    if held.exists():
        mails = Delivery.objects.filter(person=person_id, entry=entry_id, channel=Channel.EMAIL)
        mails.filter(state__in=OPEN, next_at__gt=at).update(next_at=at)


def read(person_id: int, notice_id: int, at: datetime) -> Notice:
    """The person opens a notice: all of the same ticket are read with it.

    Raises `Notice.DoesNotExist` for another person's notice.
    """
    notice = Notice.objects.select_related("entry", "ticket__partner").get(
        pk=notice_id, person_id=person_id
    )
    unread = Notice.objects.filter(person_id=person_id, read_at=None)
    same = unread.filter(ticket=notice.ticket) if notice.ticket else unread.filter(pk=notice.pk)
    same.update(read_at=at)
    return notice


def read_all(person_id: int, up_to_id: int, at: datetime) -> int:
    """The person has seen the list up to a notice; what came after it stays unread."""
    unread = Notice.objects.filter(person_id=person_id, read_at=None, pk__lte=up_to_id)
    return unread.update(read_at=at)
