"""The first page of the cabinet in figures, and the time worked for a partner."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query
from pydantic import BaseModel, Field

from desk.channels.api import calls, problems, whose
from desk.channels.api.calls import Call
from desk.channels.api.routing import Area
from desk.channels.api.scopes import Scope
from desk.channels.api.shapes import Colleague, Moment, Shown
from desk.channels.api.ticket_shapes import TicketRow
from desk.channels.api.whose import Named, OfPartner
from desk.tickets import queries
from desk.workdays import queries as workdays

home = Area("home", "Whose turn is it, until when, and what was worked: the partner's overview.")

SPAN_MAX = timedelta(days=366)


class Manager(Shown):
    """Who leads and who covers some of the partner's projects."""

    lead: Colleague | None
    cover: Colleague | None
    projects: list[str]


class Overview(BaseModel):
    """The partner's overview."""

    partner_id: int
    partner: str
    my_turn_count: int = Field(description="Tickets that wait for the partner.")
    in_work_count: int = Field(description="Open tickets that wait for the desk.")
    my_turn: list[TicketRow]
    in_work: list[TicketRow]
    done: list[TicketRow] = Field(description="The latest that ended.")
    managers: list[Manager]
    consultations_available: int | None = Field(description="Null for who may not see the deposit.")
    deposit_days_left: int | None = Field(
        description="Working days that the deposit lasts at the usual pace; null: too early to say."
    )


class WorkWanted(OfPartner):
    """Which span: [since, until), at most 366 days; without them the 30 days before now."""

    since: Moment | None = None
    until: Moment | None = None


class Worked(BaseModel):
    """What one person worked on one ticket in the span."""

    ticket: str = Field(examples=["OLH-42"])
    subject: str
    person: Named
    seconds: int = Field(description="By the clock on the wall, not working time.")
    first_at: datetime
    last_at: datetime


class WorkRecord(BaseModel):
    """The time worked for the partner, the latest first."""

    since: datetime
    until: datetime
    seconds: int
    items: list[Worked]


@home.get("/home", Scope.TICKETS_READ, Overview)
def read_home(request: HttpRequest, wanted: Query[OfPartner]) -> Overview:
    """Read the overview.

    What the first page of the cabinet shows: whose turn it is, the personal managers, how long
    the deposit lasts.
    """
    call = calls.of(request)
    owned = whose.partner_id(call, wanted.partner_id)
    found = queries.home(call.person, call.at, owned, call.access)
    assert found is not None, "who has a role with the partner has a home"
    deposit = found.deposit
    return Overview(
        partner_id=found.partner_id,
        partner=found.partner_name,
        my_turn_count=len(found.my_turn),
        in_work_count=len(found.in_work),
        my_turn=[TicketRow.model_validate(line) for line in found.my_turn],
        in_work=[TicketRow.model_validate(line) for line in found.in_work],
        done=[TicketRow.model_validate(line) for line in found.done],
        managers=[Manager.model_validate(one) for one in found.managers],
        consultations_available=deposit.balance.consultations_available if deposit else None,
        deposit_days_left=deposit.days_left if deposit else None,
    )


@home.get("/work", Scope.TICKETS_READ, WorkRecord)
def read_work(request: HttpRequest, wanted: Query[WorkWanted]) -> WorkRecord:
    """Read the time that our people worked for the partner, by ticket and person.

    Of the tickets that the token's person may see.
    """
    call = calls.of(request)
    owned = whose.partner_id(call, wanted.partner_id)
    since, until = _span(call, wanted)
    rows = _worked(call, owned, since, until)
    return WorkRecord(
        since=since, until=until, seconds=sum(row.seconds for row in rows), items=rows
    )


def _span(call: Call, wanted: WorkWanted) -> tuple[datetime, datetime]:
    until = min(wanted.until or call.at, call.at)
    since = wanted.since or until - timedelta(days=30)
    if not timedelta(0) <= until - since <= SPAN_MAX:
        said = _("The span ends before it begins, or is longer than a year.")
        raise problems.invalid([("since", "out_of_range", said)])
    return since, until


def _worked(call: Call, owned: int, since: datetime, until: datetime) -> list[Worked]:
    sums: dict[tuple[int, int], list[workdays.OnRecord]] = defaultdict(list)
    for one in workdays.on_record(owned, since, until):
        kind, _sep, number = one.subject.partition("/")[0].partition(":")
        if kind == "ticket" and number.isdigit():
            sums[int(number), one.person_id].append(one)
    visible = queries.visible_to(call.person, call.access).select_related("partner")
    tickets = visible.in_bulk({ticket_id for ticket_id, _person in sums})
    return [
        Worked(
            ticket=queries.number(tickets[ticket_id]),
            subject=tickets[ticket_id].subject,
            person=Named(id=person_id, name=found[0].person),
            seconds=sum(one.seconds for one in found),
            first_at=min(one.first_at for one in found),
            last_at=max(one.last_at for one in found),
        )
        for (ticket_id, person_id), found in sums.items()
        if ticket_id in tickets
    ]
