"""A partner's tickets: the list, a new one, and the page of one."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from desk.channels.cabinet import shown
from desk.lib.files import FILE_BYTES_MAX, FileRefused
from desk.partners import queries as partners
from desk.partners.models import PartnerRole
from desk.tickets import actions, queries
from desk.tickets.actions import Incomplete, Submission
from desk.tickets.queries import Filter, Show
from desk.web import access, edge, present, refusals
from desk.web.access import partner_page
from desk.web.forms import Guard

SHOWN = (Show.OPEN, Show.MY_TURN, Show.DONE, Show.ALL)


@require_GET
@partner_page()
def index(request: HttpRequest) -> HttpResponse:
    """All tickets of the partner, the open ones in the partner's own order."""
    chosen = request.GET.get("show", Show.OPEN)
    show = Show(chosen) if chosen in SHOWN else Show.OPEN
    narrowed = Filter(show=show, partner_id=access.partner_id(request))
    cursor = request.GET.get("cursor", "")
    page = queries.list_of(edge.person(request), narrowed, edge.now(), cursor, access.of(request))
    context = {
        "rows": [shown.row(line) for line in page.lines],
        "older": f"?show={show}&cursor={page.cursor}" if page.cursor else "",
        "show": show,
        "tabs": shown.tabs(show),
        "may_submit": shown.may_submit(request),
        "may_order": shown.may_order(request) and show == Show.OPEN,
        "guard": Guard(),
    }
    return render(request, "cabinet/tickets.html", context)


@require_POST
@partner_page(PartnerRole.OWNER)
def order(request: HttpRequest) -> HttpResponse:
    """The owner puts a ticket before another one in the partner's own queue."""
    ticket = queries.by_number(edge.person(request), request.POST.get("number", ""))
    cause = edge.cause(request, "cabinet")
    actions.put_in_order(cause, ticket.pk, up=request.POST.get("direction") == "up")
    return HttpResponseRedirect(reverse("cabinet:tickets"))


@partner_page(PartnerRole.OWNER, PartnerRole.MEMBER)
def new(request: HttpRequest) -> HttpResponse:
    """Submit a ticket: subject, text, project, files; a claim that it is critical."""
    if request.method != "POST":
        return _form(request, {})
    try:
        ticket = actions.submit(edge.cause(request, "cabinet"), _submission(request))
    except (Incomplete, FileRefused) as error:
        return _form(request, request.POST.dict(), error)
    return HttpResponseRedirect(reverse("cabinet:ticket", args=[queries.number(ticket)]))


@require_GET
@partner_page()
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """State and turn, count-down, parts, conversation, cost: one page."""
    person, known = edge.person(request), access.of(request)
    found = queries.by_number(person, number, known)
    view = queries.partner_view(found, person, edge.now(), known)
    template = "cabinet/ticket.html"
    if request.headers.get("HX-Request") and not request.headers.get("HX-Boosted"):
        template = "cabinet/ticket/body.html"
    return render(request, template, {**shown.ticket(view), "bytes_max": FILE_BYTES_MAX})


@require_GET
@partner_page()
def clock(request: HttpRequest, number: str) -> HttpResponse:
    """Explain the clock: how the deadline came about (R11)."""
    person, known = edge.person(request), access.of(request)
    found = queries.by_number(person, number, known)
    account = queries.explain(found, person, edge.now(), known)
    context = {
        "account": account,
        "number": number,
        "clocks": [present.explanation(one) for one in account.clocks],
        "calendar": shown.hours_text(account.calendar),
        "guard": Guard(),
    }
    return render(request, "cabinet/clock.html", context)


def _submission(request: HttpRequest) -> Submission:
    sent = request.POST
    project = sent.get("project", "")
    if not (project.isascii() and project.isdigit()):
        raise Incomplete("project", "missing")
    return Submission(
        partner_id=access.partner_id(request),
        project_id=int(project),
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
    context = {
        "projects": partners.projects_open(access.partner_id(request)),
        "sent": sent,
        "error": said,
        "error_field": getattr(error, "field", "files" if error else ""),
        "guard": Guard(),
        "bytes_max": FILE_BYTES_MAX,
    }
    return render(request, "cabinet/new.html", context, status=int(status))


def page_of(number: str) -> HttpResponseBase:
    """Back to the ticket after a move."""
    response = HttpResponseRedirect(reverse("cabinet:ticket", args=[number]))
    response.status_code = 303
    return response
