"""What a specialist enters while somebody is on the line."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.channels.phone import callers
from desk.channels.phone.actions import Claim
from desk.channels.phone.models import NOTE_MAX, Call
from desk.partners import queries as partners
from desk.tickets.actions.submission import SUBJECT_MAX
from desk.web import inputs
from desk.web.forms import DeskForm

TEXT_MAX = 20_000


class ClaimForm(DeskForm):
    """A critical error: all words may be left to the desk. What is certain is not asked."""

    project = forms.ChoiceField()
    author = forms.ChoiceField(label=_("Whose request it is"))
    subject = forms.CharField(required=False, max_length=SUBJECT_MAX)
    text = forms.CharField(
        label=_("What happened"),
        required=False,
        max_length=TEXT_MAX,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, call: Call, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"{self.name}_%s")
        super().__init__(*args, **kwargs)
        projects = partners.projects_open(call.partner_id) if call.partner_id else []
        self._offer("project", [(p.pk, p.name) for p in projects])
        self._offer("author", [(p.pk, p.name) for p in callers.authors(call)])
        for name, each in self.fields.items():
            each.label = each.label or inputs.field_label(name)
            each.error_messages["required"] = inputs.shortcoming(name, "missing")

    name = "critical"

    def claim(self) -> Claim:
        """What was entered, once the form is valid."""
        given = self.cleaned_data
        chosen = {name: int(given[name]) for name in ("project", "author") if given.get(name)}
        return Claim(chosen.get("project"), chosen.get("author"), given["subject"], given["text"])

    def _blank(self, _name: str) -> str:
        """What stands where nothing is chosen yet."""
        return "—"

    def _offer(self, name: str, found: list[tuple[int, str]]) -> None:
        """A choice of one is none."""
        if len(found) < 2:
            del self.fields[name]
            return
        offered = self.fields[name]
        assert isinstance(offered, forms.ChoiceField)
        offered.choices = [("", self._blank(name)), *((str(pk), text) for pk, text in found)]


class ChoiceForm(ClaimForm):
    """The claim on a card: what has to be chosen, and no words."""

    def __init__(self, call: Call, *args: Any, **kwargs: Any) -> None:
        super().__init__(call, *args, auto_id=f"card_{call.pk}_%s", **kwargs)
        for name in ("subject", "text"):
            del self.fields[name]
        for each in self.fields.values():
            each.widget.attrs["data-keep"] = True

    def _blank(self, name: str) -> str:
        """A card has no room for labels."""
        return inputs.field_label(name)


class FileForm(ClaimForm):
    """A ticket that the partner wants, as in the cabinet."""

    name = "file"
    wished = forms.BooleanField(label=_("The partner said on the call that a ticket is wanted"))

    def __init__(self, call: Call, *args: Any, **kwargs: Any) -> None:
        super().__init__(call, *args, **kwargs)
        for name in ("subject", "text"):
            self.fields[name].required = True


class NoteForm(DeskForm):
    """A few words on what was done."""

    note = forms.CharField(
        label=_("What was done"), max_length=NOTE_MAX, widget=forms.Textarea({"rows": 2})
    )


class AnswerForm(DeskForm):
    """What was told to somebody whose matter is not critical; perhaps nothing."""

    note = forms.CharField(
        label=_("What it was about, and what was told"),
        required=False,
        max_length=NOTE_MAX,
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "answer_%s")
        super().__init__(*args, **kwargs)
