"""Tickets: lists, one of them with all that belongs to it, and new ones."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from desk.channels.api import calls, paging, shapes, ticket_shapes
from desk.channels.api.calls import Call
from desk.channels.api.paging import Paging
from desk.channels.api.routing import CREATED, OK, Answer, Area, Says
from desk.channels.api.scopes import Scope
from desk.channels.api.shapes import ClockAccounts, Files, Given, History, Id, Messages, Words
from desk.channels.api.submitting import EXTERNAL_ID_MAX, NewTicket, numbered, submit
from desk.channels.api.ticket_shapes import Part, Parts, TicketPage, TicketRow, Tickets
from desk.channels.api.ticket_shapes import Ticket as TicketShape
from desk.rules.lifecycle import State, Type
from desk.tickets import queries
from desk.tickets.models import Ticket
from desk.tickets.queries import Filter, PartnerView, Show

tickets = Area("tickets", "Submitting tickets, and reading them.")

SEARCH_MAX = 100
NEEDED = (
    "partner",
    "project",
    "plan_version",
    "calendar_version__calendar",
    "executor",
    "author",
)
Number = Annotated[str, Field(max_length=20, description="The ticket's number: `OLH-42`.")]


class TicketsWanted(Paging):
    """Which tickets."""

    show: Show = Field(Show.ALL, description="`open` of one partner: in the partner's own order.")
    partner_id: Id | None = None
    project_id: Id | None = None
    executor_id: Id | None = None
    state: State | None = None
    type: Type | None = None
    mine: bool = Field(default=False, description="Only those that the token's person wrote.")
    external_id: Words | None = Field(None, max_length=EXTERNAL_ID_MAX)


class Search(Given):
    """What is looked for."""

    q: Words = Field(max_length=SEARCH_MAX, description="A number, or words of the subject.")


@tickets.get("/tickets", Scope.TICKETS_READ, TicketPage)
def list_tickets(request: HttpRequest, wanted: Query[TicketsWanted]) -> TicketPage:
    """List tickets.

    All that the token's person may know of, the newest first.
    """
    call, place = calls.of(request), paging.opened("tickets", wanted)
    narrowed = Filter(
        show=wanted.show,
        partner_id=wanted.partner_id,
        project_id=wanted.project_id,
        executor_id=wanted.executor_id,
        state=wanted.state or "",
        type=wanted.type or "",
        mine=wanted.mine,
        external_id=wanted.external_id,
        limit=wanted.limit,
    )
    cursor = str(place[0]) if place else ""
    found = queries.list_of(call.person, narrowed, call.at, cursor, call.access)
    return TicketPage(
        items=[TicketRow.model_validate(line) for line in found.lines],
        next_cursor=paging.sealed("tickets", wanted, [found.cursor]) if found.cursor else None,
    )


@tickets.get("/tickets/search", Scope.TICKETS_READ, Tickets)
def search_tickets(request: HttpRequest, wanted: Query[Search]) -> Tickets:
    """Search tickets.

    The 20 best matches by number, words of the subject, partner or project.
    """
    call = calls.of(request)
    found = queries.search(call.person, wanted.q, call.at, call.access)
    return Tickets(items=[TicketRow.model_validate(line) for line in found])


@tickets.post(
    "/tickets", Scope.TICKETS_WRITE, TicketShape, Says(status=CREATED, also={OK: TicketShape})
)
def submit_ticket(request: HttpRequest, body: NewTicket) -> Answer:
    """Submit a ticket.

    The acceptance clock runs from this call. 201 for a new ticket; 200 for the first one when
    the same `external_id` was submitted before.
    """
    call = calls.of(request)
    made = submit(call, body)
    if made.rows is None:
        return shown(call, again(call, made.ticket.pk))
    if call.access.is_staff or made.rows.has_files:
        return shown(call, made.ticket, CREATED)
    # What was just written has all that a partner's view needs: nothing is read again.
    view = queries.fresh_view(made.rows, call.at, call.access)
    return _answer(view, made.ticket, CREATED)


@tickets.get("/tickets/{number}", Scope.TICKETS_READ, TicketShape)
def read_ticket(request: HttpRequest, number: Number) -> Answer:
    """Read a ticket.

    The `ETag` is its version: send it as `If-Match` to be refused when it has changed since.
    """
    call = calls.of(request)
    return shown(call, numbered(call, number))


@tickets.get("/tickets/{number}/messages", Scope.TICKETS_READ, Messages)
def list_messages(request: HttpRequest, number: Number) -> Messages:
    """Read the conversation."""
    found = _view(request, number)
    items = [ticket_shapes.message(one) for one in found.messages]
    return Messages(items=items, is_cut=found.messages_cut)


@tickets.get("/tickets/{number}/history", Scope.TICKETS_READ, History)
def list_history(request: HttpRequest, number: Number) -> History:
    """Read the history.

    Every move: who, when, by which channel.
    """
    found = _view(request, number)
    return History(items=[shapes.Event.model_validate(one) for one in found.history])


@tickets.get("/tickets/{number}/parts", Scope.TICKETS_READ, Parts)
def list_parts(request: HttpRequest, number: Number) -> Parts:
    """List the parts."""
    found = _view(request, number)
    return Parts(items=[Part.model_validate(one) for one in found.parts])


@tickets.get("/tickets/{number}/files", Scope.TICKETS_READ, Files)
def list_files(request: HttpRequest, number: Number) -> Files:
    """List the files."""
    found = _view(request, number)
    return Files(items=[ticket_shapes.file(one) for one in found.files])


@tickets.get("/tickets/{number}/clock", Scope.TICKETS_READ, ClockAccounts)
def explain_clock(request: HttpRequest, number: Number) -> ClockAccounts:
    """Explain the clock.

    Every running and paused span, by whom, why, and the sum; and all that moved the deadline.
    """
    call = calls.of(request)
    found = numbered(call, number)
    told = queries.explain(found, call.person, call.at, call.access)
    view = view_of(call, found)
    return ClockAccounts(
        number=told.number,
        at=told.at,
        clocks=[shapes.Account.model_validate(one) for one in told.clocks],
        moves=[shapes.Move.model_validate(one) for one in view.moves],
    )


def shown(call: Call, found: Ticket, status: int = OK) -> Answer:
    """A ticket as the caller may know it, with its version and its address."""
    return _answer(view_of(call, found), found, status)


def _answer(view: PartnerView, found: Ticket, status: int) -> Answer:
    value = ticket_shapes.ticket(view, found.external_id)
    headers = {"ETag": f'"{found.version}"'}
    if status == CREATED:
        headers["Location"] = f"/api/v1/tickets/{value.number}"
    return Answer(value, headers, status)


def view_of(call: Call, found: Ticket) -> PartnerView:
    """What the caller may know of a ticket: the one view of partners, or our own people's."""
    if call.access.is_staff:
        return queries.staff_view(found, call.person, call.at, call.access)
    return queries.partner_view(found, call.person, call.at, call.access)


def again(call: Call, ticket_id: int) -> Ticket:
    """A ticket after a deed, with all that a view needs."""
    return queries.visible_to(call.person, call.access).select_related(*NEEDED).get(pk=ticket_id)


def _view(request: HttpRequest, number: str) -> PartnerView:
    call = calls.of(request)
    return view_of(call, numbered(call, number))
