"""Complaints of a partner: made, and what became of them. For partners alone: whom a complaint is
about must not learn of it by any way."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from desk.channels.api import calls, paging, submitting, whose
from desk.channels.api.calls import Call
from desk.channels.api.paging import Page, Paging
from desk.channels.api.routing import MADE, Area
from desk.channels.api.scopes import Scope
from desk.channels.api.shapes import Given, Id, Maybe, Shown, Words
from desk.channels.api.whose import Named, OfPartner, PartnerId
from desk.oversight.actions import complaints as actions
from desk.oversight.actions.complaints import COMPLAINS, TEXT_MAX, Complaining
from desk.oversight.models import Complaint
from desk.oversight.queries import complaints as queries
from desk.tickets import queries as tickets
from desk.tickets.actions import Incomplete
from desk.tickets.models import Ticket

NUMBER_MAX = 30
complaints = Area("complaints", "What a partner complains of, and the administrators' answers.")


class ComplaintCard(Shown):
    """A complaint, with its answer once there is one."""

    id: int
    partner_id: int
    ticket: str | None = Field(description="Null when it is about the service as a whole.")
    text: str
    raised_by: Named
    at: datetime
    due_at: datetime = Field(description="Until when an administrator answers.")
    answered_at: datetime | None
    answered_by: Named | None
    upheld: bool | None = Field(description="Null as long as there is no answer.")
    answer: Maybe
    clause: Maybe = Field(description="Number of the clause of the Standard that was followed.")
    redone: bool = Field(description="The work is done anew, free.")


class Complaints(Page[ComplaintCard]):
    """A page of complaints."""


class ComplaintsWanted(Paging):
    """Which complaints."""

    partner_id: PartnerId = None


class NewComplaint(Given):
    """A complaint that is made."""

    text: Words = Field(min_length=1, max_length=TEXT_MAX)
    ticket: Words | None = Field(
        None, max_length=NUMBER_MAX, description="Number of the ticket that it is about."
    )


@complaints.get("/complaints", Scope.TICKETS_READ, Complaints)
def list_complaints(request: HttpRequest, wanted: Query[ComplaintsWanted]) -> Complaints:
    """List the complaints.

    One's own; of a partner's owner all of the partner's. The latest first.
    """
    call = calls.of(request)
    partner_id = whose.partner_id(call, wanted.partner_id, tuple(COMPLAINS))
    place = paging.opened("complaints", wanted)
    rows = queries.visible_to(call.access).filter(partner=partner_id).order_by("-pk")
    if place:
        rows = rows.filter(pk__lt=int(str(place[0])))
    found = list(rows[: wanted.limit + 1])
    shown, cursor = paging.cut("complaints", wanted, found, lambda row: (row.pk,))
    return Complaints(items=[_card(row) for row in shown], next_cursor=cursor)


@complaints.post("/complaints", Scope.TICKETS_WRITE, ComplaintCard, MADE)
def complain(request: HttpRequest, body: NewComplaint, wanted: Query[OfPartner]) -> ComplaintCard:
    """Complain.

    To the administrators, never to whom it is about; they answer within the hours of the plan.
    """
    call = calls.of(request)
    partner_id = whose.partner_id(call, wanted.partner_id, tuple(COMPLAINS))
    ticket = _ticket(call, body.ticket, partner_id) if body.ticket else None
    asked = Complaining(partner_id, body.text, ticket.pk if ticket else None)
    row = actions.complain(call.cause(), asked)
    return _card(queries.visible_to(call.access).get(pk=row.pk))


@complaints.get("/complaints/{int:complaint_id}", Scope.TICKETS_READ, ComplaintCard)
def read_complaint(request: HttpRequest, complaint_id: Id) -> ComplaintCard:
    """Read one complaint."""
    known = calls.of(request).access
    if known.is_staff:
        raise PermissionDenied
    row = queries.visible_to(known).filter(pk=complaint_id).first()
    if row is None:
        raise ObjectDoesNotExist
    return _card(row)


def _ticket(call: Call, number: str, partner_id: int) -> Ticket:
    """Another partner's ticket is not told apart from none."""
    try:
        found = submitting.numbered(call, number)
    except ObjectDoesNotExist as error:
        raise Incomplete("ticket", "unknown") from error
    if found.partner_id != partner_id:
        raise Incomplete("ticket", "unknown")
    return found


def _card(row: Complaint) -> ComplaintCard:
    by = row.answered_by
    return ComplaintCard(
        id=row.pk,
        partner_id=row.partner_id,
        ticket=tickets.number(row.ticket) if row.ticket else None,
        text=row.text,
        raised_by=Named(id=row.raised_by_id, name=row.raised_by.name),
        at=row.at,
        due_at=row.due_at,
        answered_at=row.answered_at,
        answered_by=Named(id=by.pk, name=by.name) if by else None,
        upheld=row.upheld,
        answer=row.answer,
        clause=row.clause,
        redone=row.redone,
    )
