"""The forms of a specialist's moves. What they ask for is what the actions take."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from desk.partners import queries as partners
from desk.rules.lifecycle import Reason, State, Step, Type
from desk.staff.workplace import words
from desk.tickets import queries
from desk.tickets.actions import Level
from desk.tickets.models import Clock, PartState
from desk.tickets.queries import Filter, Show
from desk.web import edge, formats, inputs, labels, present
from desk.web.moves import Asked, MoveForm
from desk.workdays import queries as workdays

DECLINE_REASONS = [reason for reason in Reason if reason != Reason.IMPOSSIBLE]
MOMENT = "%Y-%m-%dT%H:%M"


def long_text(label: Any = None, rows: int = 4, **options: Any) -> forms.CharField:
    """A text of several lines; its length is judged by the action."""
    return forms.CharField(label=label, widget=forms.Textarea({"rows": rows}), **options)


def moment(label: Any = None, **options: Any) -> forms.DateTimeField:
    """A day with a time, in the reader's zone."""
    widget = forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT)
    return forms.DateTimeField(label=label, widget=widget, input_formats=[MOMENT], **options)


def choice(label: Any = None, *, radio: bool = False, **options: Any) -> forms.ChoiceField:
    widget = forms.RadioSelect() if radio else forms.Select()
    return forms.ChoiceField(label=label, widget=widget, **options)


class Unforced(forms.Textarea):
    """A text that a tick beside it makes unnecessary: the browser leaves the judgement to us."""

    def use_required_attribute(self, initial: Any) -> bool:  # noqa: ARG002  # Django's name
        return False


class Lines(forms.CharField):
    """One entry per line."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return tuple(line.strip() for line in text.splitlines() if line.strip())


def types() -> list[tuple[str, str]]:
    return [(kind.value, labels.type_label(kind)) for kind in Type]


def parts(asked: Asked, *states: PartState) -> list[tuple[str, str]]:
    """The ticket's parts in these states, as choices."""
    rows = asked.ticket.parts.filter(state__in=states).order_by("number")
    return [(str(row.number), f"{row.number}. {row.title}") for row in rows]


class TypeForm(MoveForm):
    """Type, and the titles of the parts of a complex ticket."""

    type = choice(radio=True)
    parts = Lines(
        required=False,
        help_text=gettext_lazy("One part per line, at least two. Each costs a consultation."),
        widget=forms.Textarea({"rows": 4}),
    )

    def offer(self) -> None:
        offered = self.fields["type"]
        assert isinstance(offered, forms.ChoiceField)
        offered.choices = types()
        offered.widget.attrs["class"] = "types"

    def clean(self) -> dict[str, Any]:
        """Lines that are hidden with another type are not meant."""
        given = super().clean() or self.cleaned_data
        if given.get("type") != Type.COMPLEX:
            given["parts"] = ()
        return given

    def type_rows(self) -> list[dict[str, Any]]:
        """The radio buttons with what each type means."""
        return [
            {"radio": radio, "hint": words.TYPE_HINTS[kind], "key": str(number)}
            for number, (radio, kind) in enumerate(zip(self["type"], Type, strict=True), 1)
        ]


class AcceptForm(TypeForm):
    message = long_text(
        help_text=gettext_lazy("Your first words: what you understood, and what comes next.")
    )
    reason = long_text(
        gettext_lazy("Why it is not critical"),
        rows=2,
        required=False,
        help_text=gettext_lazy("The partner said that the system is down and reads your reason."),
    )

    def offer(self) -> None:
        super().offer()
        if not self.asked.ticket.critical_claim:
            del self.fields["reason"]


class ReclassifyForm(TypeForm):
    reason = long_text(help_text=gettext_lazy("The partner reads it."))

    def offer(self) -> None:
        super().offer()
        self.initial["type"] = self.asked.ticket.type
        self.initial["parts"] = "\n".join(
            row.title for row in self.asked.ticket.parts.exclude(state=PartState.FINISHED)
        )


class DeclineForm(MoveForm):
    reason = choice(radio=True)
    text = long_text(gettext_lazy("Explanation for the partner"))

    def offer(self) -> None:
        reasons = self.fields["reason"]
        assert isinstance(reasons, forms.ChoiceField)
        reasons.choices = [(each.value, labels.reason_label(each)) for each in DECLINE_REASONS]


class PartlyForm(MoveForm):
    """About one of several open parts, or the ticket as a whole."""

    part = choice(gettext_lazy("About"), required=False)
    states: tuple[PartState, ...] = (PartState.OPEN,)

    def offer(self) -> None:
        offered = parts(self.asked, *self.states)
        if len(offered) < 2:
            del self.fields["part"]
            return
        part = self.fields["part"]
        assert isinstance(part, forms.ChoiceField)
        part.choices = [("", _("The whole ticket")), *offered]


class AskForm(PartlyForm):
    text = long_text(gettext_lazy("Your question to the partner"))


class ConsultForm(PartlyForm):
    text = long_text(gettext_lazy("Your question to production"))
    field_order = ("part", "text")


class EscalateForm(MoveForm):
    level = choice(gettext_lazy("Who is called"), radio=True)
    text = long_text(gettext_lazy("What is known, and what was tried"))

    def offer(self) -> None:
        level = self.fields["level"]
        assert isinstance(level, forms.ChoiceField)
        level.choices = [(each.value, labels.role_label(each)) for each in Level]


class AbsorbForm(PartlyForm):
    states = (PartState.OPEN, PartState.FINISHED)


class FinishForm(MoveForm):
    part = choice(gettext_lazy("Part"))
    result = long_text(gettext_lazy("Its result"), rows=3)

    def offer(self) -> None:
        part = self.fields["part"]
        assert isinstance(part, forms.ChoiceField)
        part.choices = parts(self.asked, PartState.OPEN, PartState.WAITING)


class ResumeForm(MoveForm):
    text = long_text(
        gettext_lazy("How it was answered"),
        rows=3,
        help_text=gettext_lazy("By a call, or found out yourself. Kept as an internal note."),
    )


class SplitForm(MoveForm):
    title = forms.CharField(
        label=gettext_lazy("Title of the new part"),
        max_length=200,
        help_text=gettext_lazy("It is free until the partner approves it."),
    )


class DeliverForm(MoveForm):
    solution = long_text(help_text=gettext_lazy("What it was and how it is solved."))
    changes = long_text(rows=3, help_text=gettext_lazy("Settings, data, code. “Nothing” is legal."))
    checking = long_text(rows=3, help_text=gettext_lazy("Steps the partner can follow."))
    dossier = forms.CharField(
        widget=Unforced({"rows": 3}),
        help_text=gettext_lazy(
            "What the next colleague should know of this project. It is added to the dossier with "
            "the day and the number of the ticket; the partner does not read it."
        ),
    )
    nothing_new = forms.BooleanField(
        label=gettext_lazy("Nothing new for the dossier"), required=False
    )

    def offer(self) -> None:
        """One of the two is wanted: the text, or the word that there is none."""
        dossier = self.fields["dossier"]
        dossier.required = not self["nothing_new"].data
        dossier.error_messages["required"] = inputs.shortcoming("dossier", "one_of_two")


class RecallForm(MoveForm):
    text = long_text(gettext_lazy("Why you take it back"), rows=3)


class RePromiseForm(MoveForm):
    due_at = moment(
        help_text=gettext_lazy("Until the partner agrees, the present date stands and is measured.")
    )
    reason = long_text(rows=3)


class HandOverForm(MoveForm):
    executor = choice()
    text = long_text(
        gettext_lazy("What the colleague must know"),
        rows=3,
        required=False,
        help_text=gettext_lazy("Internal: the partner reads only who takes over."),
    )

    def offer(self) -> None:
        executor = self.fields["executor"]
        assert isinstance(executor, forms.ChoiceField)
        executor.choices = colleagues(self.asked.ticket.executor_id, self.asked.at)

    def clean_executor(self) -> int:
        return int(self.cleaned_data["executor"])


def colleagues(but_id: int | None, at: datetime) -> list[tuple[str, str]]:
    """Specialists who are there, with what each leads already."""
    found = [load for load in partners.specialists() if load.person.pk != but_id]
    gone = workdays.away_among([load.person.pk for load in found], at)
    text = _("%(name)s, leads %(count)s")
    return [
        (str(load.person.pk), text % {"name": load.person.name, "count": load.leads})
        for load in found
        if load.person.pk not in gone
    ]


class MergeForm(MoveForm):
    into = choice(
        help_text=gettext_lazy(
            "Messages and followers move there; the earlier deadline survives; this hold ends."
        )
    )

    def offer(self) -> None:
        narrowed = Filter(show=Show.OPEN, partner_id=self.asked.ticket.partner_id)
        page = queries.list_of(self.asked.person, narrowed, self.asked.at)
        into = self.fields["into"]
        assert isinstance(into, forms.ChoiceField)
        into.choices = [
            (str(line.id), f"{line.number} {line.subject}")
            for line in page.lines
            if line.id != self.asked.ticket.pk and line.state != State.DELIVERED
        ]

    def clean_into(self) -> int:
        return int(self.cleaned_data["into"])


class StepForm(MoveForm):
    step = choice(radio=True)

    def offer(self) -> None:
        step = self.fields["step"]
        assert isinstance(step, forms.ChoiceField)
        step.choices = [(each.value, labels.step_label(each)) for each in Step]


class TimerForm(MoveForm):
    part = forms.IntegerField(required=False, min_value=1)


class WriteForm(MoveForm):
    text = long_text(pgettext_lazy("field", "Text"))


class ExcuseForm(MoveForm):
    clock = choice(gettext_lazy("Missed deadline"))
    text = long_text(gettext_lazy("Why it is excused"), help_text=gettext_lazy("It stays visible."))

    def offer(self) -> None:
        clock = self.fields["clock"]
        assert isinstance(clock, forms.ChoiceField)
        rows = Clock.objects.filter(
            ticket=self.asked.ticket, breached_at__isnull=False, excused_at=None
        ).order_by("pk")
        clock.choices = [(str(row.pk), _missed(row)) for row in rows]


def _missed(row: Clock) -> str:
    assert row.breached_at is not None
    missed = formats.moment(row.breached_at, edge.now())
    return f"{present.clock_name(row.kind, 'staff')} · {missed}"
