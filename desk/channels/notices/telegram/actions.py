"""The bot is set up, chats are linked and go, updates are used once."""

from __future__ import annotations

import hashlib
import math
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from desk.channels.notices.telegram.api import Self
from desk.channels.notices.telegram.models import ERROR_MAX, NAME_MAX, Bot, Chat, Offer, Why
from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.lib import sealed
from desk.partners.models import Person

OFFERED = timedelta(minutes=15)
TOKEN_BYTES = 24
BETWEEN_SECONDS = 1
LEASE_SECONDS = 40
REST_SECONDS_MAX = 300


def set_bot(cause: Cause, token: str, found: Self) -> Bot:
    """Take a bot, whose token Telegram knows. Another bot than before has none of the chats."""
    with transaction.atomic():
        before = Bot.objects.select_for_update().filter(pk=1).first()
        if before is not None and before.username != found.username:
            _end(Chat.objects.filter(ended_at=None), Why.NEW_BOT, cause.at)
        other = before is None or before.username != found.username
        known = {
            "token": sealed.seal(token),
            "username": found.username,
            "name": _clean(found.name),
            "error": "",
            "failures": 0,
            "resting_until_at": None,
        }
        if other:
            known |= {"next_update": 0, "contact_at": None}
        made, _ = Bot.objects.update_or_create(
            pk=1, defaults=known, create_defaults=known | {"created_at": cause.at}
        )
        journal.record(cause, "set_bot", "telegram", {"username": found.username})
        return made


def remove_bot(cause: Cause) -> None:
    """No more notices by Telegram: token and chats are forgotten."""
    with transaction.atomic():
        if Bot.objects.filter(pk=1).delete()[0]:
            _end(Chat.objects.filter(ended_at=None), Why.NEW_BOT, cause.at)
            Offer.objects.all().delete()
            journal.record(cause, "remove_bot", "telegram", {})


def lease(at: datetime) -> Bot | None:
    """The bot, for one round of asking what came in; None when there is none, it rests, or another
    worker asks."""
    free = Q(leased_until_at=None) | Q(leased_until_at__lte=at)
    rested = Q(resting_until_at=None) | Q(resting_until_at__lte=at)
    until_at = at + timedelta(seconds=LEASE_SECONDS)
    if not Bot.objects.filter(free, rested, pk=1).update(leased_until_at=until_at):
        return None
    return Bot.objects.get(pk=1)


def asked(bot: Bot, at: datetime) -> None:
    """A round of asking went well."""
    known = Bot.objects.filter(pk=bot.pk, token=bot.token)
    known.update(leased_until_at=None, contact_at=at, error="", failures=0, resting_until_at=None)


def asked_in_vain(bot: Bot, at: datetime, error: str, least_seconds: int = 0) -> None:
    """A round of asking failed: the bot rests, longer each time."""
    rest = min(5 * 2 ** min(bot.failures, 10), REST_SECONDS_MAX)
    Bot.objects.filter(pk=bot.pk, token=bot.token).update(
        leased_until_at=None,
        error=error[:ERROR_MAX],
        failures=bot.failures + 1,
        resting_until_at=at + timedelta(seconds=max(rest, least_seconds)),
    )


def take(bot: Bot, number: int) -> bool:
    """Begin to use an update, in the transaction of what comes of it; False when it was used."""
    fresh = Bot.objects.filter(pk=bot.pk, token=bot.token, next_update__lte=number)
    return bool(fresh.update(next_update=number + 1))


def offer(person_id: int, at: datetime) -> str:
    """A token that links a chat with the person, once, for `OFFERED`; the one before it ends."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    known = {"digest": _digest(token), "until_at": at + OFFERED}
    Offer.objects.update_or_create(person_id=person_id, defaults=known)
    return token


def link(token: str, number: int, name: str, at: datetime) -> Person | None:
    """Link a chat with who was offered the token; None for a token that is unknown, used or late.

    The chat's former person, and the person's former chat, are unlinked.
    """
    with transaction.atomic():
        offers = Offer.objects.select_for_update(of=("self",)).select_related("person")
        found = offers.filter(digest=_digest(token), until_at__gt=at).first()
        if found is None or not found.person.is_active:
            return None
        person = found.person
        found.delete()
        present = Chat.objects.filter(ended_at=None)
        _end(present.filter(number=number).exclude(person=person), Why.TAKEN, at)
        _end(present.filter(person=person), Why.REPLACED, at)
        made = Chat.objects.create(person=person, number=number, name=_clean(name), linked_at=at)
        cause = causes.person(person.pk, at, "telegram")
        journal.record(cause, "link_telegram", f"person:{person.pk}", {"chat": made.pk})
        return person


def unlink(cause: Cause, person_id: int) -> None:
    """The person wants no more notices by Telegram, and says so on the desk."""
    with transaction.atomic():
        Offer.objects.filter(person=person_id).delete()
        if _end(Chat.objects.filter(person=person_id, ended_at=None), Why.UNLINKED, cause.at):
            journal.record(cause, "unlink_telegram", f"person:{person_id}", {})


def stop(chat: Chat, at: datetime) -> None:
    """The person says so in the chat."""
    with transaction.atomic():
        if _end(Chat.objects.filter(pk=chat.pk, ended_at=None), Why.STOPPED, at):
            cause = causes.person(chat.person_id, at, "telegram")
            journal.record(cause, "unlink_telegram", f"person:{chat.person_id}", {})


def lost(chat: Chat, at: datetime) -> bool:
    """The chat takes nothing any more; False when that was known already."""
    return bool(_end(Chat.objects.filter(pk=chat.pk, ended_at=None), Why.BLOCKED, at))


def turn(chat: Chat, at: datetime) -> int:
    """The seconds until something may be written into the chat; 0 for who may do it now."""
    free = Q(next_at=None) | Q(next_at__lte=at)
    mine = Chat.objects.filter(free, pk=chat.pk)
    if mine.update(next_at=at + timedelta(seconds=BETWEEN_SECONDS)):
        return 0
    chat.refresh_from_db(fields=["next_at"])
    left = (chat.next_at - at).total_seconds() if chat.next_at else BETWEEN_SECONDS
    return max(math.ceil(left), 1)


def rest(chat: Chat, seconds: int, at: datetime) -> None:
    """Telegram wants nothing for this chat for some time."""
    Chat.objects.filter(pk=chat.pk).update(next_at=at + timedelta(seconds=seconds))


def used(chat: Chat, at: datetime) -> None:
    """Telegram took a message."""
    Chat.objects.filter(pk=chat.pk).update(used_at=at)


def _end(chats: QuerySet[Chat], why: Why, at: datetime) -> int:
    return chats.update(ended_at=at, ended_why=why, number=None, name="")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _clean(name: str) -> str:
    return " ".join(name.replace("\x00", "").split())[:NAME_MAX]
