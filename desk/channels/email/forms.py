"""The form of a mailbox that the desk reads."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.channels.email.actions import MailboxCard
from desk.channels.email.models import LOCAL_HOSTS, Mailbox, Security
from desk.web.forms import DeskForm

PORT_MAX = 65_535
PASSWORD_MAX = 1000
CARD = ("name", "address", "host", "port", "security", "login", "folder", "authserv_id", "plus")


class MailboxForm(DeskForm):
    """What a person enters of a mailbox. The password is never shown again: `kept` tells that an
    empty one keeps the present."""

    name = forms.CharField(label=_("Name"), max_length=120)
    address = forms.EmailField(label=_("E-mail address"), max_length=254)
    host = forms.CharField(label=_("IMAP server"), max_length=253)
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=PORT_MAX, initial=993)
    security = forms.ChoiceField(
        label=_("Encryption"),
        choices=[
            (Security.IMAPS.value, _("TLS from the start (IMAPS)")),
            (Security.STARTTLS.value, _("STARTTLS")),
            (Security.NONE.value, _("none, only on this machine")),
        ],
    )
    login = forms.CharField(label=_("Login"), max_length=254)
    password = forms.CharField(
        label=_("Password"),
        max_length=PASSWORD_MAX,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    folder = forms.CharField(label=_("Folder"), max_length=200, initial="INBOX")
    authserv_id = forms.CharField(
        label=_("Name in Authentication-Results"),
        help_text=_("With it the desk believes what the server says about forged senders."),
        max_length=253,
        required=False,
    )
    plus = forms.BooleanField(
        label=_("The server takes name+anything@ for name@"), required=False, initial=True
    )

    def __init__(self, *args: Any, kept: Mailbox | None = None, **kwargs: Any) -> None:
        if kept is not None:
            kwargs["initial"] = {name: getattr(kept, name) for name in CARD}
        super().__init__(*args, **kwargs)
        if kept is not None:
            self.fields["password"].required = False
            self.fields["password"].help_text = _("Leave it empty to keep the present one.")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        plain = found.get("security") == Security.NONE
        if plain and found.get("host", "").lower() not in LOCAL_HOSTS:
            self.add_error("security", _("A password goes to another machine only encrypted."))
        return found

    def card(self) -> MailboxCard:
        """What was entered, once the form is valid."""
        found = self.cleaned_data
        return MailboxCard(**{name: found[name] for name in CARD}, password=found["password"])
