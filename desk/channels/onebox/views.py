"""Set-up of partners' boxes: connect, test, see it live, see what failed and why."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from desk.channels.onebox import actions, probe, queries, shown
from desk.channels.onebox.forms import ConnectionForm, SettingsForm
from desk.channels.onebox.models import Connection
from desk.journal import queries as journal
from desk.lib.outside import Forbidden
from desk.partners.models import StaffRole
from desk.web import access, edge
from desk.web.forms import Guards

CHANNEL = "setup"
UNPROCESSABLE = 422


@require_safe
@access.staff_page(StaffRole.VENDOR)
def index(request: HttpRequest) -> HttpResponse:
    """Every connection with how it does, and the form of a new one."""
    return _index(request, ConnectionForm())


@require_POST
@never_cache
@access.staff_page(StaffRole.VENDOR)
def add(request: HttpRequest) -> HttpResponse:
    """Make a connection and show the secret of its events, this once."""
    cause, form = edge.cause(request, CHANNEL), ConnectionForm(request.POST)
    if form.is_valid():
        try:
            made, secret = actions.add(cause, form.card())
        except Forbidden as error:
            form.add_error("base_url", shown.trouble(f"away:{error.code}"))
        except actions.Taken:
            form.add_error("workflow", _("This workflow of this box is connected already."))
        except actions.TooMany:
            form.add_error(None, _("There are as many connections as the desk looks after."))
        else:
            return _secret(request, made, secret)
    return _index(request, form)


@require_safe
@access.staff_page(StaffRole.VENDOR)
def connection(request: HttpRequest, connection_id: int) -> HttpResponse:
    """One connection: how it does, what went in and out lately, and its settings."""
    return _page(request, _found(connection_id))


@require_POST
@access.staff_page(StaffRole.VENDOR)
def change(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Another place, login or person."""
    found = _found(connection_id)
    cause, form = edge.cause(request, CHANNEL), ConnectionForm(request.POST, kept=found)
    if form.is_valid():
        try:
            _once(cause.key, lambda: actions.change(cause, found.pk, form.card()))
        except Forbidden as error:
            form.add_error("base_url", shown.trouble(f"away:{error.code}"))
        except actions.Taken:
            form.add_error("workflow", _("This workflow of this box is connected already."))
        else:
            return _saved(request, found)
    return _page(request, found, place=form)


@require_POST
@access.staff_page(StaffRole.VENDOR)
def arrange(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Other statuses, fields, or names in events."""
    found = _found(connection_id)
    cause, form = edge.cause(request, CHANNEL), SettingsForm(request.POST, kept=found)
    if not form.is_valid():
        return _page(request, found, settings=form)
    _once(cause.key, lambda: actions.arrange(cause, found.pk, form.settings()))
    return _saved(request, found)


@require_POST
@access.staff_page(StaffRole.VENDOR)
def test(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Try the connection and show every step; writes a test process only when asked to."""
    found = _found(connection_id)
    steps = probe.probe(found, edge.now(), writes=request.POST.get("writes") == "1")
    return _page(request, _found(connection_id), steps=steps)


@require_POST
@access.staff_page(StaffRole.VENDOR)
def switch(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Switch on, or pause."""
    found, cause = _found(connection_id), edge.cause(request, CHANNEL)
    if request.POST.get("on") == "1" and not found.workflow:
        messages.error(
            request, _("Enter the id of the workflow first. The test lists all of them.")
        )
    elif request.POST.get("on") == "1":
        _once(cause.key, lambda: actions.resume(cause, found.pk))
        messages.success(request, _("Switched on. The box is looked at now."))
    else:
        _once(cause.key, lambda: actions.pause(cause, found.pk))
        messages.success(request, _("Paused. What comes and goes meanwhile is kept, and waits."))
    return _to(found)


@require_POST
@access.staff_page(StaffRole.VENDOR)
def look(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Look at the box at once."""
    found = _found(connection_id)
    actions.look_now(edge.cause(request, CHANNEL), found.pk)
    messages.success(request, _("The box is looked at now."))
    return _to(found)


@require_POST
@never_cache
@access.staff_page(StaffRole.VENDOR)
def rotate(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Make a new secret of events and show it, this once."""
    found = _found(connection_id)
    made, secret = actions.rotate(edge.cause(request, CHANNEL), found.pk)
    return _secret(request, made, secret)


@require_POST
@access.staff_page(StaffRole.VENDOR)
def remove(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Take a connection away for good."""
    found = _found(connection_id)
    actions.remove(edge.cause(request, CHANNEL), found.pk)
    messages.success(request, _("The connection is removed. Its tickets stay."))
    return _led_to(reverse("onebox:index"))


def _found(connection_id: int) -> Connection:
    found = queries.connections().filter(pk=connection_id).first()
    if found is None:
        raise Http404
    return found


def _once(key: str | None, deed: Any) -> None:
    """Do it, unless this very form came before."""
    if key is None or journal.by_key(key) is None:
        deed()


def _index(request: HttpRequest, form: ConnectionForm) -> HttpResponse:
    found = list(queries.connections())
    stuck = queries.stuck(found)
    context = {
        "connections": [shown.connection(row, stuck.get(row.pk, 0)) for row in found],
        "form": form,
        "guard": Guards(),
    }
    return render(
        request, "onebox/index.html", context, status=UNPROCESSABLE if form.errors else None
    )


def _page(
    request: HttpRequest,
    found: Connection,
    *,
    place: ConnectionForm | None = None,
    settings: SettingsForm | None = None,
    steps: list[probe.Step] | None = None,
) -> HttpResponse:
    refused = place or settings
    context = {
        "box": shown.connection(found, queries.stuck([found]).get(found.pk, 0)),
        "place": place or ConnectionForm(kept=found),
        "settings": settings or SettingsForm(kept=found),
        "refused": refused,
        "steps": steps,
        "arrivals": shown.arrivals(queries.arrivals(found)[: queries.SHOWN_MAX]),
        "deliveries": shown.deliveries(queries.deliveries(found)[: queries.SHOWN_MAX]),
        "guard": Guards(),
    }
    return render(
        request, "onebox/connection.html", context, status=UNPROCESSABLE if refused else None
    )


def _secret(request: HttpRequest, made: Connection, secret: str | None) -> HttpResponse:
    """The page that shows a secret; when the form came twice, it says that it was shown."""
    context = {"box": shown.connection(made), "secret": secret}
    return render(request, "onebox/secret.html", context)


def _saved(request: HttpRequest, found: Connection) -> HttpResponse:
    messages.success(request, _("Saved. Test the connection."))
    return _to(found)


def _to(found: Connection) -> HttpResponseRedirect:
    return _led_to(reverse("onebox:connection", args=[found.pk]))


def _led_to(url: str) -> HttpResponseRedirect:
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response
