"""Sending one notice to one chat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation

from desk.channels.errors import Busy, Pointless, Refused, Unreachable
from desk.channels.models import Delivery
from desk.channels.notices import brief, fallback
from desk.channels.notices.telegram import actions, api, commands, queries, texts
from desk.channels.notices.telegram.models import Chat
from desk.lib import sealed
from desk.partners.models import Person
from desk.web.reader import zone

# A Telegram that is away for longer is not waited for: the mail goes then.
BACK_OFF_SECONDS = (10, 60, 300, 900)


def send(delivery: Delivery, at: datetime) -> None:
    """Try one delivery. Raises `Pointless`, `Refused`, `Unreachable`, `Busy`."""
    chat = queries.by_address(delivery.address, delivery.person_id)
    if chat is None:
        fallback.by_mail(delivery, at)
        raise Pointless("the chat is no more")
    with _read_by(chat.person):
        message = texts.notice(brief.of(delivery))
    if fallback.late(delivery, at):
        fallback.by_mail(delivery, at)
        raise Pointless("too late")
    _say(chat, message, delivery, at)


def send_together(deliveries: Sequence[Delivery], at: datetime) -> Mapping[int, str]:
    """Try several deliveries to one chat as one; returns those left out of it, and why. Raises
    `Pointless` and `Busy` (each is then tried on its own), `Refused`, `Unreachable`."""
    chat = queries.by_address(deliveries[0].address, deliveries[0].person_id)
    if chat is None:
        raise Pointless("the chat is no more")
    with _read_by(chat.person):
        told, left_out = brief.several(deliveries)
        message = texts.notice(told[0]) if len(told) == 1 else texts.several(told)
    _say(chat, message, deliveries[0], at)
    return left_out


def given_up(delivery: Delivery, at: datetime) -> None:
    """It did not get through: by mail, then."""
    fallback.by_mail(delivery, at)


def _say(chat: Chat, message: str, delivery: Delivery, at: datetime) -> None:
    bot = queries.bot()
    if bot is None:
        raise Unreachable("the desk has no bot")
    if seconds := actions.turn(chat, at):
        raise Busy(seconds)
    try:
        api.say(sealed.unseal(bot.token), chat.number or 0, message)
    except sealed.Unreadable as error:
        raise Refused("the token of the bot cannot be read: enter it anew") from error
    except api.Failed as error:
        _judge(error, chat, delivery, at)
    actions.used(chat, at)


@contextmanager
def _read_by(person: Person) -> Iterator[None]:
    """In the language and the zone of whoever reads it."""
    with translation.override(person.language), timezone.override(zone(person.timezone)):
        yield


def _judge(error: api.Failed, chat: Chat, delivery: Delivery, at: datetime) -> None:
    """What follows from a failure: a chat that blocked the bot is told nothing any more."""
    match error.code:
        case "chat":
            with transaction.atomic():
                commands.lose(chat, at)
                fallback.by_mail(delivery, at)
            raise Pointless("the chat is no more")
        case "busy":
            actions.rest(chat, error.wait_seconds, at)
            raise Busy(error.wait_seconds)
        case "refused" | "forbidden":
            raise Refused(str(error))
    raise Unreachable(str(error))
