"""Pages of tokens: a partner's people see their own, its owner those of integrations as well; in
set-up our people see their own, and who looks after the desk sees all of them.

The same pages stand in two places; `area` says in which.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from desk.channels.api import actions, forms, issued, shown
from desk.channels.api.forms import Asked, Unfit
from desk.channels.api.models import NAME_MAX, Token
from desk.channels.api.scopes import UnknownScope
from desk.partners.models import PartnerRole, StaffRole
from desk.web import access, edge
from desk.web.forms import Guards

Context = dict[str, Any]
View = Callable[..., HttpResponse]
UNPROCESSABLE = 422
OVERSEERS = frozenset({StaffRole.VENDOR, StaffRole.ADMINISTRATOR})


def opened(view: View) -> View:
    """Set-up's page for our people, the cabinet's for a partner's."""
    ours = cast(View, access.staff_page()(view))
    theirs = cast(View, access.partner_page()(view))

    @wraps(view)
    def choose(request: HttpRequest, area: str, **named: int) -> HttpResponse:
        return (ours if area == "setup" else theirs)(request, area=area, **named)

    return choose


@require_safe
@opened
def index(request: HttpRequest, area: str) -> HttpResponse:
    """The tokens in use, those that ended, and the form of a new one."""
    return _index(request, area)


@require_POST
@never_cache
@opened
def issue(request: HttpRequest, area: str) -> HttpResponse:
    """Make a token and show its secret, this once."""
    cause = edge.cause(request, area)
    try:
        asked = forms.read(request, cause.at, for_partner=_manages(request, area))
        made, secret = _issued(request, asked)
    except (Unfit, UnknownScope, actions.TooMany) as error:
        return _index(request, area, error)
    context = {
        "token": shown.token(area, made, cause.at),
        "secret": secret,
        "example": shown.example(secret) if secret else "",
        "index_url": shown.address(area, "index"),
    }
    return render(request, "api/secret.html", context)


@require_POST
@opened
def revoke(request: HttpRequest, area: str, token_id: int) -> HttpResponse:
    """Let a token in no more."""
    found = _reachable(request, area).filter(pk=token_id).first()
    if found is None:
        raise Http404
    actions.revoke(edge.cause(request, area), found.pk)
    said = _("“%(name)s” is revoked: it lets nobody in any more.") % {"name": found.name}
    messages.success(request, said)
    response = HttpResponseRedirect(shown.address(area, "index"))
    response.status_code = 303
    return response


def addresses(area: str) -> list[URLPattern]:
    """The addresses of these pages in one area."""
    table: tuple[tuple[str, View, str], ...] = (
        ("", index, "index"),
        ("issue", issue, "issue"),
        ("<int:token_id>/revoke", revoke, "revoke"),
    )
    return [path(where, view, {"area": area}, name=name) for where, view, name in table]


def _issued(request: HttpRequest, asked: Asked) -> tuple[Token, str | None]:
    area = "setup" if access.of(request).is_staff else "cabinet"
    cause = edge.cause(request, area)
    if asked.role is None:
        return actions.issue(cause, edge.person(request).pk, asked.wanted)
    if not _manages(request, area):
        raise PermissionDenied
    return actions.issue_to_partner(cause, access.partner_id(request), asked.role, asked.wanted)


def _manages(request: HttpRequest, area: str) -> bool:
    """Whether the reader looks after the partner's integrations."""
    return area == "cabinet" and access.partner_role(request) == PartnerRole.OWNER


def _oversees(request: HttpRequest) -> bool:
    """Whether the reader looks after every token of the desk."""
    return bool(access.of(request).staff & OVERSEERS)


def _reachable(request: HttpRequest, area: str) -> QuerySet[Token]:
    """The tokens that the reader may revoke; others are not told apart from none."""
    if area == "setup" and _oversees(request):
        return issued.everybody()
    mine = Q(person=edge.person(request).pk, partner=None)
    if _manages(request, area):
        mine |= Q(partner=access.partner_id(request))
    return issued.everybody().filter(mine)


def _index(request: HttpRequest, area: str, error: Exception | None = None) -> HttpResponse:
    at, reachable = edge.now(), _reachable(request, area)
    context = {
        "area": area,
        "tokens": [shown.token(area, one, at) for one in issued.in_use(reachable, at)],
        "ended": [shown.token(area, one, at) for one in issued.ended(reachable, at)],
        "manages": _manages(request, area),
        "oversees": area == "setup" and _oversees(request),
        "issue_url": shown.address(area, "issue"),
        "example": shown.example("desk_…"),
        "error": _sentence(error) if error else "",
        "error_field": getattr(error, "field", ""),
        "guard": Guards(),
        **_form(request, area, sent=error is not None),
    }
    return render(request, "api/index.html", context, status=UNPROCESSABLE if error else None)


def _form(request: HttpRequest, area: str, *, sent: bool) -> Context:
    values = request.POST.dict() if sent else shown.usual()
    chosen = request.POST.getlist("scopes") if sent else [str(each) for each in shown.USUAL]
    found: Context = {
        "sent": values,
        "name_max": NAME_MAX,
        "scopes": shown.choices(chosen, staff=area == "setup"),
        "spans": shown.spans(str(values.get("days", ""))),
        "whose": [],
    }
    if _manages(request, area):
        found["whose"] = shown.whose(str(values.get("whose", "")))
    return found


def _sentence(error: Exception) -> str:
    match error:
        case actions.TooMany():
            return _("There are %(max)s tokens already. Revoke one that nobody uses.") % {
                "max": actions.TOKENS_MAX
            }
        case Unfit(field="name"):
            return _("Say what the token is for.")
        case Unfit(field="scopes"):
            return _("Choose at least one thing that the token may be used for.")
    return _("Choose one of what is offered.")
