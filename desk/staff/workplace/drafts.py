"""A plan of the day while it is put together: what the address of the page says, and what a button
of the page makes of it. Nothing is kept until it is confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy

from desk.oversight.queries.days import Proposal, Wanted
from desk.rules import dayplan
from desk.rules.dayplan import APPOINTMENTS, Kind, Slot, Task
from desk.staff.workplace import words
from desk.staff.workplace.forms import choice
from desk.web.forms import DeskForm

SUBJECTS_MAX = 200
APPOINTMENTS_MAX = 12
MINUTES_MIN, MINUTES_MAX = 5, 240


@dataclass(frozen=True, slots=True)
class Draft:
    """Subjects of work in their order, appointments by beginning."""

    subjects: tuple[str, ...]
    appointments: tuple[Slot, ...] = ()

    def wanted(self) -> Wanted:
        return Wanted(self.subjects, self.appointments)

    def address(self, path: str, focus: str = "") -> str:
        """Where this draft is shown; `focus` is the subject that was moved."""
        pairs = [("drafted", "1"), *(("subject", subject) for subject in self.subjects)]
        pairs += [("appointment", stored(slot)) for slot in self.appointments]
        pairs += [("focus", focus)] if focus else []
        return f"{path}?{urlencode(pairs)}"


class AppointmentForm(DeskForm):
    """Something of one's own in the day: a meeting, a training, time to plan."""

    kind = choice(gettext_lazy("What"))
    begins = forms.TimeField(
        label=gettext_lazy("Begins"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), min_value=MINUTES_MIN, max_value=MINUTES_MAX, initial=30
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kinds = [Kind.MEETING, Kind.TRAINING, Kind.PLANNING]
        kind.choices = [(each.value, words.activity_label(each)) for each in kinds]

    def slot(self, on: datetime) -> Slot:
        """The appointment on the local day of `on`."""
        given = self.cleaned_data
        local = timezone.localtime(on)
        since_at = local.replace(
            hour=given["begins"].hour, minute=given["begins"].minute, second=0, microsecond=0
        )
        return Slot(Kind(given["kind"]), since_at, since_at + timedelta(minutes=given["minutes"]))


def base(proposal: Proposal, planned: Sequence[Slot]) -> Draft:
    """What the page begins with: the plan that is confirmed, or all that there is to do."""
    later = [slot for slot in planned if slot.until_at > proposal.at]
    open_subjects = {task.subject for task in proposal.tasks}
    if later:
        subjects = dict.fromkeys(slot.subject for slot in later if slot.subject in open_subjects)
    else:
        subjects = dict.fromkeys(task.subject for task in dayplan.ordered(proposal.tasks))
    stand = (slot for slot in later if slot.kind in APPOINTMENTS and slot.since_at >= proposal.at)
    return Draft(tuple(subjects), tuple(stand))


def read(data: QueryDict, tasks: Iterable[Task]) -> Draft | None:
    """The draft of an address or a form, None where there is none. What is not open any more, or
    is no appointment, falls out."""
    if "drafted" not in data:
        return None
    known = {task.subject for task in tasks}
    subjects = dict.fromkeys(one for one in data.getlist("subject")[:SUBJECTS_MAX] if one in known)
    texts = data.getlist("appointment")[:APPOINTMENTS_MAX]
    slots = [slot for text in texts if (slot := _appointment(text)) is not None]
    return _sorted(Draft(tuple(subjects)), slots)


def done(draft: Draft, deed: str) -> Draft:
    """What a button makes of the draft: "up:", "down:", "drop:", "add:" a subject, or "free:" an
    appointment. What does not fit the draft changes nothing."""
    verb, _, about = deed.partition(":")
    subjects = list(draft.subjects)
    if verb == "add" and about not in subjects:
        return replace(draft, subjects=(*subjects, about))
    if verb == "free":
        stay = tuple(slot for slot in draft.appointments if stored(slot) != about)
        return replace(draft, appointments=stay)
    if about not in subjects:
        return draft
    place = subjects.index(about)
    subjects.pop(place)
    if verb == "up":
        subjects.insert(max(place - 1, 0), about)
    elif verb == "down":
        subjects.insert(place + 1, about)
    return replace(draft, subjects=tuple(subjects))


def with_appointment(draft: Draft, slot: Slot) -> Draft | None:
    """The draft with one appointment more; None where another one stands in its way."""
    if any(
        one.since_at < slot.until_at and slot.since_at < one.until_at for one in draft.appointments
    ):
        return None
    return _sorted(draft, [*draft.appointments, slot])


def stored(slot: Slot) -> str:
    """An appointment as the address holds it."""
    minutes = int((slot.until_at - slot.since_at).total_seconds() // 60)
    return f"{slot.kind}|{slot.since_at.isoformat()}|{minutes}"


def _sorted(draft: Draft, slots: Iterable[Slot]) -> Draft:
    return replace(draft, appointments=tuple(sorted(slots, key=lambda slot: slot.since_at)))


def _appointment(text: str) -> Slot | None:
    kind, _, rest = text.partition("|")
    moment, _, minutes = rest.partition("|")
    try:
        since_at = datetime.fromisoformat(moment)
        length = timedelta(minutes=int(minutes))
        found = Slot(Kind(kind), since_at, since_at + length)
        # What has no time of the day here is none of this day.
        timezone.localtime(found.since_at), timezone.localtime(found.until_at)
    except (ValueError, OverflowError):
        return None
    whole = timezone.is_aware(since_at) and found.kind in APPOINTMENTS
    return found if whole and MINUTES_MIN <= int(minutes) <= MINUTES_MAX else None
