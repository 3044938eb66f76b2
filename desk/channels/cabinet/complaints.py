"""A partner's complaints: to the administrators, never to whom they are about."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from desk.channels.cabinet import redirects
from desk.oversight.actions import complaints as actions
from desk.oversight.actions.complaints import COMPLAINS, Complaining
from desk.oversight.models import Complaint
from desk.oversight.queries import complaints as queries
from desk.oversight.queries import editions
from desk.partners import queries as partners
from desk.tickets import queries as tickets
from desk.tickets.actions import Incomplete
from desk.tickets.models import Ticket
from desk.web import access, edge, formats, inputs
from desk.web.access import partner_page
from desk.web.forms import Guard

Context = dict[str, Any]
TICKETS_MAX = 50
COMPLAINTS_MAX = 100
NUMBER_DIGITS_MAX = 9


@require_http_methods(["GET", "HEAD", "POST"])
@partner_page(*COMPLAINS)
def complaints(request: HttpRequest) -> HttpResponse:
    """One's own complaints with what became of them, the owner's view of all, and a new one."""
    if request.method != "POST":
        return _page(request, request.GET.get("ticket", ""))
    number, text = request.POST.get("ticket", ""), request.POST.get("text", "")
    person, partner_id = edge.person(request), access.partner_id(request)
    ticket = tickets.by_number(person, number, access.of(request)) if number else None
    asked = Complaining(partner_id, text, ticket.pk if ticket else None)
    try:
        row = actions.complain(edge.cause(request, "cabinet"), asked)
    except Incomplete as error:
        return _page(request, number, text, inputs.shortcoming(error.field, error.why))
    said = _("We have your complaint. An administrator answers by %(moment)s.")
    messages.success(request, said % {"moment": formats.moment(row.due_at)})
    return redirects.to("cabinet:complaints")


def _page(request: HttpRequest, number: str, text: str = "", error: str = "") -> HttpResponse:
    known, at = access.of(request), edge.now()
    partner_id = access.partner_id(request)
    rows = queries.visible_to(known).filter(partner=partner_id)[:COMPLAINTS_MAX]
    own = tickets.visible_to(edge.person(request), known).filter(partner=partner_id)
    context = {
        "complaints": [_shown(row, at) for row in rows],
        "tickets": _choices(own.select_related("partner"), number),
        "chosen": number,
        "text": text,
        "answer_seconds": partners.partner_plan(partner_id, at).value().doubt_seconds,
        "error": error,
        "guard": Guard(),
        "person_id": known.person_id,
    }
    return render(request, "cabinet/complaints.html", context, status=422 if error else 200)


def _choices(own: QuerySet[Ticket], number: str) -> list[tuple[str, str]]:
    """The latest tickets to choose from, and the one that the address names if it is theirs."""
    rows = list(own.order_by("-pk")[:TICKETS_MAX])
    code, _dash, tail = number.rpartition("-")
    if tail.isascii() and tail.isdigit() and len(tail) <= NUMBER_DIGITS_MAX:
        named = own.filter(number=int(tail), partner__code=code).first()
        rows += [named] if named is not None and named not in rows else []
    return [(tickets.number(row), f"{tickets.number(row)} {row.subject}") for row in rows]


def _shown(row: Complaint, at: datetime) -> Context:
    number = tickets.number(row.ticket) if row.ticket else ""
    return {
        "id": row.pk,
        "number": number,
        "subject": row.ticket.subject if row.ticket else "",
        "url": reverse("cabinet:ticket", args=[number]) if number else "",
        "by": row.raised_by.name,
        "text": row.text,
        "at": row.at,
        "due_at": row.due_at,
        "late": row.answered_at is None and at > row.due_at,
        "answered_at": row.answered_at,
        "answered_by": row.answered_by.name if row.answered_by else "",
        "upheld": row.upheld,
        "answer": row.answer,
        "clause": row.clause,
        "clause_text": _clause_text(row),
        "redone": row.redone,
    }


def _clause_text(row: Complaint) -> str:
    """The clause that was followed, in the reader's language."""
    edition = editions.at(row.answered_at) if row.answered_at else None
    clause = edition.rules.clause(row.clause) if edition else None
    if clause is None:
        return ""
    return clause.texts.get(str(get_language())) or clause.texts.get("en", "")
