"""The form of a line of the hotline."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.channels.phone import guide
from desk.channels.phone.actions import LineCard
from desk.channels.phone.actions.lines import (
    ACCOUNT_MAX,
    RECORDING_DAYS,
    RECORDING_DAYS_MAX,
    SECRET_MAX,
)
from desk.channels.phone.models import CONSENT_MAX, NAME_MAX, Line, Provider
from desk.partners import queries as partners
from desk.web.forms import DeskForm

NUMBER_MAX = 30
NETWORKS_TEXT_MAX = 2000
HAS_ACCOUNT = (Provider.BINOTEL, Provider.PHONET)
HAS_ZONE = (Provider.ZADARMA, Provider.RINGOSTAT)
KEPT = ("name", "timezone", "account", "consent", "recording_days")


class LineForm(DeskForm):
    """What a person enters of a line; only what its exchange needs is asked."""

    name = forms.CharField(label=_("Name of the line"), max_length=NAME_MAX)
    number = forms.CharField(
        label=_("Number of the hotline"),
        max_length=NUMBER_MAX,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
        help_text=_("Partners see it in the cabinet."),
    )
    calendar = forms.ChoiceField(label=_("Hours"), required=False)
    secret = forms.CharField(
        label=_("Secret of Zadarma's API"),
        max_length=SECRET_MAX,
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )
    account = forms.CharField(
        label=_("Your account at the exchange"),
        max_length=ACCOUNT_MAX,
        required=False,
        help_text=_("Binotel: companyID. Phonet: the name of the account. Others are refused."),
    )
    timezone = forms.CharField(
        label=_("Time zone of the exchange"),
        max_length=60,
        help_text=_("As Europe/Kyiv: its times name none."),
    )
    networks = forms.CharField(
        label=_("Addresses that events come from"),
        max_length=NETWORKS_TEXT_MAX,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("One address or network in each row; empty for any."),
    )
    consent = forms.CharField(
        label=_("How callers learn that calls are recorded"),
        max_length=CONSENT_MAX,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Partners read it beside the number. Without it no recording is kept."),
    )
    recording_days = forms.IntegerField(
        label=_("Keep a recording's link for so many days"),
        min_value=1,
        max_value=RECORDING_DAYS_MAX,
        initial=RECORDING_DAYS,
    )

    def __init__(self, provider: str, *args: Any, kept: Line | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = _initial(provider, kept)
        super().__init__(*args, **kwargs)
        offered = self.fields["calendar"]
        assert isinstance(offered, forms.ChoiceField)
        calendars = [(str(one.pk), one.name) for one in partners.calendars()]
        offered.choices = [("", _("the desk's working calendar")), *calendars]
        if provider != Provider.ZADARMA:
            del self.fields["secret"]
        elif kept is not None:
            self.fields["secret"].required = False
            self.fields["secret"].help_text = _("Leave it empty to keep the present one.")
        if provider not in HAS_ACCOUNT:
            del self.fields["account"]
        if provider not in HAS_ZONE:
            del self.fields["timezone"]
        if provider == Provider.BINOTEL:
            self.fields["networks"].required = True
            self.fields["networks"].help_text = _("Binotel signs nothing: this is the proof.")

    def card(self) -> LineCard:
        """What was entered, once the form is valid."""
        given = self.cleaned_data
        return LineCard(
            name=given["name"],
            number=given["number"],
            timezone=given.get("timezone") or _zone(),
            calendar_id=int(given["calendar"]) if given["calendar"] else None,
            account=given.get("account", ""),
            networks=tuple(given["networks"].split()),
            secret=given.get("secret", ""),
            consent=given["consent"],
            recording_days=given["recording_days"],
        )


def _initial(provider: str, kept: Line | None) -> dict[str, Any]:
    if kept is None:
        known = guide.BINOTEL_NETWORKS if provider == Provider.BINOTEL else ()
        return {"timezone": _zone(), "networks": "\n".join(known)}
    found = {name: getattr(kept, name) for name in KEPT}
    networks = "\n".join(kept.networks)
    return {**found, "number": kept.number, "calendar": kept.calendar_id, "networks": networks}


def _zone() -> str:
    organisation = partners.organisation()
    return organisation.timezone if organisation else partners.DEFAULT_ZONE
