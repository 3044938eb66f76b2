"""Sending one notice to one chat."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation

from desk.channels.errors import Busy, Pointless, Refused, Unreachable
from desk.channels.models import Delivery
from desk.channels.notices import brief, fallback
from desk.channels.notices.telegram import actions, api, commands, queries, texts
from desk.channels.notices.telegram.models import Chat
from desk.lib import sealed
from desk.web.reader import zone

# A Telegram that is away for longer is not waited for: the mail goes then.
BACK_OFF_SECONDS = (10, 60, 300, 900)


def send(delivery: Delivery, at: datetime) -> None:
    """Try one delivery. Raises `Pointless`, `Refused`, `Unreachable`, `Busy`."""
    chat, bot = queries.by_address(delivery.address), queries.bot()
    if chat is None or bot is None:
        fallback.by_mail(delivery, at)
        raise Pointless("the chat is no more")
    message = _message(delivery, chat)
    if fallback.late(delivery, at):
        fallback.by_mail(delivery, at)
        raise Pointless("too late")
    if seconds := actions.turn(chat, at):
        raise Busy(seconds)
    try:
        api.say(sealed.unseal(bot.token), chat.number or 0, message)
    except sealed.Unreadable as error:
        raise Refused("the token of the bot cannot be read: enter it anew") from error
    except api.Failed as error:
        _judge(error, chat, delivery, at)
    actions.used(chat, at)


def given_up(delivery: Delivery, at: datetime) -> None:
    """It did not get through: by mail, then."""
    fallback.by_mail(delivery, at)


def _message(delivery: Delivery, chat: Chat) -> str:
    person = chat.person
    with translation.override(person.language), timezone.override(zone(person.timezone)):
        return texts.notice(brief.of(delivery))


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
