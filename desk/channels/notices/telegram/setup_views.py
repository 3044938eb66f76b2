"""Set-up of the quick ways of notices: the bot of Telegram, and the key of web push."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.channels.notices.push import shown as push
from desk.channels.notices.telegram import actions, api, probe, queries
from desk.channels.notices.telegram.forms import BotForm
from desk.channels.notices.telegram.models import Bot, Chat
from desk.journal import queries as journal
from desk.lib import sealed
from desk.partners.models import StaffRole
from desk.web import access, edge
from desk.web.forms import Guards

CHANNEL = "setup"
UNPROCESSABLE = 422


@require_safe
@access.staff_page(StaffRole.VENDOR)
def index(request: HttpRequest) -> HttpResponse:
    """How both ways do, and the form of the bot."""
    return _page(request, BotForm())


@require_POST
@access.staff_page(StaffRole.VENDOR)
def bot(request: HttpRequest) -> HttpResponse:
    """Take a bot that Telegram knows; one that it does not know is not kept."""
    cause, form = edge.cause(request, CHANNEL), BotForm(request.POST)
    if cause.key is not None and journal.by_key(cause.key) is not None:
        return redirect("notices_setup:index")
    if form.is_valid():
        token = form.cleaned_data["token"]
        try:
            found = api.me(token)
            api.unhook(token)
        except api.Failed as error:
            form.add_error("token", probe.mend(error))
        else:
            actions.set_bot(cause, token, found)
            said = _("The bot @%(name)s is connected.") % {"name": found.username}
            messages.success(request, said)
            return redirect("notices_setup:index")
    return _page(request, form)


@require_POST
@access.staff_page(StaffRole.VENDOR)
def test(request: HttpRequest) -> HttpResponse:
    """Try the bot and show every step."""
    known = queries.bot()
    if known is None:
        return redirect("notices_setup:index")
    return _page(request, BotForm(), _steps(known))


@require_POST
@access.staff_page(StaffRole.VENDOR)
def remove(request: HttpRequest) -> HttpResponse:
    """No more notices by Telegram; a second click does nothing more."""
    actions.remove_bot(edge.cause(request, CHANNEL))
    messages.success(request, _("The bot is removed, its token forgotten."))
    return redirect("notices_setup:index")


def _steps(known: Bot) -> list[probe.Step]:
    try:
        return probe.probe(known, sealed.unseal(known.token))
    except sealed.Unreadable:
        mend = _("The token cannot be read any more: enter it anew.")
        return [probe.Step(_("The token is here"), ok=False, mend=mend)]


def _page(
    request: HttpRequest, form: BotForm, steps: list[probe.Step] | None = None
) -> HttpResponse:
    known = queries.bot()
    context = {
        "bot": known,
        "trouble": probe.trouble(known) if known else "",
        "chats": Chat.objects.filter(ended_at=None).count(),
        "form": form,
        "steps": steps,
        "push": push.setup(),
        "guard": Guards(),
    }
    status = UNPROCESSABLE if form.errors else None
    return render(request, "telegram/setup.html", context, status=status)
