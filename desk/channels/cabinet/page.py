"""The page of a ticket as its templates draw it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from desk.channels.cabinet import calendars
from desk.deposits.values import Balance
from desk.rules.lifecycle import Verb
from desk.tickets.models import DisputeAbout
from desk.tickets.queries import values
from desk.web import formats, labels, present
from desk.web.forms import Guard

Context = dict[str, Any]


def ticket(view: values.PartnerView, *, sees_deposit: bool) -> Context:
    """Everything on the page of a ticket; `sees_deposit`: the reader may open the statement."""
    head = view.head
    return {
        "view": view,
        "head": head,
        "guard": Guard(version=head.version),
        "live": f"ticket:{head.id}",
        "live_id": f"ticket-{head.number}",
        "url": reverse("cabinet:ticket", args=[head.number]),
        "deadline": _deadline(view),
        "executor": present.person(view.people.executor),
        "cover": _cover(view),
        "messages_shown": present.messages(view),
        "parts": present.parts(view),
        "steps": present.steps(view),
        "events": present.events(view.history),
        "files": present.files(view.files),
        "moves": [deadline_move(move, view) for move in reversed(view.moves) if _is_told(move)],
        "promises": [promise(one) for one in view.promises],
        "consultations": [one for one in view.consultations if one.withdrawn_at is None],
        "contestable": contestable(view),
        "pauses": [pause(move) for move in view.moves if _is_contestable_pause(move)],
        "cost": cost(view),
        "needs": needs(view) if view.head.state == "awaiting_deposit" else "",
        "can": {verb.value: verb in view.verbs for verb in Verb},
        "hours": calendars.text(view.calendar),
        "decline_reason": labels.reason_label(head.decline_reason),
        "sees_deposit": sees_deposit,
        "zone_note": calendars.zone_note(view.calendar.timezone, view.at),
    }


def _deadline(view: values.PartnerView) -> Any:
    if view.head.state == "submitted" and view.acceptance:
        return present.deadline(view.acceptance)
    shown = present.deadline(view.deadline)
    return None if shown.is_void else shown


def _cover(view: values.PartnerView) -> Context | None:
    """Who stands in, unless this is who works on it already."""
    people = view.people
    if people.cover is None or (people.executor and people.executor.id == people.cover.id):
        return None
    return present.person(people.cover, _("Stands in"))


def _is_told(move: values.DeadlineMove) -> bool:
    """The promise stands above its moves; the check of a result moved nothing once it is over."""
    if move.kind == values.MoveKind.PAUSE and move.state == "delivered":
        return move.until_at is None
    return move.kind != values.MoveKind.PROMISE


def deadline_move(move: values.DeadlineMove, view: values.PartnerView) -> Context:
    """One event that moved the deadline, or could have."""
    is_pause = move.kind == values.MoveKind.PAUSE
    return {
        "at": move.at,
        "verb": move.verb,
        "icon": "hourglass" if is_pause else "calendar",
        "tone": "standing" if is_pause and not move.struck else "",
        "text": _move_text(move, view.head.type),
        "by": move.by.name if move.by else "",
        "channel": "",
        "note": " · ".join(_move_notes(move, view)),
    }


def _move_text(move: values.DeadlineMove, kind: str) -> str:
    state = {"state": labels.partner_state(move.state, kind)}
    if move.kind != values.MoveKind.PAUSE:
        return labels.happened_label(move.verb)
    if move.struck:
        return _("Does not count, by a ruling: %(state)s") % state
    if move.until_at is None:
        return _("The clock stands: %(state)s") % state
    return _("The clock stood: %(state)s") % state


def _move_notes(move: values.DeadlineMove, view: values.PartnerView) -> list[str]:
    """Until when, to which date, and what the partner said to it; of a pause no quotation, the
    conversation has the whole of it."""
    notes = []
    if move.kind == values.MoveKind.PAUSE:
        if move.until_at is not None:
            notes.append(_("until %(moment)s") % {"moment": formats.moment(move.until_at)})
    elif move.reason:
        notes.append(move.reason)
    if move.due_after_at is not None and move.due_after_at != move.due_before_at:
        notes.append(_("due %(moment)s") % {"moment": formats.moment(move.due_after_at)})
    open_offer = view.re_promise
    if move.kind == values.MoveKind.RE_PROMISE and move.agreed is None and open_offer:
        asked = {"moment": formats.moment(open_offer.due_at)}
        notes.append(_("%(moment)s, if you agree") % asked)
    if move.agreed is not None:
        notes.append(_("you agreed") if move.agreed else _("you kept the earlier date"))
    return notes


def promise(one: values.PromiseView) -> Context:
    """What was promised when a cycle began; it never changes (T2)."""
    facts = [labels.type_label(one.type)]
    if one.units:
        facts.append(formats.units(one.units))
    if one.kopecks:
        facts.append(formats.money(one.kopecks))
    if one.executor:
        facts.append(one.executor.name)
    return {
        "cycle": one.cycle,
        "made_at": one.made_at,
        "due_at": one.due_at,
        "text": ", ".join(facts),
    }


def _is_contestable_pause(move: values.DeadlineMove) -> bool:
    return move.pause_id is not None and not move.struck


def pause(move: values.DeadlineMove) -> Context:
    """A pause as a contest names it."""
    state = labels.state_label(move.state)
    return {"id": move.pause_id, "label": f"{formats.moment(move.at)} · {state}"}


def contestable(view: values.PartnerView) -> list[tuple[str, str]]:
    """What a contest may be about on this ticket, as options of a list."""
    head = view.head
    paused = any(map(_is_contestable_pause, view.moves))
    offers = {
        DisputeAbout.UNITS: (bool(head.type), _("The number of parts")),
        DisputeAbout.TYPE: (bool(head.type), _("The type")),
        DisputeAbout.PAUSE: (paused, _("A pause of the clock")),
        DisputeAbout.DECLINE: (head.state == "declined", _("The decline")),
        DisputeAbout.CHARGE: (view.money.cost.units_captured > 0, _("The charge")),
    }
    return [(about.value, label) for about, (may, label) in offers.items() if may]


def cost(view: values.PartnerView) -> Context:
    """What the ticket costs: at most, held, charged; "" for what there is nothing of."""
    money, held = view.money, view.money.cost
    free_bug = view.head.type == "bug" and not money.units_max
    again = view.head.cycle > 1 and not held.kopecks_charged
    is_free = not view.head.billable or again or free_bug
    return {
        "units": _units(money.units_max) if view.head.is_open else "",
        "held": _both(held.units_held, held.kopecks_held),
        "charged": _both(held.units_charged, held.kopecks_charged),
        "uncovered": _both(held.uncovered_units, held.uncovered_kopecks),
        "free": is_free,
        "hours_max": money.hours_max,
        "hours_logged": formats.duration(money.minutes_logged * 60),
        "worked": formats.duration(view.worked_seconds) if view.worked_seconds else "",
        "nothing": not (view.head.is_open or is_free or held.kopecks_charged or held.units_charged),
    }


def needs(view: values.PartnerView) -> str:
    """What a ticket that waits for the deposit needs before it starts."""
    approved = [one for one in view.estimates if one.status == "approved"]
    if view.head.type == "customisation":
        return formats.money(approved[-1].kopecks_max) if approved else ""
    return formats.units(view.money.units_max or len(view.parts))


def available(kind: str, balance: Balance) -> str:
    """What the deposit has of what a ticket of this type is paid with."""
    if kind == "customisation":
        return formats.money(balance.money_available_kopecks)
    return formats.units(balance.consultations_available)


def _units(count: int) -> str:
    return formats.units(count) if count else ""


def _both(units: int, kopecks: int) -> str:
    """Consultations and what they are worth; of a customisation only the money."""
    return ", ".join(part for part in (_units(units), _money(kopecks)) if part)


def _money(kopecks: int) -> str:
    return formats.money(kopecks) if kopecks else ""
