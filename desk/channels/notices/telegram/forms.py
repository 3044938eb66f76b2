"""The form of the bot."""

from __future__ import annotations

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.web.forms import DeskForm

TOKEN_MAX = 100
# As @BotFather gives them: the bot's number, a colon, and what is secret.
TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{20,80}")


class BotForm(DeskForm):
    """The token of a bot. It is never shown again."""

    token = forms.CharField(
        label=_("Token of the bot"),
        help_text=_("As @BotFather writes it: digits, a colon, letters."),
        max_length=TOKEN_MAX,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def clean_token(self) -> str:
        found = str(self.cleaned_data["token"]).strip()
        if not TOKEN.fullmatch(found):
            raise forms.ValidationError(_("This is no token: it looks like 123456:ABC-def…"))
        return found
