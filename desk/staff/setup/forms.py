"""Forms of set-up: who runs the desk, who is let in, what is agreed with partners."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.partners.models import AssignmentRole, PartnerRole, StaffRole
from desk.staff.setup.terms import TermsFields
from desk.web import formats, labels
from desk.web.forms import DeskForm

PASSWORD_MIN = 10
NEW_PASSWORD = forms.PasswordInput(attrs={"autocomplete": "new-password"})
SHORT_NUMBER = forms.NumberInput(attrs={"class": "input-short", "inputmode": "numeric"})


def staff_roles() -> list[tuple[str, str]]:
    """The roles at the vendor, specialists first."""
    return [(role.value, labels.role_label(role)) for role in StaffRole]


def partner_roles() -> list[tuple[str, str]]:
    """The roles at a partner, owners first."""
    return [(role.value, labels.role_label(role)) for role in PartnerRole]


def zones() -> list[tuple[str, str]]:
    """Time zones of places: the ones of Europe first."""
    named = sorted(name for name in available_timezones() if "/" in name and name[:3] != "Etc")
    ordered = sorted(named, key=lambda name: (not name.startswith("Europe/"), name))
    return [(name, name.replace("_", " ")) for name in ordered]


class OwnerForm(DeskForm):
    """The first page of all: the organisation and the person who runs the desk."""

    organisation = forms.CharField(label=_("Name of your company"), max_length=200)
    language = forms.ChoiceField(label=_("Language"), choices=formats.language_names)
    timezone = forms.ChoiceField(label=_("Time zone"), choices=zones)
    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("You sign in with it."),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 10 characters."),
        min_length=PASSWORD_MIN,
        strip=False,
        widget=NEW_PASSWORD,
    )


class JoinForm(DeskForm):
    """What somebody new says of themselves when they accept an invitation."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 10 characters."),
        min_length=PASSWORD_MIN,
        strip=False,
        widget=NEW_PASSWORD,
    )


class InviteForm(DeskForm):
    """Somebody of the vendor's team, invited by mail; with a password they need no mail."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=staff_roles)
    language = forms.ChoiceField(label=_("Language"), choices=formats.language_names)
    password = forms.CharField(
        label=_("Password"),
        required=False,
        min_length=PASSWORD_MIN,
        strip=False,
        help_text=_(
            "Only for a try-out: they can sign in at once with it. "
            "Leave it empty to send an invitation."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("password") and not found.get("name"):
            self.add_error("name", _("Write the name of who gets a password."))
        return found


class PartnerInviteForm(InviteForm):
    """Somebody of a partner's team."""

    role = forms.ChoiceField(label=_("Role"), choices=partner_roles)


class CardForm(DeskForm):
    """What our people see of a colleague."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"))
    position = forms.CharField(label=_("Position"), max_length=120, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=formats.language_names)
    timezone = forms.ChoiceField(label=_("Time zone"), choices=zones)


class CapsForm(DeskForm):
    """The most projects that a specialist may lead and cover."""

    projects_max = forms.IntegerField(
        label=_("Leads at most, projects"), min_value=0, max_value=1000, widget=SHORT_NUMBER
    )
    covers_max = forms.IntegerField(
        label=_("Covers at most, projects"), min_value=0, max_value=1000, widget=SHORT_NUMBER
    )


class CodeField(forms.RegexField):
    """The code of a partner, in capitals however it was typed."""

    def to_python(self, value: object) -> str:
        return str(super().to_python(value)).upper()


class PartnerForm(DeskForm):
    """What is agreed with a partner."""

    name = forms.CharField(label=_("Name of the partner"), max_length=200)
    code = CodeField(
        label=_("Code of ticket numbers"),
        regex=r"^[A-Z][A-Z0-9]{1,5}$",
        help_text=_("2 to 6 Latin letters and digits: with OLH tickets are OLH-1, OLH-2 …"),
        error_messages={"invalid": _("Write 2 to 6 Latin letters or digits, a letter first.")},
        widget=forms.TextInput(attrs={"class": "input-short", "autocapitalize": "characters"}),
    )
    plan = forms.TypedChoiceField(label=_("Plan"), coerce=int)
    language = forms.ChoiceField(label=_("Language"), choices=formats.language_names)
    timezone = forms.ChoiceField(label=_("Time zone"), choices=zones)
    credit = forms.IntegerField(
        label=_("Credit limit, consultations"),
        help_text=_("Bugs are accepted on credit down to it; nothing else is."),
        min_value=0,
        max_value=10_000,
        initial=0,
        widget=forms.NumberInput(attrs={"class": "input-short", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, plans: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plan"].choices = plans  # type: ignore[attr-defined]  # a choice field


class ProjectForm(DeskForm):
    """One installation of an end client."""

    name = forms.CharField(label=_("Project"), max_length=200)
    client = forms.CharField(label=_("End client"), max_length=200, required=False)
    address = forms.CharField(
        label=_("Web address"),
        max_length=300,
        required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )


class FirstPartnerForm(PartnerForm):
    """The first partner at one go: company, project, and who owns the cabinet."""

    project = forms.CharField(label=_("First project"), max_length=200)
    client = forms.CharField(label=_("End client"), max_length=200, required=False)
    email = forms.EmailField(
        label=_("E-mail address of the partner's owner"),
        help_text=_("Who runs the partner's cabinet. An invitation goes there."),
    )
    owner = forms.CharField(label=_("Name of the partner's owner"), max_length=120, required=False)


class AssignForm(DeskForm):
    """Who leads or covers; empty ends it."""

    role = forms.ChoiceField(choices=[(role.value, role.value) for role in AssignmentRole])
    person = forms.TypedChoiceField(coerce=int, required=False, empty_value=None)

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [("", "–"), *people]  # type: ignore[attr-defined]


class PlanForm(TermsFields):
    """A new plan: a name, a calendar, the terms."""

    name = forms.CharField(label=_("Name of the plan"), max_length=120)
    calendar = forms.TypedChoiceField(label=_("Working calendar"), coerce=int)

    def __init__(self, *args: Any, calendars: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["calendar"].choices = calendars  # type: ignore[attr-defined]


class PlanVersionForm(TermsFields):
    """New terms of a plan from a date on."""

    effective_on = forms.DateField(
        label=_("In force from"),
        widget=forms.DateInput(attrs={"type": "date", "class": "input-medium"}, format="%Y-%m-%d"),
    )
    calendar = forms.TypedChoiceField(label=_("Working calendar"), coerce=int)

    def __init__(self, *args: Any, calendars: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["calendar"].choices = calendars  # type: ignore[attr-defined]
