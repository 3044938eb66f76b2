"""The page on which everybody chooses what they are told of, and the page behind a mail's link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from desk.channels import unsubscribing
from desk.channels.notices import choices, ways
from desk.channels.notices.preferences import actions, shown, words
from desk.channels.notices.preferences.actions import Chosen, TooSoon, Unfit
from desk.channels.routing import Digest, Several, Way
from desk.channels.unsubscribing import BadLink
from desk.journal.cause import Cause
from desk.partners.models import Person
from desk.tickets import queries as tickets
from desk.tickets.models import Ticket
from desk.web import edge, reader
from desk.web.forms import Guards

CHANNEL = "notices"


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    """Themes and ways, quiet hours, digests."""
    person = edge.person(request)
    if request.method != "POST":
        return _page(request, person)
    cause = edge.cause(request, CHANNEL)
    return _done(
        request, lambda: actions.choose(cause, person, _chosen(request, person)), _("Saved.")
    )


@require_POST
@login_required
def pause(request: HttpRequest) -> HttpResponse:
    """Pause until the morning of a day, or end the pause where no day is sent."""
    person, cause = edge.person(request), edge.cause(request, CHANNEL)
    said = _("Paused.") if request.POST.get("paused_until") else _("You are told of things again.")
    return _done(request, lambda: actions.pause(cause, person, _until(request)), said)


@require_POST
@login_required
def mute(request: HttpRequest) -> HttpResponse:
    """Mute a ticket by its number, or let it sound again."""
    person, cause = edge.person(request), edge.cause(request, CHANNEL)
    muted = request.POST.get("muted") == "1"
    number = request.POST.get("number", "").strip().upper()

    def deed() -> None:
        try:
            ticket = tickets.by_number(person, number)
        except Ticket.DoesNotExist as error:
            raise Unfit("ticket") from error
        actions.mute(cause, person, ticket.pk, muted=muted)

    said = _("%(number)s is muted.") if muted else _("%(number)s is no longer muted.")
    return _done(request, deed, said % {"number": number})


@require_POST
@login_required
def try_out(request: HttpRequest) -> HttpResponse:
    """Send a test message by every way that the person has."""
    person, cause = edge.person(request), edge.cause(request, CHANNEL)
    try:
        actions.try_ways(cause, person, ways.addresses([person])[person.pk])
    except TooSoon:
        messages.info(request, _("A test was sent a moment ago. Wait a minute, then try again."))
    else:
        messages.success(request, _("A test is on its way to you."))
    return redirect("notices:preferences")


@never_cache
@csrf_exempt
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Switch mails of some themes off, signed in or not. Opening the page changes nothing; mail
    programs post to it by themselves when their reader asks for it (RFC 8058)."""
    try:
        wish = unsubscribing.opened(token)
    except BadLink:
        return render(request, "notices/unsubscribe_gone.html", status=HTTPStatus.GONE)
    person = Person.objects.filter(pk=wish.person_id, is_active=True).first()
    if person is None:
        return render(request, "notices/unsubscribe_gone.html", status=HTTPStatus.GONE)
    if request.method == "POST":
        cause = Cause(f"person:{person.pk}", edge.now(), "email")
        actions.stop_mails(cause, person, wish.themes)
    own = choices.of(person)
    language = None if "desk_language" in request.COOKIES else person.language
    with (
        translation.override(language or translation.get_language()),
        timezone.override(reader.zone(person.timezone)),
    ):
        context = {
            "themes": [str(words.THEMES[theme]) for theme in wish.themes],
            "email": person.email,
            "stopped": not any(own.on(theme, Way.EMAIL) for theme in wish.themes),
        }
        return render(request, "notices/unsubscribe.html", context)


def _done(request: HttpRequest, deed: Callable[[], object], said: str) -> HttpResponse:
    try:
        deed()
    except Unfit as unfit:
        text = str(words.UNFIT[unfit.field])
        return _page(request, edge.person(request), text, HTTPStatus.UNPROCESSABLE_ENTITY)
    messages.success(request, said)
    return redirect("notices:preferences")


def _page(
    request: HttpRequest, person: Person, error: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    context = {**shown.page(person), "error": error, "guard": Guards(), "zone": person.timezone}
    return render(request, "notices/preferences.html", context, status=status)


def _chosen(request: HttpRequest, person: Person) -> Chosen:
    """What the form says. Raises `Unfit`."""
    sent = request.POST
    try:
        days = frozenset(int(day) for day in sent.getlist("quiet_days"))
        hour = int(sent.get("digest_hour", "9"))
        several = Several(sent.get("several", Several.FOLLOW))
        digest = Digest(sent.get("digest", Digest.OFF))
    except ValueError as error:
        raise Unfit("damaged") from error
    return Chosen(
        ticked={box: choices.name(*box) in sent for box in shown.boxes(person)},
        several=several,
        quiet_since=_clock(sent.get("quiet_since", "")),
        quiet_until=_clock(sent.get("quiet_until", "")),
        quiet_days=days,
        digest=digest,
        digest_hour=hour,
    )


def _clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text).replace(tzinfo=None, microsecond=0) if text else None
    except ValueError as error:
        raise Unfit("quiet_until") from error


def _until(request: HttpRequest) -> datetime | None:
    """The first moment of the day that was sent, in the person's zone."""
    text = request.POST.get("paused_until", "")
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007  the zone is the reader's
    except ValueError as error:
        raise Unfit("paused_until") from error
    return timezone.make_aware(day)
