"""Who may open a page: asked once per request, before the view. Wrong role: 403; nobody: sign in.

What somebody may see of a ticket is not decided here but by `tickets.queries.visible_to`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from desk.partners.models import PartnerRole, StaffRole
from desk.tickets import queries
from desk.tickets.queries import Access
from desk.web import edge

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def of(request: HttpRequest) -> Access:
    """What the signed-in person is, looked up once per request."""
    found: Access | None = getattr(request, "desk_access", None)
    if found is None:
        found = queries.access(edge.person(request))
        request.desk_access = found  # type: ignore[attr-defined]  # kept on the request it is of
    return found


def staff_page(*roles: StaffRole) -> Callable[[View[P]], View[P]]:
    """Only for our people with one of the roles; without roles for all of them."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            held = of(request).staff
            if not held or (roles and not held & set(roles)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return decorate


def partner_page(*roles: PartnerRole) -> Callable[[View[P]], View[P]]:
    """Only for people of the partner that is looked at (`partner_id`), with one of the roles."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            held = partner_role(request)
            if held is None or (roles and held not in roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return decorate


def partner_role(request: HttpRequest) -> PartnerRole | None:
    """What the person is to the partner whose cabinet is open."""
    held = of(request).role_with(partner_id(request))
    return held.role if held else None


def partner_id(request: HttpRequest) -> int:
    """The partner whose cabinet is open: the one chosen in this session, else the only one.

    `PermissionDenied` for who belongs to none.
    """
    own = [role.partner_id for role in of(request).roles]
    chosen = request.session.get("partner")
    if chosen in own:
        return int(chosen)
    if not own:
        raise PermissionDenied
    return own[0]
