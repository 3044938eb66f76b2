"""A partner's tickets: the list, a new one, and the page of one."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.channels.cabinet import calendars, page, redirects, shown
from desk.channels.cabinet.navigation import PAYS
from desk.deposits import queries as deposits
from desk.lib.files import FILE_BYTES_MAX, FileRefused
from desk.oversight.actions.complaints import COMPLAINS
from desk.partners import queries as partners
from desk.partners.models import PartnerRole
from desk.rules.lifecycle import State
from desk.tickets import actions, queries
from desk.tickets.actions import Incomplete, Submission
from desk.tickets.models import Ticket
from desk.tickets.queries import Show
from desk.web import access, edge, present, refusals
from desk.web.access import partner_page
from desk.web.forms import Guard


@require_safe
@partner_page()
def index(request: HttpRequest) -> HttpResponse:
    """The partner's tickets, the open ones in the partner's own order."""
    wanted, cursor = shown.narrowed(request), request.GET.get("cursor", "")
    found = queries.list_of(edge.person(request), wanted, edge.now(), cursor, access.of(request))
    mine = "&mine=1" if wanted.mine else ""
    address = f"?show={wanted.show}{mine}"
    context = {
        "rows": [shown.row(line) for line in found.lines],
        "older": f"{address}&cursor={found.cursor}" if found.cursor else "",
        "newest": address if cursor else "",
        "tabs": shown.tabs(wanted.show, mine),
        "show": wanted.show,
        "mine": wanted.mine,
        "may_submit": shown.may_submit(request),
        "may_order": shown.may_order(request) and wanted.show == Show.OPEN and not wanted.mine,
        "guard": Guard(),
        "live": f"partner:{wanted.partner_id}",
    }
    return render(request, "cabinet/tickets.html", context)


@require_POST
@partner_page(PartnerRole.OWNER)
def order(request: HttpRequest) -> HttpResponse:
    """The owner moves a ticket one place up or down in the partner's own queue."""
    person, number = edge.person(request), request.POST.get("number", "")
    ticket = queries.by_number(person, number, access.of(request))
    up = request.POST.get("direction") == "up"
    actions.put_in_order(edge.cause(request, "cabinet"), ticket.pk, up=up)
    return redirects.to("cabinet:tickets")


@partner_page(*shown.SUBMITTERS)
def new(request: HttpRequest) -> HttpResponse:
    """Submit a ticket: subject, text, project, files; a claim that it is critical."""
    if request.method != "POST":
        return _form(request, {"project": request.GET.get("project", "")})
    try:
        ticket = _submitted(request, _submission(request))
    except (Incomplete, FileRefused) as error:
        return _form(request, request.POST.dict(), error)
    said = _("Submitted as %(number)s.") % {"number": queries.number(ticket)}
    messages.success(request, said)
    return redirects.to("cabinet:ticket", queries.number(ticket))


def _submitted(request: HttpRequest, submission: Submission) -> Ticket:
    """The new ticket; the same words sent again by way of "back" are the ticket they made."""
    cause = edge.cause(request, "cabinet")
    project, subject, text = submission.project_id, submission.subject, submission.text
    twin = None
    if submission.author_id is not None and not submission.files:
        twin = queries.twin(submission.author_id, project, subject, text, cause.at)
    return twin or actions.submit(cause, submission)


@require_safe
@partner_page()
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """State and turn, count-down, parts, conversation, cost: one page."""
    person, known = edge.person(request), access.of(request)
    found = queries.by_number(person, number, known)
    view = queries.partner_view(found, person, edge.now(), known)
    fragment = request.headers.get("HX-Request") and not request.headers.get("HX-Boosted")
    template = "cabinet/ticket/body.html" if fragment else "cabinet/ticket.html"
    sees_deposit = access.partner_role(request) in PAYS
    context = page.ticket(view, sees_deposit=sees_deposit)
    context["may_complain"] = access.partner_role(request) in COMPLAINS
    if sees_deposit and found.state in (State.AWAITING_DEPOSIT, State.AWAITING_APPROVAL):
        context["available"] = page.available(found.type, deposits.balance(found.partner_id))
    return render(request, template, {**context, "bytes_max": FILE_BYTES_MAX})


@require_safe
@partner_page()
def clock(request: HttpRequest, number: str) -> HttpResponse:
    """Explain the clock: how the deadline came about (R11)."""
    person, known = edge.person(request), access.of(request)
    found = queries.by_number(person, number, known)
    told = queries.explain(found, person, edge.now(), known)
    context = {
        "told": told,
        "clocks": [present.explanation(one) for one in told.clocks],
        "hours": calendars.text(told.calendar),
    }
    return render(request, "cabinet/clock.html", context)


def _submission(request: HttpRequest) -> Submission:
    sent = request.POST
    project_id = shown.number(sent.get("project", ""))
    if project_id is None:
        raise Incomplete("project", "missing")
    return Submission(
        partner_id=access.partner_id(request),
        project_id=project_id,
        subject=sent.get("subject", ""),
        text=sent.get("text", ""),
        author_id=edge.person(request).pk,
        critical_claim=bool(sent.get("critical_claim")),
        wanted_by_on=_day(sent.get("wanted_by_on", "")),
        files=edge.stored_files(request),
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Incomplete("wanted_by_on", "not_ahead") from None


def _form(
    request: HttpRequest, sent: dict[str, str], error: Exception | None = None
) -> HttpResponse:
    refused = refusals.sentence(error) if error else None
    status, said = refused or (200, "")
    partner_id, at = access.partner_id(request), edge.now()
    plan = partners.partner_plan(partner_id, at)
    calendar = partners.calendar_version(plan.calendar_id, at).value()
    context = {
        "projects": partners.projects_open(partner_id),
        "chosen": shown.number(sent.get("project", "")) or _latest_project(request),
        "sent": sent,
        "error": said,
        "error_field": getattr(error, "field", "files" if error else ""),
        "hours": calendars.text_at(calendar, at),
        "terms": plan.value(),
        "guard": Guard(),
        "bytes_max": FILE_BYTES_MAX,
    }
    return render(request, "cabinet/new.html", context, status=int(status))


def _latest_project(request: HttpRequest) -> int | None:
    """The project of the last ticket that the reader wrote, most likely meant again."""
    person = edge.person(request)
    own = queries.visible_to(person, access.of(request)).filter(
        partner_id=access.partner_id(request), author=person
    )
    return own.order_by("-pk").values_list("project_id", flat=True).first()
