"""The form of an account at a provider."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.channels.payments import providers
from desk.web.forms import DeskForm

KEY_MAX = 200


class AccountForm(DeskForm):
    """Keys of a company's account; the private one is never shown again."""

    company = forms.TypedChoiceField(label=_("Company"), coerce=int)
    provider = forms.ChoiceField(label=_("Provider"))
    public = forms.CharField(label=_("Public key"), max_length=KEY_MAX)
    private = forms.CharField(
        label=_("Private key"),
        max_length=KEY_MAX,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("It is stored sealed and never shown again."),
    )
    is_sandbox = forms.BooleanField(label=_("Sandbox: for trying, with play money"), required=False)

    def __init__(self, *args: Any, companies: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].choices = companies  # type: ignore[attr-defined]  # a choice field
        names = [(one.name, one.label) for one in providers.every().values()]
        self.fields["provider"].choices = names  # type: ignore[attr-defined]  # the same

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for name in ("public", "private"):
            text = str(found.get(name, "")).strip()
            if text and (not text.isascii() or not text.isprintable() or " " in text):
                self.add_error(name, _("A key is letters and digits without spaces."))
            found[name] = text
        return found
