"""Amounts of money as people write them, read exactly: "1 180,50" is 118050 kopiykas."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from desk.web import formats

KOPECKS = 100
_SPACES = " \u00a0\u202f"
_AMOUNT = re.compile(
    rf"(?P<whole>[0-9]{{1,3}}(?:[{_SPACES}][0-9]{{3}})+|[0-9]{{1,10}})(?:[.,](?P<part>[0-9]{{1,2}}))?"
)
_CURRENCY = re.compile(r"\s*(₴|грн\.?|UAH)\s*$", re.IGNORECASE)
UNREADABLE = _("Write the amount as 1180 or 1180,50: hryvnias, and at most two digits of kopiykas.")


class AmountUnreadable(ValueError):
    """The text is no amount; nothing is guessed."""


def kopecks(text: str) -> int:
    """Kopiykas of "1 180,50", "1180.50", "1180" or "1180 грн". Raises `AmountUnreadable`.

    A comma and a point both part kopiykas off; a thousand is grouped by spaces only, so that
    "1.180" is refused rather than read as one hryvnia or as a thousand.
    """
    found = _AMOUNT.fullmatch(_CURRENCY.sub("", text.strip()))
    if found is None:
        raise AmountUnreadable(text)
    whole = int(re.sub(rf"[{_SPACES}]", "", found["whole"]))
    return whole * KOPECKS + int((found["part"] or "0").ljust(2, "0"))


def written(kopecks_: int) -> str:
    """An amount as it stands in a form, with the comma or point of the reader's language."""
    point = "." if formats.language() == "en" else ","
    whole, part = divmod(kopecks_, KOPECKS)
    return f"{whole}{point}{part:02}" if part else str(whole)


class MoneyField(forms.CharField):
    """A form field whose value is a whole number of kopiykas."""

    def __init__(self, **options: Any) -> None:
        options.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "decimal", "class": "input-short"})
        )
        super().__init__(max_length=24, **options)

    def to_python(self, value: object) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return kopecks(text)
        except AmountUnreadable as error:
            raise ValidationError(UNREADABLE, code="amount") from error

    def prepare_value(self, value: object) -> object:
        return written(value) if isinstance(value, int) else value

    def run_validators(self, value: object) -> None:
        """The length was that of the text; kopiykas have none."""

    def validate(self, value: object) -> None:
        if self.required and value is None:
            raise ValidationError(self.error_messages["required"], code="required")
