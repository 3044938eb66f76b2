"""The live board as the control room's templates draw it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from desk.oversight.queries import duties, gaps
from desk.oversight.queries.board import Found, Stance, Standing, found_since
from desk.oversight.queries.duties import Duty, Kind
from desk.oversight.queries.offers import OpenOffer
from desk.staff.control import troubles
from desk.staff.control.rows import row, url
from desk.tickets.queries import lines
from desk.web import formats, present

Context = dict[str, Any]
DAY = timedelta(days=1)
DUTIES_MAX = 40
WALL_MAX = 8
ACTIVITIES = {
    "work": "play",
    "planning": "list-check",
    "intake": "inbox",
    "break": "clock",
    "lunch": "clock",
    "meeting": "users",
    "training": "info",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known at one instant: of tickets, of the Standard, of what waits for a word or for
    a cover."""

    board: lines.Board
    standing: Standing
    duties: tuple[Duty, ...]
    offers: tuple[OpenOffer, ...]


def board(found: lines.Board) -> Context:
    """Each specialist now, what nobody has, who is away, what was broken."""
    return {
        "board": found,
        "pool": [row(line) for line in found.pool],
        "breaches": [breach(one) for one in found.breaches],
        "away": [away(one) for one in found.away],
        "disputes": [dispute(one) for one in found.disputes],
        "hours": "" if found.is_open else _closed(found),
    }


def standing(known: Known) -> Context:
    """What is urgent, in its order; shifts and plans by person; what was found today."""
    lines_shown, more = troubles.found(known.board, known.standing, known.duties, known.offers)
    stances = {one.person_id: stance(one) for one in known.standing.stances}
    return {
        "seats": [{**seat(one), "stance": stances.get(one.person.id)} for one in known.board.seats],
        "troubles": lines_shown,
        "on_the_wall": [one for one in lines_shown if one.short][:WALL_MAX],
        "more": more,
        "found": [violation(one) for one in known.standing.found],
        "waiting": len(known.duties),
        "calm": not (lines_shown or known.board.pool),
        "figures": figures(known),
    }


def figures(known: Known) -> list[Context]:
    """The wall's large numbers, each with its tone."""
    board, found = known.board, known.standing
    rows = (
        (_("Critical"), len({one.ticket for one in found.criticals}), "late"),
        (_("Nobody has"), len(board.pool), "late"),
        (_("To accept"), len(board.acceptances), "soon"),
        (_("At risk"), len(board.at_risk), "soon"),
        (_("Promises broken today"), len(board.breaches), "late"),
        (
            _("Violations of the Standard today"),
            len([one for one in found.found if not one.excuse]),
            "soon",
        ),
    )
    return [
        {"label": label, "count": count, "tone": tone if count else ""}
        for label, count, tone in rows
    ]


def stance(one: Stance) -> Context:
    """A specialist's shift of today and how its plan stands; its hours are on the card above."""
    return {
        "news": one.is_present or one.plan_due_at is not None or one.misfits or one.unread,
        "is_present": one.is_present,
        "unplanned": one.plan_due_at is not None,
        "misfits": len(one.misfits),
        "unread": one.unread,
    }


def violation(one: Found) -> Context:
    """A violation found today; what is critical by word and shape, not by colour alone."""
    tones = {"critical": "late", "major": "soon"}
    return {
        "url": reverse("rulings:detail", args=[one.id]),
        "clause": one.clause,
        "person": one.person,
        "at": one.at,
        "severity": severity(one.severity),
        "tone": tones.get(one.severity, ""),
        "critical": one.severity == "critical",
        "excused": bool(one.excuse),
        "ruled": one.ruled,
    }


def severity(word: str) -> str:
    """How grave a violation is, in words."""
    words = {
        "critical": pgettext("severity", "critical"),
        "major": pgettext("severity", "major"),
        "minor": pgettext("severity", "minor"),
        "note": pgettext("severity", "note"),
    }
    return words.get(word, word)


def morning(known: Known, at: datetime) -> Context:
    """What waits today with counts, what was found, misfits and gaps."""
    counted = duties.counts(known.duties)
    words = {
        Kind.VIOLATION: (_("Violations"), reverse("rulings:index")),
        Kind.CONTEST: (_("Contests"), reverse("control:disputes")),
        Kind.DOUBT: (_("Doubts"), reverse("control:disputes")),
        Kind.COMPLAINT: (_("Complaints"), reverse("complaints:index")),
        Kind.AUDIT: (_("Audits"), reverse("audits:index")),
    }
    return {
        "kinds": [
            {"label": label, "url": link, "count": counted[kind]}
            for kind, (label, link) in words.items()
        ],
        "duties": [troubles.duty(one, at) for one in known.duties[:DUTIES_MAX]],
        "more": max(len(known.duties) - DUTIES_MAX, 0),
        "mine": sum(one.mine for one in known.duties),
        "found": [violation(one) for one in found_since(at - DAY, at)],
        "misfits": [
            {
                "name": one.name,
                "ticket": each.ticket,
                "subject": each.subject,
                "due_at": each.due_at,
            }
            | {"url": url(each.ticket)}
            for one in known.standing.stances
            for each in one.misfits
        ],
        "gaps": gaps.of_the_week(at),
    }


def seat(one: lines.Seat) -> Context:
    """A specialist now: the activity, since when, on what, and the next promise."""
    return {
        "id": one.person.id,
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
