"""Trying the bot step by step, so that a person sees at which one it fails, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from desk.channels.notices.telegram import api
from desk.channels.notices.telegram.models import Bot


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the trial; `mend` says in plain words what to do when it failed, and `answer`
    what the other side said."""

    label: str
    ok: bool
    mend: str = ""
    answer: str = ""


def probe(bot: Bot, token: str) -> list[Step]:
    """Try a bot; the list ends with the first step that fails. It changes nothing but this: that
    updates are asked for and not sent elsewhere."""
    return list(_steps(bot, token))


def _steps(bot: Bot, token: str) -> Iterator[Step]:
    found: list[api.Self] = []
    host = urlsplit(settings.TELEGRAM_URL).hostname or ""
    step = _tried(
        _("%(host)s answers, and knows the token") % {"host": host},
        lambda: found.append(api.me(token)),
    )
    yield step
    if not step.ok:
        return
    step = _tried(
        _("The bot is @%(name)s; nothing sends its messages elsewhere")
        % {"name": found[0].username},
        lambda: api.unhook(token),
    )
    yield step
    if step.ok and bot.contact_at is None:
        mend_it = _("Wait half a minute. If it stays so, look at the loop on the page of health.")
        yield Step(_("The desk reads what people say to the bot"), ok=False, mend=mend_it)
    elif step.ok:
        error = api.Failed(bot.error)
        good = not bot.error
        label = _("The desk reads what people say to the bot")
        yield Step(label, good, "" if good else mend(error))


def trouble(bot: Bot) -> str:
    """Why the bot's messages cannot be read, and what to do; "" while all is well."""
    if bot.error == "sealed":
        return _("The token cannot be read any more: enter it anew.")
    return mend(api.Failed(bot.error)) if bot.error else ""


def mend(error: api.Failed) -> str:
    """What to do about a failure."""
    return {
        "token": _(
            "Copy the token from @BotFather once more, whole. If it was revoked there, ask"
            " @BotFather for a new one (/token)."
        ),
        "away": _("The desk must reach this address over HTTPS: look at firewall and DNS."),
        "forbidden": _("The address leads into an internal network: allow it in DESK_NETWORKS."),
        "busy": _("Telegram asks to wait. Try again in some minutes."),
        "conflict": _("Another program reads this bot. Stop it, or make a bot for the desk alone."),
    }.get(error.code, _("Telegram refuses. Make another bot with @BotFather and enter its token."))


def _tried(label: str, deed: Callable[[], object]) -> Step:
    try:
        deed()
    except api.Failed as error:
        return Step(label, ok=False, mend=mend(error), answer=error.said)
    return Step(label, ok=True)
