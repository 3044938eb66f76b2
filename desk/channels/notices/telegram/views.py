"""A person connects Telegram, sees with which account, and disconnects it."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib.parse import quote

from allauth.mfa.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from desk.channels.notices.telegram import actions, queries
from desk.web import edge
from desk.web.forms import Guards

CHANNEL = "notices"


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """With which chat the person is linked, or how to link one."""
    return _page(request)


@require_POST
@never_cache
@login_required
def connect(request: HttpRequest) -> HttpResponse:
    """Offer a link to the bot that works once; it is shown this once."""
    bot = queries.bot()
    if bot is None:
        return redirect("telegram:index")
    token = actions.offer(edge.person(request).pk, edge.now())
    url = f"https://t.me/{quote(bot.username)}?start={token}"
    return _page(request, {"url": url, "picture": _picture(url)})


@require_POST
@login_required
def disconnect(request: HttpRequest) -> HttpResponse:
    """No more notices by Telegram; a second click does nothing more."""
    actions.unlink(edge.cause(request, CHANNEL), edge.person(request).pk)
    messages.success(request, _("Telegram is disconnected."))
    return redirect("telegram:index")


def _page(request: HttpRequest, offer: dict[str, str] | None = None) -> HttpResponse:
    person = edge.person(request)
    context: dict[str, Any] = {
        "bot": queries.bot(),
        "chat": queries.chat_of(person.pk),
        "offer": offer,
        # While a link is on offer, news of other things do not put the button in its place.
        "waits": offer is not None or "waits" in request.GET,
        "topic": f"person:{person.pk}",
        "minutes": int(actions.OFFERED.total_seconds()) // 60,
        "guard": Guards(),
    }
    return render(request, "telegram/index.html", context)


def _picture(url: str) -> str:
    """The link for the camera of a phone, drawn by what draws those of one-time codes too."""
    svg = get_adapter().build_totp_svg(url)
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
