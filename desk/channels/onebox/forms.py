"""The forms of a connection: where the box is, and how it is read and written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from desk.channels.onebox import moves, queries, reading, wanted
from desk.channels.onebox.actions import Card, Settings
from desk.channels.onebox.models import URL_MAX, Connection
from desk.partners.models import Membership, Project, ProjectState
from desk.rules.lifecycle import State
from desk.web import labels
from desk.web.forms import DeskForm

ID_MAX, NAME_MAX = 20, 60
POLLING_SECONDS_MIN, POLLING_SECONDS_MAX = 15, 3600
PASSWORD_MAX = 1000
FIELD_NAMES: dict[str, Promise] = {
    wanted.NUMBER: _("Number of the ticket"),
    wanted.DEADLINE: _("Deadline"),
    wanted.EXECUTOR: _("Executor"),
    wanted.COST: _("Cost"),
    wanted.PARTS: _("Parts done"),
    wanted.ANSWER: _("Last answer"),
}
EVENT_NAMES: dict[str, Promise] = {
    "event": _("Kind of the event"),
    "process": _("Id of the process"),
    "text": _("Text of the comment"),
    "status": _("Id of the status"),
    "name": _("Title of the process"),
    "comment": _("Id of the comment"),
    "author": _("Name of who wrote"),
    "email": _("E-mail of who wrote"),
    "phone": _("Telephone of who wrote"),
    "key": _("Id of the event"),
}


class ConnectionForm(DeskForm):
    """Where the box is, and whose it is. The password is never shown again: `kept` tells that an
    empty one keeps the present."""

    project = forms.TypedChoiceField(
        label=_("Project"), coerce=int, help_text=_("New processes become tickets of it.")
    )
    person = forms.TypedChoiceField(
        label=_("Acts for the box"),
        coerce=int,
        help_text=_(
            "Whoever writes there and is not known by e-mail or telephone acts in this name. An "
            "owner may confirm and return every ticket, a member only the own ones."
        ),
    )
    base_url = forms.URLField(
        label=_("Address of the box"),
        max_length=URL_MAX,
        assume_scheme="https",
        help_text=_("As people open it: https://name.crm-onebox.com, without a path."),
    )
    login = forms.CharField(
        label=_("Login"),
        max_length=254,
        help_text=_(
            "Of an employee made for the desk alone, with administrator rights: each request takes "
            "a licensed session, and a person with the same login would be signed out."
        ),
    )
    password = forms.CharField(
        label=_("REST password"),
        max_length=PASSWORD_MAX,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("“REST API password” on that employee's card, or made in the app “API”."),
    )
    workflow = forms.RegexField(
        r"^[0-9]{1,20}$",
        label=_("Id of the workflow"),
        max_length=ID_MAX,
        required=False,
        help_text=_("Leave it empty when you do not know it: the test lists all of them."),
    )

    def __init__(self, *args: Any, kept: Connection | None = None, **kwargs: Any) -> None:
        if kept is not None:
            kwargs["initial"] = {
                "project": kept.project_id,
                "person": kept.person_id,
                "base_url": kept.base_url,
                "login": kept.login,
                "workflow": kept.workflow,
            }
        super().__init__(*args, **kwargs)
        self.partner_id = kept.partner_id if kept else None
        _choices(self, "project", [(row.pk, _of(row)) for row in _projects(self.partner_id)])
        people = {row.person_id: _whose(row) for row in _people(self.partner_id)}
        _choices(self, "person", list(people.items()))
        if kept is not None:
            self.fields["password"].required = False
            self.fields["password"].help_text = _("Leave it empty to keep the present one.")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if {"project", "person"} <= found.keys():
            project = Project.objects.get(pk=found["project"])
            roles = _people(project.partner_id).filter(person=found["person"])
            if not roles.exists():
                self.add_error("person", _("Choose somebody of the partner whose project it is."))
            found["partner"] = project.partner_id
        found["base_url"] = str(found.get("base_url", "")).rstrip("/")
        return found

    def card(self) -> Card:
        """What was entered, once the form is valid."""
        found = self.cleaned_data
        return Card(
            partner_id=found["partner"],
            project_id=found["project"],
            person_id=found["person"],
            base_url=found["base_url"],
            login=found["login"],
            password=found["password"],
            workflow=found["workflow"],
        )


class SettingsForm(DeskForm):
    """How the box is read and written: statuses, fields, names in events."""

    timezone = forms.ChoiceField(label=_("Time zone of the box"))
    polling_seconds = forms.IntegerField(
        label=_("Look every … seconds"),
        min_value=POLLING_SECONDS_MIN,
        max_value=POLLING_SECONDS_MAX,
        help_text=_("Each look takes a licensed session for a moment."),
    )
    comments = forms.BooleanField(
        label=_("Comments are written and read"),
        required=False,
        help_text=_(
            "Not every box can do it by its API: try it with a process of your own. Without it the "
            "last answer stands in a field."
        ),
    )
    native_deadline = forms.CharField(
        label=_("The box's own field of the deadline"),
        max_length=NAME_MAX,
        required=False,
        help_text=_("Its name in the API, if your box has one; it is not publicly documented."),
    )

    def __init__(self, *args: Any, kept: Connection, **kwargs: Any) -> None:
        kwargs["initial"] = _kept(kept)
        super().__init__(*args, **kwargs)
        zones = [(name, name) for name in sorted(available_timezones()) if "/" in name]
        _choices(self, "timezone", zones)
        for state in State:
            self._short(f"status_{state}", labels.state_label(state), numeric=True)
        for verb in moves.MOVES:
            self._short(f"move_{verb}", labels.verb_label(verb), numeric=True)
        for what in wanted.FIELDS:
            self._short(f"field_{what}", str(FIELD_NAMES[what]))
        for what in reading.NAMES:
            self._short(f"name_{what}", str(EVENT_NAMES[what]))

    def _short(self, name: str, label: str, *, numeric: bool = False) -> None:
        field: forms.Field = forms.CharField(label=label, max_length=NAME_MAX, required=False)
        if numeric:
            field = forms.RegexField(
                r"^[0-9]{1,20}$", label=label, max_length=ID_MAX, required=False
            )
        field.widget.attrs["class"] = "input-medium"
        self.fields[name] = field

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        moving = [found.get(f"move_{verb}") for verb in moves.MOVES if found.get(f"move_{verb}")]
        if len(moving) != len(set(moving)):
            self.add_error(f"move_{moves.MOVES[0]}", _("Each of these needs a status of its own."))
        return found

    @property
    def general(self) -> list[BoundField]:
        return [self[name] for name in SettingsForm.base_fields]

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The fields by what they are about, with what a person has to know of them."""
        about: Sequence[tuple[str, str, str]] = (
            ("status_", _now("Statuses by our states"), _now("Ids as the box counts them.")),
            (
                "move_",
                _now("What the partner sets there"),
                _now("Ids of statuses; setting one of them moves the ticket here."),
            ),
            (
                "field_",
                _now("Keys of custom fields"),
                _now("What they hold is written by the desk; leave out what you do not want."),
            ),
            (
                "name_",
                _now("Names in events"),
                _now("Only where the desk does not find them itself; “order.id” goes deeper."),
            ),
        )
        return [
            {
                "title": title,
                "hint": hint,
                "is_rare": prefix == "name_",
                "fields": [self[name] for name in self.fields if name.startswith(prefix)],
            }
            for prefix, title, hint in about
        ]

    def settings(self) -> Settings:
        """What was entered, once the form is valid."""
        found = self.cleaned_data
        return Settings(
            statuses=self._entered("status_"),
            moves=self._entered("move_"),
            fields=self._entered("field_"),
            mapping=self._entered("name_"),
            native_deadline=found["native_deadline"],
            comments=found["comments"],
            timezone=found["timezone"],
            polling_seconds=found["polling_seconds"],
        )

    def _entered(self, prefix: str) -> dict[str, str]:
        rows = ((name, value) for name, value in self.cleaned_data.items() if value)
        return {n.removeprefix(prefix): str(value) for n, value in rows if n.startswith(prefix)}


def _kept(kept: Connection) -> dict[str, object]:
    found: dict[str, object] = {
        name: getattr(kept, name)
        for name in ("timezone", "polling_seconds", "comments", "native_deadline")
    }
    for prefix, values in (
        ("status_", kept.statuses),
        ("move_", kept.moves),
        ("field_", kept.fields),
        ("name_", kept.mapping),
    ):
        found |= {f"{prefix}{name}": value for name, value in values.items()}
    return found


def _projects(partner_id: int | None) -> Sequence[Project]:
    rows = Project.objects.filter(partner__is_active=True).select_related("partner")
    rows = rows.exclude(state=ProjectState.ARCHIVED).order_by("partner__name", "name")
    return list(rows.filter(partner=partner_id) if partner_id else rows)


def _people(partner_id: int | None) -> Any:
    rows = Membership.objects.filter(until_at=None, role__in=queries.SUBMITS)
    rows = rows.filter(person__is_active=True, partner__is_active=True)
    rows = rows.select_related("partner", "person").order_by("partner__name", "-role", "id")
    return rows.filter(partner=partner_id) if partner_id else rows


def _of(project: Project) -> str:
    return f"{project.partner.name}: {project.name}"


def _whose(row: Membership) -> str:
    return f"{row.partner.name}: {row.person.name} ({labels.role_label(row.role)})"


def _choices(form: forms.Form, name: str, choices: Sequence[tuple[object, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
