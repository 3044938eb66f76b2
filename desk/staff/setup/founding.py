"""The first page of an empty desk: the organisation and the owner's account.

It is open to whoever reaches the machine, so on a desk that others can reach it asks for the token
of the link that `bin/run` prints. With the first organisation it is gone.
"""

from __future__ import annotations

from allauth.account.utils import perform_login
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from desk.journal.cause import Cause
from desk.partners import actions as partners
from desk.partners import queries
from desk.partners.models import Person, StaffRole
from desk.staff.setup import steps
from desk.staff.setup.forms import OwnerForm
from desk.web import edge
from desk.web.attempts import attempt
from desk.web.forms import Guards, guard_of

CHANNEL = "setup"
PROVED = "first_run"


@never_cache
@require_http_methods(["GET", "POST"])
def first_run(request: HttpRequest) -> HttpResponse:
    """Organisation and owner; 404 once there is an organisation."""
    if queries.organisation() is not None:
        raise Http404
    if "token" in request.GET:
        return _proved(request)
    _require_proof(request)
    form = OwnerForm(request.POST or None, initial=_initial())
    status = None
    if request.method == "POST":
        made: list[Person] = []
        status = attempt(form, lambda: made.append(_found(request, form)))
        if status is None:
            return _signed_in(request, made[0])
    context = {"form": form, "guard": Guards(), "steps": steps.shown(), "total": _total()}
    return render(request, "setup/first_run/owner.html", context, status=status)


def _initial() -> dict[str, str]:
    return {"language": get_language() or "uk", "timezone": settings.TIME_ZONE}


def _total() -> int:
    return len(steps.NAMES) + 1


def _proved(request: HttpRequest) -> HttpResponse:
    """Keep that the link was right, and take the secret out of the address."""
    if not constant_time_compare(request.GET["token"], settings.FIRST_RUN_TOKEN):
        raise PermissionDenied
    request.session[PROVED] = True
    return HttpResponseRedirect(reverse("setup:first_run"))


def _require_proof(request: HttpRequest) -> None:
    if settings.FIRST_RUN_NEEDS_TOKEN and not request.session.get(PROVED):
        raise PermissionDenied


def _found(request: HttpRequest, form: OwnerForm) -> Person:
    """The organisation and its owner, both or none."""
    found = form.cleaned_data
    cause = Cause("system", edge.now(), CHANNEL)
    guard_of(request)
    card = partners.Card(name=found["name"], language=found["language"], timezone=found["timezone"])
    with transaction.atomic():
        partners.organise(cause, found["organisation"], found["language"], found["timezone"])
        person = partners.add_person(cause, found["email"], card, found["password"])
        partners.appoint(cause, person.pk, StaffRole.VENDOR)
    return person


def _signed_in(request: HttpRequest, person: Person) -> HttpResponse:
    perform_login(request, person, email_verification="none", signup=False)
    return HttpResponseRedirect(steps.url(steps.NAMES[0]))
