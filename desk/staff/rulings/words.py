"""Violations and rulings in words: severities, verdicts, what excused, each piece of evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from desk.oversight.queries.exhibits import Exhibit
from desk.web import formats, labels

Words = Mapping[str, str | Promise]

STANDINGS: Words = {
    "open": lazy("To rule on"),
    "explained": lazy("Explained"),
    "ruled": lazy("Ruled"),
    "by_itself": lazy("Excused by a rule"),
}
VERDICT_NOTES: Words = {
    "upheld": lazy("It was owed and not done. It counts in the score of its week."),
    "excused": lazy("There was a good reason. It counts in no score."),
    "rule_wrong": lazy("The rule should not have found it. It goes to the next edition."),
}
VERDICT_TONES = {"upheld": "late", "excused": "calm", "rule_wrong": "accent"}
EXCUSES: Words = {
    "absence": lazy("Excused by a rule: an absence is on record."),
    "outage": lazy("Excused by a rule: our own systems were out."),
    "bug": lazy("Excused by a rule: a critical error was being served."),
    "cover": lazy("Excused by a rule: the ticket was taken over a short time before."),
}
BARS: Words = {
    "own": lazy("It is about this person: nobody rules on an own case."),
    "involved": lazy("Stepped into the ticket, so another administrator rules."),
}
ACTIVITIES: Words = {
    "work": lazy("Work"),
    "planning": lazy("Planning"),
    "intake": lazy("Intake check"),
    "break": lazy("Break"),
    "lunch": lazy("Lunch"),
    "meeting": lazy("Meeting"),
    "training": lazy("Training"),
}
CLOCKS: Words = {
    "acceptance": lazy("Time for acceptance"),
    "resolution": lazy("The promised deadline"),
    "production": lazy("Production's time"),
    "ruling": lazy("Time for a ruling"),
}
ABSENCES: Words = {
    "vacation": lazy("Vacation"),
    "sick": lazy("Sick leave"),
    "other": lazy("Absence"),
}


def exhibit(one: Exhibit) -> str:
    """What a piece of evidence is, in a few words; its times stand beside it."""
    say = _SAY.get(one.kind)
    return say(one) if say is not None else _("On record under %(ref)s") % {"ref": one.ref}


def times(one: Exhibit) -> str:
    """When it was, or from when to when."""
    if one.at is None:
        return ""
    begins = formats.moment(one.at)
    if one.kind == "clock" and one.due_at is not None:
        names = {"since": begins, "due": formats.moment(one.due_at)}
        return _("from %(since)s, due %(due)s") % names
    if one.until_at is not None:
        return f"{begins} – {_end(one)}"
    if one.kind in ("interval", "slot", "absence", "outage"):
        return _("since %(since)s, goes on") % {"since": begins}
    return begins


def _end(one: Exhibit) -> str:
    assert one.at is not None and one.until_at is not None
    same_day = formats.local(one.at).date() == formats.local(one.until_at).date()
    return formats.clock_time(one.until_at) if same_day else formats.moment(one.until_at)


def _clock(one: Exhibit) -> str:
    return str(CLOCKS.get(one.word, one.word))


def _dispute(one: Exhibit) -> str:
    return _("“Is this right?”") if one.word == "doubt" else _("A contest")


_SAY: dict[str, Callable[[Exhibit], str]] = {
    "entry": lambda one: labels.happened_label(one.word),
    "interval": lambda one: str(ACTIVITIES.get(one.word, one.word)),
    "clock": _clock,
    "message": lambda _one: _("A message"),
    "slot": lambda one: _("In the day plan: %(what)s") % {"what": ACTIVITIES.get(one.word, "")},
    "absence": lambda one: str(ABSENCES.get(one.word, one.word)),
    "outage": lambda _one: _("An outage of ours"),
    "dispute": _dispute,
    "complaint": lambda _one: _("A complaint of a partner"),
    "audit": lambda _one: _("An audit that was drawn"),
    "violation": lambda one: _("A violation of clause %(clause)s") % {"clause": one.word},
    "lost": lambda one: _("On record under %(ref)s") % {"ref": one.ref},
}
