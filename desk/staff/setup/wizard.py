"""The wizard's further steps, one page each: resumable, any order, each may be left for later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from desk.oversight.queries import editions
from desk.partners import actions as partners
from desk.partners import queries
from desk.partners.models import Partner, PartnerRole, ProjectState, StaffRole
from desk.rules.promises import Terms
from desk.staff.setup import companies, people, shown, steps, terms, weekgrid
from desk.staff.setup.forms import FirstPartnerForm, PlanForm
from desk.web import edge
from desk.web.access import staff_page
from desk.web.attempts import attempt
from desk.web.forms import DeskForm, Guards

CHANNEL = "setup"
Context = dict[str, Any]


@never_cache
@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.VENDOR)
def step(request: HttpRequest, name: str) -> HttpResponse:
    """The page of one step."""
    if name not in PAGES:
        raise Http404
    return PAGES[name](request)


def _around(name: str) -> Context:
    """What every step shows: where it stands, the way back and on."""
    return {
        "steps": steps.shown(name),
        "number": steps.NAMES.index(name) + 2,
        "total": len(steps.NAMES) + 1,
        "step_label": str(steps.LABELS[name]),
        "next_url": steps.following(name),
        "back_url": steps.preceding(name),
        "guard": Guards(),
    }


def _form_step(
    request: HttpRequest, name: str, form: DeskForm, deed: Callable[[], object]
) -> HttpResponse:
    """A step that is one form: done, it goes on to the next."""
    status = None
    if request.method == "POST":
        status = attempt(form, deed)
        if status is None:
            return HttpResponseRedirect(steps.following(name))
    context = {"form": form, **_around(name)}
    return render(request, f"setup/first_run/{name}.html", context, status=status)


def calendar(request: HttpRequest) -> HttpResponse:
    """The service calendar; once there is one, the page shows it and goes on."""
    organisation = queries.organisation()
    if organisation is not None and organisation.calendar is not None:
        return _there(request, "calendar", organisation.calendar.name, "setup:plans")
    zone = organisation.timezone if organisation else settings.TIME_ZONE
    initial = weekgrid.initial(_("Working hours"), None, zone)
    form = weekgrid.CalendarForm(request.POST or None, initial=initial)

    def add() -> None:
        cause = edge.cause(request, CHANNEL)
        partners.add_calendar(cause, form.cleaned_data["name"], form.content())

    return _form_step(request, "calendar", form, add)


def plan(request: HttpRequest) -> HttpResponse:
    """The plan and its price."""
    first = queries.plans().first()
    if first is not None:
        return _there(request, "plan", first.name, "setup:plans")
    calendars = shown.calendar_choices()
    if not calendars:
        return _needs(request, "plan", "calendar", _("A plan needs working hours first."))
    initial = {"name": "Partner Support Manager", **terms.initial(Terms())}
    form = PlanForm(request.POST or None, calendars=calendars, initial=initial)

    def add() -> None:
        found = form.cleaned_data
        cause = edge.cause(request, CHANNEL)
        partners.add_plan(cause, found["name"], found["calendar"], form.terms())

    return _form_step(request, "plan", form, add)


def team(request: HttpRequest) -> HttpResponse:
    """Specialists, administrators, production and accountant: as many as are known by now."""
    template = "setup/first_run/people.html"
    return people.board(request, template, steps.url("people"), _around("people"))


def partner(request: HttpRequest) -> HttpResponse:
    """The first partner with a project and its owner."""
    first = Partner.objects.order_by("pk").first()
    if first is not None:
        invited = shown.invitations(first.pk, edge.now())
        return _there(request, "partner", first.name, "setup:partners", invitations=invited)
    plans = shown.plan_choices()
    if not plans:
        return _needs(request, "partner", "plan", _("A partner needs a plan first."))
    organisation = queries.organisation()
    initial = {
        "language": organisation.language if organisation else "uk",
        "timezone": organisation.timezone if organisation else queries.DEFAULT_ZONE,
        "credit": 0,
    }
    form = FirstPartnerForm(request.POST or None, plans=plans, initial=initial)
    status = None
    if request.method == "POST":
        status = attempt(form, lambda: _enrol(request, form))
        if status is None:
            return redirect("setup:step", "partner")
    context = {"form": form, **_around("partner")}
    return render(request, "setup/first_run/partner.html", context, status=status)


def _enrol(request: HttpRequest, form: FirstPartnerForm) -> None:
    """Company, project and the owner's invitation: all or none, once."""
    found = form.cleaned_data
    cause = edge.cause(request, CHANNEL)
    project_cause = replace(cause, key=f"{cause.key}:project")
    invite_cause = replace(cause, key=f"{cause.key}:invite")
    with transaction.atomic():
        made = partners.enrol_partner(cause, found["code"], companies.enrolment(form))
        partners.add_project(project_cause, made.pk, found["project"], found["client"], "")
        invited = partners.Invited(
            found["email"], PartnerRole.OWNER, made.pk, found["owner"], found["language"]
        )
        partners.invite(invite_cause, invited)


def lead(request: HttpRequest) -> HttpResponse:
    """Who leads and who covers the first projects."""
    first = Partner.objects.order_by("pk").first()
    if first is None:
        return _needs(request, "lead", "partner", _("There is no project to lead yet."))
    if not shown.specialists():
        text = _("Nobody is a specialist yet: who is invited becomes one on accepting.")
        return _needs(request, "lead", "people", text)
    projects = [one for one in shown.projects(first.pk) if one["state"] != ProjectState.ARCHIVED]
    context = {
        "partner": first,
        "projects": projects,
        "specialists": shown.specialists(),
        "here": steps.url("lead"),
        **_around("lead"),
    }
    return render(request, "setup/first_run/lead.html", context)


def mail(request: HttpRequest) -> HttpResponse:
    """Whether mail goes out, and a letter to oneself to see it."""
    if request.method == "POST":
        _try_mail(request)
        return redirect("setup:step", "mail")
    context = {
        "goes_out": settings.MAIL_GOES_OUT,
        "host": getattr(settings, "EMAIL_HOST", "") if settings.MAIL_GOES_OUT else "",
        "sender": settings.DEFAULT_FROM_EMAIL,
        "folder": str(settings.EMAIL_FILE_PATH),
        "email": edge.person(request).email,
        **_around("mail"),
    }
    return render(request, "setup/first_run/mail.html", context)


def _try_mail(request: HttpRequest) -> None:
    person = edge.person(request)
    subject = _("Partner Desk: a test of outgoing mail")
    body = _("This letter shows that the desk can send mail.")
    try:
        EmailMessage(subject, body, to=[person.email]).send()
    except OSError as error:
        messages.error(
            request,
            _("The mail server refused: %(why)s. Check DESK_SMTP_URL.") % {"why": error},
        )
    else:
        messages.success(request, _("A letter to %(email)s was sent.") % {"email": person.email})


def standard(request: HttpRequest) -> HttpResponse:
    """The first edition of the Standard: read and published on its own page."""
    first = editions.published().first()
    if first is not None:
        return _there(request, "standard", first.title, "editions:index")
    return render(request, "setup/first_run/standard.html", _around("standard"))


def done(request: HttpRequest) -> HttpResponse:
    """What is set up, what was left for later, and where to go."""
    return render(request, "setup/first_run/done.html", _around("done"))


def _there(
    request: HttpRequest, name: str, found: str, manage: str, **extra: object
) -> HttpResponse:
    """A step that has been done: what is there, the way on, and where to change it."""
    context = {"found": found, "manage": manage, **extra, **_around(name)}
    return render(request, "setup/first_run/there.html", context)


def _needs(request: HttpRequest, name: str, before: str, sentence: str) -> HttpResponse:
    """A step that another one has to come before."""
    context = {
        "sentence": sentence,
        "before": {"label": str(steps.LABELS[before]), "url": steps.url(before)},
        **_around(name),
    }
    return render(request, "setup/first_run/needs.html", context)


PAGES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "calendar": calendar,
    "plan": plan,
    "people": team,
    "partner": partner,
    "lead": lead,
    "mail": mail,
    "standard": standard,
    "done": done,
}
