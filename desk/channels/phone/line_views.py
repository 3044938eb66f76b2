"""Set-up of the hotline: connect an exchange, test it live, see what failed and why."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from desk.channels.phone import actions, guide, queries, shown
from desk.channels.phone.line_forms import LineForm
from desk.channels.phone.models import Line, Provider
from desk.partners.models import StaffRole
from desk.tickets.actions import Incomplete
from desk.web import access, edge, inputs
from desk.web.forms import Guards

CHANNEL = "setup"
UNPROCESSABLE = 422
CALLS_SHOWN = 5
Context = dict[str, Any]


@require_safe
@access.staff_page(StaffRole.VENDOR)
def index(request: HttpRequest) -> HttpResponse:
    """Every line with how it does, and the exchanges that can be connected."""
    context = {
        "lines": [_line(line) for line in queries.lines()],
        "providers": [
            {"label": label, "url": f"{reverse('hotline:add')}?provider={value}"}
            for value, label in Provider.choices
        ],
    }
    return render(request, "phone/setup/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@access.staff_page(StaffRole.VENDOR)
def add(request: HttpRequest) -> HttpResponse:
    """Connect an exchange; its secret, where it is ours, is shown this once."""
    chosen = request.POST.get("provider") or request.GET.get("provider", "")
    if chosen not in Provider.values:
        raise Http404
    provider = Provider(chosen)
    if request.method != "POST":
        return _form_page(request, provider, LineForm(provider))
    cause, form = edge.cause(request, CHANNEL), LineForm(provider, request.POST)
    if not form.is_valid():
        return _form_page(request, provider, form)
    try:
        made, secret = actions.add(cause, provider, form.card())
    except (Incomplete, actions.TooMany, actions.NoSecret) as error:
        return _form_page(request, provider, _with(form, error))
    return _connected(request, made, secret)


@require_http_methods(["GET", "HEAD", "POST"])
@access.staff_page(StaffRole.VENDOR)
def line(request: HttpRequest, line_id: int) -> HttpResponse:
    """One line: the test, what failed, and its settings."""
    found = get_object_or_404(Line, pk=line_id)
    if request.method != "POST":
        return _page(request, found, LineForm(found.provider, kept=found))
    cause = edge.cause(request, CHANNEL)
    form = LineForm(found.provider, request.POST, kept=found)
    if not form.is_valid():
        return _page(request, found, form)
    try:
        actions.change(cause, found.pk, form.card())
    except Incomplete as error:
        return _page(request, found, _with(form, error))
    messages.success(request, _("Saved."))
    return _to(found)


@require_POST
@never_cache
@access.staff_page(StaffRole.VENDOR)
def rotate(request: HttpRequest, line_id: int) -> HttpResponse:
    """Make a new secret and show it, this once."""
    found = get_object_or_404(Line, pk=line_id)
    cause = edge.cause(request, CHANNEL)
    if found.provider not in actions.OUR_SECRET:
        raise Http404
    return _connected(request, *actions.rotate(cause, found.pk))


@require_POST
@access.staff_page(StaffRole.VENDOR)
def switch(request: HttpRequest, line_id: int) -> HttpResponse:
    """Take no events for now, or take them again."""
    found = get_object_or_404(Line, pk=line_id)
    cause = edge.cause(request, CHANNEL)
    if request.POST.get("on") == "1":
        actions.resume(cause, found.pk)
        messages.success(request, _("Events are taken again."))
    else:
        actions.pause(cause, found.pk)
        messages.success(request, _("Paused: events of this line are refused."))
    return _to(found)


def _form_page(request: HttpRequest, provider: Provider, form: LineForm) -> HttpResponse:
    context = {
        "provider": provider,
        "label": provider.label,
        "steps": guide.steps(provider),
        "form": form,
        "guard": Guards(),
    }
    status = UNPROCESSABLE if form.errors else None
    return render(request, "phone/setup/add.html", context, status=status)


def _connected(request: HttpRequest, made: Line, secret: str | None) -> HttpResponse:
    """What to copy into the exchange; a secret that came with the form's repetition is not shown
    again."""
    ours = made.provider in actions.OUR_SECRET
    context = {
        "line": _line(made),
        "steps": guide.steps(made.provider),
        "copied": guide.copied(made, secret or guide.HIDDEN),
        "secret": secret if made.provider == Provider.GENERIC else "",
        "is_gone": ours and secret is None,
        "guard": Guards(),
    }
    return render(request, "phone/setup/connected.html", context)


def _page(request: HttpRequest, found: Line, form: LineForm) -> HttpResponse:
    calls = found.calls.select_related("line", "person", "partner", "duty", "ticket__partner")
    context = {
        "line": _line(found),
        "steps": guide.steps(found.provider),
        "copied": guide.copied(found),
        "latest": queries.latest(found),
        "calls": [shown.row(call) for call in calls.order_by("-id")[:CALLS_SHOWN]],
        "failed": queries.failed(found),
        "form": form,
        "here": reverse("hotline:line", args=[found.pk]),
        "guard": Guards(),
    }
    status = UNPROCESSABLE if form.errors else None
    return render(request, "phone/setup/line.html", context, status=status)


def _line(found: Line) -> Context:
    return {
        "id": found.pk,
        "name": found.name,
        "number": shown.number(found.number),
        "exchange": found.get_provider_display(),
        "url": reverse("hotline:line", args=[found.pk]),
        "is_paused": found.paused_at is not None,
        "heard_at": found.heard_at,
        "refused": found.refused,
        "refused_at": found.refused_at,
        "refused_why": guide.refusal(found.refused_why),
        "has_secret": found.provider in actions.OUR_SECRET,
        "previous_until_at": found.previous_until_at,
    }


def _with(form: LineForm, error: Exception) -> LineForm:
    """The form with the sentence of a refusal."""
    if isinstance(error, Incomplete):
        name = "number" if error.field == "phone" else error.field
        said = {
            "number": _("Enter the number with the code of the area, as +380 44 123 45 67."),
            "networks": _("Enter addresses as 194.88.218.114 or 194.88.218.112/28."),
            "timezone": _("There is no such time zone. Enter it as Europe/Kyiv."),
        }
        sentence = said.get(name) or inputs.shortcoming(error.field, error.why)
        form.add_error(name if name in form.fields else None, sentence)
    elif isinstance(error, actions.TooMany):
        form.add_error(None, _("There are as many lines as the desk looks after."))
    else:
        form.add_error("secret", _("Enter the secret: Zadarma signs by it."))
    return form


def _to(found: Line) -> HttpResponseRedirect:
    response = HttpResponseRedirect(reverse("hotline:line", args=[found.pk]))
    response.status_code = 303
    return response
