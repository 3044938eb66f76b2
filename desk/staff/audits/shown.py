"""Audits as the templates draw them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from desk.oversight.queries.audits import Line, Question, Score, Sheet, Show
from desk.tickets.queries import values
from desk.web import formats, present

Context = dict[str, Any]
TONES = {"yes": "calm", "no": "late", "none": ""}
ICONS = {"yes": "check", "no": "x", "none": "minus"}


def lines(found: Iterable[Line], at: datetime) -> list[Context]:
    return [line(one, at) for one in found]


def line(one: Line, at: datetime) -> Context:
    """An audit in a list: what, of whom, until when, who has it."""
    return {
        "url": reverse("audits:sheet", args=[one.id]),
        "number": one.number,
        "subject": one.subject,
        "partner": one.partner,
        "specialist": one.specialist,
        "week_on": one.week_on,
        "due_at": one.due_at,
        "done_at": one.done_at,
        "late": one.done_at is None and one.due_at < at,
        "auditor": one.auditor,
        "is_mine": one.is_mine,
        "barred": barred(one.barred) if one.barred != "taken" else "",
    }


def barred(why: str) -> str:
    """Why somebody may not audit this."""
    words = {
        "role": _("Administrators audit."),
        "involved": _("You stepped into this ticket: somebody else audits it."),
        "taken": _("Somebody else has taken it."),
    }
    return words.get(why, "")


def tabs(show: Show, counts: Mapping[Show, int]) -> list[Context]:
    """The lists to choose from."""
    words = {Show.TO_DO: _("To do"), Show.MINE: _("Taken by me"), Show.DONE: _("Done")}
    return [
        {
            "label": label,
            "url": f"?show={each}",
            "current": each == show,
            "count": counts.get(each, 0),
        }
        for each, label in words.items()
    ]


def sheet(found: Sheet, at: datetime) -> Context:
    """An audit with its state, and its answers where they are open."""
    one = found.line
    return {
        "line": line(one, at),
        "audit_id": one.id,
        "edition": found.edition,
        "barred": barred(one.barred),
        "asks": one.is_mine and one.done_at is None and not one.barred,
        "waits_for_other": one.done_at is not None and not found.is_open,
        "results": [result(each) for each in (found, found.other) if each and each.is_open],
        "apart": _apart(found),
    }


def result(found: Sheet) -> Context:
    """The answers of one auditor. A specialist is not told who was the second."""
    return {
        "number": found.line.number,
        "subject": found.line.subject,
        "url": reverse("workplace:ticket", args=[found.line.number]),
        "auditor": found.line.auditor,
        "is_second": found.is_second,
        "done_at": found.line.done_at,
        "questions": [question(one) for one in found.questions],
        "remark": found.remark,
        "score": score(found.score),
    }


def question(one: Question) -> Context:
    return {
        "name": one.name,
        "text": one.text,
        "answer": answer(one.answer),
        "tone": TONES.get(one.answer, ""),
        "icon": ICONS.get(one.answer, ""),
        "note": one.note,
    }


def answer(word: str) -> str:
    """The answer to a question, in words."""
    words = {"yes": _("Yes"), "no": _("No"), "none": _("Does not apply")}
    return words.get(word, "")


def score(found: Score) -> str:
    """Yes among the answers that apply."""
    if not found.count:
        return _("nothing applied")
    return _("%(yes)s of %(count)s") % {"yes": found.yes, "count": found.count}


def ticket(view: values.StaffView) -> Context:
    """The resolved ticket as an auditor reads it: story, messages, result, charge."""
    head = view.head
    return {
        "head": head,
        "url": reverse("workplace:ticket", args=[head.number]),
        "clock_url": reverse("workplace:clock", args=[head.number]),
        "handover": view.handover,
        "messages_shown": present.messages(view),
        "parts": present.parts(view),
        "events": present.events(view.history),
        "facts": _facts(view),
    }


def _facts(view: values.StaffView) -> list[tuple[str, str]]:
    """What it took and what was charged."""
    cost = view.money.cost
    rows = [
        (_("Worked"), formats.duration(view.worked_seconds)),
        (_("Approved at most"), formats.units(view.money.units_max)),
        (_("Charged"), formats.units(cost.units_charged)),
        (_("Still held"), formats.units(cost.units_held) if cost.units_held else ""),
        (_("Returned"), str(view.head.returns) if view.head.returns else ""),
        (_("Rating"), _rating(view)),
    ]
    return [(label, value) for label, value in rows if value]


def _rating(view: values.StaffView) -> str:
    found = view.handover
    if found is None or not found.rating:
        return ""
    said = f"{found.rating} / 5"
    return f"{said} · {found.rating_comment}" if found.rating_comment else said


def _apart(found: Sheet) -> list[Context]:
    """Where the two halves of a pair say different things."""
    other = found.other
    if other is None:
        return []
    theirs = {one.name: one.answer for one in other.questions}
    return [
        {"text": one.text, "first": answer(one.answer), "second": answer(theirs[one.name])}
        for one in found.questions
        if one.name in theirs and theirs[one.name] != one.answer
    ]
