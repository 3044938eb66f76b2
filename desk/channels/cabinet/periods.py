"""Which period a statement shows: a ready one, or days of one's own, in the desk's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

YEAR_MIN, YEAR_MAX = 2000, 2200
MONTHS_OF_QUARTER = 3


class Preset(StrEnum):
    """The periods that are ready to choose."""

    MONTH = "month"
    LAST_MONTH = "last_month"
    QUARTER = "quarter"
    YEAR = "year"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `from_on` to `until_on`, both included; as instants [from_at, until_at).
    `error`: why the days that were asked for are none."""

    preset: Preset
    from_on: date
    until_on: date
    error: str = ""

    @property
    def from_at(self) -> datetime:
        return _midnight(self.from_on)

    @property
    def until_at(self) -> datetime:
        return _midnight(self.until_on + timedelta(days=1))

    @property
    def query(self) -> str:
        """The period as the query of an address."""
        if self.preset is not Preset.OWN:
            return urlencode({"period": self.preset.value})
        days = {"from": self.from_on.isoformat(), "until": self.until_on.isoformat()}
        return urlencode({"period": self.preset.value, **days})


def read(sent: QueryDict, at: datetime) -> Period:
    """The period that an address names; this month where it names none, or one that is none."""
    today = timezone.localdate(at, timezone.get_default_timezone())
    asked = sent.get("period", "")
    if asked == Preset.OWN:
        return _own(sent, today)
    preset = Preset(asked) if asked in tuple(Preset) else Preset.MONTH
    return Period(preset, *_days(preset, today))


def labels() -> dict[Preset, str]:
    """What the periods are called."""
    return {
        Preset.MONTH: _("This month"),
        Preset.LAST_MONTH: _("Last month"),
        Preset.QUARTER: _("This quarter"),
        Preset.YEAR: _("This year"),
    }


def _own(sent: QueryDict, today: date) -> Period:
    first, last = _day(sent.get("from", "")), _day(sent.get("until", ""))
    if first is None or last is None:
        error = _("Choose both days of the period.")
    elif last < first:
        error = _("The period ends before it begins: exchange the days.")
    else:
        return Period(Preset.OWN, first, last)
    return Period(Preset.MONTH, *_days(Preset.MONTH, today), error)


def _days(preset: Preset, today: date) -> tuple[date, date]:
    first = today.replace(day=1)
    match preset:
        case Preset.LAST_MONTH:
            last = first - timedelta(days=1)
            return last.replace(day=1), last
        case Preset.QUARTER:
            first = first.replace(month=first.month - (first.month - 1) % MONTHS_OF_QUARTER)
        case Preset.YEAR:
            first = first.replace(month=1)
    return first, today


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if YEAR_MIN <= found.year <= YEAR_MAX else None


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), timezone.get_default_timezone())
