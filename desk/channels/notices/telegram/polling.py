"""Asking Telegram what people said to the bot: a long poll, which works behind any firewall.

An update counts as used in the transaction of what comes of it, and Telegram forgets it when the
next one is asked for: a worker that dies in between loses nothing and does nothing twice.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import transaction

from desk.channels.notices.telegram import actions, api, commands, queries
from desk.channels.notices.telegram.commands import Reply
from desk.channels.notices.telegram.models import Bot
from desk.lib import clock, sealed

# Well below the time after which the health page misses the loop's sign of life.
WAIT_SECONDS = 10

log = logging.getLogger(__name__)


def tick(at: datetime) -> int:
    """Wait for updates and use them; returns how many came. Nothing happens without a bot."""
    bot = actions.lease(at)
    if bot is None:
        return 0
    try:
        token = sealed.unseal(bot.token)
        updates = api.updates(token, bot.next_update, WAIT_SECONDS)
    except sealed.Unreadable:
        actions.asked_in_vain(bot, at, "sealed")
        return 0
    except api.Failed as error:
        log.warning("The bot's updates cannot be read: %s", error)
        actions.asked_in_vain(bot, clock.now(), error.code, error.wait_seconds)
        return 0
    for update in updates:
        _use(bot, token, update, at)
    actions.asked(bot, clock.now())
    return len(updates)


def _use(bot: Bot, token: str, update: dict[str, Any], at: datetime) -> None:
    number = update.get("update_id")
    if not isinstance(number, int):
        return
    reply: Reply | None = None
    try:
        with transaction.atomic():
            if not actions.take(bot, number):
                return
            reply = commands.handle(update, at)
    except Exception:
        # One update that we cannot use must not stop those behind it; its sender can say it again.
        log.exception("Update %s of the bot cannot be used.", number)
        actions.take(bot, number)
    if reply is not None:
        _say(token, reply, at)


def _say(token: str, reply: Reply, at: datetime) -> None:
    """Answer; who gets no answer asks again."""
    try:
        api.say(token, reply.number, reply.html)
        if reply.leaves:
            api.leave(token, reply.number)
    except api.Failed as error:
        log.warning("The bot cannot answer: %s", error)
        known = queries.chat(reply.number)
        if error.code == "chat" and known is not None:
            commands.lose(known, at)
