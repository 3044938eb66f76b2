"""What a page's script asks about its browser, and the worker that it installs there."""

from __future__ import annotations

from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from desk.channels.notices.push import actions, outbound, queries, shown
from desk.channels.notices.push.actions import Subscription
from desk.partners.models import StaffRole
from desk.web import access, edge, formats

CHANNEL = "notices"
UNPROCESSABLE = 422
GONE = 410
WORKER = Path(__file__).with_name("worker.js")


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """The person's browsers, and whether this one shows notices."""
    person = edge.person(request)
    return render(request, "push/index.html", {"push": shown.section(person)})


@require_POST
@access.staff_page(StaffRole.VENDOR)
def renew_key(request: HttpRequest) -> HttpResponse:
    """Set-up makes another key: every browser has to be allowed anew."""
    actions.renew_key(edge.cause(request, "setup"))
    messages.success(request, _("The desk has a new key. Browsers have to be allowed anew."))
    return redirect("notices_setup:index")


@require_safe
@cache_control(no_cache=True)
def worker(_request: HttpRequest) -> HttpResponse:
    """The script that shows notices while no page is open; it may look after the whole desk."""
    return HttpResponse(
        WORKER.read_bytes(),
        content_type="text/javascript; charset=utf-8",
        headers={"Service-Worker-Allowed": "/"},
    )


@require_POST
@login_required
def key(request: HttpRequest) -> HttpResponse:
    """The desk's public key, which a browser needs before it can be reached."""
    del request  # who asks does not matter
    return JsonResponse({"key": actions.key(edge.now()).public})


@require_POST
@login_required
def allow(request: HttpRequest) -> HttpResponse:
    """The person lets this browser show notices; the answer tells its number in the list."""
    cause = edge.cause(request, CHANNEL)
    try:
        made = actions.allow(cause, edge.person(request).pk, _given(request))
    except actions.Unusable:
        said = _("This browser's push service cannot be used by the desk.")
    except actions.TooMany:
        said = _("You have as many browsers as the desk looks after. Remove one of them first.")
    else:
        return JsonResponse({"browser": made.pk})
    return JsonResponse({"said": said}, status=UNPROCESSABLE)


@require_POST
@login_required
def renew(request: HttpRequest) -> HttpResponse:
    """A page is open in a browser that shows notices: whether it is still this person's (410 when
    not). Its sign-in lasts longer by that."""
    given, person = _given(request), edge.person(request)
    if not actions.renewed(person.pk, given):
        return JsonResponse({}, status=GONE)
    request.session.modified = True
    known = queries.of(person.pk).get(endpoint=given.endpoint)
    return JsonResponse({"browser": known.pk})


@require_POST
@login_required
def remove(request: HttpRequest, browser_id: int) -> HttpResponse:
    """The person wants no more notices in one of the own browsers."""
    actions.remove(edge.cause(request, CHANNEL), edge.person(request).pk, browser_id)
    messages.success(request, _("This browser shows no more notices."))
    return redirect("push:index")


@require_POST
@login_required
def trial(request: HttpRequest, browser_id: int) -> HttpResponse:
    """Send a message to one of the own browsers, to see that it comes."""
    own = queries.of(edge.person(request).pk).filter(pk=browser_id).first()
    if own is None:
        messages.info(request, _("This browser shows no more notices."))
        return redirect("push:index")
    said = outbound.trial(own, edge.now())
    if said:
        text = _("It was not taken: %(answer)s") % {"answer": said}
        messages.error(request, text)
    else:
        messages.success(request, _("A trial is on its way to this browser."))
    return redirect("push:index")


def _given(request: HttpRequest) -> Subscription:
    sent = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    return Subscription(
        **sent,
        key=request.POST.get("server_key", "")[:90],
        session=request.session.session_key or "",
        label=formats.browser(request.headers.get("user-agent", "")),
    )
