"""Calls, whom to call back and lines in the words of the pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import phonenumbers
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from desk.channels import addresses
from desk.channels.phone import callers, spoken
from desk.channels.phone.actions.callbacks import ADMINISTRATORS, DUE_SECONDS
from desk.channels.phone.fold import CallState
from desk.channels.phone.models import Call, CallBack, Line
from desk.knowledge import queries as knowledge
from desk.partners import queries as partners
from desk.partners.models import Person, Project
from desk.rules.worktime import Calendar as WorkCalendar
from desk.rules.worktime import instant, microseconds
from desk.tickets import queries as tickets
from desk.tickets.models import Ticket
from desk.tickets.queries import Access, Filter, Show
from desk.web import deadlines, formats, present

Context = dict[str, Any]
TICKETS_MAX = 3
DOSSIERS_MAX = 5
AHEAD = timedelta(days=2)
TONES = {
    CallState.RINGING: "soon",
    CallState.ANSWERED: "calm",
    CallState.MISSED: "late",
    CallState.ENDED: "",
}
Decision = Call.Decision


def number(phone: str) -> str:
    """A number as people read it; a hidden one in words."""
    if not phone:
        return _("hidden number")
    parsed = phonenumbers.parse(phone)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def row(found: Call) -> Context:
    """A call in a list."""
    return {
        "id": found.pk,
        "url": reverse("calls:call", args=[found.pk]),
        "who": who(found),
        "number": number(found.phone),
        "phone": found.phone,
        "partner": found.partner.name if found.partner else "",
        "line": found.line.name,
        "at": found.started_at,
        "outgoing": found.outgoing,
        "state": state(found),
        "tone": TONES[CallState(found.state)],
        "seconds": talked_seconds(found),
        "decision": decision(found),
        "ticket": _ticket(found),
        "duty": found.duty.name if found.duty else _("the administrators"),
    }


def who(found: Call) -> str:
    """Who it is, as far as that is known."""
    if found.person is not None:
        return found.person.name
    if found.partner is not None:
        return found.partner.name
    return _("Unknown number") if found.phone else _("Hidden number")


def state(found: Call) -> str:
    """Where a call is, in words."""
    match found.state:
        case CallState.RINGING:
            return _("rings")
        case CallState.ANSWERED:
            return _("on the line")
        case CallState.MISSED:
            return pgettext("call", "missed")
    return _("ended") if found.answered_at else _("not reached")


def decision(found: Call) -> str:
    """What was decided, in words; "" when nothing was."""
    match found.decision:
        case Decision.CRITICAL:
            return _("critical")
        case Decision.NOT_CRITICAL:
            return _("not critical, filed") if found.ticket_id else _("not critical")
    return ""


def talked_seconds(found: Call) -> int | None:
    """How long they talked; None when they did not, or still do."""
    if found.answered_at is None or found.ended_at is None:
        return None
    return round((found.ended_at - found.answered_at).total_seconds())


def card(found: Call, reader: Person, known: Access, at: datetime) -> Context:
    """What is known of a caller before anybody picks up: dossier, open tickets."""
    projects, waiting = _projects(found), spoken.confirmable(found, reader.pk, at)
    return {
        **row(found),
        "rings": found.state == CallState.RINGING,
        "known": found.partner is not None,
        "position": found.person.position if found.person else "",
        "projects": [
            {"name": one.name, "client": one.client, "dossier": knowledge.dossier(one.pk)}
            for one in projects[:DOSSIERS_MAX]
        ],
        "tickets": _open_tickets(found, reader, known, at),
        "confirmable": [_confirmable(found, one) for one in waiting],
        "may_open": bool(projects) and not found.decision and found.ticket_id is None,
    }


def callbacks(found: Sequence[CallBack], at: datetime) -> list[Context]:
    """Whom to call back; each calendar is looked up once."""
    calendars: dict[tuple[int, int | None], WorkCalendar | None] = {}
    for one in found:
        if (one.line_id, one.partner_id) not in calendars:
            hours = callers.hours(one.line, one.partner_id, one.since_at)
            calendars[one.line_id, one.partner_id] = hours
    return [callback(one, at, calendars[one.line_id, one.partner_id]) for one in found]


def callback(found: CallBack, at: datetime, calendar: WorkCalendar | None) -> Context:
    """Somebody to call back, with the clock."""
    missed = sorted(found.calls.all(), key=lambda one: one.started_at)
    first = missed[0]
    return {
        "id": found.pk,
        "url": reverse("calls:call", args=[first.pk]),
        "done_url": reverse("calls:called_back", args=[found.pk]),
        "who": first.person.name if first.person else "",
        "number": number(found.phone),
        "phone": found.phone,
        "partner": found.partner.name if found.partner else "",
        "since_at": found.since_at,
        "missed": sum(one.state == CallState.MISSED for one in missed),
        "attempts": found.attempts,
        "level": level(found.level if first.duty_id else ADMINISTRATORS),
        "deadline": deadline(found, at, calendar),
        "how": how(found),
        "done_at": found.done_at,
        "note": found.note,
    }


def level(told: int) -> str:
    """How far it has gone."""
    names = (_("the executor knows"), _("the cover knows too"), _("the administrators know"))
    return names[told]


def how(found: CallBack) -> str:
    """How a task ended, "" while it is open."""
    match found.how:
        case CallBack.How.REACHED:
            return _("They were reached.")
        case CallBack.How.NOTED:
            return _("Done otherwise.")
        case CallBack.How.NOT_MISSED:
            return _("The call was answered after all.")
    return ""


def deadline(found: CallBack, at: datetime, calendar: WorkCalendar | None) -> deadlines.Deadline:
    """The ten minutes, counting down in working time."""
    name = _("Call back by")
    if found.done_at is not None:
        return deadlines.ended(name, at, found.due_at, found.done_at)
    if calendar is None:
        left = int((found.due_at - at).total_seconds())
        span = deadlines.Span(left, DUE_SECONDS, ((at, at + AHEAD),))
        return deadlines.running(name, at, found.due_at, span)
    late = at > found.due_at
    left = calendar.elapsed(found.due_at, at) if late else calendar.elapsed(at, found.due_at)
    ahead = calendar.windows_between(microseconds(at), microseconds(max(at, found.due_at) + AHEAD))
    windows = tuple((instant(start), instant(end)) for start, end in ahead)
    span = deadlines.Span(-left if late else left, DUE_SECONDS, windows)
    return deadlines.running(name, at, found.due_at, span)


def hotline(line: Line, at: datetime) -> Context:
    """A number that partners may call, and when."""
    calendar = callers.hours(line, None, at)
    is_open = calendar is None or calendar.is_open(at)
    return {
        "name": line.name,
        "number": number(line.number),
        "phone": line.number,
        "is_open": is_open,
        "changes": _changes(calendar, at, is_open=is_open),
        "records": bool(line.consent),
        "consent": line.consent,
    }


def _changes(calendar: WorkCalendar | None, at: datetime, *, is_open: bool) -> str:
    """When it closes or opens next, "" around the clock; of today the time alone."""
    found = None
    if calendar is not None:
        found = calendar.next_close(at) if is_open else calendar.next_open(at)
    if found is None:
        return ""
    today = formats.local(found).date() == formats.local(at).date()
    return formats.clock_time(found) if today else formats.when(found, at)


def _projects(found: Call) -> list[Project]:
    """The project that the call is about; where that is open, all of the partner's."""
    if found.project is not None:
        return [found.project]
    return partners.projects_open(found.partner_id) if found.partner_id else []


def _ticket(found: Call) -> Context | None:
    if found.ticket is None:
        return None
    shown = tickets.number(found.ticket)
    return {"number": shown, "url": addresses.ticket(found.ticket, staff=True)}


def _confirmable(call: Call, found: Ticket) -> Context:
    return {
        "number": tickets.number(found),
        "subject": found.subject,
        "url": reverse("calls:hear_confirm", args=[call.pk, found.pk]),
    }


def _open_tickets(found: Call, reader: Person, known: Access, at: datetime) -> list[Context]:
    if found.partner_id is None:
        return []
    wanted = Filter(show=Show.OPEN, partner_id=found.partner_id)
    lines = tickets.list_of(reader, wanted, at, known=known).lines
    return [
        present.row(line, f"/work/tickets/{line.number}/", side="staff")
        for line in lines[:TICKETS_MAX]
    ]
