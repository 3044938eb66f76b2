"""The history of a ticket as its readers are told it: what happened, and what else is worth saying.

What happened is a word of `labels`; the note beside it is made of the facts of the entry, and only
where they say more than the word does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.tickets.queries import values
from desk.web import formats, labels

Facts = Mapping[str, Any]
Note = Callable[[values.HistoryView], Iterable[str]]


def events(history: Sequence[values.HistoryView]) -> list[dict[str, Any]]:
    """The history, newest first (components/timeline.html)."""
    return [_event(one) for one in reversed(history)]


def _event(one: values.HistoryView) -> dict[str, Any]:
    return {
        "at": one.at,
        "verb": one.verb,
        "icon": "",
        "tone": labels.state_tone(one.state_to) if one.state_to != one.state_from else "",
        "text": "",
        "by": one.by.name if one.by else labels.role_label("system"),
        "channel": one.channel if one.by else "",
        "note": " · ".join(note(one)),
    }


def note(one: values.HistoryView) -> list[str]:
    """What the entry says beyond its word: the type, the step, the date, the rating."""
    tell = _NOTES.get(one.verb)
    return [text for text in tell(one) if text] if tell else []


def _type(one: values.HistoryView) -> Iterable[str]:
    kind, units = one.facts.get("type"), one.facts.get("units")
    yield labels.type_label(str(kind)) if kind else ""
    if kind == "complex" and isinstance(units, int) and units:
        text = ngettext("%(count)s part", "%(count)s parts", units)
        yield text % {"count": formats.number(units)}


def _step(one: values.HistoryView) -> Iterable[str]:
    yield labels.step_label(str(one.facts.get("step") or ""))


def _part(one: values.HistoryView) -> Iterable[str]:
    if one.facts.get("part"):
        yield _("part %(number)s") % {"number": one.facts["part"]}


def _due(one: values.HistoryView) -> Iterable[str]:
    due_at = one.facts.get("due_at")
    if isinstance(due_at, str):
        yield formats.moment(datetime.fromisoformat(due_at))


def _hours(one: values.HistoryView) -> Iterable[str]:
    hours, price = one.facts.get("hours_max"), one.facts.get("hour_kopecks")
    if isinstance(hours, int) and isinstance(price, int):
        time = formats.duration(hours * 3600)
        money = formats.money(hours * price)
        yield _("at most %(time)s, %(money)s") % {"time": time, "money": money}


def _used(one: values.HistoryView) -> Iterable[str]:
    minutes, approved = one.facts.get("minutes"), one.facts.get("approved_minutes")
    if isinstance(minutes, int) and isinstance(approved, int):
        names = {
            "logged": formats.duration(minutes * 60),
            "approved": formats.duration(approved * 60),
        }
        yield _("%(logged)s of %(approved)s") % names


def _verdict(one: values.HistoryView) -> Iterable[str]:
    if one.facts.get("heard_by") and one.about:
        yield _("said on the phone, heard by %(name)s") % {"name": one.about.name}
    if one.facts.get("by_silence"):
        yield _("no answer came")
    if one.facts.get("rating"):
        yield _("rated %(rating)s of 5") % {"rating": one.facts["rating"]}


def _reason(one: values.HistoryView) -> Iterable[str]:
    yield labels.reason_label(str(one.facts.get("reason") or ""))


def _level(one: values.HistoryView) -> Iterable[str]:
    levels = {"production": _("to production"), "administrator": _("to an administrator")}
    yield levels.get(str(one.facts.get("level")), "")


def _about(one: values.HistoryView) -> Iterable[str]:
    yield one.about.name if one.about else _("nobody yet")
    reasons = {
        "absent": _("whoever had it is absent"),
        "offered": _("so that it is done in time"),
        "back": _("the manager is back"),
        "assigned": _("the project has its manager"),
    }
    yield reasons.get(str(one.facts.get("because")), "")


_NOTES: Mapping[str, Note] = {
    "accept": _type,
    "reclassify": _type,
    "step": _step,
    "finish_part": _part,
    "split": _part,
    "re_promise": _due,
    "agree": _due,
    "estimate": _hours,
    "supplement": _hours,
    "hours_warning": _used,
    "confirm": _verdict,
    "cancel": _verdict,
    "decline": _reason,
    "hand_over": _about,
    "escalate": _level,
}
