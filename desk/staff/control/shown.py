"""The live board as the control room's templates draw it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from desk.tickets.queries import lines
from desk.web import formats, present

Context = dict[str, Any]
ACTIVITIES = {
    "work": "play",
    "planning": "list-check",
    "intake": "inbox",
    "break": "clock",
    "lunch": "clock",
    "meeting": "users",
    "training": "info",
}


def url(number: str) -> str:
    return reverse("workplace:ticket", args=[number])


def row(line: lines.TicketLine) -> Context:
    executor = line.executor.name if line.executor else _("nobody yet")
    return present.row(line, url(line.number), executor, side="staff")


def board(found: lines.Board) -> Context:
    """Each specialist now, what runs out, what is at risk, who is away."""
    return {
        "board": found,
        "seats": [seat(one) for one in found.seats],
        "acceptances": [row(line) for line in found.acceptances],
        "pool": [row(line) for line in found.pool],
        "at_risk": [row(line) for line in found.at_risk],
        "breaches": [breach(one) for one in found.breaches],
        "away": [away(one) for one in found.away],
        "disputes": [dispute(one) for one in found.disputes],
        "hours": "" if found.is_open else _closed(found),
        "calm": not (found.acceptances or found.pool or found.at_risk or found.disputes),
    }


def seat(one: lines.Seat) -> Context:
    """A specialist now: the activity, since when, on what, and the next promise."""
    return {
        "person": present.person(one.person),
        "activity": activity(one.activity),
        "icon": ACTIVITIES.get(one.activity, "clock"),
        "since_at": one.since_at,
        "ticket": one.ticket,
        "url": url(one.ticket) if one.ticket else "",
        "subject": one.ticket_subject,
        "partner": one.partner_name,
        "next": row(one.next_promise) if one.next_promise else None,
    }


def activity(word: str) -> str:
    """What somebody does, in words."""
    words = {
        "work": _("works"),
        "planning": _("plans"),
        "intake": _("checks the intake"),
        "break": _("has a break"),
        "lunch": _("has lunch"),
        "meeting": _("in a meeting"),
        "training": _("learns"),
    }
    return words.get(word, _("nothing on record now"))


def breach(one: lines.BoardBreach) -> Context:
    names = {
        "acceptance": _("Accepted too late"),
        "resolution": _("Not done in time"),
        "production": _("Production answered too late"),
        "ruling": _("Ruled too late"),
    }
    return {
        "ticket": one.ticket,
        "subject": one.ticket_subject,
        "url": url(one.ticket),
        "partner": one.partner_name,
        "executor": one.executor.name if one.executor else "",
        "clock": names.get(one.clock, one.clock),
        "breached_at": one.breached_at,
        "noticed": formats.duration(one.noticed_after_seconds),
        "excused": one.excused,
        "clock_id": one.clock_id,
    }


def away(one: lines.Away) -> Context:
    covered = [
        f"{project}: {person.name if person else _('nobody')}" for project, person in one.covered_by
    ]
    return {
        "person": present.person(one.person),
        "until_at": one.until_at,
        "covered": ", ".join(covered),
    }


def dispute(one: lines.OpenDispute) -> Context:
    about = {
        "units": _("the number of parts"),
        "type": _("the type"),
        "pause": _("a pause of the clock"),
        "decline": _("the decline"),
        "charge": _("the charge"),
        "work": _("how it is worked on"),
    }
    doubt = one.dispute.kind == "doubt"
    return {
        "id": one.dispute.id,
        "kind": _("“Is this right?”") if doubt else _("A contest"),
        "doubt": doubt,
        "about": about.get(one.dispute.about, one.dispute.about),
        "text": one.dispute.text,
        "raised_by": one.dispute.raised_by.name if one.dispute.raised_by else "",
        "raised_at": one.dispute.raised_at,
        "due_at": one.dispute.due_at,
        "late": one.late,
        "ticket": one.ticket,
        "subject": one.ticket_subject,
        "url": url(one.ticket),
        "partner": one.partner_name,
    }


def _closed(found: lines.Board) -> str:
    if found.opens_at is None:
        return _("The desk is closed.")
    return _("The desk is closed, the clocks go on %(moment)s.") % {
        "moment": formats.moment(found.opens_at)
    }
