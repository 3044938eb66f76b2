"""The words of the workplace: activities, absences, why a ticket stands where it stands."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from desk.rules.lifecycle import State, Type
from desk.tickets.queries import Why

ACTIVITIES: dict[str, str | Promise] = {
    "work": pgettext_lazy("activity", "Work on a ticket"),
    "planning": pgettext_lazy("activity", "Planning"),
    "intake": pgettext_lazy("activity", "Intake"),
    "break": pgettext_lazy("activity", "Break"),
    "lunch": pgettext_lazy("activity", "Lunch"),
    "meeting": pgettext_lazy("activity", "Meeting"),
    "training": pgettext_lazy("activity", "Training"),
}
ABSENCES: dict[str, str | Promise] = {
    "vacation": pgettext_lazy("absence", "Vacation"),
    "sick": pgettext_lazy("absence", "Illness"),
    "other": pgettext_lazy("absence", "Other"),
}
WHY: dict[Why, str | Promise] = {
    Why.CRITICAL: gettext_lazy("First of all: a client's work stands still."),
    Why.ACCEPTANCE: gettext_lazy("Accept it: the acceptance clock is the shortest."),
    Why.SOON: gettext_lazy("The promise comes near and can still be kept."),
    Why.LATE: gettext_lazy("The promise is broken: finish it, or propose another date."),
    Why.DUE: gettext_lazy("Next by its deadline."),
}
SHORT_WHY: dict[Why, str | Promise] = {
    Why.CRITICAL: pgettext_lazy("why first", "work stands still"),
    Why.ACCEPTANCE: pgettext_lazy("why first", "to be accepted"),
    Why.SOON: pgettext_lazy("why first", "comes near"),
    Why.LATE: pgettext_lazy("why first", "is late"),
    Why.DUE: pgettext_lazy("why first", "by its deadline"),
}
TYPE_HINTS: dict[str, str | Promise] = {
    Type.SIMPLE: gettext_lazy("One task, one consultation."),
    Type.COMPLEX: gettext_lazy("Several parts, a consultation each."),
    Type.BUG: gettext_lazy("The product is broken; never waits for the deposit."),
    Type.CUSTOMISATION: gettext_lazy("Programming: production estimates first."),
}


def activity_label(activity: str) -> str:
    return str(ACTIVITIES.get(activity, activity))


def absence_label(kind: str) -> str:
    return str(ABSENCES.get(kind, kind))


def do_now(state: str) -> str:
    """What the specialist does first on a ticket in this state."""
    if state == State.SUBMITTED:
        return _("Accept")
    return _("Start work") if state == State.ACCEPTED else _("Go on")
