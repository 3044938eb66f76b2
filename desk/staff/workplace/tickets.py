"""Tickets of the workplace: the page of one, how its deadline came about, the list, a new one."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from desk.knowledge import queries as knowledge
from desk.lib.files import FILE_BYTES_MAX, FileRefused
from desk.partners import queries as partners
from desk.staff.workplace import shown
from desk.staff.workplace.filing import FilingForm, submission
from desk.staff.workplace.roles import FILES_TICKETS, KNOWS_PROJECTS
from desk.tickets import actions, queries
from desk.tickets.actions import Incomplete
from desk.tickets.queries import Filter, Show
from desk.web import access, edge, present, refusals
from desk.web.access import staff_page
from desk.web.forms import Guard

SHOWN = (Show.OPEN, Show.MY_TURN, Show.DONE, Show.ALL)


@require_safe
@staff_page()
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """Conversation, clocks, parts, timer, dossier and all moves: one page."""
    person, known = edge.person(request), access.of(request)
    found = queries.by_number(person, number, known)
    view = queries.staff_view(found, person, edge.now(), known)
    context = {
        **shown.ticket(view, knowledge.dossier(found.project_id)),
        "bytes_max": FILE_BYTES_MAX,
        "sees_project": bool(known.staff & KNOWS_PROJECTS),
    }
    fragment = request.headers.get("HX-Request") and not request.headers.get("HX-Boosted")
    template = "workplace/ticket/body.html" if fragment else "workplace/ticket.html"
    return render(request, template, context)


@require_safe
@staff_page()
def clock(request: HttpRequest, number: str) -> HttpResponse:
    """Explain the clocks: every span, by whom and why (R11)."""
    person, known = edge.person(request), access.of(request)
    account = queries.explain(queries.by_number(person, number, known), person, edge.now(), known)
    clocks = [present.explanation(one, shown.SIDE) for one in account.clocks]
    context = {"account": account, "number": account.number, "clocks": clocks}
    return render(request, "workplace/clock.html", context)


@require_safe
@staff_page()
def index(request: HttpRequest) -> HttpResponse:
    """Find tickets: by words and numbers, or by who waits for whom."""
    person, known, at = edge.person(request), access.of(request), edge.now()
    text = request.GET.get("q", "").strip()
    context: dict[str, Any] = {"text": text, "may_file": bool(known.staff & FILES_TICKETS)}
    if text:
        context["rows"] = shown.rows(queries.search(person, text, at, known))
        return render(request, "workplace/tickets.html", context)
    chosen, mine = request.GET.get("show", Show.OPEN), request.GET.get("mine") == "1"
    show = Show(chosen) if chosen in SHOWN else Show.OPEN
    narrowed = Filter(show=show, executor_id=person.pk if mine else None)
    page = queries.list_of(person, narrowed, at, request.GET.get("cursor", ""), known)
    own = "&mine=1" if mine else ""
    context |= {
        "rows": shown.rows(page.lines),
        "older": f"?show={show}{own}&cursor={page.cursor}" if page.cursor else "",
        "tabs": _tabs(show, own),
        "whose": _whose(show, mine=mine),
    }
    return render(request, "workplace/tickets.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*FILES_TICKETS)
def new(request: HttpRequest) -> HttpResponse:
    """File a ticket on a partner's behalf: first the partner, then the rest of the form."""
    person = edge.person(request)
    offered = partners.visible_partners(person)
    chosen = offered.filter(pk=_id(request)).first()
    if chosen is None:
        return render(request, "workplace/new_partner.html", {"partners": offered})
    form = FilingForm(chosen.pk, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            filed = submission(form, chosen.pk, edge.stored_files(request))
            made = actions.submit(edge.cause(request, "workplace"), filed)
        except (Incomplete, FileRefused) as error:
            _beside(form, error)
        else:
            address = reverse("workplace:ticket", args=[queries.number(made)])
            return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"form": form, "partner": chosen, "guard": Guard(), "bytes_max": FILE_BYTES_MAX}
    return render(request, "workplace/new.html", context, status=status)


def _beside(form: FilingForm, error: Incomplete | FileRefused) -> None:
    found = refusals.sentence(error)
    assert found is not None, "these errors have a sentence"
    name = getattr(error, "field", None)
    form.add_error(name if name in form.fields else None, found[1])


def _id(request: HttpRequest) -> int:
    sent = request.GET.get("partner", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


def _tabs(show: Show, own: str) -> list[dict[str, Any]]:
    names = {
        Show.OPEN: _("Open"),
        Show.MY_TURN: _("The specialist's turn"),
        Show.DONE: _("Done"),
        Show.ALL: _("All"),
    }
    return [
        {"label": label, "url": f"?show={each}{own}", "current": each == show}
        for each, label in names.items()
    ]


def _whose(show: Show, *, mine: bool) -> list[dict[str, Any]]:
    return [
        {"label": _("Everybody's"), "url": f"?show={show}", "current": not mine},
        {"label": _("Mine"), "url": f"?show={show}&mine=1", "current": mine},
    ]
