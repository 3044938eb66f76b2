"""The one entry of the web server: live events as coroutines, pages through the bridge."""

import asyncio
import html
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation.trans_real import (
    get_supported_language_variant,
    parse_accept_lang_header,
)

from desk.config.bridge import Bridge, Limits

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.config.settings")
django.setup(set_prefix=False)
pages = WSGIHandler()


def explain(status: int, languages: str) -> bytes:
    """Return a small page for a request that Django never sees, in the reader's language."""
    with translation.override(_language(languages)):
        sentences = {
            408: gettext("The upload stopped on the way. Check the connection and send it again."),
            413: gettext("This is larger than the desk takes. Send smaller or fewer files."),
            503: gettext("The desk is busy just now. Try again in a few seconds."),
        }
        sentence = html.escape(sentences[status])
        language = translation.get_language()
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{status}</title>'
        f"<p>{sentence}</p></html>"
    ).encode()


def _language(accepted: str) -> str:
    for code, _ in parse_accept_lang_header(accepted):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


class Desk:
    """Routes what the server brings: lifespan, live events, pages."""

    def __init__(self) -> None:
        # They import models, and these want Django to be set up.
        from desk.channels.api.gate import refusal
        from desk.config.pulse import Pulse
        from desk.web.live import Hub, LiveEvents

        self.hub = Hub()
        self.live = LiveEvents(self.hub)
        self.pulse = Pulse()
        limits = Limits(
            body_bytes_max=settings.REQUEST_BYTES_MAX,
            threads=int(os.environ.get("DESK_THREADS", "6")),
        )
        self.pages = Bridge(pages, limits, explain, refusal)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's request."""
        if scope["type"] == "lifespan":
            await self._live_and_die(receive, send)
        elif scope["type"] == "http" and scope["path"] == "/events" and scope["method"] == "GET":
            await self.live(scope, receive, send)
        elif scope["type"] == "http":
            await self.pages(scope, receive, send)

    async def _live_and_die(self, receive: Receive, send: Send) -> None:
        await receive()
        self.hub.start()
        self.pulse.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.pulse.stop()
        await self.hub.stop()
        await asyncio.get_running_loop().run_in_executor(None, self.pages.close)
        await send({"type": "lifespan.shutdown.complete"})


application = Desk()
