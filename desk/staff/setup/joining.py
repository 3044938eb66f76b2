"""The page behind an invitation's link: name and password, once.

The link is a secret; who guesses is slowed down. An address that is known already is not taken
over: its owner signs in and accepts as themselves.
"""

from __future__ import annotations

from http import HTTPStatus

from allauth.account.utils import perform_login
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.partners import actions as partners
from desk.partners import queries
from desk.partners.models import Invitation, Person
from desk.staff.setup.forms import JoinForm
from desk.web import edge, labels, sentences
from desk.web.attempts import attempt
from desk.web.forms import Guards, guard_of

CHANNEL = "setup"
TRIES_MAX = 20
TRIES_SECONDS = 600


@never_cache
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Let the holder of a link in."""
    link = queries.invitation_by(token, edge.now())
    if link.refusal is not None and _too_many(request):
        text = _("Too many links were tried from here. Wait ten minutes.")
        return _refused(request, text, HTTPStatus.TOO_MANY_REQUESTS)
    if link.refusal is not None:
        return _refused(request, str(sentences.LINK_REFUSALS[link.refusal]), HTTPStatus.GONE)
    assert link.invitation is not None, "what is not refused is there"
    with translation.override(_language(request, link.invitation)):
        known = queries.by_email(link.invitation.email)
        if known is not None:
            return _as_oneself(request, token, link.invitation, known)
        return _as_new(request, token, link.invitation)


def _language(request: HttpRequest, invitation: Invitation) -> str:
    """The reader's own choice goes before the language of the invitation."""
    if "desk_language" in request.COOKIES:
        return translation.get_language() or invitation.language
    return invitation.language


def _too_many(request: HttpRequest) -> bool:
    """Whether this address has tried too many links; only wrong ones count."""
    key = f"invitation:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, TRIES_SECONDS)
    return cache.incr(key) > TRIES_MAX


def _as_new(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    form = JoinForm(request.POST or None, initial={"name": invitation.name})
    made: list[Person] = []
    status = None
    if request.method == "POST":
        guard_of(request)
        given = causes.system(edge.now())
        cause = Cause(given.by, given.at, CHANNEL)
        status = attempt(form, lambda: made.append(_joined(cause, token, form)))
        if status is None:
            perform_login(request, made[0], email_verification="none", signup=False)
            messages.success(request, _("Welcome, %(name)s.") % {"name": made[0].name})
            return HttpResponseRedirect("/")
    context = {"form": form, "guard": Guards(), **_shown(invitation)}
    return render(request, "setup/join.html", context, status=status)


def _joined(cause: Cause, token: str, form: JoinForm) -> Person:
    found = form.cleaned_data
    return partners.accept_invitation(cause, token, found["name"], found["password"])


def _as_oneself(
    request: HttpRequest, token: str, invitation: Invitation, known: Person
) -> HttpResponse:
    """Somebody who has an account already: they sign in first, then take the role."""
    is_own = request.user.is_authenticated and request.user.pk == known.pk
    if request.method == "POST" and is_own:
        partners.accept_invitation(edge.cause(request, CHANNEL), token, "", "")
        messages.success(request, _("Welcome, %(name)s.") % {"name": known.name})
        return HttpResponseRedirect("/")
    context = {
        "known": known,
        "is_own": is_own,
        "is_other": request.user.is_authenticated and not is_own,
        "guard": Guards(),
        **_shown(invitation),
    }
    return render(request, "setup/join_known.html", context)


def _shown(invitation: Invitation) -> dict[str, object]:
    organisation = queries.organisation()
    house = organisation.name if organisation else ""
    return {
        "email": invitation.email,
        "role": labels.role_label(invitation.role),
        "company": invitation.partner.name if invitation.partner else house,
        "house": house,
    }


def _refused(request: HttpRequest, sentence: str, status: HTTPStatus) -> HttpResponse:
    return render(request, "setup/join_refused.html", {"sentence": sentence}, status=status)
