"""Read models of tickets and deposit as the cabinet's templates draw them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.partners.models import PartnerRole
from desk.rules.lifecycle import Verb
from desk.tickets.queries import lines, values
from desk.web import access, formats, labels, present
from desk.web.forms import Guard

Context = dict[str, Any]
SUBMITTERS = (PartnerRole.OWNER, PartnerRole.MEMBER)
BUTTONS = {Verb.AGREE, Verb.DISAGREE, Verb.EXPIRE}


def may_submit(request: HttpRequest) -> bool:
    """Whether the reader's role lets them submit tickets."""
    return access.of(request).role_with(access.partner_id(request)) in SUBMITTERS


def row(line: lines.TicketLine) -> Context:
    return present.row(line, reverse("cabinet:ticket", args=[line.number]))


def home(found: lines.Home, *, may_submit: bool) -> Context:
    """The first page's lists, cards and figures."""
    return {
        "home": found,
        "my_turn": [row(line) for line in found.my_turn],
        "in_work": [row(line) for line in found.in_work],
        "done": [row(line) for line in found.done],
        "managers": [
            {
                "lead": present.person(one.lead, _("Your manager")),
                "cover": present.person(one.cover, _("Stands in")),
                "projects": ", ".join(one.projects),
            }
            for one in found.managers
        ],
        "deposit": _deposit(found.deposit),
        "hours": hours_text(found.calendar),
        "may_submit": may_submit,
    }


def hours_text(calendar: values.CalendarView) -> str:
    """“We are closed, the clock starts Monday 09:00”, or until when the desk is open."""
    if calendar.is_open and calendar.closes_at is not None:
        return _("We are at work until %(time)s.") % {
            "time": formats.clock_time(calendar.closes_at)
        }
    if calendar.opens_at is None:
        return _("We are closed.")
    return _("We are closed, the clock starts %(moment)s.") % {
        "moment": formats.moment(calendar.opens_at)
    }


def _deposit(found: lines.Deposit | None) -> Context | None:
    if found is None:
        return None
    balance = found.balance
    pace = ""
    if found.days_left is not None:
        pace = ngettext(
            "At your pace it lasts %(count)s working day.",
            "At your pace it lasts %(count)s working days.",
            found.days_left,
        ) % {"count": found.days_left}
    return {
        "available": formats.units(balance.consultations_available),
        "held": formats.units(balance.consultations_held),
        "money": formats.money(balance.money_available_kopecks),
        "money_held": formats.money(balance.money_held_kopecks),
        "has_money": bool(balance.money_available_kopecks or balance.money_held_kopecks),
        "low": balance.consultations_available <= 0,
        "pace": pace,
    }


def ticket(view: values.PartnerView) -> Context:
    """Everything on the page of a ticket."""
    head = view.head
    guard = Guard(version=head.version)
    return {
        "view": view,
        "head": head,
        "guard": guard,
        "live": f"ticket:{head.id}",
        "live_id": f"ticket-{head.number}",
        "deadline": present.deadline(view.deadline),
        "acceptance": present.deadline(view.acceptance) if view.acceptance else None,
        "executor": present.person(view.people.executor),
        "lead": present.person(view.people.lead, _("Lead")),
        "cover": present.person(view.people.cover, _("Stands in")),
        "messages_shown": present.messages(view),
        "parts": present.parts(view),
        "steps": present.steps(view),
        "events": present.events(view.history),
        "files": present.files(view.files),
        "moves": [deadline_move(move) for move in view.moves],
        "cost": cost(view),
        "can": {verb.value: verb in view.verbs for verb in Verb},
        "hours": hours_text(view.calendar),
        "url": reverse("cabinet:ticket", args=[head.number]),
        "decline_reason": labels.reason_label(head.decline_reason),
    }


def deadline_move(move: lines.DeadlineMove | Any) -> Context:
    """One event that moved the deadline, or could have."""
    texts = {
        "promise": _("Promised"),
        "pause": labels.state_label(move.state) if move.state else "",
        "retarget": labels.happened_label(move.verb),
        "re_promise": labels.happened_label(move.verb),
    }
    note = move.reason
    if move.due_after_at is not None:
        due = _("due %(moment)s") % {"moment": formats.moment(move.due_after_at)}
        note = f"{note} · {due}" if note else due
    return {
        "at": move.at,
        "verb": move.verb,
        "icon": "hourglass" if move.kind.value == "pause" else "calendar",
        "tone": "standing" if move.kind.value == "pause" else "",
        "text": texts.get(move.kind.value, ""),
        "by": move.by.name if move.by else "",
        "channel": "",
        "note": note,
    }


def cost(view: values.PartnerView) -> Context:
    """What the ticket costs: held, charged, at most."""
    money = view.money
    return {
        "units": money.units_max,
        "units_text": formats.units(money.units_max) if money.units_max else "",
        "held": formats.units(money.cost.units_held) if money.cost.units_held else "",
        "held_money": formats.money(money.cost.kopecks_held) if money.cost.kopecks_held else "",
        "charged": formats.units(money.cost.units_charged) if money.cost.units_charged else "",
        "charged_money": (
            formats.money(money.cost.kopecks_charged) if money.cost.kopecks_charged else ""
        ),
        "free": not view.head.billable or view.head.cycle > 1,
        "hours_max": money.hours_max,
        "hours_logged": formats.duration(money.minutes_logged * 60) if money.hours_max else "",
        "worked": formats.duration(view.worked_seconds) if view.worked_seconds else "",
    }


def tabs(current: str) -> list[Context]:
    """The lists a partner may open."""
    names = {
        "open": _("Open"),
        "my_turn": _("Your turn"),
        "done": _("Done"),
        "all": _("All"),
    }
    return [
        {"label": label, "url": f"?show={show}", "current": show == current, "count": 0}
        for show, label in names.items()
    ]


def may_order(request: HttpRequest) -> bool:
    """Whether the reader may change the order of the partner's own queue."""
    return access.of(request).role_with(access.partner_id(request)) == PartnerRole.OWNER
