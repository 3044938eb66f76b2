"""A ticket that one of our people files on a partner's behalf."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from desk.lib.files import StoredFile
from desk.partners import queries as partners
from desk.partners.models import PartnerRole
from desk.staff.workplace.forms import choice, long_text
from desk.tickets.actions import Submission
from desk.web import inputs
from desk.web.forms import DeskForm

AUTHORS = (PartnerRole.OWNER, PartnerRole.MEMBER)


class FilingForm(DeskForm):
    """What the partner's person asked for, by phone or otherwise."""

    project = choice()
    author = choice(help_text=gettext_lazy("Whose request it is: they follow it in the cabinet."))
    subject = forms.CharField(max_length=200)
    text = long_text(gettext_lazy("What happened"), rows=6)
    critical_claim = forms.BooleanField(
        required=False,
        label=gettext_lazy("The partner says that the system is down"),
        help_text=gettext_lazy("Nobody can work, or data are being lost: 15 minutes to accept."),
    )
    wanted_by_on = forms.DateField(
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("A wish of the partner; it moves no deadline."),
    )

    def __init__(self, partner_id: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, each in self.fields.items():
            each.label = each.label or inputs.field_label(name)
            each.error_messages["required"] = inputs.shortcoming(name, "missing")
        self._offer("project", [(p.pk, p.name) for p in partners.projects_open(partner_id)])
        people = partners.people_of(partner_id).filter(role__in=AUTHORS)
        self._offer("author", [(row.person_id, row.person.name) for row in people])

    def _offer(self, name: str, found: list[tuple[int, str]]) -> None:
        offered = self.fields[name]
        assert isinstance(offered, forms.ChoiceField)
        offered.choices = [(str(pk), text) for pk, text in found]


def submission(form: FilingForm, partner_id: int, files: Sequence[StoredFile]) -> Submission:
    """The ticket to file, from a valid form."""
    given = form.cleaned_data
    return Submission(
        partner_id=partner_id,
        project_id=int(given["project"]),
        subject=given["subject"],
        text=given["text"],
        author_id=int(given["author"]),
        critical_claim=given["critical_claim"],
        wanted_by_on=given["wanted_by_on"],
        files=files,
    )
