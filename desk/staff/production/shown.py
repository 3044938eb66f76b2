"""What waits for production, and a ticket as production needs it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from desk.knowledge.models import Dossier
from desk.rules.lifecycle import Type, Verb
from desk.staff.production.verbs import AREA, MOVES
from desk.tickets.queries import lines, values
from desk.web import formats, labels, present
from desk.web.forms import Guard

Context = dict[str, Any]
SIDE = "staff"


def queue(found: lines.ProductionQueue) -> Context:
    """Consultations, estimates and what is being built."""
    return {
        "consultations": [question(one) for one in found.consultations],
        "estimates": [question(one) for one in found.estimates],
        "building": [building(one) for one in found.building],
    }


def question(one: lines.Question) -> Context:
    """A question with both clocks: production's own, and the partner's behind it."""
    line = one.line
    return {
        "number": line.number,
        "subject": line.subject,
        "url": reverse("production:ticket", args=[line.number]),
        "partner": line.partner_name,
        "type": line.type,
        "text": one.question,
        "part": one.part,
        "asked_by": one.asked_by.name if one.asked_by else "",
        "asked_at": one.asked_at,
        "age": formats.duration(one.age_seconds),
        "own": present.deadline(one.own, side=SIDE),
        "behind": present.deadline(line.deadline, _("The partner's deadline"), SIDE),
        "pauses": one.pauses,
    }


def building(one: lines.Building) -> Context:
    """A customisation in the making: hours logged of those approved."""
    row = present.row(one.line, reverse("production:ticket", args=[one.line.number]), side=SIDE)
    used = 100 * one.minutes_logged // max(1, one.minutes_approved)
    return {
        **row,
        "hours": hours(one.minutes_logged, one.minutes_approved),
        "used": str(min(100, used)),
        "full": used >= 100,
        "built_at": one.built_at,
    }


def hours(logged: int, approved: int) -> str:
    """ "3 h of 8 h"."""
    names = {
        "logged": formats.duration(logged * 60),
        "approved": formats.duration(approved * 60),
    }
    return _("%(logged)s of %(approved)s") % names


def ticket(view: values.StaffView, dossier: Dossier | None) -> Context:
    """Everything on the page of a ticket."""
    head = view.head
    actions = moves(view)
    approved = view.money.hours_max * 60
    return {
        "view": view,
        "head": head,
        "guard": Guard(version=head.version),
        "live": f"ticket:{head.id}",
        "live_id": f"ticket-{head.number}",
        "url": reverse("production:ticket", args=[head.number]),
        "deadline": present.deadline(view.deadline, _("The partner's deadline"), SIDE),
        "own": _own(view),
        "primary": next((one for one in actions if one["style"]), None),
        "actions": [one for one in actions if not one["style"]],
        "questions": [one for one in view.consultations if _is_open(one)],
        "answered": [one for one in view.consultations if not _is_open(one)],
        "messages_shown": present.messages(view),
        "hours": hours(view.money.minutes_logged, approved) if approved else "",
        "parts": present.parts(view),
        "files": present.files(view.files),
        "events": present.events(view.history),
        "dossier": dossier,
    }


def _is_open(one: values.ConsultationView) -> bool:
    return one.answered_at is None and one.withdrawn_at is None


def _own(view: values.StaffView) -> Any:
    """Production's own clock, of the oldest open question."""
    running = [
        clock.deadline
        for clock in view.clocks
        if clock.deadline.kind == "production" and clock.deadline.ended_at is None
    ]
    return present.deadline(running[0], side=SIDE) if running else None


def moves(view: values.StaffView) -> list[Context]:
    """The moves to offer, the answer that is waited for first."""
    offered = [name for name in MOVES if Verb(name) in view.verbs and _makes_sense(name, view)]
    return [
        {
            "verb": name,
            "label": _label(name),
            "url": AREA.url(view.head.number, name),
            "key": MOVES[name].key,
            "icon": MOVES[name].icon,
            "style": MOVES[name].style,
            "form": True,
        }
        for name in offered
    ]


def _label(name: str) -> str:
    own = {"decline": _("Impossible"), "note": _("Internal note")}
    return own.get(name) or labels.verb_label(name)


def _makes_sense(name: str, view: values.StaffView) -> bool:
    customised = view.head.type == Type.CUSTOMISATION
    match name:
        case "reply":
            return any(_is_open(one) and one.kind == "consult" for one in view.consultations)
        case "log" | "build" | "supplement":
            return customised
        case "confirm_defect":
            return view.head.billable
    return True
