"""The vendor's team: who is there, who is invited, what each may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from desk.journal.cause import Cause
from desk.partners import actions as partners
from desk.partners import queries
from desk.partners.models import PartnerRole, Person, Specialist, StaffRole
from desk.staff.setup import shown
from desk.staff.setup.forms import CapsForm, CardForm, InviteForm
from desk.staff.setup.once import once
from desk.web import edge, labels
from desk.web.access import staff_page
from desk.web.attempts import attempt, attempt_button
from desk.web.forms import Guards

CHANNEL = "setup"
Context = dict[str, Any]


@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.VENDOR)
def people(request: HttpRequest) -> HttpResponse:
    """Everybody of the team, open invitations, and the form that lets somebody in."""
    return board(request, "setup/people.html", reverse("setup:people"), {})


def board(request: HttpRequest, template: str, here: str, extra: Context) -> HttpResponse:
    """The team's page; the wizard draws the same within its steps."""
    form = InviteForm(request.POST or None, initial={"language": edge.person(request).language})
    status = None
    if request.method == "POST":
        status = attempt(form, lambda: let_in(request, form, None))
        if status is None:
            return redirect(f"{here}#invitations")
    at = edge.now()
    context = {
        "form": form,
        "guard": Guards(),
        "staff": shown.staff(),
        "former": shown.former_staff(),
        "invitations": shown.invitations(None, at),
        **extra,
    }
    return render(request, template, context, status=status)


def let_in(request: HttpRequest, form: InviteForm, partner_id: int | None) -> None:
    """Invite by mail, or, with a password, let somebody in at once."""
    found = form.cleaned_data
    cause = edge.cause(request, CHANNEL)
    role: StaffRole | PartnerRole = (
        StaffRole(found["role"]) if partner_id is None else PartnerRole(found["role"])
    )
    if found["password"]:
        _added(cause, form, partner_id, role)
        messages.success(request, _("%(name)s can sign in now.") % {"name": found["name"]})
        return
    invited = partners.Invited(found["email"], role, partner_id, found["name"], found["language"])
    partners.invite(cause, invited)
    messages.success(
        request,
        _("An invitation goes to %(email)s. Its link is listed below as well.")
        % {"email": found["email"]},
    )


def _added(
    cause: Cause, form: InviteForm, partner_id: int | None, role: StaffRole | PartnerRole
) -> None:
    found = form.cleaned_data
    card = partners.Card(name=found["name"], language=found["language"])
    with transaction.atomic():
        person = queries.by_email(found["email"])
        if person is None or partner_id is None:
            person = partners.add_person(cause, found["email"], card, found["password"])
        own = replace(cause, key=None)
        if partner_id is None:
            partners.appoint(own, person.pk, StaffRole(role))
        else:
            partners.add_membership(own, partner_id, person.pk, PartnerRole(role))


@require_POST
@staff_page(StaffRole.VENDOR)
def withdraw(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Make the link of an invitation useless."""
    cause = edge.cause(request, CHANNEL)
    attempt_button(
        request,
        lambda: partners.withdraw_invitation(cause, invitation_id),
        _("The invitation is withdrawn, its link is useless."),
    )
    return _back(request)


@require_POST
@staff_page(StaffRole.VENDOR)
def resend(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Send a fresh link; the old one ends."""
    cause = edge.cause(request, CHANNEL)
    attempt_button(
        request,
        lambda: partners.resend_invitation(cause, invitation_id),
        _("A fresh link is sent, the old one ends."),
    )
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """To the page the button stood on: one of ours."""
    to = request.POST.get("next", "")
    return HttpResponseRedirect(to if to.startswith("/setup/") else reverse("setup:people"))


@require_GET
@staff_page(StaffRole.VENDOR)
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person: what they say of themselves, roles, caps, and leaving."""
    return _person_page(request, get_object_or_404(Person, pk=person_id))


def _person_page(
    request: HttpRequest, found: Person, form: CardForm | None = None, status: int | None = None
) -> HttpResponse:
    specialist = Specialist.objects.filter(person=found).first()
    caps = CapsForm(
        initial=specialist
        and {"projects_max": specialist.projects_max, "covers_max": specialist.covers_max}
    )
    context = {
        "person": found,
        "form": form or CardForm(initial=_card(found)),
        "caps": caps,
        "guard": Guards(),
        "self": found.pk == edge.person(request).pk,
        **shown.person(found),
    }
    return render(request, "setup/person.html", context, status=status)


def _card(found: Person) -> dict[str, str]:
    names = ("name", "email", "position", "phone", "language", "timezone")
    return {name: getattr(found, name) for name in names}


@require_POST
@staff_page(StaffRole.VENDOR)
def change(request: HttpRequest, person_id: int) -> HttpResponse:
    """Change what is said of a person, and where they sign in."""
    found = get_object_or_404(Person, pk=person_id)
    form = CardForm(request.POST)
    cause = edge.cause(request, CHANNEL)
    status = attempt(form, lambda: once(cause, lambda: _change(cause, found, form)))
    if status is not None:
        return _person_page(request, found, form, status)
    messages.success(request, _("Saved."))
    return redirect("setup:person", person_id)


def _change(cause: Cause, found: Person, form: CardForm) -> None:
    given = dict(form.cleaned_data)
    email = given.pop("email")
    with transaction.atomic():
        partners.change_person(cause, found.pk, partners.Card(theme=found.theme, **given))
        if email != found.email:
            partners.change_email(replace(cause, key=None), found.pk, email)


@require_POST
@staff_page(StaffRole.VENDOR)
def role(request: HttpRequest, person_id: int) -> HttpResponse:
    """Give a role, or end it."""
    named = request.POST.get("role", "")
    if named not in StaffRole.values:
        raise partners.Incomplete("role")
    ends = bool(request.POST.get("end"))
    deed: Callable[[Cause, int, StaffRole], object] = partners.dismiss if ends else partners.appoint
    said = _("Ended: %(role)s.") if ends else _("Given: %(role)s.")
    cause = edge.cause(request, CHANNEL)
    attempt_button(
        request,
        lambda: once(cause, lambda: deed(cause, person_id, StaffRole(named))),
        said % {"role": labels.role_label(named)},
    )
    return redirect("setup:person", person_id)


@require_POST
@staff_page(StaffRole.VENDOR)
def caps(request: HttpRequest, person_id: int) -> HttpResponse:
    """Set the most projects that a specialist may lead and cover."""
    form = CapsForm(request.POST)
    if not form.is_valid():
        raise partners.Incomplete("projects_max")
    found = form.cleaned_data
    cause = edge.cause(request, CHANNEL)
    most = found["projects_max"], found["covers_max"]
    attempt_button(
        request,
        lambda: once(cause, lambda: partners.set_caps(cause, person_id, *most)),
        _("Saved."),
    )
    return redirect("setup:person", person_id)


@require_POST
@staff_page(StaffRole.VENDOR)
def leave(request: HttpRequest, person_id: int) -> HttpResponse:
    """Let a person in no more, and end every role."""
    cause = edge.cause(request, CHANNEL)
    found = get_object_or_404(Person, pk=person_id)
    attempt_button(
        request,
        lambda: partners.deactivate(cause, person_id),
        _("%(name)s cannot sign in any more.") % {"name": found.name},
    )
    return redirect("setup:person", person_id)


@require_POST
@staff_page(StaffRole.VENDOR)
def let_back(request: HttpRequest, person_id: int) -> HttpResponse:
    """Let a person in again; roles have to be given anew."""
    found = partners.reactivate(edge.cause(request, CHANNEL), person_id)
    messages.success(request, _("%(name)s can sign in again. Give a role.") % {"name": found.name})
    return redirect("setup:person", person_id)
