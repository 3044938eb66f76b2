"""A working calendar as a form: hours of each weekday, days off, days with other hours.

Hours are written as people write them: "09:00–13:00, 14:00–18:00", also "9-13 14-18".
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.rules import worktime_text
from desk.rules.worktime_text import WEEKDAYS
from desk.web import formats
from desk.web.forms import DeskForm

DAY_MINUTES = 24 * 60
SPAN_DAYS_MAX = 60
MONDAY = date(2024, 1, 1)
WORKDAYS = WEEKDAYS[:5]
DEFAULT_HOURS = "09:00–13:00, 14:00–18:00"
_INTERVAL = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d{2}))?", re.ASCII)
_DATE_FORMS = ("%Y-%m-%d", "%d.%m.%Y")

Hours = list[list[str]]


def hours(text: str) -> Hours:
    """Intervals of "09:00–13:00, 14:00–18:00" as the calendar's JSON has them.

    Raises `ValidationError` with a sentence for what is no interval, runs backwards or overlaps.
    """
    found = [
        _interval(piece) for piece in re.split(r"[,;\n]+|(?<=\d)\s+(?=\d)", text) if piece.strip()
    ]
    ordered = sorted(found)
    for earlier, later in pairwise(ordered):
        if later[0] < earlier[1]:
            raise ValidationError(
                _("%(first)s and %(second)s overlap.")
                % {"first": _shown(earlier), "second": _shown(later)}
            )
    return [[_clock(start), _clock(end)] for start, end in ordered]


def hours_text(intervals: Hours) -> str:
    """The same intervals as they stand in the form."""
    return ", ".join(f"{start}–{end}" for start, end in intervals)


def _interval(text: str) -> tuple[int, int]:
    found = _INTERVAL.fullmatch(text.strip())
    if found is None:
        raise ValidationError(
            _("“%(text)s” is no span of time. Write 09:00–13:00.") % {"text": text.strip()}
        )
    start = int(found[1]) * 60 + int(found[2] or 0)
    end = int(found[3]) * 60 + int(found[4] or 0)
    if int(found[2] or 0) > 59 or int(found[4] or 0) > 59 or not start < end <= DAY_MINUTES:
        raise ValidationError(
            _("%(span)s must end after it begins. Write a night shift on two days, until 24:00.")
            % {"span": text.strip()}
        )
    return start, end


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _shown(interval: tuple[int, int]) -> str:
    return f"{_clock(interval[0])}–{_clock(interval[1])}"


def dates(text: str) -> list[date]:
    """One date a line, or a span "24.12.2026 – 02.01.2027". Raises `ValidationError`."""
    found: list[date] = []
    for line in filter(None, (piece.strip() for piece in re.split(r"[\n,;]+", text))):
        ends = [_date(piece) for piece in re.split(r"\s+[-–—]\s+|[–—]", line)]
        days = (ends[-1] - ends[0]).days
        if len(ends) > 2 or not 0 <= days <= SPAN_DAYS_MAX:
            raise ValidationError(
                _("“%(text)s” must end after it begins, within %(days)s days.")
                % {"text": line, "days": SPAN_DAYS_MAX}
            )
        found += [ends[0] + timedelta(days=count) for count in range(days + 1)]
    return sorted(set(found))


def extra_days(text: str) -> dict[str, Hours]:
    """One "26.12.2026 09:00–13:00" a line. Raises `ValidationError`."""
    found = {}
    for line in filter(None, (piece.strip() for piece in text.splitlines())):
        day, _space, rest = line.partition(" ")
        found[_date(day.rstrip(":")).isoformat()] = hours(rest)
    return found


def _date(text: str) -> date:
    for pattern in _DATE_FORMS:
        try:
            return datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007  a date has no zone
        except ValueError:
            continue
    raise ValidationError(_("“%(text)s” is no date. Write 25.12.2026.") % {"text": text.strip()})


def dates_text(days: list[str]) -> str:
    """Days off of a calendar's JSON as lines of the form."""
    return "\n".join(_written(day) for day in days)


def extra_text(days: dict[str, Hours]) -> str:
    """Days with other hours as lines of the form."""
    return "\n".join(f"{_written(day)} {hours_text(found)}" for day, found in days.items())


def _written(day: str) -> str:
    return f"{date.fromisoformat(day):%d.%m.%Y}"


class HoursField(forms.CharField):
    """The hours of one day; empty means closed."""

    def to_python(self, value: object) -> Any:
        return hours(super().to_python(value) or "")

    def prepare_value(self, value: object) -> object:
        return hours_text(value) if isinstance(value, list) else value

    def run_validators(self, value: object) -> None:
        """`to_python` has judged the text."""


class CalendarForm(DeskForm):
    """Name, zone, a field for each weekday, and the exceptions. `content()` is the JSON."""

    name = forms.CharField(label=gettext_lazy("Name of the calendar"), max_length=120)
    timezone = forms.CharField(label=gettext_lazy("Time zone"), max_length=60)
    days_off = forms.CharField(
        label=gettext_lazy("Days off"),
        required=False,
        help_text=gettext_lazy("One date a line: 25.12.2026, or a span: 25.12.2026 – 27.12.2026."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    extra_days = forms.CharField(
        label=gettext_lazy("Days with other hours"),
        required=False,
        help_text=gettext_lazy("One day a line: 26.12.2026 09:00–13:00."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for index, day in enumerate(WEEKDAYS):
            label = formats.capital(formats.weekday(MONDAY + timedelta(days=index)))
            attrs = {"placeholder": _("closed"), "autocomplete": "off"}
            widget = forms.TextInput(attrs=attrs)
            self.fields[day] = HoursField(label=label, required=False, widget=widget)

    def week(self) -> list[forms.BoundField]:
        """The fields of the weekdays, from Monday."""
        return [self[day] for day in WEEKDAYS]

    def clean_timezone(self) -> str:
        name = str(self.cleaned_data["timezone"])
        try:
            worktime_text.zone(name)
        except worktime_text.CalendarError as error:
            raise ValidationError(
                _("There is no time zone “%(name)s”. Write Europe/Kyiv.") % {"name": name}
            ) from error
        return name

    def clean_days_off(self) -> list[str]:
        return [day.isoformat() for day in dates(self.cleaned_data["days_off"])]

    def clean_extra_days(self) -> dict[str, Hours]:
        return extra_days(self.cleaned_data["extra_days"])

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors and not any(found.get(day) for day in WEEKDAYS):
            raise ValidationError(_("A calendar needs working hours on one day at least."))
        return found

    def content(self) -> dict[str, object]:
        """The calendar as `desk.rules.worktime.Calendar.parse` takes it."""
        found = self.cleaned_data
        return {
            "timezone": found["timezone"],
            "week": {day: found[day] for day in WEEKDAYS if found[day]},
            "days_off": found["days_off"],
            "extra_days": found["extra_days"],
        }


def initial(name: str, content: dict[str, Any] | None, timezone: str) -> dict[str, Any]:
    """What the form shows: a stored calendar, or Monday to Friday 09–13 and 14–18."""
    if content is None:
        week: dict[str, object] = dict.fromkeys(WORKDAYS, DEFAULT_HOURS)
        return {"name": name, "timezone": timezone, **week}
    return {
        "name": name,
        "timezone": content["timezone"],
        "days_off": dates_text(content.get("days_off", [])),
        "extra_days": extra_text(content.get("extra_days", {})),
        **{day: hours_text(found) for day, found in content.get("week", {}).items()},
    }
