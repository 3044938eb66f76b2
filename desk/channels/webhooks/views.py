"""Pages of endpoints: a partner's owner sees the own ones, set-up sees all of them.

The same pages stand in two places; `area` says in which, and with it who may open them and which
endpoints there are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from desk.channels.webhooks import actions, queries, shown
from desk.channels.webhooks.actions import Wanted
from desk.channels.webhooks.models import URL_MAX, Endpoint, Event
from desk.channels.webhooks.queries import Standing
from desk.journal.cause import Cause
from desk.lib import outside
from desk.lib.outside import Forbidden
from desk.partners.models import PartnerRole, StaffRole
from desk.web import access, edge
from desk.web.forms import Guards

Context = dict[str, Any]
View = Callable[..., HttpResponse]
UNPROCESSABLE, CONFLICT = 422, 409
NUMBER_DIGITS_MAX = 18


def opened(view: View) -> View:
    """Set-up's page for the owner of the desk, the cabinet's for an owner of the partner."""
    ours = cast(View, access.staff_page(StaffRole.VENDOR)(view))
    theirs = cast(View, access.partner_page(PartnerRole.OWNER)(view))

    @wraps(view)
    def choose(request: HttpRequest, area: str, **named: int) -> HttpResponse:
        return (ours if area == "setup" else theirs)(request, area=area, **named)

    return choose


@require_safe
@opened
def index(request: HttpRequest, area: str) -> HttpResponse:
    """Every endpoint with how it does, and the form of a new one."""
    return _index(request, area, {})


@require_POST
@never_cache
@opened
def add(request: HttpRequest, area: str) -> HttpResponse:
    """Make an endpoint and show its secret, this once."""
    cause = edge.cause(request, area)
    try:
        made, secret = actions.add(cause, _partner(request, area), _wanted(request))
    except (Forbidden, actions.TooMany, actions.UnknownEvent) as error:
        return _index(request, area, request.POST.dict(), _sentence(error))
    return _secret(request, area, made, secret)


@require_safe
@opened
def endpoint(request: HttpRequest, area: str, endpoint_id: int) -> HttpResponse:
    """One endpoint: its settings and its log; `?before=` pages on."""
    return _endpoint_page(request, area, _found(request, area, endpoint_id))


@require_POST
@opened
def change(request: HttpRequest, area: str, endpoint_id: int) -> HttpResponse:
    """Another address, note, or choice of events."""
    found = _found(request, area, endpoint_id)
    try:
        actions.change(edge.cause(request, area), found.pk, _wanted(request))
    except (Forbidden, actions.UnknownEvent) as error:
        return _endpoint_page(request, area, found, _sentence(error))
    messages.success(request, _("Saved."))
    return _to(area, found)


@require_POST
@never_cache
@opened
def rotate(request: HttpRequest, area: str, endpoint_id: int) -> HttpResponse:
    """Make a new secret and show it, this once."""
    found = _found(request, area, endpoint_id)
    at_once = bool(request.POST.get("at_once"))
    made, secret = actions.rotate(edge.cause(request, area), found.pk, at_once=at_once)
    return _secret(request, area, made, secret)


@require_POST
@opened
def pause(request: HttpRequest, area: str, endpoint_id: int) -> HttpResponse:
    """Send nothing for now."""
    found = _found(request, area, endpoint_id)
    actions.pause(edge.cause(request, area), found.pk)
    messages.success(request, _("Paused. What happens meanwhile stays in the log."))
    return _to(area, found)


@require_POST
@opened
def resume(request: HttpRequest, area: str, endpoint_id: int) -> HttpResponse:
    """Send again."""
    found = _found(request, area, endpoint_id)
    actions.resume(edge.cause(request, area), found.pk)
    messages.success(request, _("Switched on. Missed events are sent when you ask for it."))
    return _to(area, found)


@require_POST
@opened
def remove(request: HttpRequest, area: str, endpoint_id: int) -> HttpResponse:
    """Take an endpoint away for good."""
    found = _found(request, area, endpoint_id)
    actions.remove(edge.cause(request, area), found.pk)
    messages.success(request, _("The webhook is removed."))
    return _led_to(shown.address(area, "index"))


@require_POST
@opened
def ping(request: HttpRequest, area: str, endpoint_id: int) -> HttpResponse:
    """Send a test event; it comes into the log like any other."""
    found = _found(request, area, endpoint_id)

    def send(cause: Cause) -> str:
        actions.ping(cause, found.pk)
        return _("A test event is on its way. The log shows what came of it.")

    return _sent(request, area, found, send)


@require_POST
@opened
def missed(request: HttpRequest, area: str, endpoint_id: int) -> HttpResponse:
    """Send everything of the last 30 days that did not arrive."""
    found = _found(request, area, endpoint_id)

    def send(cause: Cause) -> str:
        count = actions.send_missed(cause, found.pk)
        if not count:
            return _("Nothing was missed.")
        said = ngettext("%(count)s event is sent.", "%(count)s events are sent.", count)
        return said % {"count": count}

    return _sent(request, area, found, send)


@require_safe
@opened
def event(request: HttpRequest, area: str, endpoint_id: int, event_id: int) -> HttpResponse:
    """One event of the log: what was sent, and every attempt."""
    found = _found(request, area, endpoint_id)
    told = queries.events_for(found).filter(pk=event_id).first()
    if told is None:
        raise Http404
    context = {
        "endpoint": shown.endpoint(area, found, Standing()),
        "event": shown.event(told),
        "attempts": [shown.attempt(row) for row in queries.attempts(found, told)],
        "poll_url": shown.address(area, "event", found.pk, told.pk),
        "redeliver_url": shown.address(area, "redeliver", found.pk, told.pk),
        "guard": Guards(),
        "live": _live(found),
    }
    return render(request, "webhooks/event.html", context)


@require_POST
@opened
def redeliver(request: HttpRequest, area: str, endpoint_id: int, event_id: int) -> HttpResponse:
    """Send an event of the log once more."""
    found = _found(request, area, endpoint_id)

    def send(cause: Cause) -> str:
        actions.redeliver(cause, found.pk, event_id)
        return _("The event is sent again, with the same webhook-id.")

    _sent(request, area, found, send)
    return _led_to(shown.address(area, "event", found.pk, event_id))


def addresses(area: str) -> list[URLPattern]:
    """The addresses of these pages in one area."""
    one = "<int:endpoint_id>/"
    table: tuple[tuple[str, View, str], ...] = (
        ("", index, "index"),
        ("add", add, "add"),
        (one, endpoint, "endpoint"),
        (f"{one}change", change, "change"),
        (f"{one}rotate", rotate, "rotate"),
        (f"{one}pause", pause, "pause"),
        (f"{one}resume", resume, "resume"),
        (f"{one}remove", remove, "remove"),
        (f"{one}ping", ping, "ping"),
        (f"{one}missed", missed, "missed"),
        (f"{one}events/<int:event_id>/", event, "event"),
        (f"{one}events/<int:event_id>/redeliver", redeliver, "redeliver"),
    )
    return [path(where, view, {"area": area}, name=name) for where, view, name in table]


def _found(request: HttpRequest, area: str, endpoint_id: int) -> Endpoint:
    """An endpoint of this area; another partner's is not told apart from none."""
    rows = queries.endpoints(everybody=True)
    if area != "setup":
        rows = queries.endpoints(access.partner_id(request))
    found = rows.filter(pk=endpoint_id).first()
    if found is None:
        raise Http404
    return found


def _partner(request: HttpRequest, area: str) -> int | None:
    """Whose a new endpoint is: the partner's own, or in set-up the vendor's."""
    return None if area == "setup" else access.partner_id(request)


def _wanted(request: HttpRequest) -> Wanted:
    chosen = request.POST.getlist("events") if request.POST.get("scope") == "some" else []
    if request.POST.get("scope") == "some" and not chosen:
        raise actions.UnknownEvent
    return Wanted(request.POST.get("url", ""), request.POST.get("note", ""), tuple(chosen))


def _index(request: HttpRequest, area: str, sent: dict[str, str], error: str = "") -> HttpResponse:
    everybody = area == "setup"
    found = list(queries.endpoints(_partner(request, area), everybody=everybody))
    standings = queries.standings(found)
    context = {
        "area": area,
        "endpoints": [shown.endpoint(area, row, standings[row.pk]) for row in found],
        "add_url": shown.address(area, "add"),
        "error": error,
        "guard": Guards(),
        "live": "staff" if everybody else f"partner:{access.partner_id(request)}",
        **_form(sent, request.POST.getlist("events")),
    }
    return render(request, "webhooks/index.html", context, status=UNPROCESSABLE if error else None)


def _endpoint_page(
    request: HttpRequest, area: str, found: Endpoint, error: str = ""
) -> HttpResponse:
    before = request.GET.get("before", "")
    is_number = before.isascii() and before.isdigit() and len(before) <= NUMBER_DIGITS_MAX
    lines, older = queries.log(found, int(before) if is_number else None)
    here = shown.address(area, "endpoint", found.pk)
    verbs = ("change", "rotate", "pause", "resume", "remove", "ping", "missed")
    sent = {"url": found.url, "note": found.note, "scope": "some" if found.events else "all"}
    chosen = found.events
    if error:
        sent, chosen = request.POST.dict(), request.POST.getlist("events")
    context = {
        "endpoint": shown.endpoint(area, found, queries.standings([found])[found.pk]),
        "log": [shown.line(area, found, row) for row in lines],
        "older_url": f"{here}?before={older}" if older else "",
        "newest_url": here if is_number else "",
        # What became of an attempt is no entry of the journal: the page looks by itself.
        "poll_url": "" if is_number else here,
        "index_url": shown.address(area, "index"),
        "urls": {name: shown.address(area, name, found.pk) for name in verbs},
        "error": error,
        "guard": Guards(),
        "live": _live(found),
        **_form(sent, chosen),
    }
    return render(
        request, "webhooks/endpoint.html", context, status=UNPROCESSABLE if error else None
    )


def _form(sent: dict[str, str], chosen: list[str]) -> Context:
    return {
        "sent": sent,
        "some": sent.get("scope") == "some",
        "groups": shown.choices(chosen),
        "url_max": URL_MAX,
        "note_max": actions.NOTE_MAX,
    }


def _secret(request: HttpRequest, area: str, made: Endpoint, secret: str | None) -> HttpResponse:
    """The page that shows a secret; when the form came twice, it says that it was shown."""
    context = {
        "endpoint": shown.endpoint(area, made, Standing()),
        "secret": secret,
        "guard": Guards(),
        "ping_url": shown.address(area, "ping", made.pk),
    }
    return render(request, "webhooks/secret.html", context)


def _sent(
    request: HttpRequest, area: str, found: Endpoint, send: Callable[[Cause], str]
) -> HttpResponse:
    """Send something, and say so, or why not."""
    try:
        messages.success(request, send(edge.cause(request, area)))
    except actions.SwitchedOff:
        messages.error(request, _("The webhook is switched off. Switch it on first."))
    except actions.OnItsWay:
        messages.info(request, _("This event is on its way already."))
    except Event.DoesNotExist as error:
        raise Http404 from error
    return _to(area, found)


def _to(area: str, found: Endpoint) -> HttpResponseRedirect:
    return _led_to(shown.address(area, "endpoint", found.pk))


def _led_to(url: str) -> HttpResponseRedirect:
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def _live(found: Endpoint) -> str:
    """The topic whose events bring the page up to date."""
    return "staff" if found.partner_id is None else f"partner:{found.partner_id}"


def _sentence(error: Exception) -> str:
    match error:
        case actions.TooMany():
            return _("There are %(max)s webhooks already, more are not possible.") % {
                "max": actions.ENDPOINTS_MAX
            }
        case actions.UnknownEvent():
            return _("Choose at least one event, or all of them.")
        case outside.Forbidden(code="scheme"):
            return _("Enter an address that begins with https:// or http://.")
        case outside.Forbidden(code="user"):
            return _("Leave the name and password out of the address.")
        case outside.Forbidden(code="port"):
            return _("This port belongs to another protocol, nothing is sent there.")
        case outside.Forbidden(code="address"):
            return _(
                "This address leads into an internal network, and nothing is sent there. The "
                "owner of the desk may allow own networks (DESK_NETWORKS)."
            )
    return _("This is no address of a web server. Enter it as https://example.com/path.")
