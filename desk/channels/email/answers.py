"""The page behind a link in a mail: confirm, return or answer. Opening it changes nothing."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from desk.channels import addresses
from desk.channels.email import links, shown
from desk.channels.email.links import BadLink, Link
from desk.journal.cause import Cause
from desk.rules.lifecycle import Verb
from desk.tickets import actions
from desk.web import edge, reader
from desk.web.forms import Guard, guard_of

CHANNEL = "email"


@never_cache
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is asked; a form sent from here acts as the reader of the mail."""
    try:
        link = links.opened(token, edge.now())
    except BadLink:
        return render(request, "email/answer_gone.html", status=HTTPStatus.GONE)
    language = translation.get_language() if "desk_language" in request.COOKIES else None
    with (
        translation.override(language or link.person.language),
        timezone.override(reader.zone(link.person.timezone)),
    ):
        if request.method == "POST":
            _act(request, link)
            return HttpResponseRedirect(request.path)
        return _page(request, link)


def _page(request: HttpRequest, link: Link) -> HttpResponse:
    context = {
        "asked": shown.asked(link.ticket, link.person, edge.now()),
        "can": {verb.value: True for verb in link.verbs},
        "guard": Guard(link.ticket.version),
        "cabinet": addresses.ticket(link.ticket, staff=False),
    }
    return render(request, "email/answer.html", context)


def _act(request: HttpRequest, link: Link) -> None:
    """Make the one move that the form names; refusals are answered by their middleware."""
    move = request.POST.get("move", "")
    guard = guard_of(request)
    key = f"email:link:{link.person.pk}:{guard.key}"
    cause = Cause(f"person:{link.person.pk}", edge.now(), CHANNEL, key, guard.version)
    text = request.POST.get("text", "")
    match move:
        case Verb.CONFIRM:
            actions.confirm(cause, link.ticket.pk, _rating(request), text)
            messages.success(request, _("Thank you, the ticket is resolved."))
        case Verb.RETURN:
            actions.return_(cause, link.ticket.pk, text)
            messages.success(request, _("It is returned: work goes on."))
        case Verb.MESSAGE:
            actions.message(cause, link.ticket.pk, text)
            messages.success(request, _("Your answer is on the ticket."))
        case _:
            raise Http404


def _rating(request: HttpRequest) -> int | None:
    sent = request.POST.get("rating", "")
    return int(sent) if sent in ("1", "2", "3", "4", "5") else None
