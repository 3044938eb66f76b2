"""The read model of a ticket as the workplace's templates draw it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from desk.knowledge.models import Dossier
from desk.rules.lifecycle import Actor, State, Step, Type, Verb
from desk.staff.workplace.verbs import AREA, ELSEWHERE, MOVES
from desk.tickets.queries import lines, values
from desk.web import formats, labels, present
from desk.web.forms import Guard

Context = dict[str, Any]
SIDE = "staff"
WORKED_ON = (State.ACCEPTED, State.IN_WORK)


def row(line: lines.TicketLine, reason: str = "") -> Context:
    """A ticket in a list of our own people."""
    url = reverse("workplace:ticket", args=[line.number])
    return {**present.row(line, url, reason, SIDE), "critical": line.critical_claim}


def ticket(view: values.StaffView, dossier: Dossier | None) -> Context:
    """Everything on the page of a ticket."""
    head = view.head
    actions = moves(view)
    return {
        "view": view,
        "head": head,
        "guard": Guard(version=head.version),
        "open_guard": Guard(),
        "live": f"ticket:{head.id}",
        "live_id": f"ticket-{head.number}",
        "url": reverse("workplace:ticket", args=[head.number]),
        "deadline": present.deadline(view.deadline, side=SIDE),
        "acceptance": _acceptance(view),
        "primary": next((one for one in actions if one["style"]), None),
        "actions": [one for one in actions if not one["style"]],
        "can": {verb.value: verb in view.verbs for verb in Verb},
        "timer": timer(view),
        "steps": present.steps(view),
        "step_choices": _step_choices(view),
        "parts": parts(view),
        "messages_shown": present.messages(view),
        "people": people(view),
        "cost": cost(view),
        "events": present.events(view.history),
        "files": present.files(view.files),
        "clocks": [clock(one) for one in view.clocks],
        "consultations": [consultation(one) for one in view.consultations],
        "dossier": dossier,
        "brief_url": _brief_url(view),
        "for_production": Actor.PRODUCTION in head.reader,
        "decline_reason": labels.reason_label(head.decline_reason),
    }


def _brief_url(view: values.StaffView) -> str:
    """The brief with which an absence handed the ticket over, for whoever stands in."""
    handed = [one for one in view.history if one.verb == Verb.HAND_OVER]
    absence = handed[-1].facts.get("absence") if handed else None
    if not absence or Actor.EXECUTOR not in view.head.reader:
        return ""
    return reverse("own_capacity:absence", args=[absence])


def _acceptance(view: values.StaffView) -> Any:
    waits = view.head.state == State.SUBMITTED and view.acceptance is not None
    return present.deadline(view.acceptance, side=SIDE) if waits else None


def moves(view: values.StaffView) -> list[Context]:
    """The moves to offer, the one of the present state first (style "primary")."""
    offered = [
        name
        for name in MOVES
        if name not in ELSEWHERE and Verb(name) in view.verbs and _makes_sense(name, view)
    ]
    return [
        {
            "verb": name,
            "label": labels.verb_label(name),
            "url": AREA.url(view.head.number, name),
            "key": MOVES[name].key,
            "icon": MOVES[name].icon,
            "style": MOVES[name].style,
            "form": MOVES[name].form is not None,
        }
        for name in offered
    ]


def _makes_sense(name: str, view: values.StaffView) -> bool:
    """Whether the data, beyond state and role, leave anything to do."""
    unfinished = any(part.state in ("open", "waiting") for part in view.parts)
    match name:
        case "finish_part":
            return unfinished
        case "deliver":
            # The one part of a simple ticket or a bug is finished by the handover itself.
            return not unfinished or view.head.type in (Type.SIMPLE, Type.BUG)
        case "split":
            return view.head.type in (Type.SIMPLE, Type.COMPLEX)
        case "absorb":
            return any(rule.level == "over" for rule in rules(view))
        case "excuse":
            return any(breach.excused_at is None for breach in view.breaches)
    return True


def rules(view: values.StaffView) -> list[values.WorkRule]:
    """The one-hour rule of the ticket and of its unfinished parts, where it binds (T3)."""
    unfinished = (part for part in view.parts if part.state != "finished")
    found = [view.work, *(part.work for part in unfinished if part.work is not None)]
    return [rule for rule in found if rule.level != "exempt"]


def timer(view: values.StaffView) -> Context:
    """The reader's timer on this ticket, and how much of the hour is used."""
    runs = view.reader_works_since_at is not None
    worst = max(rules(view), key=lambda rule: rule.worked_seconds, default=None)
    may = Actor.EXECUTOR in view.head.reader and view.head.state in WORKED_ON
    several = sum(part.state in ("open", "waiting") for part in view.parts) > 1
    return {
        "shown": may or runs,
        "runs": runs,
        "since_at": view.reader_works_since_at,
        "seconds": _seconds_since(view.reader_works_since_at, view.at),
        "part": view.reader_works_on.partition("/part:")[2],
        "may_start": may and not runs and not several,
        "several": several and may,
        "worked": formats.duration(view.worked_seconds),
        "rule": rule(worst),
        "start_url": AREA.url(view.head.number, "work_start"),
        "stop_url": AREA.url(view.head.number, "work_stop"),
    }


def _seconds_since(since_at: datetime | None, at: datetime) -> int:
    return int((at - since_at).total_seconds()) if since_at else 0


def rule(found: values.WorkRule | None) -> Context | None:
    """The one-hour rule in words: a warning at 45 minutes, a decision at 60."""
    if found is None:
        return None
    tones = {"warning": "soon", "over": "late"}
    texts = {
        "warning": _("The hour is nearly used. Finish, split, or consult production."),
        "over": _("The hour is used up. Decide: absorb the surplus, split, or consult."),
    }
    share = min(100, 100 * found.worked_seconds // max(1, found.max_seconds))
    return {
        "tone": tones.get(found.level, ""),
        "text": texts.get(found.level, ""),
        "share": str(share),
        "used": _("%(worked)s of %(most)s")
        % {
            "worked": formats.duration(found.worked_seconds),
            "most": formats.duration(found.max_seconds),
        },
    }


def parts(view: values.StaffView) -> list[Context]:
    """Parts with progress, the one-hour rule and where the timer runs."""
    running = view.reader_works_on.partition("/part:")[2]
    shown = present.parts(view)
    several = len(view.parts) > 1
    for part, drawn in zip(view.parts, shown, strict=True):
        drawn["open"] = part.state in ("open", "waiting")
        drawn["running"] = running == str(part.number)
        drawn["timed"] = drawn["open"] and several
        drawn["level"] = part.work.level if part.work else ""
    return shown


def _step_choices(view: values.StaffView) -> list[Context]:
    if Verb.STEP not in view.verbs:
        return []
    others = [step for step in Step if step != view.head.step]
    return [{"value": step.value, "label": labels.step_label(step)} for step in others]


def people(view: values.StaffView) -> list[Context]:
    """Executor, lead and cover as cards, each person once."""
    held = (
        (view.people.executor, _("Executor")),
        (view.people.lead, _("Lead")),
        (view.people.cover, _("Cover")),
    )
    found: dict[int, Context] = {}
    for card, role in held:
        if card is None:
            continue
        if card.id in found:
            found[card.id]["role"] += f", {role.lower()}"
        elif drawn := present.person(card, role):
            found[card.id] = {**drawn, "email": "", "hours": ""}
    return list(found.values())


def cost(view: values.StaffView) -> Context:
    """What the ticket costs and what the partner's deposit holds."""
    money, balance = view.money, view.balance
    charged, held = money.cost.units_charged, money.cost.units_held
    free_bug = view.head.type == "bug" and not money.units_max
    return {
        "most": formats.units(money.units_max) if money.units_max else "",
        "held": formats.units(held) if held else "",
        "charged": formats.units(charged) if charged else "",
        "hours": _hours(money),
        "free": not view.head.billable or view.head.cycle > 1 or free_bug,
        "available": formats.units(balance.consultations_available),
        "partner_held": formats.units(balance.consultations_held),
        "low": balance.consultations_available <= 0,
    }


def _hours(money: values.Money) -> str:
    if not money.hours_max:
        return ""
    names = {
        "logged": formats.duration(money.minutes_logged * 60),
        "approved": formats.duration(money.hours_max * 3600),
    }
    return _("%(logged)s of %(approved)s") % names


def clock(found: values.ClockView) -> Context:
    """One clock with its warnings."""
    return {
        "name": present.clock_name(found.deadline.kind, SIDE),
        "cycle": found.cycle,
        "deadline": present.deadline(found.deadline, side=SIDE),
        "warnings": found.warnings if found.deadline.ended_at is None else (),
        "excuse": found.deadline.excuse,
        "excused": found.deadline.excused_at is not None,
    }


def consultation(found: values.ConsultationView) -> Context:
    """A question to production, in full."""
    return {
        "is_estimate": found.kind == "estimate",
        "found": found,
        "open": found.answered_at is None and found.withdrawn_at is None,
    }


def rows(found: Iterable[lines.TicketLine]) -> list[Context]:
    return [row(line) for line in found]
