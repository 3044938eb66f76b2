"""The partner's people: who is there, in which role, who is invited. The owner's page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.channels import addresses
from desk.channels.cabinet import redirects
from desk.partners import actions, invitations
from desk.partners import queries as partners
from desk.partners.models import Invitation, Membership, PartnerRole
from desk.web import access, edge, formats, labels, refusals
from desk.web.access import partner_page
from desk.web.forms import Guard

Context = dict[str, Any]
OwnerPage = partner_page(PartnerRole.OWNER)


@require_safe
@OwnerPage
def team(request: HttpRequest) -> HttpResponse:
    """People with their roles, open invitations, and the form of a new one."""
    return _page(request, {})


@require_POST
@OwnerPage
def invite(request: HttpRequest) -> HttpResponse:
    """Invite an address: a mail goes out, and the link is shown to be passed on."""
    sent = request.POST.dict()
    cause, partner_id = edge.cause(request, "cabinet"), access.partner_id(request)
    try:
        role, sees_all = _role(request)
        wanted = actions.Invited(
            email=sent.get("email", ""),
            role=role,
            partner_id=partner_id,
            name=sent.get("name", ""),
            language=sent.get("language", "uk"),
            sees_all=sees_all,
        )
        made, _token = actions.invite(cause, wanted)
    except actions.Incomplete as error:
        return _page(request, sent, error)
    messages.success(request, _("An invitation is sent to %(email)s.") % {"email": made.email})
    return redirects.to("cabinet:team")


@require_POST
@OwnerPage
def change(request: HttpRequest, person_id: int) -> HttpResponse:
    """Give one of the people another role."""
    partner_id, (role, sees_all) = access.partner_id(request), _role(request)
    cause = edge.cause(request, "cabinet")
    changed = actions.change_membership(cause, partner_id, person_id, role, sees_all=sees_all)
    names = {"name": changed.person.name, "role": labels.role_label(role)}
    messages.success(request, _("%(name)s is %(role)s now.") % names)
    return redirects.to("cabinet:team")


@require_POST
@OwnerPage
def end(request: HttpRequest, person_id: int) -> HttpResponse:
    """End a membership; what the person wrote stays the partner's."""
    ended = actions.end_membership(
        edge.cause(request, "cabinet"), access.partner_id(request), person_id
    )
    messages.success(request, _("%(name)s has no access any more.") % {"name": ended.person.name})
    if person_id == edge.person(request).pk:
        return redirects.to("first_page")
    return redirects.to("cabinet:team")


@require_POST
@OwnerPage
def withdraw(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Make the link of an invitation useless."""
    _own_invitation(request, invitation_id)
    actions.withdraw_invitation(edge.cause(request, "cabinet"), invitation_id)
    messages.success(request, _("The invitation is withdrawn, its link is useless."))
    return redirects.to("cabinet:team")


@require_POST
@OwnerPage
def resend(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Send a fresh link; the old one is useless from now on."""
    _own_invitation(request, invitation_id)
    actions.resend_invitation(edge.cause(request, "cabinet"), invitation_id)
    messages.success(request, _("A fresh invitation is sent. The old link is useless now."))
    return redirects.to("cabinet:team")


def _own_invitation(request: HttpRequest, invitation_id: int) -> None:
    """Another partner's invitation is not told apart from none."""
    own = Invitation.objects.filter(pk=invitation_id, partner_id=access.partner_id(request))
    if not own.exists():
        raise Http404


def _role(request: HttpRequest) -> tuple[PartnerRole, bool]:
    """The chosen role; "own" is a member who sees the own tickets only."""
    chosen = request.POST.get("role", "")
    if chosen == "own":
        return PartnerRole.MEMBER, False
    if chosen not in PartnerRole.values:
        raise actions.Incomplete("role")
    return PartnerRole(chosen), True


def _page(
    request: HttpRequest, sent: dict[str, str], error: Exception | None = None
) -> HttpResponse:
    status, said = (refusals.sentence(error) if error else None) or (200, "")
    partner_id, at = access.partner_id(request), edge.now()
    context = {
        # Integrations are looked after on the page of tokens.
        "people": [
            _person(row, edge.person(request).pk)
            for row in partners.people_of(partner_id)
            if not row.person.is_machine
        ],
        "invitations": [_invitation(row, at) for row in partners.invitations_open(partner_id)],
        "roles": role_options(),
        "languages_offered": formats.language_names(),
        "sent": sent,
        "error": said,
        "error_field": getattr(error, "field", ""),
        "guard": Guard(),
        "live": f"partner:{partner_id}",
    }
    return render(request, "cabinet/team.html", context, status=int(status))


def role_options() -> list[Context]:
    """The roles with what each may do."""
    return [
        {"value": "owner", "label": _("Owner"), "note": _("everything, people and money too")},
        {"value": "finance", "label": _("Finance"), "note": _("deposit, approvals, contests")},
        {"value": "member", "label": _("Member"), "note": _("submits, sees every ticket")},
        {"value": "own", "label": _("Member, own tickets"), "note": _("submits, sees the own")},
        {"value": "viewer", "label": _("Viewer"), "note": _("sees every ticket, changes nothing")},
    ]


def _person(row: Membership, reader_id: int) -> Context:
    own_only = row.role == PartnerRole.MEMBER and not row.sees_all
    return {
        "id": row.person_id,
        "name": row.person.name,
        "email": row.person.email,
        "phone": row.person.phone,
        "role": "own" if own_only else row.role,
        "since_at": row.since_at,
        "is_reader": row.person_id == reader_id,
    }


def _invitation(row: Invitation, at: Any) -> Context:
    is_open = row.expires_at > at
    link = addresses.whole(addresses.invitation(invitations.token(row))) if is_open else ""
    return {
        "id": row.pk,
        "email": row.email,
        "name": row.name,
        "role": labels.role_label(row.role),
        "expires_at": row.expires_at,
        "is_open": is_open,
        "link": link,
    }
