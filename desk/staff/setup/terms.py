"""The terms of a plan as a form: prices in hryvnias, times in hours and minutes.

Which unit a term has in the form is decided here; `desk.rules.promises.Terms` keeps kopiykas and
seconds, and has the last word on what fits together.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.rules.promises import Terms
from desk.web.amounts import MoneyField
from desk.web.forms import DeskForm

HOUR, MINUTE = 3600, 60
MONEY, HOURS, MINUTES, DAYS, COUNT, LIST, FLAG = (
    "money",
    "hours",
    "minutes",
    "days",
    "count",
    "list",
    "flag",
)
SHORT = {"inputmode": "decimal", "class": "input-short"}

Labelled = Mapping[str, tuple[str, str | Promise]]

# What everybody looks at, and what hardly anybody changes.
PLAIN: Labelled = {
    "price_kopecks": (MONEY, gettext_lazy("Price of a consultation, UAH")),
    "hour_price_kopecks": (MONEY, gettext_lazy("Price of a programmer's hour, UAH")),
    "acceptance_seconds": (MINUTES, gettext_lazy("Acceptance within, minutes")),
    "critical_acceptance_seconds": (
        MINUTES,
        gettext_lazy("Acceptance when the system is down, minutes"),
    ),
    "simple_seconds": (HOURS, gettext_lazy("A simple ticket within, working hours")),
    "bug_seconds": (HOURS, gettext_lazy("A bug within, working hours")),
}
ADVANCED: Labelled = {
    "part_seconds": (HOURS, gettext_lazy("Each group of parts within, working hours")),
    "parts_per_target": (COUNT, gettext_lazy("Parts in a group")),
    "parts_without_approval_max": (COUNT, gettext_lazy("Parts without the partner's approval")),
    "minimum_left_seconds": (HOURS, gettext_lazy("Least time left after a pause, hours")),
    "reclassify_left_seconds": (
        HOURS,
        gettext_lazy("Least time left after a change of type, hours"),
    ),
    "consult_seconds": (HOURS, gettext_lazy("Production answers within, working hours")),
    "estimate_seconds": (HOURS, gettext_lazy("Production estimates within, working hours")),
    "consult_pauses_parts": (FLAG, gettext_lazy("A consultation pauses parts as well")),
    "remind_delivered_seconds": (
        HOURS,
        gettext_lazy("Reminder to check a result after, working hours"),
    ),
    "confirm_delivered_seconds": (
        HOURS,
        gettext_lazy("Silence confirms a result after, working hours"),
    ),
    "real_confirmation_above_kopecks": (
        MONEY,
        gettext_lazy("Above this sum a person has to confirm, UAH"),
    ),
    "reopen_days": (DAYS, gettext_lazy("A ticket can be reopened for, working days")),
    "expire_days": (DAYS, gettext_lazy("An unanswered offer ends after, working days")),
    "expire_reminder_days": (LIST, gettext_lazy("Reminders of an offer, working days")),
    "answer_days": (DAYS, gettext_lazy("A question waits for, working days")),
    "answer_reminder_days": (LIST, gettext_lazy("Reminders of a question, working days")),
    "work_warning_seconds": (MINUTES, gettext_lazy("Warning at work on one part, minutes")),
    "work_max_seconds": (MINUTES, gettext_lazy("At most on one part, minutes")),
    "warning_percents": (LIST, gettext_lazy("Warnings at a share of the time, %")),
    "returns_to_administrator": (COUNT, gettext_lazy("Returns until an administrator looks")),
    "contest_days": (DAYS, gettext_lazy("A dispute is ruled on within, working days")),
    "doubt_seconds": (HOURS, gettext_lazy("A doubt is answered within, working hours")),
    "contest_charge_within_days": (DAYS, gettext_lazy("A charge can be contested for, days")),
    "credit_consultations": (COUNT, gettext_lazy("Consultations on credit for bugs")),
    "capture_finished_parts_on_cancel": (
        FLAG,
        gettext_lazy("Finished parts of a cancelled ticket are charged"),
    ),
    "lot_validity_days": (
        DAYS,
        gettext_lazy("Bought consultations can be used for, days (0: without end)"),
    ),
    "low_balance": (LIST, gettext_lazy("Warn of a low deposit at, consultations")),
    "low_balance_days": (
        LIST,
        gettext_lazy("Warn of a low deposit at, working days of usual use"),
    ),
    "charge_bugs": (FLAG, gettext_lazy("A bug costs a consultation")),
    "charge_confirmed_defects": (
        FLAG,
        gettext_lazy("A defect that production confirmed is charged too"),
    ),
    "complex_costs_parts": (
        FLAG,
        gettext_lazy("A complex ticket costs its parts (else one consultation)"),
    ),
    "capture_parts_when_finished": (
        FLAG,
        gettext_lazy("A part is charged when it is finished (else when the ticket is confirmed)"),
    ),
    "estimate_warning_percent": (
        COUNT,
        gettext_lazy("Warning at a share of the approved hours, %"),
    ),
}
TERMS: Labelled = {**PLAIN, **ADVANCED}
SECONDS = {HOURS: HOUR, MINUTES: MINUTE}


DIGITS_MAX = 6


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX


class NumbersField(forms.CharField):
    """Whole numbers with commas between them, as a tuple."""

    def to_python(self, value: object) -> Any:
        pieces = [piece.strip() for piece in str(super().to_python(value)).split(",")]
        if not all(_is_number(piece) for piece in pieces if piece):
            raise ValidationError(_("Write whole numbers with commas between them: 50, 75, 90."))
        return [int(piece) for piece in pieces if piece]

    def prepare_value(self, value: object) -> object:
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def run_validators(self, value: object) -> None:
        """`to_python` has judged the text."""

    def validate(self, value: object) -> None:
        """An empty list is allowed."""


class TermsFields(DeskForm):
    """A field for every term; a form with a name, a calendar or a date derives from it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (unit, label) in TERMS.items():
            self.fields[name] = _field(unit, label)

    def plain(self) -> list[forms.BoundField]:
        """What everybody looks at."""
        return [self[name] for name in PLAIN]

    def advanced(self) -> list[forms.BoundField]:
        """What hardly anybody changes."""
        return [self[name] for name in ADVANCED]

    def advanced_refused(self) -> bool:
        """Whether the folded part has to be open."""
        return any(name in ADVANCED for name in self.errors)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        pairs = (
            ("remind_delivered_seconds", "confirm_delivered_seconds"),
            ("work_warning_seconds", "work_max_seconds"),
        )
        if found.get("parts_per_target") == 0:
            self.add_error("parts_per_target", _("A group has one part at least."))
        for earlier, later in pairs:
            first, last = found.get(earlier), found.get(later)
            if first is not None and last is not None and first > last:
                self.add_error(
                    earlier,
                    _("This must not be later than “%(other)s”.") % {"other": self[later].label},
                )
        return found

    def terms(self) -> dict[str, object]:
        """The terms in kopiykas and seconds, for `Terms.parse`."""
        found: dict[str, object] = {}
        for name, (unit, _label) in TERMS.items():
            value = self.cleaned_data[name]
            found[name] = round(value * SECONDS[unit]) if unit in SECONDS else value
        return found


def initial(stored: Terms) -> dict[str, object]:
    """The stored terms in the units of the form."""
    found: dict[str, object] = {}
    for name, (unit, _label) in TERMS.items():
        value = getattr(stored, name)
        found[name] = _in_unit(value, SECONDS[unit]) if unit in SECONDS else value
    return found


def _in_unit(seconds: int, unit: int) -> str:
    """Seconds in hours or minutes, without needless zeros."""
    exact = (Decimal(seconds) / unit).quantize(Decimal("0.0001"))
    return f"{exact.normalize():f}"


def _field(unit: str, label: Any) -> forms.Field:
    match unit:
        case "money":
            return MoneyField(label=label)
        case "flag":
            return forms.BooleanField(label=label, required=False)
        case "list":
            widget = forms.TextInput(attrs={"class": "input-short"})
            return NumbersField(label=label, required=False, widget=widget)
        case "hours" | "minutes":
            return forms.DecimalField(
                label=label,
                min_value=0,
                max_value=10_000,
                decimal_places=4,
                localize=True,
                widget=forms.TextInput(attrs=SHORT),
            )
    widget = forms.TextInput(attrs={"inputmode": "numeric", "class": "input-short"})
    return forms.IntegerField(label=label, min_value=0, max_value=10_000, widget=widget)
