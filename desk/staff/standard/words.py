"""The Standard in plain words: rules with their parameters, what they look at, what excuses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy as in_context

from desk.oversight.queries.exhibits import Exhibit
from desk.rules.standard.comparison import Term
from desk.rules.standard.edition import LANGUAGES, Rule
from desk.web import formats, labels, labels_of_control

Words = Mapping[str, str | Promise]
MINUTE = 60
LANGUAGE_NAMES: Words = {"uk": lazy("Ukrainian"), "ru": lazy("Russian"), "en": lazy("English")}


@dataclass(frozen=True, slots=True)
class Explained:
    """A rule for somebody who does not program: its name, what it asks with `%(parameter)s` in
    place of each parameter, and what on record it looks at."""

    name: str | Promise
    asks: str | Promise
    evidence: str | Promise


RULES: Mapping[str, Explained] = {
    "plan_confirmed": Explained(
        lazy("The day plan is confirmed"),
        lazy("The day plan is confirmed within %(minutes)s of the beginning of the shift."),
        lazy("the shift by the schedule, and when the plan was confirmed"),
    ),
    "slot_kept": Explained(
        lazy("Planned work is begun in its slot"),
        lazy("Planned work is begun within %(minutes)s before or after its time in the plan."),
        lazy("the slots of the plan, and work on the timeline"),
    ),
    "accepted_in_time": Explained(
        lazy("A ticket is accepted or declined in time"),
        lazy("Every ticket is accepted or declined by the time that its acceptance clock shows."),
        lazy("the acceptance clock of each ticket"),
    ),
    "intake_checked": Explained(
        lazy("What came in is looked at"),
        lazy("During the shift, what came in is looked at every %(minutes)s; breaks do not count."),
        lazy("intake checks on the timeline, and acceptances"),
    ),
    "acceptance_complete": Explained(
        lazy("An acceptance is complete"),
        lazy("An acceptance has its type, its parts and a first message to the partner."),
        lazy("the acceptance in the journal, and the message that went with it"),
    ),
    "an_hour_at_most": Explained(
        lazy("A part takes a limited time"),
        lazy(
            "When one part, or a simple ticket, has taken %(minutes)s in all, the work ends or it "
            "is decided how to go on."
        ),
        lazy("work on the timeline by part, and absorb, split and consult in the journal"),
    ),
    "partner_answered": Explained(
        lazy("A partner's message is answered"),
        lazy(
            "A partner's message is answered within %(minutes)s of working time; on a bug within "
            "%(bug_minutes)s."
        ),
        lazy("messages of the partner and ours, in the order of time"),
    ),
    "partner_hears": Explained(
        lazy("A partner hears something every day"),
        lazy("A partner hears something of each ticket in our hands at least once a working day."),
        lazy("messages and moves that the partner sees"),
    ),
    "promise_kept": Explained(
        lazy("A promised time is kept"),
        lazy("A promised time is kept, or another one is agreed on before it passes."),
        lazy("the resolution clock of each ticket, with its pauses"),
    ),
    "breaks_taken": Explained(
        lazy("Breaks keep their count and length"),
        lazy(
            "In a shift there are at most %(breaks_max)s breaks of at most %(break_minutes)s, and "
            "at most %(lunches_max)s lunches of at most %(lunch_minutes)s."
        ),
        lazy("breaks and lunches on the timeline"),
    ),
    "not_all_away": Explained(
        lazy("Not all are away at once"),
        lazy("At most %(share_percent)s of those who stand in for each other are away at once."),
        lazy("breaks and lunches of everybody who leads or covers the same projects"),
    ),
    "critical_taken_up": Explained(
        lazy("A critical error is taken up"),
        lazy(
            "A claim of a critical error is accepted within %(accept_minutes)s, and work on it "
            "begins within %(begin_minutes)s of the acceptance."
        ),
        lazy("the claim and its acceptance in the journal, and work on the timeline"),
    ),
    "other_work_suspended": Explained(
        lazy("Other work waits for a critical error"),
        lazy(
            "From %(begin_minutes)s after its acceptance, no other work is begun as long as a "
            "critical error is in one's hands."
        ),
        lazy("work on the timeline while a critical error is in the specialist's hands"),
    ),
    "critical_escalated": Explained(
        lazy("A critical error goes on to others"),
        lazy(
            "A critical error that is not solved goes to production within %(production_minutes)s "
            "of its acceptance, and to an administrator within %(administrator_minutes)s."
        ),
        lazy("consultations and escalations in the journal"),
    ),
    "handover_complete": Explained(
        lazy("A handover is complete"),
        lazy(
            "A result is handed over with a summary, what was changed and how to check it, and "
            "the dossier is brought up to date, or it is said that there is nothing new for it."
        ),
        lazy("the handover's texts, what it says of the dossier, and the dossier of the project"),
    ),
    "work_on_record": Explained(
        lazy("Work is on record"),
        lazy("At least %(share_percent)s of the working hours of a shift are accounted for."),
        lazy("the timeline against the shift by the schedule"),
    ),
    "ruled_in_time": Explained(
        lazy("Administrators rule in time"),
        lazy(
            "A violation is ruled on within %(violation_days)s after the day on which it was "
            "found; contests, doubts and complaints are decided on by the time shown."
        ),
        lazy("rulings and answers, and who was on duty"),
    ),
    "audited_in_time": Explained(
        lazy("Audits are done in time"),
        lazy(
            "At least %(share_percent)s of resolved tickets are drawn for audits, each specialist "
            "every week, and each audit is done by its date."
        ),
        lazy("the audits that were drawn, and when they were done"),
    ),
}

PARAMETERS: Words = {
    "minutes": lazy("At most, in minutes"),
    "bug_minutes": lazy("On a bug, in minutes"),
    "breaks_max": lazy("Breaks in a shift, at most"),
    "break_minutes": lazy("Length of a break, in minutes"),
    "lunches_max": lazy("Lunches in a shift, at most"),
    "lunch_minutes": lazy("Length of a lunch, in minutes"),
    "share_percent": lazy("Share, in per cent"),
    "accept_minutes": lazy("To the acceptance, in minutes"),
    "begin_minutes": lazy("From there to the work, in minutes"),
    "production_minutes": lazy("To production, in minutes"),
    "administrator_minutes": lazy("To an administrator, in minutes"),
    "violation_days": lazy("To the ruling on a violation, in working days"),
}
EXCUSES: Words = {
    "absence": lazy("absence"),
    "outage": lazy("an outage of ours"),
    "bug": lazy("work on a critical error or a bug"),
    "cover": lazy("a ticket just taken over from somebody absent"),
}
STAGES: Words = {
    "draft": in_context("edition", "Draft"),
    "reviewed": in_context("edition", "Reviewed, not published"),
    "coming": in_context("edition", "Published, to come"),
    "in_force": in_context("edition", "In force"),
    "superseded": in_context("edition", "Superseded"),
    "discarded": in_context("edition", "Discarded"),
}
STAGE_TONES = {"in_force": "calm", "coming": "accent", "draft": "soon", "reviewed": "soon"}
CHANGES: Words = {
    "added": in_context("clause", "new"),
    "removed": in_context("clause", "removed"),
    "reworded": in_context("clause", "reworded"),
    "altered": in_context("clause", "changed"),
}
CHANGE_TONES = {"added": "calm", "removed": "late", "reworded": "accent", "altered": "soon"}
EVIDENCE: Words = {
    "interval": lazy("on the timeline"),
    "clock": lazy("the clock of the ticket"),
    "message": lazy("a message"),
    "slot": lazy("in the day plan"),
    "dispute": lazy("a contest or a doubt"),
    "complaint": lazy("a complaint"),
    "violation": lazy("a violation"),
}
TERMS: Words = {
    "severity": lazy("Severity"),
    "grace_seconds": lazy("Grace"),
    "remind_seconds": lazy("Reminder before the limit"),
    "excuses": lazy("Excused by"),
}


def text(texts: Mapping[str, str]) -> str:
    """A text in the reader's language, in another one where it is missing."""
    own = (get_language() or "")[:2]
    for language in (own, *LANGUAGES):
        if texts.get(language, "").strip():
            return texts[language]
    return ""


def is_own(language: str) -> bool:
    """Whether it is the reader's language."""
    return (get_language() or "")[:2] == language


def sentence(rule: Rule) -> str:
    """What a rule asks, with the parameters that the edition sets."""
    values = rule.parameters.to_dict().items()
    return str(RULES[rule.kind].asks) % {name: value(name, number) for name, number in values}


def value(name: str, number: int) -> str:
    """A parameter with its unit."""
    match name.rpartition("_")[2]:
        case "minutes":
            return formats.duration(number * MINUTE)
        case "percent":
            return formats.percent(number / 100)
        case "days":
            return ngettext("%(count)s working day", "%(count)s working days", number) % {
                "count": formats.number(number)
            }
    return formats.number(number)


def excuses(names: Iterable[str]) -> str:
    """What excuses a violation by itself, as a list in a sentence."""
    return ", ".join(str(EXCUSES[name]) for name in sorted(names)) or _("nothing")


def exhibit(one: Exhibit) -> str:
    """A piece of evidence: what it is, and since when."""
    what = labels.happened_label(one.word) if one.kind == "entry" else EVIDENCE.get(one.kind)
    at = f" ({formats.moment(one.at)})" if one.at else ""
    return f"{what or one.ref}{at}"


def term(changed: Term) -> tuple[str, str, str]:
    """A changed term of a clause: its name, what it was, what it is."""
    if changed.name == "rule":
        off, on = _("not held by the machine"), _("held by the machine")
        label = str(RULES[changed.rule].name)
        return label, on if changed.before else off, on if changed.after else off
    if changed.name == "parameter":
        label = f"{RULES[changed.rule].name} · {PARAMETERS[changed.parameter]}"
        return (
            label,
            _value(changed.parameter, changed.before),
            _value(changed.parameter, changed.after),
        )
    label = str(TERMS[changed.name])
    return label, _plain(changed.name, changed.before), _plain(changed.name, changed.after)


def span(seconds: int) -> str:
    """A length of time; a word for none."""
    return formats.duration(seconds) if seconds else _("none")


def _value(name: str, number: object) -> str:
    assert isinstance(number, int), "parameters are whole numbers"
    return value(name, number)


def _plain(name: str, found: object) -> str:
    if name == "severity":
        return str(labels_of_control.SEVERITIES[str(found)])
    if isinstance(found, frozenset):
        return excuses(found)
    assert isinstance(found, int), "what is left are seconds"
    return span(found)
